"""The report card's part on how many orders customers place within 90 days."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from shop_app.segments.predictions.backtest import Trial
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
from shop_app.segments.predictions.measures import correlation, rank_correlation, top_capture

TOP_SHARE = 0.2


def orders_card(trials: Sequence[Trial]) -> dict[str, Any]:
    """Hold expected numbers of orders against placed ones (days with an order).

    Returns
    -------
    dict
        ``customers``, ``rmse``, ``mae``, ``aggregate_error_ratio`` (.05: five percent too many foretold),
        ``correlation``, ``rank_correlation``, ``top_fifth_ratio`` (orders caught in the expected best fifth,
        of what the true best fifth placed), ``baselines``, ``best_baseline``, ``best_baseline_words``,
        ``skill`` (of squared errors), ``origins``, ``groups``. Empty without a day.
    """
    if not trials:
        return {}
    placed, said = (
        joined([trial.placed for trial in trials]),
        joined([trial.forecast.orders for trial in trials]),
    )
    # A rule that not every day tried could follow is none to compare with.
    shared = set.intersection(*(set(trial.order_baselines) for trial in trials))
    rules = {key: joined([trial.order_baselines[key] for trial in trials]) for key in sorted(shared)}
    losses = {key: capped_squares(placed, guess) for key, guess in rules.items()}
    return {
        "customers": int(placed.size),
        **order_figures(placed, said),
        **against_baselines(capped_squares(placed, said), losses, everybody(trials), "capped_squared_error"),
        "origins": [_row(trial) for trial in trials],
        "groups": by_group(trials, lambda which: _errors(placed[which], said[which])),
    }


def order_figures(placed: Real, said: Real) -> dict[str, Any]:
    """Give the errors, and how well customers are put in order."""
    return {
        **_errors(placed, said),
        "correlation": rounded(correlation(placed, said)),
        "rank_correlation": rounded(rank_correlation(placed, said)),
        "top_fifth_ratio": rounded(top_capture(placed, said, TOP_SHARE)),
    }


def _errors(placed: Real, said: Real) -> dict[str, Any]:
    return {
        "rmse": rounded(float(np.sqrt(np.mean((said - placed) ** 2)))),
        "mae": rounded(float(np.mean(np.abs(said - placed)))),
        "aggregate_error_ratio": off(said, placed),
    }


def _row(trial: Trial) -> dict[str, Any]:
    figures = order_figures(trial.placed, trial.forecast.orders)
    factor = rounded(trial.knowledge.orders_factor)
    return {"origin": trial.look.origin.isoformat(), **figures, "season_factor": factor}
