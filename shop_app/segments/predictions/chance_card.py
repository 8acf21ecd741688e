"""The report card's part on whether customers order within 90 days."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from shop_app.segments.predictions.backtest import Trial
from shop_app.segments.predictions.btyd_table import Real
from shop_app.segments.predictions.cards import against_baselines, by_group, everybody, joined, off, rounded
from shop_app.segments.predictions.columns import numbers
from shop_app.segments.predictions.measures import auc, average_precision, brier, calibration

ACTIVE_DAYS = 180
"""Who ordered within so many days is still easily taken for a customer; telling them apart is harder."""


def chance_card(trials: Sequence[Trial]) -> dict[str, Any]:
    """Hold chances of an order against who ordered.

    Returns
    -------
    dict
        ``customers``, ``ordered``, ``brier``, ``auc``, ``auc_active`` (among who ordered in the last 180
        days), ``average_precision``, ``calibration`` (see
        :func:`~shop_app.segments.predictions.measures.calibration`), ``baselines`` (``brier`` and ``auc``
        each), ``best_baseline``, ``best_baseline_words``, ``skill``, ``origins`` (a row a day tried),
        ``groups`` (a row a kind of customer). Measures over all days tried together; everybody who had bought
        is in it, whether they came back or not. Empty without a day.
    """
    if not trials:
        return {}
    came, chance = joined([trial.came for trial in trials]), joined([trial.forecast.chance for trial in trials])
    customers = everybody(trials)
    rules = {
        key: joined([trial.chance_baselines[key] for trial in trials]) for key in trials[0].chance_baselines
    }
    against = against_baselines(
        brier(came, chance), {key: brier(came, rates) for key, rates in rules.items()}, customers, "brier"
    )
    for key, row in against["baselines"].items():
        row["auc"] = rounded(auc(came, rules[key]))
    active = joined([numbers(trial.look.buyers, "recency_days") for trial in trials]) <= ACTIVE_DAYS
    return {
        "customers": int(came.size),
        "ordered": int(came.sum()),
        **_figures(came, chance),
        "auc_active": rounded(auc(came[active], chance[active])),
        "average_precision": rounded(average_precision(came, chance)),
        "calibration": calibration(came, chance),
        **against,
        "origins": [_row(trial) for trial in trials],
        "groups": by_group(trials, lambda which: _figures(came[which], chance[which])),
    }


def _figures(came: Real, chance: Real) -> dict[str, Any]:
    return {
        "predicted_ratio": rounded(float(np.mean(chance))),
        "observed_ratio": rounded(float(np.mean(came))),
        "brier": rounded(float(brier(came, chance).mean()), 6),
        "auc": rounded(auc(came, chance)),
    }


def _row(trial: Trial) -> dict[str, Any]:
    came, chance = trial.came, trial.forecast.chance
    line = calibration(came, chance)
    return {
        "origin": trial.look.origin.isoformat(),
        "customers": int(came.size),
        **_figures(came, chance),
        "calibration_error": line["error"],
        "calibration_slope": line["slope"],
        "aggregate_error_ratio": off(chance, came),
        "season": trial.knowledge.season.kind,
    }
