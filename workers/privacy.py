"""The tasks that forget: what somebody has asked for, and what has grown old."""

from shop_app.clock import utc_now
from shop_app.queueing import TaskName, celery_app
from shop_app.services.erase import erase_due
from shop_app.services.purge_shop import purge_due
from workers.policies import RETRY_LATER


@celery_app.task(name=TaskName.ERASE.value, **RETRY_LATER)
def erase(shop_id: int) -> None:
    """Work off what people and shops have asked to be forgotten."""
    erase_due(shop_id, now=utc_now())


@celery_app.task(name=TaskName.PURGE_SHOP.value, **RETRY_LATER)
def purge_shop(shop_id: int) -> None:
    """Drop what is kept for a time only."""
    purge_due(shop_id, now=utc_now())
