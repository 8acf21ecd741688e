"""What people are, apart from what they buy: where they live, and their tags; for audits only."""

import polars as pl

from shop_app.storage.engine import read_frame


def read_traits(shop_id: int) -> pl.DataFrame:
    """Return ``customer_id`` (the person), ``country`` and ``tags`` of each person's own row, by customer."""
    return read_frame(
        shop_id,
        "SELECT id AS customer_id, country, tags FROM customers WHERE id = person_id AND deleted_at IS NULL "
        "ORDER BY id",
    )[0]
