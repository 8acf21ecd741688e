"""How many customers stand how at a destination, and what a push holds, counted for people."""

from datetime import datetime

from sqlalchemy import Connection, text


def count_open(connection: Connection, destination: str) -> dict[str, int]:
    """Return how many customers are in each state but settled; no entry for an empty one."""
    rows = connection.execute(
        text("""
            SELECT state, count(*) AS customers FROM push_states
            WHERE destination = :destination AND state <> 'settled' GROUP BY 1"""),
        {"destination": destination},
    )
    return {row.state: row.customers for row in rows}


def count_guards(connection: Connection, destination: str) -> dict[str, int]:
    """Return by kind of guard how many customers it keeps something from there, the most first."""
    rows = connection.execute(
        text("""
            SELECT guard ->> 'kind' AS kind, count(*) AS customers
            FROM push_states, jsonb_array_elements(guards) AS guard
            WHERE destination = :destination AND guards <> '[]' GROUP BY 1 ORDER BY 2 DESC, 1"""),
        {"destination": destination},
    )
    return {row.kind: row.customers for row in rows}


def may_flow_since(
    connection: Connection, destination: str, *, acknowledged_at: datetime | None
) -> datetime | None:
    """Return since when the longest waiting customer might have been sent; ``None``: nobody waits.

    Customers of a plan that a person approved may be sent since then, and are in time as long as the other side
    still confirms others.
    """
    moment: datetime | None = connection.execute(
        text("""
            SELECT min(CASE WHEN p.kind = 'plan'
                            THEN GREATEST(s.changed_at, p.decided_at, CAST(:acknowledged AS timestamptz))
                            ELSE s.changed_at END)
            FROM push_states s LEFT JOIN pushes p ON p.shop_id = s.shop_id AND p.id = s.push_id
            WHERE s.destination = :destination AND s.state IN ('waiting', 'ready')"""),
        {"destination": destination, "acknowledged": acknowledged_at},
    ).scalar_one()
    return moment


def list_parts(connection: Connection, push_id: int) -> list[str]:
    """Return which parts of the documents of a push are lists of names, such as tags."""
    rows = connection.execute(
        text("""
            SELECT DISTINCT part.key FROM push_rows,
                jsonb_each(COALESCE(before, '{}') || COALESCE(after, '{}')) AS part
            WHERE push_id = :id AND jsonb_typeof(part.value) = 'array' ORDER BY 1"""),
        {"id": push_id},
    )
    return list(rows.scalars())


def count_foreign_tags(connection: Connection, push_id: int) -> int:
    """Return how many tags the customers of a push carry that we never wrote."""
    count: int = connection.execute(
        text("""
            SELECT count(*) FROM push_rows r JOIN pushes p ON p.shop_id = r.shop_id AND p.id = r.push_id
            JOIN customers c ON c.shop_id = r.shop_id AND c.id = r.customer_id
            LEFT JOIN push_states s ON s.shop_id = r.shop_id AND s.customer_id = r.customer_id
              AND s.destination = p.destination
            CROSS JOIN unnest(c.tags) AS tag
            WHERE r.push_id = :id AND tag <> ALL(COALESCE(s.written, '{}'))"""),
        {"id": push_id},
    ).scalar_one()
    return count


def holds_any(connection: Connection, destination: str) -> bool:
    """Tell whether anything of ours is known to be at a destination."""
    return bool(
        connection.execute(
            text("""
                SELECT EXISTS (SELECT FROM push_states WHERE destination = :destination
                               AND (acknowledged IS NOT NULL OR cardinality(owned) > 0))"""),
            {"destination": destination},
        ).scalar_one()
    )
