"""Marks for recency, frequency and money, against edges that are kept between fits."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from shop_app.segments.rfm_edges import MEASURES, MeasureEdges, RfmEdges

__all__ = ["MARKS", "MIN_BUYERS", "RfmEdges", "fit_rfm", "score_levels", "score_rfm"]

MARKS = ("recency_mark", "frequency_mark", "monetary_mark")
LEVELS = ("recency_level", "frequency_level", "monetary_level")

QUANTILES = {5: "quintiles", 3: "tertiles"}

MIN_BUYERS = 100
# Below this a fifth is fewer than twenty people, and one order moves an edge; Omnisend falls back there too.

FIXED_RECENCY_DAYS = {5: (30.0, 60.0, 120.0, 240.0), 3: (60.0, 180.0)}
# A month, and twice as much each time; a last order exactly 30 days ago is past the first edge: mark 4.
FIXED_ORDER_COUNT = {5: (2, 3, 4, 6), 3: (2, 4)}
# One, two, three, four or five, six and more; in three levels one, two or three, four and more.
FIXED_SPEND_IN_ORDERS = {5: (3, 6, 10, 20), 3: (6, 16)}
# Quarters of the shop's median order value: 0.75, 1.5, 2.5 and 5 of it; in three levels 1.5 and 4.

FALLBACK_ORDER_VALUE = 5_000
# Minor units, for a shop that has not sold anything yet: it only bridges the time up to the next fit.


def fit_rfm(features: pl.DataFrame) -> RfmEdges:
    """Find this shop's edges from the customers who have bought.

    Parameters
    ----------
    features
        One row a customer, in any order: ``order_count``, ``recency_days``, ``total_spent`` (minor units),
        ``average_order_value``. Customers without a counted order are left out.

    Returns
    -------
    RfmEdges
        Four strictly ascending edges a measure, and two for three levels; defined for every shop, an empty
        one with it.

    Notes
    -----
    The edge at the quantile q is the smallest observed value v with P(X < v) >= q, so that equal values are
    never torn apart. Where ties let two edges fall on one value, the later one moves to the next value
    observed, so every mark has at least one customer behind it.

    A measure with fewer distinct values than marks, and every measure of a shop with fewer than
    :data:`MIN_BUYERS` buyers, gets fixed edges, and ``sources`` says so: recency 30, 60, 120, 240 days; 2, 3,
    4, 6 orders; 0.75, 1.5, 2.5, 5 times the shop's median order value (the median over its buyers of
    ``average_order_value``).
    """
    buyers = features.filter(pl.col("order_count") > 0)
    order_value = buyers["average_order_value"].median()
    usual = float(order_value) if isinstance(order_value, float) else float(FALLBACK_ORDER_VALUE)
    return RfmEdges(_fit(buyers, 5, usual), _fit(buyers, 3, usual), buyers.height)


def score_rfm(features: pl.DataFrame, edges: RfmEdges) -> pl.DataFrame:
    """Mark every customer against the shop's own stored edges.

    Parameters
    ----------
    features
        One row a customer: ``customer_id``, ``recency_days`` (0 or more), ``order_count``, ``total_spent``
        (minor units of the shop's currency, net of refunds).
    edges
        From :func:`fit_rfm` on this shop.

    Returns
    -------
    polars.DataFrame
        ``customer_id``, ``recency_mark``, ``frequency_mark``, ``monetary_mark``: Int8, 1 to 5, 5 best, in the
        order of ``features``. A value on an edge counts as past it. All null without a counted order.

    Raises
    ------
    ValueError
        A ``recency_days`` is below 0: ``as_of`` lies before an order.

    Notes
    -----
    Edges are held between fits, so that one customer can be marked alone and gets the same marks as among a
    million. A more recent order, another order or more money never lowers a mark.
    """
    return _scored(features, edges.fifths, MARKS)


def score_levels(features: pl.DataFrame, edges: RfmEdges) -> pl.DataFrame:
    """Mark every customer on Klaviyo's scale of three.

    As :func:`score_rfm`, with the columns ``recency_level``, ``frequency_level``, ``monetary_level``, 1 to 3.
    """
    return _scored(features, edges.thirds, LEVELS)


def _scored(features: pl.DataFrame, edges: MeasureEdges, names: Sequence[str]) -> pl.DataFrame:
    if (features["recency_days"] < 0).any():
        raise ValueError("recency_days below 0: as_of lies before an order")
    best = len(edges.order_count) + 1
    marks = (
        best - _passed("recency_days", edges.recency_days),
        1 + _passed("order_count", edges.order_count),
        1 + _passed("total_spent", edges.total_spent),
    )
    bought = pl.col("order_count") > 0
    return features.select(
        "customer_id",
        *(
            pl.when(bought).then(mark).cast(pl.Int8).alias(name)
            for name, mark in zip(names, marks, strict=True)
        ),
    )


def _passed(measure: str, edges: Sequence[float]) -> pl.Expr:
    return pl.sum_horizontal((pl.col(measure) >= edge).cast(pl.Int8) for edge in edges)


def _fit(buyers: pl.DataFrame, parts: int, usual_order_value: float) -> MeasureEdges:
    fixed = {
        "recency_days": FIXED_RECENCY_DAYS[parts],
        "order_count": FIXED_ORDER_COUNT[parts],
        "total_spent": _multiples(FIXED_SPEND_IN_ORDERS[parts], usual_order_value),
    }
    observed = {measure: _quantile_edges(buyers[measure].to_numpy(), parts) for measure in MEASURES}
    chosen = {measure: observed[measure] or fixed[measure] for measure in MEASURES}
    return MeasureEdges(
        recency_days=tuple(float(edge) for edge in chosen["recency_days"]),
        order_count=tuple(int(edge) for edge in chosen["order_count"]),
        total_spent=tuple(int(edge) for edge in chosen["total_spent"]),
        sources={measure: QUANTILES[parts] if observed[measure] else "fixed" for measure in MEASURES},
    )


def _multiples(quarters: Sequence[int], usual_order_value: float) -> tuple[int, ...]:
    """Round to minor units, half up, and keep the edges apart however cheap the shop is."""
    edges: list[int] = []
    for quarter in quarters:
        wished = int(max(usual_order_value, 0.0) * quarter / 4 + 0.5)
        edges.append(max(wished, edges[-1] + 1 if edges else 1))
    return tuple(edges)


def _quantile_edges(values: np.ndarray, parts: int) -> tuple[float, ...]:
    """Take the smallest observed values with the wanted shares below them, or none if there are too few."""
    distinct, counts = np.unique(values, return_counts=True)
    if values.size < MIN_BUYERS or distinct.size < parts:
        return ()
    below = np.concatenate(([0], np.cumsum(counts)[:-1]))
    wanted = [-(-values.size * part // parts) for part in range(1, parts)]
    places = np.searchsorted(below, wanted, side="left").tolist()
    last = distinct.size - 1
    for number in range(1, len(places)):
        places[number] = max(places[number], places[number - 1] + 1)
    room = [min(place, last - (len(places) - 1 - number)) for number, place in enumerate(places)]
    return tuple(distinct[place].item() for place in room)
