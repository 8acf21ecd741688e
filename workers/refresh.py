"""The tasks that bring a shop's labels up to date: a name, a policy, one call."""

from shop_app.clock import utc_now
from shop_app.queueing import TaskName, celery_app
from shop_app.services.work_off import fit_due, refresh_due, relabel_due, summarise_due
from workers.policies import RETRY_LATER, TAKE_LONG


@celery_app.task(name=TaskName.REFRESH_SHOP.value, **RETRY_LATER)
def refresh_shop(shop_id: int) -> None:
    """Bring every customer of one shop up to date; a second run finds nothing to change."""
    refresh_due(shop_id, now=utc_now())


@celery_app.task(name=TaskName.FIT_SHOP.value, **TAKE_LONG)
def fit_shop(shop_id: int) -> None:
    """Learn the shop's predictions and groups anew, and let them go live where nobody is surprised."""
    fit_due(shop_id, now=utc_now())


@celery_app.task(name=TaskName.RELABEL_SHOP.value, **RETRY_LATER)
def relabel_shop(shop_id: int) -> None:
    """Fit the edges of the marks anew, and label every customer by what is live."""
    relabel_due(shop_id, now=utc_now())


@celery_app.task(name=TaskName.SUMMARISE_SHOP.value, **RETRY_LATER)
def summarise_shop(shop_id: int) -> None:
    """Sum the shop up again after some of its customers changed."""
    summarise_due(shop_id, now=utc_now())
