"""The tasks that beat rings: they look at what is due, and knock."""

from shop_app.clock import utc_now
from shop_app.queueing import TaskName, celery_app
from shop_app.services.work_off import knock_for_due_work, knock_for_news
from workers.policies import DROP_IF_LATE


@celery_app.task(name=TaskName.SWEEP.value, **DROP_IF_LATE)
def sweep() -> None:
    """Knock for everything that is due."""
    knock_for_due_work(now=utc_now())


@celery_app.task(name=TaskName.LOOK.value, **DROP_IF_LATE)
def look() -> None:
    """Knock for what somebody waits for."""
    knock_for_news(now=utc_now())
