"""Who is erased here and still has something of ours at a destination: taken back there, then forgotten too."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from shop_app.storage import due_work

DUE = "push"


@dataclass(frozen=True, slots=True)
class Farewell:
    """One customer's document at one destination, which is to go."""

    id: int
    destination: str
    remote_id: str | None
    shopify_id: int | None
    document: dict[str, Any]
    owned: tuple[str, ...]
    asked_at: datetime
    attempts: int


def say(connection: Connection, shop_id: int, customer_ids: Sequence[int], *, at: datetime) -> int:
    """Note down what of these customers is to be taken back where; return how many documents that are.

    What a chunk under way may still write is as much theirs as what is known to have arrived.
    """
    states = connection.execute(
        text("""
            SELECT s.shop_id, s.destination, s.customer_id, s.remote_id, c.shopify_id, s.acknowledged, s.owned
            FROM push_states s LEFT JOIN customers c ON c.shop_id = s.shop_id AND c.id = s.customer_id
            WHERE s.customer_id = ANY(CAST(:ids AS bigint[]))
            ORDER BY s.destination, s.customer_id FOR UPDATE OF s"""),
        {"ids": list(customer_ids)},
    ).all()
    # Read after the states are held: from here on no chunk begins with any of them.
    sending = _under_way(connection, customer_ids)
    held = [
        (row, _both(row.acknowledged, sending.get((row.destination, row.customer_id))))
        for row in states
        if row.acknowledged is not None or row.owned or (row.destination, row.customer_id) in sending
    ]
    if held:
        connection.execute(
            text("""
                INSERT INTO farewells
                    (shop_id, destination, remote_id, shopify_id, document, owned, asked_at, next_at)
                VALUES (:shop_id, :destination, :remote_id, :shopify_id, CAST(:document AS jsonb), :owned,
                        :at, :at)"""),
            [{**row._asdict(), "document": json.dumps(document), "at": at} for row, document in held],
        )
        due_work.ensure_due(connection, shop_id, DUE, due_at=at)
    return len(held)


def _under_way(connection: Connection, customer_ids: Sequence[int]) -> dict[tuple[str, int], Any]:
    """Return what chunks under way bring customers to, by destination and customer."""
    rows = connection.execute(
        text("""
            SELECT j.destination, CAST(told ->> 'id' AS bigint) AS customer_id, told -> 'after' AS document
            FROM push_jobs j, jsonb_array_elements(j.rows) AS told
            WHERE j.customer_ids && CAST(:ids AS bigint[])
              AND CAST(told ->> 'id' AS bigint) = ANY(CAST(:ids AS bigint[]))"""),
        {"ids": list(customer_ids)},
    )
    return {(row.destination, row.customer_id): row.document for row in rows}


def _both(acknowledged: dict[str, Any] | None, sending: dict[str, Any] | None) -> dict[str, Any]:
    """Return every name and value that stands in either document."""
    merged = dict(acknowledged or {})
    for part, fresh in (sending or {}).items():
        there = merged.get(part) or type(fresh)()
        merged[part] = {**there, **fresh} if isinstance(fresh, dict) else sorted({*there, *fresh})
    return merged


def list_due(connection: Connection, destination: str, *, at: datetime, limit: int) -> list[Farewell]:
    """Return those that are to be tried now, the oldest first."""
    rows = connection.execute(
        text("""
            SELECT id, destination, remote_id, shopify_id, document, owned, asked_at, attempts FROM farewells
            WHERE destination = :destination AND next_at <= :at ORDER BY next_at, id LIMIT :limit"""),
        {"destination": destination, "at": at, "limit": limit},
    )
    return [Farewell(**{**row._asdict(), "owned": tuple(row.owned)}) for row in rows]


def done(connection: Connection, ids: Sequence[int]) -> None:
    """Forget these: the destination has confirmed, or knows nobody of that id."""
    connection.execute(text("DELETE FROM farewells WHERE id = ANY(CAST(:ids AS bigint[]))"), {"ids": list(ids)})


def postpone(connection: Connection, ids: Sequence[int], *, until: datetime, reason: str) -> None:
    """Try these again later, and say why they failed."""
    connection.execute(
        text("""
            UPDATE farewells SET attempts = attempts + 1, next_at = :until, reason = :reason
            WHERE id = ANY(CAST(:ids AS bigint[]))"""),
        {"ids": list(ids), "until": until, "reason": reason},
    )


def oldest(connection: Connection) -> dict[str, tuple[int, datetime]]:
    """Return by destination how many wait, and since when the oldest does."""
    rows = connection.execute(
        text("SELECT destination, count(*) AS waiting, min(asked_at) AS since FROM farewells GROUP BY 1")
    )
    return {row.destination: (row.waiting, row.since) for row in rows}
