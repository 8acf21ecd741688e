"""The tasks that bring labels to where they are used: a name, a policy, one call."""

from shop_app.clock import utc_now
from shop_app.queueing import TaskName, celery_app
from shop_app.services.push_due import plan_due, push_due
from shop_app.services.read_back_pushes import read_back_due
from shop_app.services.read_engagement import read_engagement_due
from workers.policies import RETRY_LATER, TAKE_LONG


@celery_app.task(name=TaskName.PUSH.value, **RETRY_LATER)
def push(shop_id: int) -> None:
    """Compare what destinations are to hold with what they do, and send the difference where it may go."""
    push_due(shop_id, now=utc_now())


@celery_app.task(name=TaskName.PLAN_PUSHES.value, **TAKE_LONG)
def plan_pushes(shop_id: int) -> None:
    """Work out what everybody of a large shop is to hold at its destinations."""
    plan_due(shop_id, now=utc_now())


@celery_app.task(name=TaskName.READ_ENGAGEMENT.value, **RETRY_LATER)
def read_engagement(shop_id: int) -> None:
    """Read what customers did with e-mails."""
    read_engagement_due(shop_id, now=utc_now())


@celery_app.task(name=TaskName.READ_BACK_PUSHES.value, **RETRY_LATER)
def read_back_pushes(shop_id: int) -> None:
    """Look in the night whether what was sent is still there."""
    read_back_due(shop_id, now=utc_now())
