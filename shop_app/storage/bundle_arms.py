"""Who could use an offer when it went live and who was left out of it, with what was expected of them then.

Kept once: whoever joins the segment later is not among those who are compared.
"""

from datetime import datetime

import polars as pl
from sqlalchemy import Connection, text

from shop_app.storage.engine import read_frame


def write(connection: Connection, bundle_id: int, segment: str, *, at: datetime) -> int:
    """Keep everybody of a segment with their arm and what is expected of them in 90 days; return how many.

    Those in the segment's control group are left out of the offer, everybody else can use it. ``predicted`` is
    expected orders times what one of theirs is worth, in minor units, null where nothing is expected yet.
    Assigned once, a customer stays where they are.
    """
    return connection.execute(
        text("""
            INSERT INTO bundle_arms (shop_id, bundle_id, customer_id, arm, assigned_at, predicted)
            SELECT s.shop_id, :bundle, s.customer_id, COALESCE(h.arm, 'treatment'), :at,
                   s.expected_orders_90d * COALESCE(s.spend_per_visit, s.average_order_value)
            FROM customer_scores s
            LEFT JOIN holdout_members h
                ON h.shop_id = s.shop_id AND h.segment = s.segment AND h.customer_id = s.customer_id
            WHERE s.segment = :segment ORDER BY s.customer_id
            ON CONFLICT (shop_id, bundle_id, customer_id) DO NOTHING"""),
        {"bundle": bundle_id, "segment": segment, "at": at},
    ).rowcount


def read(shop_id: int, bundle_id: int) -> pl.DataFrame:
    """Return ``customer_id``, ``arm``, ``predicted`` (Float64), by customer."""
    return read_frame(
        shop_id,
        f"SELECT customer_id, arm, predicted FROM bundle_arms WHERE bundle_id = {int(bundle_id)} "
        "ORDER BY customer_id",
    )[0]
