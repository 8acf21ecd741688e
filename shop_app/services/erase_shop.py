"""Everything of a shop that left: deleted table by table, in portions, until nothing is found any more."""

from collections import Counter
from datetime import datetime, timedelta

from shop_app.services import spool
from shop_app.services.personal_data import SHOP_TABLES
from shop_app.services.scheduled_exports import remove_all_files
from shop_app.storage import connections, erasure_ledger, fact_lock, privacy_requests, shop_tables, shops
from shop_app.storage.connections import ConnectionState
from shop_app.storage.engine import Connection, transaction
from shop_app.storage.erasure_ledger import Entry
from shop_app.storage.privacy_requests import SHOP_REDACT, PrivacyRequest

_ROWS_A_BATCH = 5_000
_BATCHES_A_RUN = 400
"""Two million rows, about a minute: a task has four of them."""

_ASKED_AFTER = timedelta(hours=48)
"""Shopify asks so long after a shop has left."""

_DONE = "Everything of this shop was deleted; a second look found nothing. Its domain is kept for a return."
_VOID = "The shop has the app again since {since}; what it holds now belongs to that installation."
_RETURNED = "The shop came back while it was being deleted; what was left belongs to it again."


def erase_shop(shop_id: int, request_id: int, *, now: datetime) -> bool:
    """Delete what a shop holds; return whether the request has ended, else call it again.

    A shop that has the app again since it left keeps everything. Stopped in the middle, it goes on there.
    """
    with transaction(shop_id) as connection:
        connections.lock(connection, shop_id)  # in the order in which an installation takes them
        shops.lock(connection, shop_id)
        request = privacy_requests.find(connection, shop_id, request_id)
        if request is None or request.state != "open":
            return True
        if words := _why_not(connections.read_state(connection), request):
            privacy_requests.close(connection, request_id, "void", at=now, outcome=words)
            return True
        _begin(connection, shop_id, request, now=now)
    spool.empty_shop(shop_id)
    remove_all_files(shop_id)
    return _delete(shop_id, request_id) and _prove(shop_id, request_id, now=now)


def delete_everything(shop_id: int) -> Counter[str]:
    """Delete every row of a shop, however many, and count them by table: for a ledger that is replayed."""
    counts: Counter[str] = Counter()
    for table in SHOP_TABLES:
        while deleted := _delete_some(shop_id, table):
            counts[table] += deleted
    with transaction(shop_id) as connection:
        shops.set_state(connection, shop_id, "uninstalled")
        shop_tables.forget_due_work(connection, shop_id, but="erase")
    return counts


def forget_shop(shop_id: int) -> None:
    """Delete all of a shop that will never be heard of again, its connection first."""
    with transaction(shop_id) as connection:
        shop_tables.delete_some(connection, "shop_connections", limit=1)
    spool.empty_shop(shop_id)
    remove_all_files(shop_id)
    delete_everything(shop_id)


def has_returned(state: ConnectionState, asked_at: datetime) -> bool:
    """Tell whether a shop has the app again since it left, which was two days before it was asked to be erased.

    One that is still connected did not leave at all, or has come back. One whose token is dead has left
    without our being told, unless it was installed after it must have left.
    """
    if state.state in ("", "uninstalled"):
        return False
    if state.state == "reconnect" and state.installed_at is not None:
        return state.installed_at > asked_at - _ASKED_AFTER
    return True


def _why_not(state: ConnectionState, request: PrivacyRequest) -> str:
    if not has_returned(state, request.received_at):
        return ""
    if request.stores:
        return _RETURNED
    return _VOID.format(since=f"{state.installed_at:%Y-%m-%d}" if state.installed_at else "then")


def _begin(connection: Connection, shop_id: int, request: PrivacyRequest, *, now: datetime) -> None:
    """Write the ledger, and let go of tokens and of all work that is due, before anything else is deleted."""
    if not request.stores:
        domain = shops.domain_of(connection, shop_id)
        erasure_ledger.append(Entry(now, domain, SHOP_REDACT, request.request_key, ()))
    shops.set_state(connection, shop_id, "uninstalled")
    shop_tables.forget_due_work(connection, shop_id, but="erase")
    connected = shop_tables.delete_some(connection, "shop_connections", limit=1)
    _note(connection, shop_id, request.id, Counter({"shop_connections": connected}))


def _delete(shop_id: int, request_id: int) -> bool:
    """Delete portion by portion; return whether it came to an end within what one run may do."""
    batches = 0
    for table in SHOP_TABLES:
        counts: Counter[str] = Counter()
        while batches < _BATCHES_A_RUN and (deleted := _delete_some(shop_id, table)):
            counts[table] += deleted
            batches += 1
        with transaction(shop_id) as connection:
            _note(connection, shop_id, request_id, counts)
    return batches < _BATCHES_A_RUN


def _delete_some(shop_id: int, table: str) -> int:
    """Delete one portion, unless the shop has come back: a reinstall waits for this, and this for it."""
    with transaction(shop_id) as connection:
        shops.lock(connection, shop_id)
        fact_lock.hold(connection)
        if connections.read_state(connection).state not in ("", "uninstalled"):
            return 0
        return shop_tables.delete_some(connection, table, limit=_ROWS_A_BATCH)


def _note(connection: Connection, shop_id: int, request_id: int, counts: Counter[str]) -> None:
    request = privacy_requests.find(connection, shop_id, request_id)
    if request is not None and counts.total():
        stores = Counter(request.stores) + counts
        privacy_requests.keep_progress(connection, shop_id, request_id, subject=None, stores=stores)


def _prove(shop_id: int, request_id: int, *, now: datetime) -> bool:
    """Look at every table again; what came in meanwhile is deleted in the next run."""
    with transaction(shop_id) as connection:
        if spool.holds(shop_id) or not all(shop_tables.is_empty(connection, table) for table in SHOP_TABLES):
            return False
        privacy_requests.close(connection, request_id, "done", at=now, outcome=_DONE)
    return True
