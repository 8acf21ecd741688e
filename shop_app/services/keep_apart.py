"""Undoing a merge of customer rows, and letting it be again."""

from datetime import datetime

from shop_app.errors import NotFoundError, RefusedError
from shop_app.services.refresh_customers import Refreshed, refresh_customers
from shop_app.services.resolve_people import resolve_people
from shop_app.services.soon import keep_promise, promise_refresh, summarise_soon
from shop_app.storage import people
from shop_app.storage.engine import Connection, transaction


def keep_apart(shop_id: int, customer_id: int, *, as_of: datetime) -> Refreshed:
    """Take one customer row out of its person: it stands for itself until :func:`rejoin`.

    Raises
    ------
    NotFoundError
        There is no such row.
    RefusedError
        It is kept apart already, or there is no other row that it could be taken from.
    """
    with transaction(shop_id) as connection:
        if _is_kept_apart(connection, customer_id):
            raise RefusedError(f"Customer {customer_id} is kept apart already.")
        if people.count_rows_beside(connection, customer_id) == 0:
            raise RefusedError(f"Customer {customer_id} is not merged with anybody, so nothing is to be split.")
        people.set_kept_apart(connection, customer_id, kept_apart=True)
        promise_refresh(connection, shop_id, as_of=as_of)
    return _settle(shop_id, customer_id, as_of=as_of)


def rejoin(shop_id: int, customer_id: int, *, as_of: datetime) -> Refreshed:
    """Let a row that was kept apart be the person again that its address, phone or merge says.

    Raises
    ------
    NotFoundError
        There is no such row.
    RefusedError
        It was not kept apart.
    """
    with transaction(shop_id) as connection:
        if not _is_kept_apart(connection, customer_id):
            raise RefusedError(f"Customer {customer_id} is not kept apart, so there is nothing to undo.")
        people.set_kept_apart(connection, customer_id, kept_apart=False)
        promise_refresh(connection, shop_id, as_of=as_of)
    return _settle(shop_id, customer_id, as_of=as_of)


def _is_kept_apart(connection: Connection, customer_id: int) -> bool:
    kept_apart = people.find_kept_apart(connection, customer_id)
    if kept_apart is None:
        raise NotFoundError(f"There is no customer {customer_id} in this shop.")
    return kept_apart


def _settle(shop_id: int, customer_id: int, *, as_of: datetime) -> Refreshed:
    """Bring the people concerned up to date at once; killed before the end, the sweep does it."""
    touched = resolve_people(shop_id, [customer_id])
    refreshed = refresh_customers(shop_id, [customer_id, *touched], as_of=as_of)
    keep_promise(shop_id, as_of=as_of)
    summarise_soon(shop_id)
    return refreshed
