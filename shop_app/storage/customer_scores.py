"""Each customer's newest features and label: written as a frame, read by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
from sqlalchemy import Connection, text

from shop_app.storage import membership_changes
from shop_app.storage.engine import copy_frame, read_frame

FEATURE_COLUMNS = (
    "order_count", "total_spent", "first_order_at", "last_order_at", "recency_days", "tenure_days",
    "average_order_value", "order_value_deviation", "interval_mean_days", "interval_median_days",
    "interval_trend_ratio", "discount_share_ratio", "refund_rate_ratio", "items_per_order", "category_count",
    "category_diversity_ratio", "top_category", "top_category_share_ratio", "usual_hour", "usual_weekday",
    "first_product_id", "channel", "signup_source", "repeat_count", "spend_per_visit", "discount_depth_ratio",
)  # fmt: skip
"""What is kept of the features; some serve the predictions only, and are worked out when they are needed."""
PREDICTION_COLUMNS = (
    "expected_orders_90d", "order_probability_90d", "churn_probability_90d", "predicted_clv_365d",
    "predicted_clv_365d_low", "predicted_clv_365d_high", "next_order_from", "next_order_to", "send_hour",
    "send_weekday", "price_sensitivity_index", "usual_gap_days", "cadence_drift_ratio", "affinity_category",
    "affinity_ratio",
)  # fmt: skip
SIGNAL_COLUMNS = (
    "checkouts_abandoned_90d", "abandoned_value_90d", "last_checkout_days", "is_member", "email_clicks_30d",
    "last_click_days",
)  # fmt: skip
MARK_COLUMNS = ("recency_mark", "frequency_mark", "monetary_mark")
LABEL_COLUMNS = (
    "segment", "rfm_group", "settled_segment", "fit_id", "margin", "is_outlier", "own_segments",
)  # fmt: skip
SCORE_COLUMNS = (
    "customer_id", "as_of", *LABEL_COLUMNS, *FEATURE_COLUMNS, *MARK_COLUMNS, *PREDICTION_COLUMNS,
    *SIGNAL_COLUMNS,
)  # fmt: skip
"""What a frame of scores holds; ``segment_since`` is kept by the write itself.

``segment`` is the published one, ``settled_segment`` the one at the last shop-local midnight, ``own_segments``
the merchant's own as text (``{big-tea,gift-givers}``).
"""

_ROW_COLUMNS = """customer_id, segment, rfm_group, order_count, total_spent, last_order_at, recency_days,
    average_order_value, recency_mark, frequency_mark, monetary_mark, churn_probability_90d,
    predicted_clv_365d, is_outlier"""
_SORTS = {"spent": "total_spent", "recent": "last_order_at", "orders": "order_count"}
_DESCENDING = {"last_order_at": "DESC NULLS LAST"}  # exactly as in the indexes, or they are not used
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Written:
    """How many rows a write changed, and how many customers it moved to another segment."""

    row_count: int
    moved_count: int


def write(
    connection: Connection, scores: pl.DataFrame, *, as_of: datetime, of: Sequence[int] | None
) -> Written:
    """Bring the stored scores to this frame.

    ``of`` names the people the frame was made for (``None``: everybody). Those of them without a row in the
    frame are no customer of their own any more and go. Rows that are equal already stay untouched. Moves
    between segments are kept in ``membership_changes``.
    """
    connection.execute(
        text(f"""
            CREATE TEMP TABLE fresh_scores ON COMMIT DROP AS
            SELECT {", ".join(SCORE_COLUMNS)} FROM customer_scores WITH NO DATA""")
    )
    copy_frame(connection, scores.select(SCORE_COLUMNS), "fresh_scores")
    connection.execute(text("ANALYZE fresh_scores (customer_id)"))
    departed = _delete_departed(connection, of)
    membership_changes.record_departures(connection, departed, at=as_of)
    moved = membership_changes.record_moves(connection)
    written = _upsert(connection)
    connection.execute(text("DROP TABLE fresh_scores"))
    return Written(written + len(departed), moved + len(departed))


def forget_after(connection: Connection, moment: datetime, *, of: Sequence[int] | None) -> None:
    """Unmake what these customers' scores and moves say of a later time than this one.

    It happens where a file is taken in whose orders end earlier than the shop was looked at from before.
    """
    whom = "" if of is None else "AND customer_id = ANY(CAST(:ids AS bigint[]))"
    values = {"moment": moment} | ({} if of is None else {"ids": list(of)})
    connection.execute(text(f"DELETE FROM customer_scores WHERE as_of > :moment {whom}"), values)
    connection.execute(text(f"DELETE FROM membership_changes WHERE changed_at > :moment {whom}"), values)


def read_all(shop_id: int) -> pl.DataFrame:
    """Return every customer's newest scores as a frame, by customer."""
    columns = ", ".join((*SCORE_COLUMNS, "segment_since"))
    return read_frame(shop_id, f"SELECT {columns} FROM customer_scores ORDER BY customer_id")[0]


def read_standing(shop_id: int, customer_ids: Sequence[int] | None) -> pl.DataFrame:
    """Return ``customer_id``, ``segment``, ``settled_segment`` and ``as_of`` of what is stored, by customer."""
    whom = "true"
    if customer_ids is not None:
        whom = f"customer_id = ANY('{{{','.join(str(int(each)) for each in customer_ids)}}}'::bigint[])"
    return read_frame(
        shop_id,
        "SELECT customer_id, segment, settled_segment, as_of FROM customer_scores "
        f"WHERE {whom} ORDER BY customer_id",
    )[0]


def read_columns(shop_id: int, columns: Sequence[str]) -> pl.DataFrame:
    """Return some of the stored columns of everybody, by customer; columns are names of ours."""
    if unknown := set(columns) - set(SCORE_COLUMNS):
        raise ValueError(f"there is no column {', '.join(sorted(unknown))}")
    wanted = ", ".join(dict.fromkeys(("customer_id", *columns)))
    return read_frame(shop_id, f"SELECT {wanted} FROM customer_scores ORDER BY customer_id")[0]


def count(connection: Connection) -> int:
    """Return how many people have a label."""
    people: int = connection.execute(text("SELECT count(*) FROM customer_scores")).scalar_one()
    return people


def has_buyers(connection: Connection) -> bool:
    """Tell whether anybody has an order that counts."""
    return bool(
        connection.execute(
            text("SELECT EXISTS (SELECT FROM customer_scores WHERE order_count > 0)")
        ).scalar_one()
    )


def count_own(connection: Connection) -> dict[str, int]:
    """Return how many customers each of the merchant's own segments holds; no entry for an empty one."""
    rows = connection.execute(
        text("""
            SELECT slug, count(*) AS customers FROM customer_scores, unnest(own_segments) AS slug
            WHERE own_segments IS NOT NULL GROUP BY slug""")
    )
    return {row.slug: row.customers for row in rows}


def find(connection: Connection, customer_id: int) -> dict[str, Any] | None:
    """Return one customer's newest scores by column name, or ``None`` before the first run."""
    row = connection.execute(
        text(f"""
            SELECT {", ".join((*SCORE_COLUMNS, "segment_since"))}
            FROM customer_scores WHERE customer_id = :customer_id"""),
        {"customer_id": customer_id},
    ).one_or_none()
    return row._asdict() if row else None


def read_some(connection: Connection, customer_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Return all that is stored of these customers, by customer; nothing for one without a label."""
    rows = connection.execute(
        text(f"""
            SELECT {", ".join((*SCORE_COLUMNS, "segment_since"))} FROM customer_scores
            WHERE customer_id = ANY(CAST(:ids AS bigint[]))"""),
        {"ids": list(customer_ids)},
    )
    return {row.customer_id: row._asdict() for row in rows}


def newest_as_of(connection: Connection, customer_ids: Sequence[int] | None) -> datetime | None:
    """Return the latest moment that a score of these customers (of anybody for ``None``) is true for."""
    whom = "true" if customer_ids is None else "customer_id = ANY(CAST(:ids AS bigint[]))"
    moment: datetime | None = connection.execute(
        text(f"SELECT max(as_of) FROM customer_scores WHERE {whom}"),
        {} if customer_ids is None else {"ids": list(customer_ids)},
    ).scalar_one()
    return moment


def list_in_segment(
    connection: Connection,
    *,
    segment: str | None = None,
    rfm_group: str | None = None,
    cell: tuple[int, int] | None = None,
    sort: str = "spent",
    after: tuple[int | None, int] | None = None,
    limit: int = 50,
) -> list[dict[str, Any]]:
    """Return the next page of customers of one segment or RFM group (all for ``None``), the greatest first.

    ``cell`` is a field of the recency and value grid, ``after`` the sort value and the id of the last row
    shown: money, order count, or microseconds since 1970 (``None``: never ordered).
    """
    column = _SORTS[sort]
    conditions, values = _conditions(segment, cell, rfm_group)
    if after is not None:
        condition, bound = _past(column, after)
        conditions.append(condition)
        values |= bound
    rows = connection.execute(
        text(f"""
            SELECT {_ROW_COLUMNS} FROM customer_scores
            WHERE {" AND ".join(conditions) or "true"}
            ORDER BY {column} {_DESCENDING.get(column, "DESC")}, customer_id LIMIT :limit"""),
        values | {"limit": limit},
    )
    return [row._asdict() for row in rows]


def list_after(
    connection: Connection, *, segment: str | None, after_id: int, limit: int
) -> list[dict[str, Any]]:
    """Return the next customers by id with all that is stored of them: one segment's, or everybody's."""
    conditions, values = _conditions(segment, None)
    conditions.append("customer_id > :after_id")
    rows = connection.execute(
        text(f"""
            SELECT {", ".join((*SCORE_COLUMNS, "segment_since"))} FROM customer_scores
            WHERE {" AND ".join(conditions)} ORDER BY customer_id LIMIT :limit"""),
        values | {"after_id": after_id, "limit": limit},
    )
    return [row._asdict() for row in rows]


def _conditions(
    segment: str | None, cell: tuple[int, int] | None, rfm_group: str | None = None
) -> tuple[list[str], dict[str, Any]]:
    conditions: list[str] = []
    values: dict[str, Any] = {}
    if segment is not None:
        conditions.append("segment = :segment")
        values["segment"] = segment
    if rfm_group is not None:
        conditions.append("rfm_group = :rfm_group")
        values["rfm_group"] = rfm_group
    if cell is not None:
        conditions.append("recency_mark = :recency AND value_mark = :value")
        values |= {"recency": cell[0], "value": cell[1]}
    return conditions, values


def _past(column: str, after: tuple[int | None, int]) -> tuple[str, dict[str, Any]]:
    """Return the condition for "stands below that row" in an order that ends with the empty values."""
    value, customer_id = after
    if value is None:
        return f"({column} IS NULL AND customer_id > :after_id)", {"after_id": customer_id}
    key = _EPOCH + timedelta(microseconds=value) if column == "last_order_at" else value
    below = f"({column} < :key OR ({column} = :key AND customer_id > :after_id))"
    if column == "last_order_at":
        return f"({below} OR {column} IS NULL)", {"key": key, "after_id": customer_id}
    # The plain bound is what the index can begin with.
    return f"({column} <= :key AND {below})", {"key": key, "after_id": customer_id}


def _delete_departed(connection: Connection, of: Sequence[int] | None) -> list[tuple[int, str]]:
    whom = "true" if of is None else "stored.customer_id = ANY(CAST(:ids AS bigint[]))"
    rows = connection.execute(
        text(f"""
            DELETE FROM customer_scores AS stored
            WHERE {whom} AND NOT EXISTS (
                SELECT 1 FROM fresh_scores AS fresh WHERE fresh.customer_id = stored.customer_id)
            RETURNING stored.customer_id, stored.segment"""),
        {} if of is None else {"ids": list(of)},
    )
    return [(row.customer_id, row.segment) for row in rows]


def _upsert(connection: Connection) -> int:
    values = [column for column in SCORE_COLUMNS if column != "customer_id"]
    columns = ", ".join(SCORE_COLUMNS)
    stored = ", ".join(f"stored.{column}" for column in values)
    excluded = ", ".join(f"EXCLUDED.{column}" for column in values)
    changes = ", ".join(f"{column} = EXCLUDED.{column}" for column in values)
    return connection.execute(
        text(f"""
            INSERT INTO customer_scores AS stored (shop_id, segment_since, {columns})
            SELECT current_setting('app.shop_id')::bigint, as_of, {columns}
            FROM fresh_scores ORDER BY customer_id
            ON CONFLICT (shop_id, customer_id) DO UPDATE SET {changes},
                segment_since = CASE WHEN stored.segment = EXCLUDED.segment
                                THEN stored.segment_since ELSE EXCLUDED.as_of END
            WHERE ({stored}) IS DISTINCT FROM ({excluded})""")
    ).rowcount
