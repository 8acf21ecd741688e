"""Who moved from which segment to which, and when: never rewritten."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import polars as pl
from sqlalchemy import Connection, text

from shop_app.storage.engine import read_frame


@dataclass(frozen=True, slots=True)
class MembershipChange:
    """One move; ``None`` stands for "not a customer of their own"."""

    customer_id: int
    from_segment: str | None
    to_segment: str | None
    changed_at: datetime


def record_moves(connection: Connection) -> int:
    """Keep the moves between the stored scores and the ones waiting in ``fresh_scores``; count them."""
    return connection.execute(
        text("""
            INSERT INTO membership_changes (shop_id, customer_id, from_segment, to_segment, changed_at)
            SELECT current_setting('app.shop_id')::bigint, fresh.customer_id, stored.segment, fresh.segment,
                   fresh.as_of
            FROM fresh_scores AS fresh
            LEFT JOIN customer_scores AS stored ON stored.customer_id = fresh.customer_id
            WHERE stored.segment IS DISTINCT FROM fresh.segment
            ORDER BY fresh.customer_id""")
    ).rowcount


def record_departures(connection: Connection, departed: Sequence[tuple[int, str]], *, at: datetime) -> None:
    """Keep that these people left their segment because they are no customer of their own any more."""
    if not departed:
        return
    connection.execute(
        text("""
            INSERT INTO membership_changes (shop_id, customer_id, from_segment, to_segment, changed_at)
            SELECT current_setting('app.shop_id')::bigint, gone.customer_id, gone.segment, NULL, :at
            FROM unnest(CAST(:ids AS bigint[]), CAST(:segments AS text[])) AS gone (customer_id, segment)
            ORDER BY gone.customer_id"""),
        {"ids": [item[0] for item in departed], "segments": [item[1] for item in departed], "at": at},
    )


def read_at(shop_id: int, moment: datetime) -> pl.DataFrame:
    """Return where everybody was just before a moment: ``customer_id``, ``settled_segment``, by customer."""
    until = f"'{moment.astimezone(UTC).isoformat()}'::timestamptz"
    return read_frame(
        shop_id,
        "SELECT DISTINCT ON (customer_id) customer_id, to_segment AS settled_segment FROM membership_changes "
        f"WHERE changed_at < {until} ORDER BY customer_id, id DESC",
    )[0]


def read_since(shop_id: int, moment: datetime) -> pl.DataFrame:
    """Return the moves after a moment, oldest first, as a frame with the fields of a change."""
    since = f"'{moment.astimezone(UTC).isoformat()}'::timestamptz"
    return read_frame(
        shop_id,
        "SELECT customer_id, from_segment, to_segment, changed_at FROM membership_changes "
        f"WHERE changed_at > {since} ORDER BY id",
    )[0]


def first_at(connection: Connection) -> datetime | None:
    """Return when the first of the moves was, or ``None`` without any."""
    moment: datetime | None = connection.execute(
        text("SELECT min(changed_at) FROM membership_changes")
    ).scalar_one()
    return moment


def list_of_customer(connection: Connection, customer_id: int) -> list[MembershipChange]:
    """Return one customer's moves, newest first."""
    rows = connection.execute(
        text("""
            SELECT customer_id, from_segment, to_segment, changed_at FROM membership_changes
            WHERE customer_id = :customer_id ORDER BY id DESC"""),
        {"customer_id": customer_id},
    )
    return [MembershipChange(*row) for row in rows]


def count_moves(connection: Connection, segment: str, *, since: datetime) -> dict[str | None, tuple[int, int]]:
    """Count who came to a segment and who left it after a moment, by the other segment (``None``: none).

    Somebody who came twice is one customer who came.
    """
    rows = connection.execute(
        text("""
            SELECT CASE WHEN to_segment = :segment THEN from_segment ELSE to_segment END AS other,
                   count(DISTINCT customer_id) FILTER (WHERE to_segment = :segment) AS came,
                   count(DISTINCT customer_id) FILTER (WHERE from_segment = :segment) AS went
            FROM membership_changes
            WHERE changed_at > :since AND (from_segment = :segment OR to_segment = :segment)
            GROUP BY 1 ORDER BY count(*) DESC"""),
        {"segment": segment, "since": since},
    )
    return {row.other: (row.came, row.went) for row in rows}
