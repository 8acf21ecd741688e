"""What every task has in common, said once: when it is acknowledged, how often it is tried again."""

from typing import Any

from shop_app.errors import TemporaryError
from shop_app.queueing import LONG_HARD_LIMIT_SECONDS, LONG_SOFT_LIMIT_SECONDS

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

TAKE_LONG: dict[str, Any] = {
    **RETRY_LATER,
    "soft_time_limit": LONG_SOFT_LIMIT_SECONDS,
    "time_limit": LONG_HARD_LIMIT_SECONDS,
}
"""The same for work that may take most of half an hour."""

DROP_IF_LATE: dict[str, Any] = {"acks_late": False, "ignore_result": True, "max_retries": 0}
"""The sweep comes every minute anyway: a second one of the same minute would find nothing."""
