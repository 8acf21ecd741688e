"""The tasks that keep a shop's facts as Shopify has them: a name, a policy, one call."""

from shop_app.clock import utc_now
from shop_app.queueing import TaskName, celery_app
from shop_app.services.backfill_shop import backfill_due
from shop_app.services.compare_shop import compare_due
from shop_app.services.keep_subscriptions import keep_subscriptions_due
from shop_app.services.process_webhooks import drain_webhooks_due
from shop_app.services.read_again import read_again_due
from shop_app.services.read_changes import read_changes_due
from shop_app.services.shop_access import keep_token_due
from workers.policies import RETRY_LATER


@celery_app.task(name=TaskName.DRAIN_WEBHOOKS.value, **RETRY_LATER)
def drain_webhooks(shop_id: int) -> None:
    """Apply the webhooks that wait, and label whom they concern."""
    drain_webhooks_due(shop_id, now=utc_now())


@celery_app.task(name=TaskName.READ_AGAIN.value, **RETRY_LATER)
def read_again(shop_id: int) -> None:
    """Read from Shopify what its webhooks left unsaid."""
    read_again_due(shop_id, now=utc_now())


@celery_app.task(name=TaskName.BACKFILL_SHOP.value, **RETRY_LATER)
def backfill_shop(shop_id: int) -> None:
    """Bring the reading of a shop's history one step further."""
    backfill_due(shop_id, now=utc_now())


@celery_app.task(name=TaskName.READ_CHANGES.value, **RETRY_LATER)
def read_changes(shop_id: int) -> None:
    """Read what has changed since the last time, whether or not a webhook told of it."""
    read_changes_due(shop_id, now=utc_now())


@celery_app.task(name=TaskName.COMPARE_SHOP.value, **RETRY_LATER)
def compare_shop(shop_id: int) -> None:
    """Compare counts and samples with Shopify's own."""
    compare_due(shop_id, now=utc_now())


@celery_app.task(name=TaskName.KEEP_SUBSCRIPTIONS.value, **RETRY_LATER)
def keep_subscriptions(shop_id: int) -> None:
    """See to it that Shopify tells us what happens."""
    keep_subscriptions_due(shop_id, now=utc_now())


@celery_app.task(name=TaskName.KEEP_TOKEN.value, **RETRY_LATER)
def keep_token(shop_id: int) -> None:
    """Refresh the token of a shop that nobody has opened for long."""
    keep_token_due(shop_id, now=utc_now())
