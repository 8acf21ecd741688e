"""Who moved from which segment to which, and when: never rewritten."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text


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


def list_of_customer(connection: Connection, customer_id: int) -> list[MembershipChange]:
    """Return one customer's moves, newest first."""
    rows = connection.execute(
        text("""
            SELECT customer_id, from_segment, to_segment, changed_at FROM membership_changes
            WHERE customer_id = :customer_id ORDER BY id DESC"""),
        {"customer_id": customer_id},
    )
    return [MembershipChange(*row) for row in rows]
