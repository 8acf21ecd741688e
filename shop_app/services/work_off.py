"""Doing what is due, and saying when it is due again. Killed in the middle, it falls due by itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from shop_app.queueing import TaskName, send
from shop_app.services.refresh_customers import refresh_customers
from shop_app.services.resolve_people import resolve_people
from shop_app.services.schedule_shop import next_fit
from shop_app.services.shop_clock import default_as_of, next_midnight
from shop_app.services.soon import PROMISE
from shop_app.services.summarise_shop import summarise_shop
from shop_app.storage import due_work, shop_settings
from shop_app.storage.engine import shopless, transaction

AGAIN_AFTER = timedelta(minutes=10)
"""Longer than any task may run, so that what falls due again was really left behind."""

_KNOCKS_PER_SWEEP = 200
_TASKS = {
    "refresh": TaskName.REFRESH_SHOP,
    PROMISE: TaskName.REFRESH_SHOP,
    "fit": TaskName.FIT_SHOP,
    "summary": TaskName.SUMMARISE_SHOP,
}


def knock_for_due_work(*, now: datetime) -> int:
    """Send a knock for everything that is due and return how many; unheard ones are repeated later."""
    with shopless() as connection:
        due = due_work.claim_due(connection, at=now, again_at=now + AGAIN_AFTER, limit=_KNOCKS_PER_SWEEP)
    for shop_id, task in sorted({(item.shop_id, _TASKS[item.kind]) for item in due}):
        send(task, shop_id)
    return len(due)


def refresh_due(shop_id: int, *, now: datetime) -> None:
    """Bring the whole shop up to date: who is who, then every label; next at the shop's midnight."""
    with (
        _at_work(shop_id, PROMISE, now, next_at=None),
        _at_work(shop_id, "refresh", now, next_at=_midnight(shop_id, now)),
    ):
        resolve_people(shop_id)
        refresh_customers(shop_id, None, as_of=default_as_of(shop_id, now))


def fit_due(shop_id: int, *, now: datetime) -> None:
    """Fit the edges anew and mark everybody against them; next in a week."""
    with _at_work(shop_id, "fit", now, next_at=next_fit(now)):
        refresh_customers(shop_id, None, as_of=default_as_of(shop_id, now), refit=True)


def summarise_due(shop_id: int, *, now: datetime) -> None:
    """Sum the shop up again; next when some of its customers have changed."""
    with _at_work(shop_id, "summary", now, next_at=None):
        summarise_shop(shop_id)


@contextmanager
def _at_work(shop_id: int, kind: str, now: datetime, *, next_at: datetime | None) -> Iterator[None]:
    begun = now + AGAIN_AFTER
    with shopless() as connection:
        due_work.begin(connection, shop_id, kind, again_at=begun)
    yield
    with shopless() as connection:
        due_work.finish(connection, shop_id, kind, begun=begun, next_at=next_at)


def _midnight(shop_id: int, now: datetime) -> datetime:
    with transaction(shop_id) as connection:
        return next_midnight(now, shop_settings.read(connection).timezone)
