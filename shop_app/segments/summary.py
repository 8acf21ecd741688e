"""The numbers of one full run: segments, grid, months, ledger, ready to be stored and shown."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import polars as pl

from shop_app.segments.data_tier import data_tier
from shop_app.segments.ledger import count_ledger
from shop_app.segments.rfm_edges import RfmEdges
from shop_app.segments.segment_groups import Group
from shop_app.segments.vocabularies import VOCABULARIES, frequency_monetary

SECONDS_PER_WEEK = 7 * 86_400
MARK_VALUES = (1, 2, 3, 4, 5)

SOURCE_WORDS = {
    "quintiles": (
        "The limits are this shop's own: each mark holds about a fifth of the buyers, as far as whole orders "
        "can be cut that way."
    ),
    "fixed": "There are too few buyers to compare among themselves, so the limits are fixed ones.",
    "mixed": "The limits are this shop's own where its buyers differ enough, and fixed ones elsewhere.",
}


def summarise_segments(  # noqa: PLR0913 (what is summed up, and how it was labelled)
    labelled: pl.DataFrame,
    judged: pl.DataFrame,
    edges: RfmEdges,
    *,
    vocabulary: str,
    ladder: str,
    as_of: datetime,
    timezone: str,
    published: Sequence[Group] | None = None,
) -> dict[str, Any]:
    """Sum a shop up: everything of the stored summary but the shop's title, source and currency.

    Parameters
    ----------
    labelled
        One row a person, from :func:`~shop_app.segments.labels.label_customers`; where there are published
        groups, ``segment`` beside it. Predictions are averaged where they stand there.
    judged
        One row an order, from :func:`~shop_app.segments.ledger.judge_orders` at the same ``as_of``; with a
        column ``discount`` (null where unknown) beside it, the shares of discounted orders are known too.
    edges, vocabulary, ladder
        What ``labelled`` was labelled with.
    as_of, timezone
        The moment looked from, aware, and the shop's time zone: months are the shop's own.
    published
        The groups that ``segment`` names, the one without orders last; ``None`` where the RFM groups are the
        segments.

    Returns
    -------
    dict
        Plain values that survive JSON. Money is minor units of the shop's currency.

        - ``revenue`` is what the customers spent, loose refunds taken off; the ``revenue`` of a month is the
          net revenue of its orders, since a loose refund belongs to none.
        - ``segments``, ``rfm_groups``: see :func:`count_groups`; ``grid``: see :func:`count_grid`; ``months``:
          see :func:`count_months`; ``ledger``: see :func:`~shop_app.segments.ledger.count_ledger`.
        - ``edges``: four a measure, where they come from in ``source``, ``sources`` and ``source_words``, and
          in ``klaviyo`` the two of its three levels (null in another vocabulary).
        - ``repeat_rate_ratio``: buyers with two orders or more among all buyers; null without a buyer.
    """
    counted = _with_discount(judged).filter(pl.col("verdict") == "counts")
    rfm_groups = count_groups(labelled, counted, VOCABULARIES[vocabulary].groups_at(ladder), by="rfm_group")
    segments = rfm_groups if published is None else count_groups(labelled, counted, published, by="segment")
    return {
        "as_of": _moment(as_of),
        "timezone": timezone,
        **_totals(labelled, counted),
        "vocabulary": vocabulary,
        "ladder": ladder,
        "edges": _edges(edges, vocabulary),
        "segments": segments,
        "rfm_groups": rfm_groups,
        "grid": count_grid(labelled, vocabulary=vocabulary, ladder=ladder),
        "months": count_months(counted, as_of=as_of, timezone=timezone),
        "ledger": count_ledger(judged),
    }


def count_groups(
    labelled: pl.DataFrame, counted: pl.DataFrame, groups: Sequence[Group], *, by: str
) -> list[dict[str, Any]]:
    """Give every group its numbers and words: by revenue, the one without orders last.

    Empty groups are there too. Each person is in exactly one, so that the shares add up to 1 (all are 0 where
    there is nothing to share). Predictions are the mean of the group's customers, null where there is none.
    """
    sums = labelled.group_by(by).agg(
        customer_count=pl.len(),
        revenue=pl.col("total_spent").sum(),
        order_count=pl.col("order_count").sum(),
        median_recency_days=pl.col("recency_days").median(),
        **{name: pl.col(name).mean() for name in _PREDICTED if name in labelled.columns},
    )
    discounts = (
        counted.join(labelled.select("customer_id", by), on="customer_id").group_by(by).agg(_discount_share())
    )
    found = {row[by]: row for row in sums.join(discounts, on=by, how="left").to_dicts()}
    whole = {"customer_count": labelled.height, "revenue": int(labelled["total_spent"].sum())}
    rows = [
        {"slug": group.slug, "name": group.name, "description": group.description, "advice": group.advice}
        | _with_shares(found.get(group.slug, _NOBODY), whole)
        for group in groups
    ]
    return [*sorted(rows[:-1], key=lambda row: -row["revenue"]), rows[-1]]


def count_grid(labelled: pl.DataFrame, *, vocabulary: str, ladder: str) -> list[list[dict[str, Any]]]:
    """Count the buyers of every cell: recency 5 to 1 downwards, FM 1 to 5 across.

    ``segment`` is the cell's group. Klaviyo's groups have no place in this grid: there it is the group most
    of the cell's people belong to, and null in an empty cell.
    """
    buyers = labelled.filter(pl.col("order_count") > 0)
    sums = buyers.group_by("recency_mark", frequency_monetary().alias("fm_mark")).agg(
        customer_count=pl.len(),
        revenue=pl.col("total_spent").sum(),
        segment=pl.col("rfm_group").mode().sort().first(),
    )
    found = {(row["recency_mark"], row["fm_mark"]): row for row in sums.to_dicts()}
    empty = {"customer_count": 0, "revenue": 0, "segment": None}
    cells = VOCABULARIES[vocabulary].cells_at(ladder)
    return [
        [_cell(recency, value, found.get((recency, value), empty), cells) for value in MARK_VALUES]
        for recency in reversed(MARK_VALUES)
    ]


def count_months(counted: pl.DataFrame, *, as_of: datetime, timezone: str) -> list[dict[str, Any]]:
    """Count the shop-local months from the first counted order to ``as_of``, without a hole.

    ``returning_buyer_count`` are the buyers of the month who already had an order before, be it in the same
    month.
    """
    if counted.is_empty():
        return []
    local = pl.col("processed_at").dt.convert_time_zone(timezone)
    first = pl.col("order_id") == pl.col("order_id").first().over("customer_id")
    months = (
        counted.sort("customer_id", "processed_at", "order_id")
        .with_columns(month=local.dt.date().dt.truncate("1mo"), returns=~first)
        .group_by("month")
        .agg(
            revenue=pl.col("net_revenue").sum(),
            order_count=pl.len(),
            buyer_count=pl.col("customer_id").n_unique(),
            returning_buyer_count=pl.col("customer_id").filter("returns").n_unique(),
        )
    )
    end = pl.lit(as_of.astimezone(UTC)).dt.convert_time_zone(timezone).dt.date()
    every = months.select(month=pl.date_range(pl.col("month").min(), end, "1mo"))
    filled = every.join(months, on="month", how="left", maintain_order="left")
    return filled.select(pl.col("month").dt.strftime("%Y-%m"), pl.exclude("month").fill_null(0)).to_dicts()


_PREDICTED = ("churn_probability_90d", "predicted_clv_365d")

_NOBODY: dict[str, Any] = {
    "customer_count": 0,
    "revenue": 0,
    "order_count": 0,
    "median_recency_days": None,
    "discount_share_ratio": None,
}


def _totals(labelled: pl.DataFrame, counted: pl.DataFrame) -> dict[str, Any]:
    buyers = labelled.filter(pl.col("order_count") > 0)
    repeat_buyers = buyers.filter(pl.col("order_count") > 1).height
    order_count, revenue = int(buyers["order_count"].sum()), int(labelled["total_spent"].sum())
    first, last = counted["processed_at"].min(), counted["processed_at"].max()
    weeks = 0.0
    if isinstance(first, datetime) and isinstance(last, datetime):
        weeks = (last - first).total_seconds() / SECONDS_PER_WEEK
    return {
        "first_order_at": _moment(first),
        "last_order_at": _moment(last),
        "customer_count": labelled.height,
        "buyer_count": buyers.height,
        "repeat_buyer_count": repeat_buyers,
        "order_count": order_count,
        "revenue": revenue,
        "average_order_value": _per(revenue, order_count),
        "repeat_rate_ratio": _per(repeat_buyers, buyers.height),
        "median_recency_days": buyers["recency_days"].median(),
        "discount_share_ratio": counted.select(_discount_share()).item(),
        "tier": data_tier(buyers.height, repeat_buyers, weeks).to_json(),
    }


def _with_discount(judged: pl.DataFrame) -> pl.DataFrame:
    if "discount" in judged.columns:
        return judged
    return judged.with_columns(discount=pl.lit(None, pl.Int64))


def _discount_share() -> pl.Expr:
    known = pl.col("discount").count()
    return pl.when(known > 0).then((pl.col("discount") > 0).sum() / known).alias("discount_share_ratio")


def _with_shares(sums: dict[str, Any], whole: dict[str, int]) -> dict[str, Any]:
    return {
        "customer_count": sums["customer_count"],
        "customer_share_ratio": _per(sums["customer_count"], whole["customer_count"]) or 0.0,
        "revenue": sums["revenue"],
        "revenue_share_ratio": _per(sums["revenue"], whole["revenue"]) or 0.0,
        "order_count": sums["order_count"],
        "average_order_value": _per(sums["revenue"], sums["order_count"]),
        "median_recency_days": sums["median_recency_days"],
        "discount_share_ratio": sums["discount_share_ratio"],
        **{name: sums.get(name) for name in _PREDICTED},
    }


def _cell(recency: int, value: int, sums: dict[str, Any], cells: dict[tuple[int, ...], str]) -> dict[str, Any]:
    return {
        "recency": recency,
        "value": value,
        "customer_count": sums["customer_count"],
        "revenue": sums["revenue"],
        "segment": cells.get((recency, value), sums["segment"]),
    }


def _edges(edges: RfmEdges, vocabulary: str) -> dict[str, Any]:
    has_levels = VOCABULARIES[vocabulary].has_levels
    return {
        "source": edges.source,
        "source_words": SOURCE_WORDS[edges.source],
        **edges.fifths.to_json(),
        "klaviyo": edges.thirds.to_json() if has_levels else None,
    }


def _per(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _moment(moment: object) -> str | None:
    return moment.astimezone(UTC).isoformat() if isinstance(moment, datetime) else None
