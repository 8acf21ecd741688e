"""Work that must follow a change: done at once where that is quick, else left to a worker, lost never."""

from datetime import datetime, timedelta

from shop_app.queueing import TaskName, send
from shop_app.services.refresh_customers import Refreshed, refresh_customers
from shop_app.services.summarise_shop import summarise_shop
from shop_app.storage import due_work, segment_runs
from shop_app.storage.engine import Connection, shopless, transaction

PROMISE = "resolve"
"""The kind of ``due_work`` that stands for "who is who, and every label, once"."""

_AGAIN_AFTER = timedelta(minutes=10)
_MANY_CUSTOMERS = 50_000
_MANY_ORDERS = 250_000


def promise_refresh(connection: Connection, shop_id: int, *, as_of: datetime) -> None:
    """Note down, in the transaction of the change itself, that labels are to follow it."""
    due_work.begin(connection, shop_id, PROMISE, again_at=as_of + _AGAIN_AFTER)


def keep_promise(shop_id: int, *, as_of: datetime) -> None:
    """Cross it out once the labels have followed."""
    with shopless() as connection:
        due_work.finish(connection, shop_id, PROMISE, begun=as_of + _AGAIN_AFTER, next_at=None)


def refresh_soon(shop_id: int, *, as_of: datetime) -> Refreshed | None:
    """Refresh everybody and cross the promise out; in a large shop knock for a worker, and say ``None``."""
    if _is_large(shop_id):
        send(TaskName.REFRESH_SHOP, shop_id)
        return None
    refreshed = refresh_customers(shop_id, None, as_of=as_of)
    keep_promise(shop_id, as_of=as_of)
    return refreshed


def summarise_soon(shop_id: int) -> None:
    """Sum the shop up; in a large one knock for a worker (the refresh has made it due)."""
    if _is_large(shop_id):
        send(TaskName.SUMMARISE_SHOP, shop_id)
    else:
        summarise_shop(shop_id)


def _is_large(shop_id: int) -> bool:
    """Tell whether working everything out takes longer than somebody waits for a page."""
    with transaction(shop_id) as connection:
        newest = segment_runs.read_newest(connection) or {"customer_count": 0, "order_count": 0}
    return bool(newest["customer_count"] > _MANY_CUSTOMERS or newest["order_count"] > _MANY_ORDERS)
