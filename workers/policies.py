"""What every task has in common, said once: when it is acknowledged, how often it is tried again."""

from typing import Any

from shop_app.errors import TemporaryError

RETRY_LATER: dict[str, Any] = {
    "acks_late": True,
    "reject_on_worker_lost": True,
    "ignore_result": True,
    "autoretry_for": (TemporaryError,),
    "max_retries": 3,
    "retry_backoff": 2,
    "retry_backoff_max": 30,
    "retry_jitter": True,
}
"""A task that met a passing trouble waits seconds, not minutes; what is still not done then is in
``due_work``, and the sweep knocks again."""

DROP_IF_LATE: dict[str, Any] = {"acks_late": False, "ignore_result": True, "max_retries": 0}
"""The sweep comes every minute anyway: a second one of the same minute would find nothing."""
