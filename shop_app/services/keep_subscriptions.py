"""See to it that Shopify tells us what happens: subscriptions that are gone or point elsewhere are repaired.

Shopify deletes what was subscribed through the interface after eight failures in a row: an hour of ours may be
enough. What happened in between is then read by its date.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from shop_app.queueing import TaskName, send
from shop_app.services.ask_shopify import ask_shopify
from shop_app.services.at_work import SOON_AGAIN, at_work
from shop_app.shopify import config
from shop_app.shopify.admin_api import AdminApi
from shop_app.shopify.subscriptions import API_TOPICS, PATH, Repair, list_subscriptions, repair
from shop_app.storage import due_work, shop_checks, sync_marks
from shop_app.storage.engine import shopless, transaction

KIND = "subscriptions"
EVERY = timedelta(minutes=15)
_MARGIN = timedelta(minutes=5)
_ROUNDS = 2  # what came of a call without an answer is seen by looking again


def keep_subscriptions_due(shop_id: int, *, now: datetime) -> None:
    """Look at the shop's subscriptions and repair them; again in a quarter of an hour."""
    with at_work(shop_id, KIND, now, next_at=now + EVERY, again_after=SOON_AGAIN):
        ask_shopify(shop_id, now, lambda api: _keep(shop_id, api, now))


def _keep(shop_id: int, api: AdminApi, now: datetime) -> None:
    address = config.current().app_url + PATH
    done, mended = Repair(), set[str]()
    for _ in range(_ROUNDS):
        done = repair(api, list_subscriptions(api), address)
        mended.update(done.mended)
        if not done.is_uncertain:
            break
    with transaction(shop_id) as connection:
        last = shop_checks.find(connection, KIND)
        good_at = _good_at(last, done, now)
        shop_checks.record(connection, KIND, _outcome(done, mended, good_at, last), at=now)
    since = None if last is None else last.get("good_at")
    if since is not None and _was_missed(last, mended):
        _import_gap(shop_id, datetime.fromisoformat(since), now)


def _was_missed(last: Mapping[str, Any] | None, mended: set[str]) -> bool:
    """Tell whether something came before that did not come lately; what was refused all along is no gap."""
    refused = set((last or {}).get("problems") or {})
    return bool(mended - refused)


def _good_at(last: Mapping[str, Any] | None, done: Repair, now: datetime) -> str | None:
    """Return when all was well last: now, unless nobody knows what came of a repair."""
    if not done.is_uncertain:
        return now.isoformat()
    return None if last is None else last.get("good_at")


def _outcome(
    done: Repair, mended: set[str], good_at: str | None, last: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Return what pages show: what is fine, what was mended now and the last time, what cannot be."""
    before = last or {}
    return {
        "topics": len(API_TOPICS) - len(done.problems),
        "mended": sorted(mended),
        "removed": done.removed,
        "problems": done.problems,
        "good_at": good_at,
        "last_mended": sorted(mended) or before.get("last_mended") or [],
        "last_mended_at": good_at if mended else before.get("last_mended_at"),
    }


def _import_gap(shop_id: int, since: datetime, now: datetime) -> None:
    """Read what has changed since all was well, and look for what was deleted meanwhile."""
    with transaction(shop_id) as connection:
        sync_marks.set_back(connection, since - _MARGIN)
    with shopless() as connection:
        due_work.ensure_due(connection, shop_id, "changes", due_at=now)
        due_work.ensure_due(connection, shop_id, "compare", due_at=now)
    send(TaskName.READ_CHANGES, shop_id)
