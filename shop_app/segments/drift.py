"""How far a shop's customers have moved away from those whom the live fit was made on."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shop_app.segments.predictions.measures import population_stability

WATCHED = (
    *("recency_days", "order_count", "total_spent", "average_order_value", "interval_median_days"),
    *("discount_share_ratio", "usual_gap_days", "cadence_drift_ratio", "price_sensitivity_index"),
    *("expected_orders_90d", "order_probability_90d", "predicted_clv_365d"),
)
DRIFT_INDEX = 0.2
# From 0.1 on the index is commonly called a slight shift, from 0.2 on one that asks for a new fit (N. Siddiqi,
# Credit Risk Scorecards, 2006, on the system stability index).
MOST_BINS, LEAST_PER_BIN = 10, 20
CHANCE = 0.001
# How often a feature that has not changed may look as if it had, given as many customers then and now.


def reference_of(scored: pl.DataFrame, *, as_of: datetime) -> dict[str, Any]:
    """Keep how the buyers looked when a fit was made, to be held against those of later days.

    Parameters
    ----------
    scored
        One row a customer: ``order_count`` and any of :data:`WATCHED`. Customers without an order are left out.
    as_of
        The moment of the fit; aware.

    Returns
    -------
    dict
        Plain values: ``fitted_at``, ``buyer_count``, ``expected_orders_90d`` (of all buyers together; null
        where it is not predicted) and ``features``: of each watched feature that tells customers apart the
        ``edges`` of up to ten bins, the ``counts`` of the buyers in each (the last for unknown), and the
        ``median``.
    """
    buyers = scored.filter(pl.col("order_count") > 0)
    kept = {name: _kept(buyers[name]) for name in WATCHED if name in buyers.columns}
    return {
        "fitted_at": as_of.astimezone(UTC).isoformat(),
        "buyer_count": buyers.height,
        "expected_orders_90d": _total(buyers, "expected_orders_90d"),
        "features": {name: found for name, found in kept.items() if found},
    }


def drift(reference: Mapping[str, Any], scored: pl.DataFrame) -> list[dict[str, Any]]:
    """Measure how far every feature has moved since the fit.

    Returns
    -------
    list of dict
        The furthest first: ``feature``, ``index`` (the population stability index, 0 or more), ``has_drifted``
        (it is above :data:`DRIFT_INDEX` and above what chance brings about), ``median_then``, ``median_now``
        (null where nobody's is known). A feature that is not there any more is left out.

    Notes
    -----
    The index is ``sum((now - then) * ln(now / then))`` over the shares of the bins; half a customer is added to
    each bin so that an empty one does not decide. Where nothing has changed it is about chi-squared, times
    ``1 / n_then + 1 / n_now``: in a shop of sixty customers 0.2 means nothing, and is not reported.
    """
    from scipy.special import chdtri

    buyers = scored.filter(pl.col("order_count") > 0)
    found = []
    for name, kept in reference["features"].items():
        if name not in buyers.columns or not buyers.height:
            continue
        then, now = np.array(kept["counts"], np.float64), _counts(buyers[name], kept["edges"])
        index = population_stability(then, now)
        by_chance = float(chdtri(then.size - 1, CHANCE)) * (1 / then.sum() + 1 / now.sum())
        found.append(
            {
                "feature": name,
                "index": index,
                "has_drifted": index > max(DRIFT_INDEX, by_chance),
                "median_then": kept["median"],
                "median_now": _median(buyers[name]),
            }
        )
    return sorted(found, key=lambda row: (-row["index"], row["feature"]))


def _kept(column: pl.Series) -> dict[str, Any] | None:
    known = np.sort(column.drop_nulls().cast(pl.Float64).to_numpy())
    bins = min(MOST_BINS, known.size // LEAST_PER_BIN)
    if bins < 2:  # noqa: PLR2004 - one bin tells nobody apart
        return None
    quantiles = np.quantile(known, np.linspace(0, 1, bins + 1)[1:-1], method="higher")
    edges = [float(edge) for edge in np.unique(quantiles) if edge > known[0]]
    if not edges:
        return None
    counts = [int(count) for count in _counts(column, edges)]
    return {"edges": edges, "counts": counts, "median": _median(column)}


def _counts(column: pl.Series, edges: Sequence[float]) -> NDArray[np.float64]:
    """Count the values in every bin, one on an edge in the higher; the last count is of the unknown."""
    known = column.drop_nulls().cast(pl.Float64).to_numpy()
    places = np.searchsorted(np.array(edges), known, side="right")
    counted = np.bincount(places, minlength=len(edges) + 1)
    return np.append(counted, column.null_count()).astype(np.float64)


def _total(buyers: pl.DataFrame, name: str) -> float | None:
    if name not in buyers.columns or not buyers[name].count():
        return None
    # Sorted first: a sum of floats depends on their order, and the rows' order must not show.
    return float(np.sort(buyers[name].drop_nulls().to_numpy()).sum())


def _median(column: pl.Series) -> float | None:
    median = column.median()
    return float(median) if isinstance(median, int | float) else None
