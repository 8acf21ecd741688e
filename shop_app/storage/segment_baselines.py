"""What a segment did before anything was sent for it: frozen once, so that effects can be told from it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text


@dataclass(frozen=True, slots=True)
class Baseline:
    """One segment's figures from before its first approved push; ``None`` among them is unknown."""

    segment: str
    push_id: int
    frozen_at: datetime
    measures: dict[str, Any]


def freeze(
    connection: Connection, segment: str, push_id: int, measures: Mapping[str, Any], *, at: datetime
) -> bool:
    """Keep a segment's figures, unless some are kept already; return whether they were kept now."""
    return bool(
        connection.execute(
            text("""
                INSERT INTO segment_baselines (shop_id, segment, push_id, frozen_at, measures)
                VALUES (current_setting('app.shop_id')::bigint, :segment, :push, :at, CAST(:measures AS jsonb))
                ON CONFLICT (shop_id, segment) DO NOTHING"""),
            {"segment": segment, "push": push_id, "at": at, "measures": json.dumps(dict(measures))},
        ).rowcount
    )


def read_all(connection: Connection) -> dict[str, Baseline]:
    """Return every baseline by segment."""
    rows = connection.execute(
        text("SELECT segment, push_id, frozen_at, measures FROM segment_baselines ORDER BY segment")
    )
    return {row.segment: Baseline(*row) for row in rows}


def measure(connection: Connection, segment: str, *, since: datetime, until: datetime) -> dict[str, Any]:
    """Measure a segment's customers as they are now over a span that has passed.

    Returns
    -------
    dict
        ``customers``; ``conversion_ratio`` (who ordered in the span), ``revenue_per_customer`` (minor units),
        ``retention_ratio`` (of those who had ordered before it, who ordered in it), ``opens_ratio`` and
        ``clicks_ratio`` (of those who were sent e-mail in it). ``None`` where there is nothing to go by.
    """
    row = connection.execute(
        text("""
            WITH members AS (
                SELECT s.customer_id, c.id AS row_id FROM customer_scores s
                JOIN customers c ON c.shop_id = s.shop_id AND c.person_id = s.customer_id
                WHERE s.segment = :segment
            ), bought AS (
                SELECT m.customer_id, bool_or(o.processed_at > :since) AS in_span,
                       bool_or(o.processed_at <= :since) AS before,
                       COALESCE(sum(o.total) FILTER (WHERE o.processed_at > :since), 0) AS revenue
                FROM members m JOIN orders o ON o.customer_id = m.row_id
                WHERE o.processed_at <= :until AND o.cancelled_at IS NULL AND o.test IS NOT TRUE
                GROUP BY 1
            ), mailed AS (
                SELECT m.customer_id, sum(e.opened) > 0 AS opened, sum(e.clicked) > 0 AS clicked
                FROM members m JOIN email_engagement e ON e.customer_id = m.row_id
                WHERE e.day > CAST(:since AS date) AND e.received > 0 GROUP BY 1
            )
            SELECT (SELECT count(DISTINCT customer_id) FROM members) AS customers,
                   count(*) FILTER (WHERE in_span) AS buyers, COALESCE(sum(revenue), 0) AS revenue,
                   count(*) FILTER (WHERE before) AS earlier,
                   count(*) FILTER (WHERE before AND in_span) AS kept,
                   (SELECT count(*) FROM mailed) AS mailed,
                   (SELECT count(*) FROM mailed WHERE opened) AS opened,
                   (SELECT count(*) FROM mailed WHERE clicked) AS clicked
            FROM bought"""),
        {"segment": segment, "since": since, "until": until},
    ).one()
    return {
        "customers": row.customers,
        "conversion_ratio": _ratio(row.buyers, row.customers),
        "revenue_per_customer": _ratio(float(row.revenue), row.customers),
        "retention_ratio": _ratio(row.kept, row.earlier),
        "opens_ratio": _ratio(row.opened, row.mailed),
        "clicks_ratio": _ratio(row.clicked, row.mailed),
    }


def _ratio(part: float, whole: int) -> float | None:
    return round(part / whole, 6) if whole else None
