"""What has changed in Shopify since the last time, read by its date: webhooks get lost, dates do not.

Each kind of thing has a mark up to when everything is in. It moves on in the transaction that writes a page,
so that whoever is killed goes on where he was.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shop_app.queueing import TaskName, send
from shop_app.services.ask_shopify import ask_shopify
from shop_app.services.at_work import at_work
from shop_app.services.page_reading import Node, Page, iter_pages, take_nodes
from shop_app.services.read_shop import read_shop_with
from shop_app.services.refresh_dirty import refresh_dirty
from shop_app.services.shop_access import shop_api
from shop_app.shopify.admin_api import AdminApi
from shop_app.shopify.documents import stamp
from shop_app.storage import due_work, shop_checks, shop_settings, sync_marks
from shop_app.storage.engine import shopless, transaction

KIND = "changes"
EVERY = timedelta(hours=1)
OVERLAP = timedelta(minutes=10)
"""So far before its mark each reading begins: Shopify's search lags behind what has happened."""

_ORDER = ("customers", "orders", "products", "collections")
_SECONDS = 150.0
_SECONDS_IN_BACKFILL = 90.0
"""What takes longer is gone on with by the next task: one may run 240 s, and backfills do more in theirs."""


@dataclass(slots=True)
class _Reading:
    """One going through what has changed; ``found`` counts what was new or different."""

    shop_id: int
    api: AdminApi
    now: datetime
    currency: str
    until: float
    found: dict[str, int] = field(default_factory=dict)
    warnings: set[str] = field(default_factory=set)

    def is_over(self) -> bool:
        return time.monotonic() > self.until


def read_changes_due(shop_id: int, *, now: datetime) -> None:
    """Read what has changed since the last time, and label whom it concerns; again in an hour.

    Before a backfill has set the first marks there is nothing to go on from.
    """
    with at_work(shop_id, KIND, now, next_at=now + EVERY):
        with transaction(shop_id) as connection:
            marks = sync_marks.list_marks(connection)
        if marks:
            ask_shopify(shop_id, now, lambda api: _read_from_marks(shop_id, api, marks, now))
        refresh_dirty(shop_id, now=now)


def read_changes_since(shop_id: int, since: datetime, now: datetime) -> bool:
    """Read everything that was changed since then; ``False`` where the rest is left to the due work.

    The marks are set back to ``since`` first, so that whatever happens nothing from then on is passed over.
    """
    with transaction(shop_id) as connection:
        sync_marks.set_back(connection, since)
        for name in _ORDER:
            sync_marks.advance(connection, name, since, at=now)
        marks = sync_marks.list_marks(connection)
    reading = _begin(shop_id, shop_api(shop_id, now), now, seconds=_SECONDS_IN_BACKFILL)
    return _read_all(reading, {name: mark - OVERLAP for name, mark in marks.items()})


def _read_from_marks(shop_id: int, api: AdminApi, marks: dict[str, datetime], now: datetime) -> None:
    with transaction(shop_id) as connection:
        last = shop_checks.find(connection, KIND)
    # A reading that ran out of time is gone on with, not begun again: it might never come to its end.
    back = timedelta() if last is not None and last.get("unfinished") else OVERLAP
    reading = _begin(shop_id, api, now, seconds=_SECONDS)
    _read_all(reading, {name: mark - back for name, mark in marks.items()})


def _begin(shop_id: int, api: AdminApi, now: datetime, *, seconds: float) -> _Reading:
    with transaction(shop_id) as connection:
        currency = shop_settings.read(connection).currency
    if currency == shop_settings.UNKNOWN_CURRENCY:
        currency = read_shop_with(shop_id, api, now).currency
    return _Reading(shop_id, api.in_background(), now, currency, time.monotonic() + seconds)


def _read_all(reading: _Reading, starts: dict[str, datetime]) -> bool:
    """Read each kind from its start on; tell whether all of it is in."""
    is_whole = True
    for name in _ORDER:
        if name in starts:
            is_whole = is_whole and _read_kind(reading, name, starts[name])
    outcome = {"found": reading.found, "warnings": sorted(reading.warnings), "unfinished": not is_whole}
    with transaction(reading.shop_id) as connection:
        shop_checks.record(connection, KIND, outcome, at=reading.now)
    if not is_whole:
        with shopless() as connection:
            due_work.ensure_due(connection, reading.shop_id, KIND, due_at=reading.now)
        send(TaskName.READ_CHANGES, reading.shop_id)
    return is_whole


def _read_kind(reading: _Reading, name: str, since: datetime) -> bool:
    if reading.is_over():
        return False
    for page in iter_pages(reading.api, name, f"updated_at:>='{stamp(since)}'"):
        _take(reading, name, page)
        if page.cursor is not None and reading.is_over():
            return False
    with transaction(reading.shop_id) as connection:
        sync_marks.advance(connection, name, reading.now, at=reading.now)
    return True


def _take(reading: _Reading, name: str, page: Page) -> None:
    """Write one page; up to its newest date everything is in then, because pages come oldest change first."""
    reading.warnings.update(page.warnings)
    with transaction(reading.shop_id) as connection:
        changed = take_nodes(
            connection,
            reading.shop_id,
            name,
            page.nodes,
            told_at=reading.now,
            currency=reading.currency,
        )
        newest = _newest(page.nodes)
        if newest is not None:
            sync_marks.advance(connection, name, min(newest, reading.now), at=reading.now)
    reading.found[name] = reading.found.get(name, 0) + changed


def _newest(nodes: Sequence[Node]) -> datetime | None:
    dates = [node["updatedAt"] for node in nodes if isinstance(node.get("updatedAt"), str)]
    try:
        return datetime.fromisoformat(max(dates)) if dates else None
    except ValueError:
        return None
