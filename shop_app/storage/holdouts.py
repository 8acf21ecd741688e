"""Control groups: who is left out of a segment's campaigns since when, and when the others were reached."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, text

_SHOP = "current_setting('app.shop_id')::bigint"


def assign(connection: Connection, members: Sequence[tuple[str, int, str]], *, at: datetime) -> None:
    """Keep the arm (``control``, ``treatment``) of customers in segments; an arm that is kept stays.

    ``members`` are segment, customer and arm.
    """
    connection.execute(
        text(f"""
            INSERT INTO holdout_members (shop_id, segment, customer_id, arm, assigned_at)
            SELECT {_SHOP}, segment, id, arm, :at
            FROM unnest(CAST(:segments AS text[]), CAST(:ids AS bigint[]), CAST(:arms AS text[]))
                 AS given (segment, id, arm) ORDER BY segment, id
            ON CONFLICT (shop_id, segment, customer_id) DO NOTHING"""),
        {
            "at": at,
            "segments": [segment for segment, _, _ in members],
            "ids": [customer_id for _, customer_id, _ in members],
            "arms": [arm for _, _, arm in members],
        },
    )


def note_exposed(connection: Connection, segments: Sequence[str], ids: Sequence[int], *, at: datetime) -> None:
    """Note down when treated customers were first reached by a label: one segment for each id."""
    connection.execute(
        text("""
            UPDATE holdout_members h SET exposed_at = :at
            FROM unnest(CAST(:segments AS text[]), CAST(:ids AS bigint[])) AS given (segment, id)
            WHERE h.segment = given.segment AND h.customer_id = given.id AND h.arm = 'treatment'
              AND h.exposed_at IS NULL"""),
        {"segments": list(segments), "ids": list(ids), "at": at},
    )


def arms_of(connection: Connection, ids: Sequence[int]) -> dict[tuple[str, int], str]:
    """Return the kept arms of these customers, by segment and customer."""
    rows = connection.execute(
        text("""
            SELECT segment, customer_id, arm FROM holdout_members
            WHERE customer_id = ANY(CAST(:ids AS bigint[]))"""),
        {"ids": list(ids)},
    )
    return {(row.segment, row.customer_id): row.arm for row in rows}


def count(connection: Connection) -> dict[str, dict[str, int]]:
    """Return by segment how many customers are in each arm."""
    rows = connection.execute(
        text("SELECT segment, arm, count(*) AS customers FROM holdout_members GROUP BY 1, 2")
    )
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row.segment, {})[row.arm] = row.customers
    return found
