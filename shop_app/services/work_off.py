"""Knocking for what is due, and the work that keeps a shop's labels up to date."""

from datetime import datetime, timedelta

from shop_app.queueing import QueueName, TaskName, queue_of, send
from shop_app.services.at_work import AGAIN_AFTER, SOON_AGAIN, at_work
from shop_app.services.refresh_customers import refresh_customers
from shop_app.services.resolve_people import resolve_people
from shop_app.services.schedule_shop import next_fit
from shop_app.services.shop_clock import default_as_of, next_midnight
from shop_app.services.soon import PROMISE
from shop_app.services.summarise_shop import summarise_shop
from shop_app.storage import due_work, shop_settings
from shop_app.storage.engine import shopless, transaction

_KNOCKS_PER_SWEEP = 200
_TASKS = {
    "refresh": TaskName.REFRESH_SHOP,
    PROMISE: TaskName.REFRESH_SHOP,
    "fit": TaskName.FIT_SHOP,
    "summary": TaskName.SUMMARISE_SHOP,
    "webhooks": TaskName.DRAIN_WEBHOOKS,
    "webhooks-begun": TaskName.DRAIN_WEBHOOKS,
    "read-again": TaskName.READ_AGAIN,
    "backfill": TaskName.BACKFILL_SHOP,
    "changes": TaskName.READ_CHANGES,
    "compare": TaskName.COMPARE_SHOP,
    "subscriptions": TaskName.KEEP_SUBSCRIPTIONS,
    "token": TaskName.KEEP_TOKEN,
    "erase": TaskName.ERASE,
    "purge": TaskName.PURGE_SHOP,
}
"""Every kind of work that a shop can have due, and the task that does it."""

_AT_ONCE = ("webhooks", "webhooks-begun", "read-again")
_SOON_AGAIN = (
    *(kind for kind, task in _TASKS.items() if queue_of(task) is QueueName.KINDRED),
    "backfill",  # each step holds a lease, so that one that was left behind is taken up within the minute
)
_LATER_AGAIN = tuple(kind for kind in _TASKS if kind not in _SOON_AGAIN)


def knock_for_due_work(*, now: datetime) -> int:
    """Send a knock for everything that is due and return how many; unheard ones are repeated later."""
    soon = _knock(_SOON_AGAIN, now, again_after=SOON_AGAIN)
    return soon + _knock(_LATER_AGAIN, now, again_after=AGAIN_AFTER)


def knock_for_news(*, now: datetime) -> int:
    """Do the same for what somebody waits for, each second: new webhooks, and what they left unsaid."""
    return _knock(_AT_ONCE, now, again_after=SOON_AGAIN)


def _knock(kinds: tuple[str, ...], now: datetime, *, again_after: timedelta) -> int:
    with shopless() as connection:
        due = due_work.claim_due(
            connection, at=now, again_at=now + again_after, limit=_KNOCKS_PER_SWEEP, kinds=kinds
        )
    for shop_id, task in sorted({(item.shop_id, _TASKS[item.kind]) for item in due}):
        send(task, shop_id)
    return len(due)


def refresh_due(shop_id: int, *, now: datetime) -> None:
    """Bring the whole shop up to date: who is who, then every label; next at the shop's midnight."""
    with (
        at_work(shop_id, PROMISE, now, next_at=None),
        at_work(shop_id, "refresh", now, next_at=_midnight(shop_id, now)),
    ):
        resolve_people(shop_id)
        refresh_customers(shop_id, None, as_of=default_as_of(shop_id, now))


def fit_due(shop_id: int, *, now: datetime) -> None:
    """Fit the edges anew and mark everybody against them; next in a week."""
    with at_work(shop_id, "fit", now, next_at=next_fit(now)):
        refresh_customers(shop_id, None, as_of=default_as_of(shop_id, now), refit=True)


def summarise_due(shop_id: int, *, now: datetime) -> None:
    """Sum the shop up again; next when some of its customers have changed."""
    with at_work(shop_id, "summary", now, next_at=None):
        summarise_shop(shop_id)


def _midnight(shop_id: int, now: datetime) -> datetime:
    with transaction(shop_id) as connection:
        return next_midnight(now, shop_settings.read(connection).timezone)
