"""Read once more what webhooks said too little of, or contradicted each other about: one look decides."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from shop_app.queueing import TaskName, send
from shop_app.services.ask_shopify import ask_shopify
from shop_app.services.at_work import SOON_AGAIN, at_work
from shop_app.services.page_reading import Node, read_by_numbers, take_nodes
from shop_app.services.read_shop import read_shop_with
from shop_app.services.refresh_dirty import refresh_dirty
from shop_app.shopify.admin_api import AdminApi
from shop_app.shopify.admin_errors import PermanentError
from shop_app.shopify.scopes import ALL_ORDERS
from shop_app.storage import catalogue, connections, order_dates, refetches, removals, shop_settings
from shop_app.storage.engine import Connection, transaction
from shop_app.storage.refetches import Refetch

_AT_ONCE = 100
_MOST_A_TASK = 2_000
_PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 4, 15, 60, 360))
_REFUSED_PAUSE = timedelta(minutes=15)
_VISIBLE = timedelta(days=59)
"""Without leave to see all orders we are shown those of 60 days; an older one may well be there."""

_NAMES = {"order": "orders", "customer": "customers", "product": "products"}


def read_again_due(shop_id: int, *, now: datetime) -> None:
    """Read what is due, and label whom it concerns; next when something is due again."""
    with at_work(shop_id, refetches.KIND, now, next_at=None, again_after=SOON_AGAIN) as work:
        is_answered = ask_shopify(shop_id, now, lambda api: _read_all(shop_id, api, now))
        refresh_dirty(shop_id, now=now)
        with transaction(shop_id) as connection:
            next_at = refetches.next_due(connection)
        if next_at is not None:
            work.next_at = max(next_at, now if is_answered else now + _REFUSED_PAUSE)
    if work.next_at is not None and work.next_at <= now:
        send(TaskName.READ_AGAIN, shop_id)


def _read_all(shop_id: int, api: AdminApi, now: datetime) -> None:
    for resource in _NAMES:
        for _ in range(_MOST_A_TASK // _AT_ONCE):
            with transaction(shop_id) as connection:
                wanted = refetches.list_due(connection, resource, at=now, limit=_AT_ONCE)
            if not wanted:
                break
            _read(shop_id, api, wanted, now)


def _read(shop_id: int, api: AdminApi, wanted: Sequence[Refetch], now: datetime) -> None:
    """Read some of one kind; where that cannot be done, they wait, longer each time, and others go on."""
    name = _NAMES[wanted[0].resource]
    try:
        found = read_by_numbers(api, name, [each.shopify_id for each in wanted])
    except PermanentError:
        with transaction(shop_id) as connection:
            refetches.postpone(connection, wanted, until=now + _pause(wanted))
        return
    with transaction(shop_id) as connection:
        currency = shop_settings.read(connection).currency
    if currency == shop_settings.UNKNOWN_CURRENCY:
        currency = read_shop_with(shop_id, api, now).currency
    nodes = [node for node in found.values() if node is not None]
    missing = [number for number, node in found.items() if node is None]
    with transaction(shop_id) as connection:
        _take(connection, shop_id, name, nodes, told_at=now, currency=currency)
        _take_away(connection, shop_id, name, missing, at=now)
        refetches.done(connection, wanted)


def _take(
    connection: Connection, shop_id: int, name: str, nodes: list[Node], *, told_at: datetime, currency: str
) -> None:
    if nodes:
        take_nodes(connection, shop_id, name, nodes, told_at=told_at, currency=currency)


def _take_away(connection: Connection, shop_id: int, name: str, missing: list[int], *, at: datetime) -> None:
    """Believe that what Shopify does not show is gone, where we would be shown it if it were there."""
    if name == "orders":
        state = connections.read_state(connection)
        since = None if ALL_ORDERS in state.scopes else at - _VISIBLE
        missing = order_dates.list_since(connection, missing, since=since)
    if not missing:
        return
    if name == "orders":
        removals.delete_orders(connection, missing, at=at)
    elif name == "customers":
        removals.delete_customers(connection, shop_id, missing, at=at)
    else:
        catalogue.delete_products(connection, missing, at=at)


def _pause(wanted: Sequence[Refetch]) -> timedelta:
    attempts = max(each.attempts for each in wanted)
    return _PAUSES[min(attempts, len(_PAUSES) - 1)]
