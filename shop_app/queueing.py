"""The Celery app and what may be sent through it: names and ids, never facts.

Rows are the truth; a message is a knock on the door. One that is lost costs a sweep's interval, because
what is due stands in ``due_work``.
"""

import logging
from enum import StrEnum

from celery import Celery
from kombu import Queue
from kombu.exceptions import OperationalError

_log = logging.getLogger(__name__)

_VISIBILITY_SECONDS = 1_800
"""After this long Redis hands an unfinished task to somebody else: longer than any task may run. What a dead
worker held is not waited for: the sweep knocks again for what is due."""

HARD_LIMIT_SECONDS = 270
SOFT_LIMIT_SECONDS = 240
LONG_HARD_LIMIT_SECONDS = 1_560
LONG_SOFT_LIMIT_SECONDS = 1_500
"""For what is tried on the whole past of a large shop."""
_TRANSPORT = {
    "visibility_timeout": _VISIBILITY_SECONDS,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 2,
    "socket_connect_timeout": 2.0,
    "socket_timeout": 30.0,
    # Nobody who knocks waits for a Redis that is down: the sweep finds the work.
    "max_retries": 1,
    "interval_start": 0.0,
    "interval_step": 0.1,
    "interval_max": 0.1,
}


class TaskName(StrEnum):
    """Every task there is."""

    SWEEP = "kindred.sweep"
    REFRESH_SHOP = "kindred.refresh_shop"
    FIT_SHOP = "kindred.fit_shop"
    RELABEL_SHOP = "kindred.relabel_shop"
    SUMMARISE_SHOP = "kindred.summarise_shop"
    LOOK = "kindred.look"
    DRAIN_WEBHOOKS = "kindred.drain_webhooks"
    READ_AGAIN = "kindred.read_again"
    BACKFILL_SHOP = "kindred.backfill_shop"
    READ_CHANGES = "kindred.read_changes"
    COMPARE_SHOP = "kindred.compare_shop"
    KEEP_SUBSCRIPTIONS = "kindred.keep_subscriptions"
    KEEP_TOKEN = "kindred.keep_token"  # noqa: S105 (a name)
    PUSH = "kindred.push"
    PLAN_PUSHES = "kindred.plan_pushes"
    READ_ENGAGEMENT = "kindred.read_engagement"
    READ_BACK_PUSHES = "kindred.read_back_pushes"
    FIND_BUNDLES = "kindred.find_bundles"
    KEEP_BUNDLES = "kindred.keep_bundles"
    MEASURE_BUNDLES = "kindred.measure_bundles"
    ERASE = "kindred.erase"
    PURGE_SHOP = "kindred.purge_shop"
    EXPORT_FILES = "kindred.export_files"


class QueueName(StrEnum):
    """Every queue there is; the Procfile's worker listens to all of them."""

    KINDRED = "kindred"
    """What somebody waits for: webhooks, and the labels that follow from them."""
    HEAVY = "kindred-heavy"
    """What takes minutes: whole shops. It keeps nobody's new order waiting."""


_HEAVY_TASKS = frozenset(
    {
        TaskName.REFRESH_SHOP,
        TaskName.FIT_SHOP,
        TaskName.RELABEL_SHOP,
        TaskName.SUMMARISE_SHOP,
        TaskName.BACKFILL_SHOP,
        TaskName.READ_CHANGES,
        TaskName.PLAN_PUSHES,
        TaskName.READ_ENGAGEMENT,
        TaskName.READ_BACK_PUSHES,
        TaskName.FIND_BUNDLES,
        TaskName.MEASURE_BUNDLES,
        TaskName.COMPARE_SHOP,
        TaskName.ERASE,
        TaskName.PURGE_SHOP,
        TaskName.EXPORT_FILES,
    }
)


def queue_of(name: TaskName) -> QueueName:
    """Return the queue that a task waits in."""
    return QueueName.HEAVY if name in _HEAVY_TASKS else QueueName.KINDRED


celery_app = Celery("kindred", set_as_current=False)
celery_app.conf.update(
    task_serializer="json",
    accept_content=["json"],
    result_serializer="json",
    task_ignore_result=True,
    task_store_errors_even_if_ignored=False,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    task_default_queue=QueueName.KINDRED.value,
    task_queues=[Queue(name.value) for name in QueueName],
    task_soft_time_limit=SOFT_LIMIT_SECONDS,
    task_time_limit=HARD_LIMIT_SECONDS,
    task_publish_retry=False,
    broker_connection_retry_on_startup=True,
    broker_transport_options=_TRANSPORT,
    result_backend_transport_options=_TRANSPORT,
    visibility_timeout=_VISIBILITY_SECONDS,
    worker_soft_shutdown_timeout=20,
    worker_max_memory_per_child=1_000_000,  # KiB: a process that held a large shop makes way for a new one
    worker_cancel_long_running_tasks_on_connection_loss=True,
    beat_scheduler="celery.beat:Scheduler",  # keeps nothing on disk; what is due stands in the database
    enable_utc=True,
    timezone="UTC",
)


def connect(redis_url: str) -> None:
    """Point this process at its Redis, at its start; connections to another one are let go of."""
    if celery_app.conf.broker_url != redis_url:
        celery_app.conf.update(broker_url=redis_url)
        celery_app._after_fork()  # type: ignore[attr-defined]  # noqa: SLF001 (nothing else makes it forget its pools)


def send(name: TaskName, *ids: int) -> bool:
    """Knock; return whether the knock was heard. Where Redis is down, the sweep finds the work later."""
    try:
        celery_app.send_task(name.value, args=ids, queue=queue_of(name).value, ignore_result=True)
    except OperationalError as error:
        _log.warning(
            "Redis does not answer; the sweep will pick this up.",
            extra={"task": name.value, "reason": type(error).__name__},
        )
        return False
    return True
