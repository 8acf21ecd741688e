"""How much a shop holds, and what is odd about it: one row of counts for the health report."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

_PEOPLE = """
    SELECT count(DISTINCT person_id) AS people, count(*) AS customer_rows,
        (SELECT count(*) FROM (
            SELECT FROM customers WHERE deleted_at IS NULL GROUP BY person_id HAVING count(*) > 1
        ) split) AS split_people
    FROM customers WHERE deleted_at IS NULL"""

_ORDERS = """
    SELECT count(*) AS orders, count(*) FILTER (WHERE customer_id IS NULL) AS orders_of_nobody,
        min(processed_at) AS first_order_at, max(processed_at) AS last_order_at
    FROM orders WHERE processed_at <= :as_of"""

_BUYERS = """
    SELECT count(*) FILTER (WHERE order_count >= 1) AS buyers,
        count(*) FILTER (WHERE order_count >= 2) AS repeat_buyers
    FROM customer_scores"""

_RAW_BUYERS = """
    SELECT count(*) AS buyers, count(*) FILTER (WHERE orders >= 2) AS repeat_buyers
    FROM (
        SELECT count(*) AS orders FROM orders o JOIN customers c ON c.id = o.customer_id
        WHERE o.cancelled_at IS NULL AND o.test IS NOT TRUE AND o.processed_at <= :as_of
        GROUP BY c.person_id
    ) people"""

_REFUNDS = """
    SELECT count(*) FILTER (WHERE order_found_by = 'matched') AS refunds_matched,
        count(*) FILTER (WHERE order_found_by = 'none') AS refunds_of_no_order FROM refunds"""


@dataclass(frozen=True, slots=True)
class ShopCounts:
    """Counts of one shop, up to a moment where they have a date."""

    people: int
    customer_rows: int
    split_people: int
    orders: int
    orders_of_nobody: int
    first_order_at: datetime | None
    last_order_at: datetime | None
    lines: int
    buyers: int
    repeat_buyers: int
    refunds_matched: int
    refunds_of_no_order: int
    currencies: dict[str, int] = field(default_factory=dict)


def read_shop_counts(connection: Connection, *, as_of: datetime) -> ShopCounts:
    """Count the transaction's shop; buyers are the last refresh's, before the first those of the orders."""
    scored = connection.execute(text("SELECT EXISTS (SELECT FROM customer_scores)")).scalar_one()
    values = {"as_of": as_of}
    counts: dict[str, Any] = {}
    for query in (_PEOPLE, _ORDERS, _BUYERS if scored else _RAW_BUYERS, _REFUNDS):
        counts |= connection.execute(text(query), values).mappings().one()
    currencies = connection.execute(
        text("SELECT currency, count(*) AS n FROM orders GROUP BY currency ORDER BY n DESC, currency")
    )
    return ShopCounts(
        **counts,
        lines=connection.execute(text("SELECT count(*) FROM line_items")).scalar_one(),
        currencies={row.currency: row.n for row in currencies},
    )
