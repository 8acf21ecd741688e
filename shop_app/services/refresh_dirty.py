"""Labels for those whose facts have changed: who they are, what they are like, where they belong."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from shop_app.clock import utc_now
from shop_app.services.live_models import find_edges
from shop_app.services.refresh_customers import refresh_customers
from shop_app.services.resolve_people import resolve_people
from shop_app.storage import dirty_customers, order_dates
from shop_app.storage.engine import transaction

_AT_ONCE = 2_000
_CLOCKS_DIFFER_BY = timedelta(minutes=5)


def refresh_dirty(shop_id: int, *, now: datetime) -> int:
    """Bring everybody who is marked up to date, and return how many rows that were.

    Before the shop's first fit nothing is done: the full run that comes with it sees everybody. Killed in the
    middle, the marks stay, and the next call begins there.
    """
    done = 0
    while True:
        with transaction(shop_id) as connection:
            if find_edges(connection) is None:
                return done
            waiting = dirty_customers.list_oldest(connection, _AT_ONCE)
        if not waiting:
            return done
        ids = [each.customer_id for each in waiting]
        touched = resolve_people(shop_id, ids)
        whom = sorted({*ids, *touched})
        refresh_customers(shop_id, whom, as_of=_moment(shop_id, whom, now))
        with transaction(shop_id) as connection:
            dirty_customers.clean(connection, waiting)
        done += len(waiting)


def _moment(shop_id: int, customer_ids: Sequence[int], now: datetime) -> datetime:
    """Return the moment to look from: ``now``, or later where something has happened since the task began.

    A task that read from Shopify, or waited for its turn, holds facts that are younger than its own ``now``;
    looked at from there they had not happened yet, and their marks would be taken off unseen. What lies in the
    future by more than clocks differ is left to the night.
    """
    with transaction(shop_id) as connection:
        newest = order_dates.newest_of(connection, customer_ids, until=utc_now() + _CLOCKS_DIFFER_BY)
    return now if newest is None else max(now, newest)
