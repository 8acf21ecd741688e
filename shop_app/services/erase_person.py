"""One person out of every place that holds them, and the proof that nothing is left."""

from collections import Counter
from datetime import datetime

from shop_app.services import spool
from shop_app.services.erase_bodies import Swept
from shop_app.services.privacy_requests import NOTHING_HELD
from shop_app.services.subject_words import subject_of, with_known
from shop_app.storage import erasure_ledger, fact_lock, gone, personal_tables, privacy_requests, shops
from shop_app.storage.engine import Connection, transaction
from shop_app.storage.erasure_ledger import Entry
from shop_app.storage.privacy_requests import DATA_REQUEST, PrivacyRequest
from shop_app.storage.refresh_lock import lock_refreshes
from shop_app.storage.subjects import Subject, find_subject

_DONE = "Erased from every place listed; a second search found nothing."
_ERASED_BEFORE = "The person was erased before their data was handed out."
_CAME_BACK = "Something was told of this person in the meantime; it is erased again."
_UNREAD = "Waits for webhooks that are still to be read and name this person."
_SPOOLED = "Erased from the database; waits for the end of a backfill whose files may name this person."


def erase_person(shop_id: int, request_id: int, *, now: datetime) -> None:
    """Take the person of an open request out of every table; a second time finds nothing.

    Nobody writes facts or labels of the shop meanwhile, so what is on its way comes before, and is erased, or
    after, and meets the memory of hashes. The ledger has the erasure before the database does.
    """
    with transaction(shop_id) as connection:
        lock_refreshes(connection)
        fact_lock.hold(connection)
        request = privacy_requests.find(connection, shop_id, request_id)
        if request is None or request.state != "open":
            return
        named = subject_of(connection, shop_id, request.subject or {})
        subject = find_subject(connection, named).with_rows(named.rows)
        counts = forget_subject(connection, shop_id, subject, request, at=now)
        privacy_requests.keep_progress(
            connection,
            shop_id,
            request_id,
            subject=with_known(request.subject, subject),
            stores=Counter(request.stores) + Counter(counts),
        )


def forget_subject(
    connection: Connection, shop_id: int, subject: Subject, request: PrivacyRequest, *, at: datetime
) -> dict[str, int]:
    """Remember by hashes alone whom this is about, erase the rest, and return counts by table."""
    hashes = subject.hashes(shop_id)
    if not set(hashes) <= gone.list_erased_hashes(connection) or not request.stores:
        erasure_ledger.append(
            Entry(at, shops.domain_of(connection, shop_id), request.kind, request.request_key, tuple(hashes))
        )
    gone.remember_erased(connection, hashes, at=at)
    counts = personal_tables.erase(connection, shop_id, subject, at=at)
    asked = _forget_requests(connection, shop_id, set(hashes), at=at)
    return counts | ({"privacy_requests": asked} if asked else {})


def prove_erased(shop_id: int, request_id: int, swept: Swept, *, now: datetime) -> bool:
    """Search for the person again, and end the request where nothing is found; return whether it has ended."""
    with transaction(shop_id) as connection:
        request = privacy_requests.find(connection, shop_id, request_id)
        if request is None or request.state != "open":
            return True
        subject = subject_of(connection, shop_id, request.subject or {})
        hashes = frozenset(subject.hashes(shop_id))
        bodies = swept.count_of(hashes)
        stores = Counter(request.stores) + Counter({"webhook_inbox": bodies} if bodies else {})
        privacy_requests.keep_progress(connection, shop_id, request_id, subject=request.subject, stores=stores)
        if waits_for := _what_is_left(connection, shop_id, subject, swept):
            privacy_requests.say(connection, request_id, waits_for)
            return False
        state, outcome = ("done", _DONE) if stores.total() else ("void", NOTHING_HELD)
        privacy_requests.close(connection, request_id, state, at=now, outcome=outcome)
    return True


def _what_is_left(connection: Connection, shop_id: int, subject: Subject, swept: Swept) -> str:
    """Return what an erasure still waits for, "" where the person is nowhere to be found."""
    if find_subject(connection, subject).rows or personal_tables.count_traces(connection, subject):
        return _CAME_BACK
    if not swept.waiting.isdisjoint(subject.hashes(shop_id)):
        return _UNREAD
    return _SPOOLED if spool.holds(shop_id) else ""


def _forget_requests(
    connection: Connection, shop_id: int, hashes: set[tuple[str, bytes]], *, at: datetime
) -> int:
    """Forget who asked for their data, where it is this person; an open request of theirs is void."""
    count = 0
    for request in privacy_requests.list_named(connection, shop_id, DATA_REQUEST):
        asking = subject_of(connection, shop_id, request.subject or {})
        if not hashes.isdisjoint(asking.hashes(shop_id)):
            state = "void" if request.state == "open" else request.state
            outcome = _ERASED_BEFORE if request.state == "open" else request.outcome
            privacy_requests.close(connection, request.id, state, at=request.done_at or at, outcome=outcome)
            count += 1
    return count
