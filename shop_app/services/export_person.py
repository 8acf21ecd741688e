"""Everything that is held of one person, as one JSON document, written while it is read and kept nowhere."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import orjson

from shop_app.errors import KindredError, NotFoundError
from shop_app.services.describe_customer import describe_customer
from shop_app.services.erase_bodies import told_of
from shop_app.services.subject_words import subject_of
from shop_app.storage import held_bodies, personal_rows, personal_tables, privacy_requests, shops
from shop_app.storage.engine import Connection, transaction
from shop_app.storage.privacy_requests import DATA_REQUEST, PrivacyRequest
from shop_app.storage.subjects import Subject, find_subject

Named = Mapping[str, Any]

_TABLES = (
    "customers", "orders", "refunds", "checkouts", "customer_scores", "membership_changes", "push_states",
    "push_rows", "holdout_members", "bundle_arms", "email_engagement", "access_log",
)  # fmt: skip
_ABOUT = (
    "Everything that this app holds of one person: their customer rows with consent, orders with lines and "
    "refunds, carts and checkouts, figures, segment with the reason and the data it rests on, moves between "
    "segments, what destinations were told of them and hold (push_states, with what is held back and why; "
    "push_rows for each change), control groups, offers they could use or were left out of (bundle_arms), "
    "e-mails received, opened and clicked in by day, webhooks still held, who of the shop looked at them, and "
    "their requests. Amounts are whole minor units (cents) of the currency beside them; times are ISO 8601."
)
_BODIES_AT_ONCE = 200


def get_request(shop_id: int, request_id: int) -> PrivacyRequest:
    """Return a request for data that can still be answered, or raise :class:`NotFoundError`."""
    with transaction(shop_id) as connection:
        request = privacy_requests.find(connection, shop_id, request_id)
    if request is None or request.kind != DATA_REQUEST or request.subject is None:
        raise NotFoundError("There is no such request, or whom it was about is forgotten by now.")
    return request


def hand_out(shop_id: int, request_id: int, *, now: datetime) -> None:
    """Note that the merchant has fetched the data of a request, and how much that was by table."""
    with transaction(shop_id) as connection:
        request = privacy_requests.find(connection, shop_id, request_id)
        if request is not None and request.subject is not None:
            subject = _subject(connection, shop_id, request.subject)
            privacy_requests.keep_progress(
                connection,
                shop_id,
                request_id,
                subject=request.subject,
                stores=personal_tables.count_traces(connection, subject),
            )
        privacy_requests.hand_out(connection, request_id, at=now)


def export_person(shop_id: int, named: Named, *, now: datetime) -> Iterator[str]:
    """Yield the pieces of a JSON document with all that is held of the person who is named.

    ``named`` is what a request keeps: ``id``, ``email``, ``phone``, ``orders``. All of it is read in one
    transaction, so that it is one answer of one moment.
    """
    with transaction(shop_id) as connection:
        subject = _subject(connection, shop_id, named)
        yield from _document(_parts(connection, shop_id, named, subject, now=now))


def _subject(connection: Connection, shop_id: int, named: Named) -> Subject:
    return find_subject(connection, subject_of(connection, shop_id, named))


def _parts(
    connection: Connection, shop_id: int, named: Named, subject: Subject, *, now: datetime
) -> Iterator[tuple[str, Any]]:
    yield "about", _ABOUT
    yield "shop", shops.domain_of(connection, shop_id)
    yield "as_of", now
    yield "asked_for", {name: named.get(name) for name in ("id", "email", "phone", "orders")}
    yield "segments", [_segment(shop_id, row_id, now) for row_id in sorted(subject.rows)]
    for table in _TABLES:
        yield table, personal_rows.iter_rows(connection, shop_id, table, subject)
    yield "order_lines", personal_rows.iter_lines(connection, subject)
    yield "webhooks", _webhooks(connection, shop_id, subject)
    yield "privacy_requests", _requests(connection, shop_id, subject)


def _segment(shop_id: int, row_id: int, now: datetime) -> dict[str, Any]:
    """Say in words where the person belongs and why, and on what data that rests."""
    try:
        story = describe_customer(shop_id, row_id, as_of=now)
    except KindredError as error:
        return {"customer_id": row_id, "segment": None, "reason": str(error)}
    return {
        "customer_id": row_id,
        "person_id": story.customer_id,
        "segment": story.segment_name,
        "since": story.segment_since,
        "as_of": story.as_of,
        "reason": story.reason,
        "marks": [asdict(mark) for mark in story.marks],
        "data_used": {
            "recency_days": story.recency_days,
            "order_count": story.order_count,
            "total_spent": story.total_spent,
            "currency": story.currency,
            "orders_that_do_not_count": {order.name: order.words for order in story.orders if order.words},
        },
    }


def _webhooks(connection: Connection, shop_id: int, subject: Subject) -> Iterator[dict[str, Any]]:
    hashes, after = set(subject.hashes(shop_id)), 0
    while held := held_bodies.list_after(connection, shop_id, after=after, limit=_BODIES_AT_ONCE):
        for each in held:
            if not hashes.isdisjoint(told_of(each, shop_id)):
                yield {
                    "topic": each.topic,
                    "received_at": each.received_at,
                    "state": each.state,
                    "body": _read(each.body),
                }
        after = held[-1].id


def _read(body: bytes) -> object:
    try:
        read: object = orjson.loads(body)
    except orjson.JSONDecodeError:
        return body.decode(errors="replace")
    return read


def _requests(connection: Connection, shop_id: int, subject: Subject) -> Iterator[dict[str, Any]]:
    hashes = set(subject.hashes(shop_id))
    for request in privacy_requests.list_named(connection, shop_id, DATA_REQUEST):
        asking = subject_of(connection, shop_id, request.subject or {})
        if not hashes.isdisjoint(asking.hashes(shop_id)):
            yield {
                "kind": request.kind,
                "received_at": request.received_at,
                "due_at": request.due_at,
                "state": request.state,
                "handed_out_at": request.handed_out_at,
            }


def _document(parts: Iterable[tuple[str, Any]]) -> Iterator[str]:
    """Write an object of values and of lists, row by row."""
    for number, (name, value) in enumerate(parts):
        yield ("{\n" if number == 0 else ",\n") + json.dumps(name) + ": "
        if isinstance(value, Iterator):
            yield from _list(value)
        else:
            yield _json(value)
    yield "\n}\n"


def _list(rows: Iterator[Any]) -> Iterator[str]:
    yield "["
    for number, row in enumerate(rows):
        yield (",\n  " if number else "\n  ") + _json(row)
    yield "]"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, tuple | set | frozenset):
        return list(value)
    raise TypeError(f"{type(value).__name__} is no value for JSON")
