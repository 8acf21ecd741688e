"""Every night: is everything here that is in Shopify, and is it the same? What differs is read again.

Counts are compared over ranges of numbers, which are halved until the odd ones can be listed; besides, some of
everything is read anew. What is younger than a quarter of an hour may still be on its way and is let be.
"""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from shop_app.queueing import TaskName, send
from shop_app.services.ask_shopify import ask_shopify
from shop_app.services.at_work import at_work
from shop_app.services.compare_counts import Odd, find_odd
from shop_app.services.page_reading import Node, read_by_numbers, take_nodes
from shop_app.services.read_shop import read_shop_with
from shop_app.services.refresh_dirty import refresh_dirty
from shop_app.services.shop_clock import next_midnight
from shop_app.shopify.admin_api import AdminApi
from shop_app.shopify.scopes import ALL_ORDERS
from shop_app.storage import (
    connections,
    known_numbers,
    refetches,
    shop_checks,
    shop_settings,
    sync_marks,
)
from shop_app.storage.engine import transaction

KIND = "compare"
CHECK = "drift"
_HOUR = timedelta(hours=3)  # of the shop's night
SETTLED = timedelta(minutes=15)
_VISIBLE = timedelta(days=59)
_SAMPLE = {"orders": 100, "customers": 100, "products": 50}
_SINGLE = {"orders": "order", "customers": "customer", "products": "product"}


@dataclass(frozen=True, slots=True)
class Drift:
    """How one kind of thing here differs from Shopify; ``differing`` is among the ``sampled`` ones."""

    here: int
    there: int | None
    missing: int
    extra: int
    sampled: int
    differing: int


def compare_due(shop_id: int, *, now: datetime) -> None:
    """Compare a shop with Shopify and have differences read again; next in the shop's next night.

    A shop of which a backfill still reads the history is let be.
    """
    with transaction(shop_id) as connection:
        timezone = shop_settings.read(connection).timezone
        is_read = bool(sync_marks.list_marks(connection))
    with at_work(shop_id, KIND, now, next_at=next_midnight(now, timezone) + _HOUR):
        if is_read:
            ask_shopify(shop_id, now, lambda api: _compare(shop_id, api.in_background(), now))
            refresh_dirty(shop_id, now=now)


def _compare(shop_id: int, api: AdminApi, now: datetime) -> None:
    currency = read_shop_with(shop_id, api, now).currency
    drift: dict[str, Drift] = {}
    asked = False
    for name in _SINGLE:
        low = _lowest_visible(shop_id, name, now)
        odd = find_odd(shop_id, api, name, low, settled=now - SETTLED)
        sampled, differing, vanished = _look_at_some(shop_id, api, name, low, now, currency)
        asked = _read_again(shop_id, name, odd, vanished, now) or asked
        extra = len(set(odd.extra) | set(vanished))
        drift[name] = Drift(odd.here, odd.there, len(odd.missing), extra, sampled, differing)
    total = sum(each.missing + each.extra + each.differing for each in drift.values())
    outcome = {"total": total, **{name: asdict(each) for name, each in drift.items()}}
    with transaction(shop_id) as connection:
        shop_checks.record(connection, CHECK, outcome, at=now)
    if asked:
        send(TaskName.READ_AGAIN, shop_id)


def _lowest_visible(shop_id: int, name: str, now: datetime) -> int:
    """Return from which number on Shopify shows us what there is: without leave only orders of 60 days."""
    with transaction(shop_id) as connection:
        if name != "orders" or ALL_ORDERS in connections.read_state(connection).scopes:
            return 0
        return known_numbers.first_order_since(connection, now - _VISIBLE)


def _look_at_some(
    shop_id: int, api: AdminApi, name: str, low: int, now: datetime, currency: str
) -> tuple[int, int, list[int]]:
    """Read a sample anew and take it in; return its size, how many differed, and which are not there."""
    wanted = _SAMPLE[name]
    offset = (now.toordinal() * 0.618) % 1.0  # every night looks at others
    ratios = [(place + offset) / wanted for place in range(wanted)]
    with transaction(shop_id) as connection:
        numbers = known_numbers.list_at(connection, name, ratios, low)
    found = read_by_numbers(api, name, numbers)
    settled = [
        node
        for node in found.values()
        if node is not None and datetime.fromisoformat(node["updatedAt"]) <= now - SETTLED
    ]
    differing = 0
    if settled:
        with transaction(shop_id) as connection:
            older = _count_older(known_numbers.facts_at(connection, name, numbers), settled)
            changed = take_nodes(connection, shop_id, name, settled, told_at=now, currency=currency)
            differing = older if name == "products" else changed
    return len(found), differing, [number for number, node in found.items() if node is None]


def _count_older(kept: dict[int, datetime], nodes: list[Node]) -> int:
    """Return how many of these are known in an older version: products are written anew in any case."""
    return sum(
        kept[int(node["id"].rpartition("/")[2])] < datetime.fromisoformat(node["updatedAt"]) for node in nodes
    )


def _read_again(shop_id: int, name: str, odd: Odd, vanished: list[int], now: datetime) -> bool:
    numbers = sorted({*odd.missing, *odd.extra, *vanished})
    if not numbers:
        return False
    with transaction(shop_id) as connection:
        refetches.ask(connection, shop_id, _SINGLE[name], numbers, reason="drift", at=now)
    return True
