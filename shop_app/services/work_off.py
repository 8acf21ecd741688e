"""Knocking for what is due, and the work that keeps a shop's labels up to date."""

from datetime import datetime, timedelta

from shop_app.queueing import QueueName, TaskName, queue_of, send
from shop_app.services.ask_for_bundles import BUNDLES, ask_for_bundles
from shop_app.services.ask_for_fit import FIT_NOW, RELABEL, ask_for_first_fit, ask_for_fit
from shop_app.services.at_work import AGAIN_AFTER, LATE_AGAIN, SOON_AGAIN, at_work
from shop_app.services.fit_segments import fit_segments
from shop_app.services.refresh_customers import refresh_customers
from shop_app.services.resolve_people import resolve_people
from shop_app.services.schedule_shop import next_fit
from shop_app.services.scheduled_exports import DUE as EXPORT_FILES
from shop_app.services.shop_clock import default_as_of, next_midnight
from shop_app.services.soon import PROMISE
from shop_app.services.summarise_shop import summarise_shop
from shop_app.services.watch_fit import reasons_to_refit
from shop_app.storage import due_work, shop_settings
from shop_app.storage.engine import shopless, transaction

_KNOCKS_PER_SWEEP = 200
_TASKS = {
    "refresh": TaskName.REFRESH_SHOP,
    PROMISE: TaskName.REFRESH_SHOP,
    "fit": TaskName.FIT_SHOP,
    FIT_NOW: TaskName.FIT_SHOP,
    RELABEL: TaskName.RELABEL_SHOP,
    "summary": TaskName.SUMMARISE_SHOP,
    "webhooks": TaskName.DRAIN_WEBHOOKS,
    "webhooks-begun": TaskName.DRAIN_WEBHOOKS,
    "read-again": TaskName.READ_AGAIN,
    "backfill": TaskName.BACKFILL_SHOP,
    "changes": TaskName.READ_CHANGES,
    "compare": TaskName.COMPARE_SHOP,
    "subscriptions": TaskName.KEEP_SUBSCRIPTIONS,
    "token": TaskName.KEEP_TOKEN,
    "push": TaskName.PUSH,
    "plan": TaskName.PLAN_PUSHES,
    "engagement": TaskName.READ_ENGAGEMENT,
    "push-check": TaskName.READ_BACK_PUSHES,
    BUNDLES: TaskName.FIND_BUNDLES,
    "bundles-live": TaskName.KEEP_BUNDLES,
    "bundles-result": TaskName.MEASURE_BUNDLES,
    "erase": TaskName.ERASE,
    "purge": TaskName.PURGE_SHOP,
    EXPORT_FILES: TaskName.EXPORT_FILES,
}
"""Every kind of work that a shop can have due, and the task that does it."""

_AT_ONCE = ("webhooks", "webhooks-begun", "read-again", "push", "bundles-live")
_FITS = (FIT_NOW, RELABEL)
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
    """Do the same for what somebody waits for, each second: new webhooks, what they left unsaid, and fits."""
    news = _knock(_AT_ONCE, now, again_after=SOON_AGAIN)
    return news + _knock(_FITS, now, again_after=AGAIN_AFTER)


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
        as_of = default_as_of(shop_id, now)
        resolve_people(shop_id)
        refresh_customers(shop_id, None, as_of=as_of)
        ask_for_first_fit(shop_id, now=now)
        ask_for_bundles(shop_id, now=now)
        if any(reason.kind != "cadence" for reason in reasons_to_refit(shop_id, as_of=as_of)):
            ask_for_fit(shop_id, now=now)


def fit_due(shop_id: int, *, now: datetime) -> None:
    """Learn predictions and groups anew, and have everybody labelled by what is live then."""
    with (
        at_work(shop_id, FIT_NOW, now, next_at=None, again_after=LATE_AGAIN),
        at_work(shop_id, "fit", now, next_at=next_fit(shop_id, now), again_after=LATE_AGAIN),
    ):
        as_of = default_as_of(shop_id, now)
        reasons = [reason.sentence for reason in reasons_to_refit(shop_id, as_of=as_of)]
        fit_segments(shop_id, as_of=as_of, at=now, reason=" ".join(reasons))
    with shopless() as connection:
        due_work.ensure_due(connection, shop_id, RELABEL, due_at=now)


def relabel_due(shop_id: int, *, now: datetime) -> None:
    """Fit the edges of the marks anew, and label everybody by all that is live."""
    with at_work(shop_id, RELABEL, now, next_at=None):
        refresh_customers(shop_id, None, as_of=default_as_of(shop_id, now), refit=True)


def summarise_due(shop_id: int, *, now: datetime) -> None:
    """Sum the shop up again; next when some of its customers have changed."""
    with at_work(shop_id, "summary", now, next_at=None):
        summarise_shop(shop_id)


def _midnight(shop_id: int, now: datetime) -> datetime:
    with transaction(shop_id) as connection:
        return next_midnight(now, shop_settings.read(connection).timezone)
