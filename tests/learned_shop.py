"""A shop of four hundred customers of the sample store whose groups were learned."""

import os
from datetime import date
from itertools import count
from types import SimpleNamespace

from sandbox.sample_store import make_store, write_exports
from shop_app.services.fit_segments import fit_segments
from shop_app.services.open_shop import get_shop_id
from shop_app.services.plan_import import ImportOptions
from shop_app.services.receive_file import receive_file
from shop_app.services.refresh_customers import refresh_customers
from shop_app.services.shop_clock import default_as_of
from shop_app.storage import customer_scores
from shop_app.storage.engine import transaction

UNTIL = date(2026, 6, 30)
_numbers = count(1)


def a_learned_shop(folder, clock, *, customers=400, learn=True):
    """Import the sample store, learn its groups, and label everybody by them."""
    exports = write_exports(make_store(customers=customers, seed=5, until=UNTIL), folder)
    name = f"learned-{os.getpid()}-{next(_numbers)}"
    receive_file(exports.orders, name, ImportOptions(), rates={}, now=clock)
    shop_id = get_shop_id(name)
    as_of = default_as_of(shop_id, clock)
    fitted = fit_segments(shop_id, as_of=as_of, at=clock) if learn else None
    if learn:
        refresh_customers(shop_id, None, as_of=as_of)
    return SimpleNamespace(shop_id=shop_id, name=name, as_of=as_of, fitted=fitted, clock=clock)


def segments_of(shop_id):
    """Return everybody's published segment, by customer."""
    return dict(customer_scores.read_all(shop_id).select("customer_id", "segment").iter_rows())


def a_member_of(shop_id, segment):
    """Return the customer of a segment who has spent the most."""
    with transaction(shop_id) as connection:
        return customer_scores.list_in_segment(connection, segment=segment, limit=1)[0]["customer_id"]
