"""Labels for those whose facts have changed: who they are, what they are like, where they belong."""

from datetime import datetime

from shop_app.services.live_models import find_edges
from shop_app.services.refresh_customers import refresh_customers
from shop_app.services.resolve_people import resolve_people
from shop_app.storage import dirty_customers
from shop_app.storage.engine import transaction

_AT_ONCE = 2_000


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
        refresh_customers(shop_id, {*ids, *touched}, as_of=now)
        with transaction(shop_id) as connection:
            dirty_customers.clean(connection, waiting)
        done += len(waiting)
