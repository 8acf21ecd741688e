"""Days of the shop's own past: what was known then, and what everybody did in the 90 days after."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

from shop_app.segments.grouping.sampling import sample
from shop_app.segments.grouping.space import Floats
from shop_app.segments.history import History

HORIZON_DAYS = 90
ORIGIN_DAYS = (90, 180, 270)
# Counted back from today: windows that follow each other, so that every origin learns from the one before it.
MIN_HISTORY_DAYS = 182
MIN_BUYERS = 300
# Half a year of orders and three hundred buyers are the least that a division can be judged on.
WINSOR_RATIO = 0.99
PAST_ROWS = 20_000
# Shares of a hundredth are told apart from 20,000 as well as from a million.

NEVER = datetime(1, 1, 1, tzinfo=UTC)

ScoredAt = Callable[[datetime], pl.DataFrame]


@dataclass(frozen=True, slots=True)
class Past:
    """One origin.

    Attributes
    ----------
    as_of
        The day looked from.
    scored
        The buyers of that day (a sample in a large shop), by ``customer_id``, as they were known then.
    outcome
        What each of them did in the following 90 days, in the unit of the goal's outcome; NaN for who is not
        asked.
    """

    as_of: datetime
    scored: pl.DataFrame
    outcome: Floats


def buyers_of(scored: pl.DataFrame, rows: int = PAST_ROWS) -> pl.DataFrame:
    """Return the customers with an order that counts, a sample of them in a large shop, by ``customer_id``."""
    return sample(scored.filter(pl.col("order_count") > 0), rows)


def gather_pasts(scored_at: ScoredAt, history: History, *, as_of: datetime, outcome: str) -> tuple[Past, ...]:
    """Look back from ``as_of``, as far as the shop's history carries.

    Parameters
    ----------
    scored_at
        Gives the scored frame of any day, from what was known by then.
    history
        The shop's facts.
    as_of
        The moment looked from.
    outcome
        A key of :data:`~shop_app.segments.grouping.goals.OUTCOMES`.

    Returns
    -------
    tuple of Past
        The newest first; none where the shop is too young or too small.
    """
    first = history.first_order_at()
    if first is None:
        return ()
    found = []
    for days in ORIGIN_DAYS:
        origin = as_of - timedelta(days=days)
        if origin - first < timedelta(days=MIN_HISTORY_DAYS):
            break
        scored = buyers_of(scored_at(origin))
        if scored.height < MIN_BUYERS:
            break
        found.append(Past(origin, scored, _outcome(history, scored, origin, outcome)))
    return tuple(found)


def so_far(buyers: pl.DataFrame, outcome: str) -> Past:
    """Let what buyers did so far stand for what they will do, in a shop without enough past.

    Money and orders are taken per usual gap that has gone by since the last order; a published expectation is
    taken where there is one.
    """
    quiet = 1 + pl.col("cadence_drift_ratio").fill_null(1.0)
    orders = _expected(buyers, "order_probability_90d", pl.col("order_count") / quiet)
    told = {
        "order_90d": orders,
        "full_price_order_90d": orders * (1 - pl.col("discount_share_ratio").fill_null(0.0)),
        "revenue_90d": _expected(buyers, "predicted_clv_365d", pl.col("total_spent") / quiet),
        "order_value_90d": pl.col("average_order_value"),
    }
    values = buyers.select(told[outcome].cast(pl.Float64).alias("outcome"))["outcome"].fill_null(np.nan)
    return Past(NEVER, buyers, _drawn_in(np.asarray(values.to_numpy(), dtype=np.float64)))


def _expected(buyers: pl.DataFrame, column: str, instead: pl.Expr) -> pl.Expr:
    known = column in buyers.columns and buyers[column].count() > 0
    return pl.col(column) if known else instead


def _outcome(history: History, scored: pl.DataFrame, origin: datetime, outcome: str) -> Floats:
    happened = history.outcomes(origin, HORIZON_DAYS)
    aligned = scored.select("customer_id").join(happened, on="customer_id", how="left", maintain_order="left")
    return outcome_values(aligned, outcome)


def outcome_values(happened: pl.DataFrame, outcome: str) -> Floats:
    """Turn what customers did into the goal's outcome.

    Parameters
    ----------
    happened
        ``order_count``, ``discounted_order_count``, ``net_revenue`` (minor units) of a window, a row a
        customer.
    outcome
        ``order_90d`` and ``full_price_order_90d`` give 0 or 1, ``revenue_90d`` and ``order_value_90d`` minor
        units drawn in at the buyers' 99th percentile; nobody has an order value without an order (NaN).

    Raises
    ------
    ValueError
        The outcome is none of these.
    """
    orders, revenue = pl.col("order_count"), pl.col("net_revenue")
    told = {
        "order_90d": (orders > 0).cast(pl.Float64),
        "full_price_order_90d": (orders > pl.col("discounted_order_count")).cast(pl.Float64),
        "revenue_90d": revenue.cast(pl.Float64),
        "order_value_90d": pl.when(orders > 0).then(revenue / orders),
    }
    if outcome not in told:
        raise ValueError(f"outcome must be one of {', '.join(told)}: {outcome!r}")
    values = happened.select(told[outcome].alias("outcome"))["outcome"].fill_null(np.nan).to_numpy()
    return _drawn_in(np.asarray(values, dtype=np.float64))


def _drawn_in(values: Floats) -> Floats:
    """Draw the largest amounts in: a single whale would decide which division is the best."""
    positive = values[values > 0]
    return np.minimum(values, np.quantile(positive, WINSOR_RATIO)) if positive.size else values
