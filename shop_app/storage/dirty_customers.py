"""Customers whose facts have changed since their labels were worked out."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, text

_SHOP = "current_setting('app.shop_id')::bigint"


@dataclass(frozen=True, slots=True)
class Dirty:
    """One customer row; ``mark`` grows each time it is marked anew."""

    customer_id: int
    mark: int


def mark(connection: Connection, query: str) -> None:
    """Mark every customer id that a query of ours returns (nothing for null)."""
    connection.execute(
        text(f"""
            INSERT INTO dirty_customers (shop_id, customer_id, mark)
            SELECT {_SHOP}, found.id, nextval('dirty_marks')
            FROM (SELECT DISTINCT id FROM ({query}) AS all_found (id) WHERE id IS NOT NULL ORDER BY id) found
            ON CONFLICT (shop_id, customer_id) DO UPDATE SET mark = EXCLUDED.mark""")
    )


def mark_ids(connection: Connection, customer_ids: Sequence[int]) -> None:
    """Mark these customers."""
    connection.execute(
        text(f"""
            INSERT INTO dirty_customers (shop_id, customer_id, mark)
            SELECT {_SHOP}, id, nextval('dirty_marks')
            FROM (SELECT DISTINCT id FROM unnest(CAST(:ids AS bigint[])) AS id ORDER BY id) found
            ON CONFLICT (shop_id, customer_id) DO UPDATE SET mark = EXCLUDED.mark"""),
        {"ids": list(customer_ids)},
    )


def list_oldest(connection: Connection, limit: int) -> list[Dirty]:
    """Return who has waited longest."""
    rows = connection.execute(
        text("SELECT customer_id, mark FROM dirty_customers ORDER BY mark LIMIT :limit"), {"limit": limit}
    )
    return [Dirty(row.customer_id, row.mark) for row in rows]


def clean(connection: Connection, done: Sequence[Dirty]) -> None:
    """Take these off the list, but for those that were marked anew in the meantime."""
    connection.execute(
        text("""
            DELETE FROM dirty_customers d
            USING unnest(CAST(:ids AS bigint[]), CAST(:marks AS bigint[])) AS done (customer_id, mark)
            WHERE d.customer_id = done.customer_id AND d.mark = done.mark"""),
        {"ids": [each.customer_id for each in done], "marks": [each.mark for each in done]},
    )


def has_any(connection: Connection) -> bool:
    """Tell whether there are customers whose labels are to be worked out anew."""
    return bool(connection.execute(text("SELECT EXISTS (SELECT FROM dirty_customers)")).scalar_one())
