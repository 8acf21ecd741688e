"""Which of Shopify's numbers are here: counts and lists to hold against Shopify's own."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, text

_THERE = {
    "orders": "orders k WHERE k.shopify_id IS NOT NULL",
    "customers": (
        "customers k WHERE k.shopify_id IS NOT NULL AND k.deleted_at IS NULL AND k.merged_into_id IS NULL"
    ),
    "products": "catalogue_products k WHERE k.deleted_at IS NULL",
}
"""The rows that stand for something which is still there in Shopify."""

_BETWEEN = "k.shopify_id >= :low AND (CAST(:high AS bigint) IS NULL OR k.shopify_id < :high)"


def count_between(connection: Connection, name: str, low: int, high: int | None) -> int:
    """Return how many there are from one number on and below another (``None``: up to the last)."""
    return int(
        connection.execute(
            text(f"SELECT count(*) FROM {_THERE[name]} AND {_BETWEEN}"), {"low": low, "high": high}
        ).scalar_one()
    )


def list_between(connection: Connection, name: str, low: int, high: int | None) -> dict[int, datetime]:
    """Return the numbers in that range, with how new each row's facts are."""
    rows = connection.execute(
        text(f"SELECT k.shopify_id, k.fact_at FROM {_THERE[name]} AND {_BETWEEN} ORDER BY k.shopify_id"),
        {"low": low, "high": high},
    )
    return {row.shopify_id: row.fact_at for row in rows}


def middle_of(connection: Connection, name: str, low: int, high: int | None) -> int | None:
    """Return a number that parts the range in two halves, ``None`` where it holds too few to be parted."""
    count = count_between(connection, name, low, high)
    found = connection.execute(
        text(
            f"SELECT k.shopify_id FROM {_THERE[name]} AND {_BETWEEN} ORDER BY k.shopify_id OFFSET :half LIMIT 1"
        ),
        {"low": low, "high": high, "half": count // 2},
    ).scalar()
    return None if found is None or int(found) <= low else int(found)


def list_at(connection: Connection, name: str, ratios: Sequence[float], low: int) -> list[int]:
    """Return the numbers that lie at these parts of the way from ``low`` to the highest: a sample."""
    rows = connection.execute(
        text(f"""
            SELECT DISTINCT found.shopify_id
            FROM (SELECT GREATEST(min(k.shopify_id), :low) AS low, max(k.shopify_id) AS high
                  FROM {_THERE[name]}) ends
            CROSS JOIN unnest(CAST(:ratios AS double precision[])) AS ratio
            CROSS JOIN LATERAL (
                SELECT k.shopify_id FROM {_THERE[name]}
                  AND k.shopify_id >= ends.low + ((ends.high - ends.low) * ratio)::bigint
                ORDER BY k.shopify_id LIMIT 1
            ) found
            ORDER BY found.shopify_id"""),
        {"ratios": list(ratios), "low": low},
    )
    return list(rows.scalars())


def facts_at(connection: Connection, name: str, numbers: Sequence[int]) -> dict[int, datetime]:
    """Return how new the facts of each of these are."""
    rows = connection.execute(
        text(
            f"SELECT k.shopify_id, k.fact_at FROM {_THERE[name]} "
            "AND k.shopify_id = ANY(CAST(:numbers AS bigint[]))"
        ),
        {"numbers": list(numbers)},
    )
    return {row.shopify_id: row.fact_at for row in rows}


def first_order_since(connection: Connection, since: datetime) -> int:
    """Return the lowest number of an order that was placed from then on, 0 where there is none."""
    return int(
        connection.execute(
            text("SELECT COALESCE(min(shopify_id), 0) FROM orders WHERE processed_at >= :since"),
            {"since": since},
        ).scalar_one()
    )
