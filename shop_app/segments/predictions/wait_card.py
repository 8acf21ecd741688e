"""The report card's part on when the next order comes."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from shop_app.segments.predictions.backtest import WaitTrial
from shop_app.segments.predictions.btyd_table import Real
from shop_app.segments.predictions.cards import against_baselines, everybody, joined, rounded
from shop_app.segments.predictions.looks import WINDOW_DAYS, shuffled
from shop_app.segments.predictions.measures import brier, concordance
from shop_app.segments.predictions.next_order import COVERAGE, REACH_DAYS

COMPARED = 20_000
"""Customers of one day who are compared pair by pair."""

_NEAR_DAYS = 30


def wait_card(trials: Sequence[WaitTrial]) -> dict[str, Any]:
    """Hold chances by several days, and bands of days, against when orders came.

    Returns
    -------
    dict
        ``customers``, ``came`` (within 180 days), ``c_index`` (of two customers, how often the likelier one
        came first; who did not come counts as later), ``own_gap_c_index`` (the same for "last order + mean
        gap"), ``brier`` (by 30, 90 and 180 days), ``band`` (``given_ratio`` of customers, ``wanted_ratio``
        .8, ``coverage_ratio`` of those with a band who came within 180 days, ``median_width_days``,
        ``error_median_days`` from its middle), ``baselines``, ``best_baseline``, ``best_baseline_words``,
        ``skill`` (of the mean Brier by 30 and 90 days), ``origins``. Empty without a day.
    """
    if not trials:
        return {}
    ours = joined([_loss(one, one.by_30, one.trial.forecast.chance) for one in trials])
    rules = {
        key: joined([_loss(one, one.baselines_30[key], one.trial.chance_baselines[key]) for one in trials])
        for key in trials[0].baselines_30
    }
    waited = joined([one.waited for one in trials])
    return {
        "customers": int(waited.size),
        "came": int((~np.isnan(waited)).sum()),
        "c_index": _mean([_order_of(one, one.trial.forecast.chance) for one in trials]),
        "own_gap_c_index": _mean([_order_of(one, -one.own_gap) for one in trials]),
        "brier": _briers(trials),
        "band": _band(trials),
        **against_baselines(ours, rules, everybody([one.trial for one in trials]), "brier"),
        "origins": [_row(one) for one in trials],
    }


def _came_by(one: WaitTrial, days: float) -> Real:
    return np.asarray(one.waited <= days, dtype=np.float64)


def _loss(one: WaitTrial, by_30: Real, by_90: Real) -> Real:
    near, far = brier(_came_by(one, _NEAR_DAYS), by_30), brier(_came_by(one, WINDOW_DAYS), by_90)
    return np.asarray((near + far) / 2)


def _order_of(one: WaitTrial, score: Real) -> float | None:
    """Compare customers pair by pair, by whole days; everybody stays in, as waiting beyond reach."""
    rows = np.argsort(shuffled(one.trial.customers), kind="stable")[:COMPARED]
    waited, score = one.waited[rows], score[rows]
    came = ~np.isnan(waited)
    return concordance(np.where(came, np.ceil(waited), REACH_DAYS + 1.0), came, score)


def _briers(trials: Sequence[WaitTrial]) -> dict[str, float | None]:
    said = {
        _NEAR_DAYS: [one.by_30 for one in trials],
        WINDOW_DAYS: [one.trial.forecast.chance for one in trials],
        REACH_DAYS: [one.by_reach for one in trials],
    }
    return {
        str(days): rounded(
            float(brier(joined([_came_by(one, days) for one in trials]), joined(chances)).mean()), 6
        )
        for days, chances in said.items()
    }


def _band(trials: Sequence[WaitTrial]) -> dict[str, Any]:
    first = joined([np.floor(one.trial.forecast.band_from) for one in trials])
    last = joined([np.ceil(one.trial.forecast.band_to) for one in trials])
    waited = joined([one.waited for one in trials])
    given, came = ~np.isnan(first), ~np.isnan(waited)
    both = given & came
    # A date is a whole day: an order on the last one is within the band.
    inside = (np.ceil(waited[both]) >= first[both]) & (np.floor(waited[both]) <= last[both])
    middle = (first[both] + last[both]) / 2
    return {
        "given_ratio": rounded(float(given.mean())),
        "wanted_ratio": COVERAGE,
        "coverage_ratio": rounded(float(inside.mean())) if both.any() else None,
        "median_width_days": rounded(float(np.median((last - first)[given])), 1) if given.any() else None,
        "error_median_days": rounded(float(np.median(np.abs(middle - waited[both]))), 1)
        if both.any()
        else None,
    }


def _row(one: WaitTrial) -> dict[str, Any]:
    return {
        "origin": one.trial.look.origin.isoformat(),
        "came_ratio": rounded(float((~np.isnan(one.waited)).mean())),
        "c_index": rounded(_order_of(one, one.trial.forecast.chance)),
        **{name: value for name, value in _band([one]).items() if name != "wanted_ratio"},
    }


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return rounded(float(np.mean(known))) if known else None
