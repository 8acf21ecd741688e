"""The task that writes files: a name, a policy, one call."""

from shop_app.clock import utc_now
from shop_app.queueing import TaskName, celery_app
from shop_app.services.scheduled_exports import export_files_due
from workers.policies import TAKE_LONG


@celery_app.task(name=TaskName.EXPORT_FILES.value, **TAKE_LONG)
def export_files(shop_id: int) -> None:
    """Write the scheduled files of one shop that are due."""
    export_files_due(shop_id, now=utc_now())
