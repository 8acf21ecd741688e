"""The report card's part on what customers bring."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from shop_app.segments.predictions.backtest import ValueTrial
from shop_app.segments.predictions.btyd_table import Real
from shop_app.segments.predictions.cards import (
    against_baselines,
    by_group,
    capped_squares,
    everybody,
    joined,
    off,
    rounded,
)
from shop_app.segments.predictions.measures import rank_correlation, top_capture
from shop_app.segments.predictions.value import COVERAGE

TOP_SHARE = 0.1


def value_card(trials: Sequence[ValueTrial]) -> dict[str, Any]:
    """Hold expected money against what came, net of refunds, in minor units.

    Returns
    -------
    dict
        ``days`` (the window it was tried on: 364 where the past allows, else 182 or 90), ``customers``,
        ``mae``, ``rmse``, ``aggregate_error_ratio``, ``rank_correlation``, ``top_tenth_ratio``, ``interval``
        (``wanted_ratio`` .8, ``coverage_ratio``, ``coverage_of_spenders_ratio``, of customers expected to
        bring something worth an interval), ``baselines``, ``best_baseline``, ``best_baseline_words``,
        ``skill`` (of squared errors, capped), ``origins``, ``groups``. Empty without a day.
    """
    if not trials:
        return {}
    tried = [one.trial for one in trials]
    revenue, value = joined([one.revenue for one in trials]), joined([one.value for one in trials])
    low, high = joined([one.low for one in trials]), joined([one.high for one in trials])
    shared = set.intersection(*(set(one.baselines) for one in trials))
    rules = {key: joined([one.baselines[key] for one in trials]) for key in sorted(shared)}
    losses = {key: capped_squares(revenue, guess) for key, guess in rules.items()}
    return {
        "days": trials[0].days,
        "customers": int(revenue.size),
        **_figures(revenue, value),
        "interval": _coverage(revenue, low, high) | {"wanted_ratio": COVERAGE},
        **against_baselines(capped_squares(revenue, value), losses, everybody(tried), "capped_squared_error"),
        "origins": [_row(one) for one in trials],
        "groups": by_group(
            tried,
            lambda which: (
                _errors(revenue[which], value[which]) | _coverage(revenue[which], low[which], high[which])
            ),
        ),
    }


def _figures(revenue: Real, value: Real) -> dict[str, Any]:
    return {
        **_errors(revenue, value),
        "rank_correlation": rounded(rank_correlation(revenue, value)),
        "top_tenth_ratio": rounded(top_capture(revenue, value, TOP_SHARE)),
    }


def _errors(revenue: Real, value: Real) -> dict[str, Any]:
    return {
        "mae": rounded(float(np.mean(np.abs(value - revenue))), 2),
        "rmse": rounded(float(np.sqrt(np.mean((value - revenue) ** 2))), 2),
        "aggregate_error_ratio": off(value, revenue),
    }


def _coverage(revenue: Real, low: Real, high: Real) -> dict[str, Any]:
    """Say how many ended within their interval: of all, and of those who brought something."""
    known = ~np.isnan(low)
    if not known.any():
        return {"coverage_ratio": None, "coverage_of_spenders_ratio": None}
    inside = (revenue >= low) & (revenue <= high)
    spent = known & (revenue > 0)
    return {
        "coverage_ratio": rounded(float(inside[known].mean())),
        "coverage_of_spenders_ratio": rounded(float(inside[spent].mean())) if spent.any() else None,
    }


def _row(one: ValueTrial) -> dict[str, Any]:
    origin = one.trial.look.origin.isoformat()
    return {"origin": origin, **_figures(one.revenue, one.value), **_coverage(one.revenue, one.low, one.high)}
