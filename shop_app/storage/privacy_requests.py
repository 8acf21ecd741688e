"""What people and shops have asked us to hand out or to forget, and what became of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from shop_app.storage.encryption import open_sealed, seal

DATA_REQUEST, CUSTOMER_REDACT, SHOP_REDACT = "data_request", "customer_redact", "shop_redact"

_COLUMNS = """id, kind, origin, request_key, subject, requested_at, received_at, due_at, state, done_at, stores,
    outcome, handed_out_at"""


@dataclass(frozen=True, slots=True)
class PrivacyRequest:
    """One request; ``subject`` is what names the person, ``None`` once that is forgotten.

    ``stores`` counts by place what was held of them: erased, or handed out.
    """

    id: int
    kind: str
    origin: str
    request_key: bytes
    subject: dict[str, Any] | None
    requested_at: datetime
    received_at: datetime
    due_at: datetime
    state: str
    done_at: datetime | None
    stores: dict[str, int]
    outcome: str
    handed_out_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewRequest:
    """A request as it comes in; equal keys of one kind are one request."""

    kind: str
    origin: str
    request_key: bytes
    subject: Mapping[str, Any] | None
    received_at: datetime
    due_at: datetime


def record(connection: Connection, shop_id: int, new: NewRequest) -> int | None:
    """Keep a request and return its id, or ``None`` where it is here already."""
    found: int | None = connection.execute(
        text("""
            INSERT INTO privacy_requests
                (shop_id, kind, origin, request_key, subject, requested_at, received_at, due_at)
            VALUES (:shop, :kind, :origin, :key, :subject, :at, :at, :due)
            ON CONFLICT (shop_id, kind, request_key) DO NOTHING RETURNING id"""),
        {
            "shop": shop_id,
            "kind": new.kind,
            "origin": new.origin,
            "key": new.request_key,
            "subject": None if new.subject is None else _sealed(shop_id, new.subject),
            "at": new.received_at,
            "due": new.due_at,
        },
    ).scalar_one_or_none()
    return found


def find(connection: Connection, shop_id: int, request_id: int) -> PrivacyRequest | None:
    """Return one request, or ``None``; it stays locked to the transaction's end."""
    row = connection.execute(
        text(f"SELECT {_COLUMNS} FROM privacy_requests WHERE id = :id FOR UPDATE"), {"id": request_id}
    ).one_or_none()
    return None if row is None else _readable(shop_id, **row._asdict())


def list_open(connection: Connection, shop_id: int, *kinds: str) -> list[PrivacyRequest]:
    """Return what is still to be done of these kinds, the oldest first."""
    rows = connection.execute(
        text(f"""
            SELECT {_COLUMNS} FROM privacy_requests
            WHERE state = 'open' AND kind = ANY(CAST(:kinds AS text[])) ORDER BY received_at, id"""),
        {"kinds": list(kinds)},
    )
    return [_readable(shop_id, **row._asdict()) for row in rows]


def list_named(connection: Connection, shop_id: int, kind: str) -> list[PrivacyRequest]:
    """Return the requests of a kind that still say whom they are about."""
    rows = connection.execute(
        text(f"SELECT {_COLUMNS} FROM privacy_requests WHERE kind = :kind AND subject IS NOT NULL"),
        {"kind": kind},
    )
    return [_readable(shop_id, **row._asdict()) for row in rows]


def list_newest(connection: Connection, shop_id: int, *, limit: int) -> list[PrivacyRequest]:
    """Return what was asked last, open requests before the others."""
    rows = connection.execute(
        text(f"""
            SELECT {_COLUMNS} FROM privacy_requests
            ORDER BY state <> 'open', received_at DESC, id DESC LIMIT :limit"""),
        {"limit": limit},
    )
    return [_readable(shop_id, **row._asdict()) for row in rows]


def count_open(connection: Connection, *, before: datetime) -> int:
    """Return how many requests have been open since before this moment."""
    return int(
        connection.execute(
            text("SELECT count(*) FROM privacy_requests WHERE state = 'open' AND received_at < :before"),
            {"before": before},
        ).scalar_one()
    )


def keep_progress(
    connection: Connection,
    shop_id: int,
    request_id: int,
    *,
    subject: Mapping[str, Any] | None,
    stores: Mapping[str, int],
) -> None:
    """Keep what is known by now of an open request: whom it leads to, and what was erased so far."""
    connection.execute(
        text("""
            UPDATE privacy_requests SET subject = :subject, stores = CAST(:stores AS jsonb) WHERE id = :id"""),
        {
            "id": request_id,
            "subject": None if subject is None else _sealed(shop_id, subject),
            "stores": json.dumps(dict(stores)),
        },
    )


def close(
    connection: Connection, request_id: int, state: str, *, at: datetime, outcome: str, forget: bool = True
) -> None:
    """End a request as ``done`` or ``void``; whom it was about is forgotten with it, if asked."""
    connection.execute(
        text("""
            UPDATE privacy_requests SET state = :state, done_at = :at, outcome = :outcome,
                subject = CASE WHEN :forget THEN NULL ELSE subject END
            WHERE id = :id"""),
        {"id": request_id, "state": state, "at": at, "outcome": outcome, "forget": forget},
    )


def say(connection: Connection, request_id: int, outcome: str) -> None:
    """Say of an open request what it waits for."""
    connection.execute(
        text("UPDATE privacy_requests SET outcome = :outcome WHERE id = :id"),
        {"id": request_id, "outcome": outcome},
    )


def hand_out(connection: Connection, request_id: int, *, at: datetime) -> None:
    """Note that the merchant fetched what was asked for; an open request is done by that."""
    connection.execute(
        text("""
            UPDATE privacy_requests SET handed_out_at = :at,
                done_at = CASE WHEN state = 'open' THEN :at ELSE done_at END,
                outcome = CASE WHEN state = 'open' THEN 'Handed to the merchant.' ELSE outcome END,
                state = CASE WHEN state = 'open' THEN 'done' ELSE state END
            WHERE id = :id"""),
        {"id": request_id, "at": at},
    )


def forget_subjects(connection: Connection, *, done_before: datetime) -> int:
    """Forget whom requests were about that ended before this moment; count them."""
    return connection.execute(
        text("""
            UPDATE privacy_requests SET subject = NULL
            WHERE subject IS NOT NULL AND state <> 'open' AND done_at < :before"""),
        {"before": done_before},
    ).rowcount


def _sealed(shop_id: int, subject: Mapping[str, Any]) -> bytes:
    return seal(json.dumps(dict(subject)), table="privacy_requests", column="subject", shop_id=shop_id)


def _readable(shop_id: int, **values: Any) -> PrivacyRequest:  # noqa: ANN401 (a row's columns)
    sealed = values.pop("subject")
    subject = None
    if sealed is not None:
        subject = json.loads(
            open_sealed(bytes(sealed), table="privacy_requests", column="subject", shop_id=shop_id)
        )
    return PrivacyRequest(subject=subject, **values | {"request_key": bytes(values["request_key"])})
