"""The tasks of bundles: a name, a policy, one call."""

from shop_app.clock import utc_now
from shop_app.queueing import TaskName, celery_app
from shop_app.services.find_bundles import find_bundles_due
from shop_app.services.keep_bundles import keep_bundles_due
from shop_app.services.measure_bundles import measure_bundles_due
from workers.policies import RETRY_LATER, TAKE_LONG


@celery_app.task(name=TaskName.FIND_BUNDLES.value, **TAKE_LONG)
def find_bundles(shop_id: int) -> None:
    """Look at all baskets of one shop: what sells together, and what could be offered."""
    find_bundles_due(shop_id, now=utc_now())


@celery_app.task(name=TaskName.KEEP_BUNDLES.value, **RETRY_LATER)
def keep_bundles(shop_id: int) -> None:
    """Let Shopify hold what was decided about each bundle."""
    keep_bundles_due(shop_id, now=utc_now())


@celery_app.task(name=TaskName.MEASURE_BUNDLES.value, **TAKE_LONG)
def measure_bundles(shop_id: int) -> None:
    """Work out what has come of each bundle so far."""
    measure_bundles_due(shop_id, now=utc_now())
