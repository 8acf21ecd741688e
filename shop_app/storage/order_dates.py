"""When orders were placed: what may be compared with Shopify, what is out of sight, who ordered lately."""

from collections.abc import Sequence
from datetime import UTC, datetime

import polars as pl
from sqlalchemy import Connection, text

from shop_app.storage.engine import read_frame


def list_since(connection: Connection, shopify_ids: Sequence[int], *, since: datetime | None) -> list[int]:
    """Return which of these orders we know and were placed from then on (``None``: whenever)."""
    rows = connection.execute(
        text("""
            SELECT shopify_id FROM orders
            WHERE shopify_id = ANY(CAST(:numbers AS bigint[]))
              AND (CAST(:since AS timestamptz) IS NULL OR processed_at >= :since)
            ORDER BY shopify_id"""),
        {"numbers": list(shopify_ids), "since": since},
    )
    return list(rows.scalars())


def newest_of(connection: Connection, customer_ids: Sequence[int], *, until: datetime) -> datetime | None:
    """Return when an order of these customers was last placed, cancelled or refunded, up to a moment."""
    found = connection.execute(
        text("""
            WITH rows AS (
                SELECT id FROM customers WHERE person_id IN (
                    SELECT person_id FROM customers WHERE id = ANY(CAST(:ids AS bigint[])))
            ), theirs AS (SELECT id, processed_at, cancelled_at FROM orders WHERE customer_id IN (TABLE rows))
            SELECT max(at) FROM (
                SELECT processed_at AS at FROM theirs
                UNION ALL SELECT cancelled_at FROM theirs
                UNION ALL SELECT refunded_at FROM refunds WHERE order_id IN (SELECT id FROM theirs)
                UNION ALL SELECT refunded_at FROM refunds
                    WHERE order_id IS NULL AND customer_id IN (TABLE rows)
            ) AS happened WHERE at <= :until"""),
        {"ids": list(customer_ids), "until": until},
    ).scalar()
    return found if isinstance(found, datetime) else None


def read_order_days(shop_id: int, *, since: datetime) -> pl.DataFrame:
    """Return ``customer_id`` (the person) and ``happened_at`` of every order after a moment."""
    after = f"'{since.astimezone(UTC).isoformat()}'::timestamptz"
    return read_frame(
        shop_id,
        "SELECT c.person_id AS customer_id, o.processed_at AS happened_at FROM orders o "
        "JOIN customers c ON c.shop_id = o.shop_id AND c.id = o.customer_id "
        f"WHERE o.processed_at > {after} ORDER BY o.id",
    )[0]
