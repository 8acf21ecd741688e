"""What the parts of the report card have in common."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shop_app.segments.predictions.backtest import GROUPS, Trial, groups_of
from shop_app.segments.predictions.baselines import WORDS
from shop_app.segments.predictions.btyd_table import Real
from shop_app.segments.predictions.measures import skill

Whole = NDArray[np.int64]

DIGITS = 4

CAP_SHARE = 0.99
"""Of those who ordered or spent anything, the share below the cap."""


def rounded(value: float | None, digits: int = DIGITS) -> float | None:
    """Round what is known to what is read."""
    return None if value is None or not np.isfinite(value) else round(float(value), digits)


def joined(parts: Sequence[Real]) -> Real:
    """Lay the same figure of several days end to end."""
    return np.concatenate([np.zeros(0), *parts])


def everybody(trials: Sequence[Trial]) -> Whole:
    """Lay the customers of several days end to end."""
    return np.concatenate([np.zeros(0, dtype=np.int64), *(trial.customers for trial in trials)])


def against_baselines(ours: Real, baselines: Mapping[str, Real], customers: Whole, name: str) -> dict[str, Any]:
    """Set our losses against those of the rules of thumb, and against the best of them for the skill.

    Parameters
    ----------
    ours
        One loss a forecast.
    baselines
        Those of the rules of thumb, by their keys in ``WORDS``.
    customers
        Whom each forecast was for.
    name
        What the mean loss is called.

    Returns
    -------
    dict
        ``baselines`` (each rule's mean loss), ``best_baseline``, ``best_baseline_words`` and ``skill`` over
        it, by :func:`~shop_app.segments.predictions.measures.skill`; null where there is nothing to compare
        with.
    """
    means = {key: float(losses.mean()) for key, losses in baselines.items() if losses.size}
    best = min(means, key=lambda key: means[key]) if means else None
    gained = skill(ours, baselines[best], customers) if best else None
    return {
        "baselines": {key: {name: rounded(mean, 6)} for key, mean in means.items()},
        "best_baseline": best,
        "best_baseline_words": WORDS[best] if best else None,
        "skill": gained.to_json() if gained else None,
    }


def by_group(
    trials: Sequence[Trial], figures: Callable[[NDArray[np.bool_]], dict[str, Any]]
) -> list[dict[str, Any]]:
    """Work figures out for new, one-time, repeat and heavy customers apart."""
    group = np.concatenate([np.zeros(0, dtype=np.int64), *(groups_of(trial.look) for trial in trials)])
    rows = [(name, group == place) for place, name in enumerate(GROUPS)]
    return [
        {"group": name, "customers": int(which.sum()), **figures(which)} for name, which in rows if which.any()
    ]


def capped_squares(true: Real, guess: Real) -> Real:
    """Give squared errors, all above :data:`CAP_SHARE` of the true amounts taken as that.

    A handful of giants would decide alone which of two forecasts is better.
    """
    cap = float(np.quantile(true[true > 0], CAP_SHARE)) if (true > 0).any() else 1.0
    return np.asarray((np.minimum(guess, cap) - np.minimum(true, cap)) ** 2)


def off(said: Real, true: Real) -> float | None:
    """Say by which share too many were foretold; below 0 too few."""
    whole = float(true.sum())
    return rounded(float(said.sum()) / whole - 1.0) if whole > 0 else None
