"""When orders were placed, by Shopify's number: what may be compared with Shopify, and what is out of sight."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, text


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
