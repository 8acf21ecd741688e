"""Trying predictions on the shop's own past: what was foretold on some day, and what came."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from shop_app.segments.history import History
from shop_app.segments.predictions.baselines import (
    chance_baselines,
    order_baselines,
    own_gap_days,
    value_baselines,
)
from shop_app.segments.predictions.btyd_table import Real
from shop_app.segments.predictions.chance_learning import columns_of
from shop_app.segments.predictions.columns import numbers
from shop_app.segments.predictions.knowledge import (
    SPANS,
    Forecast,
    Knowledge,
    expected_value,
    foretell,
    learn_all,
)
from shop_app.segments.predictions.looks import STEP_DAYS, WINDOW_DAYS, Look
from shop_app.segments.predictions.next_order import REACH_DAYS, chance_by
from shop_app.segments.predictions.order_chance import chance_logits, usual_chance
from shop_app.segments.predictions.value import interval

TEACHING_STEPS = (1, 2, 4)
"""Which looks before a day it is learned from, in steps of 13 weeks: the newest window, half a year, and last
year's. Three spaced ones did as well as a dozen monthly ones, measured on a shop with a strong season."""

LEAST_WEEKS = 26
MOST_TRIALS = 4
MOST_VALUE_TRIALS = 3

GROUPS = ("new", "one_time", "repeat", "heavy")
HEAVY_PURCHASES = 5


@dataclass(frozen=True, slots=True)
class Trial:
    """One day of the past on which everything was learned anew from what was known, and what came after it.

    Attributes
    ----------
    step
        How many looks back.
    look
        The day.
    knowledge, forecast
        What was learned and foretold.
    baselines
        For chances and for numbers of orders.
    """

    step: int
    look: Look
    knowledge: Knowledge
    forecast: Forecast
    chance_baselines: dict[str, Real]
    order_baselines: dict[str, Real]

    @property
    def customers(self) -> NDArray[np.int64]:
        """Return whom it was for."""
        return self.look.buyers["customer_id"].to_numpy()

    @property
    def placed(self) -> Real:
        """Return how many days with an order came in the window."""
        if self.look.outcomes is None:
            raise ValueError("the window of this look is not over")
        return numbers(self.look.outcomes, "visit_count")

    @property
    def came(self) -> Real:
        """Return 1 for who ordered in the window, else 0; nobody is left out for not having come back yet."""
        return np.asarray(self.placed > 0, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class ValueTrial:
    """What was foretold of money in so many days, and what came."""

    trial: Trial
    days: int
    value: Real
    low: Real
    high: Real
    revenue: Real
    baselines: dict[str, Real]


@dataclass(frozen=True, slots=True)
class WaitTrial:
    """What was foretold of the day of the next order, and when it came.

    ``by_30`` and ``by_reach`` are chances of an order within 30 and within 180 days, ``waited`` days until it
    (NaN: none within 180), ``own_gap`` what the usual formula says.
    """

    trial: Trial
    by_30: Real
    by_reach: Real
    waited: Real
    own_gap: Real
    baselines_30: dict[str, Real]


def run_trials(history: History, looks: Sequence[Look], *, with_trees: bool = True) -> list[Trial]:
    """Learn anew on days of the past whose windows are over, the latest first.

    Parameters
    ----------
    history
        The shop's.
    looks
        From :func:`~shop_app.segments.predictions.looks.looks_back`.
    with_trees
        Whether trees are tried: where they do not win today, they need not be grown for each day of the past.

    Returns
    -------
    list of Trial
        Of every look with another to learn from and :data:`LEAST_WEEKS` of history before it, or with less
        where no look has that much.
    """
    able = [step for step in range(1, len(looks)) if teaching(looks, step) and looks[step].outcomes is not None]
    grown = [step for step in able if looks[step].weeks_before >= LEAST_WEEKS]
    chosen = (grown or able[:1])[: MOST_TRIALS + MOST_VALUE_TRIALS - 1]
    return [_trial(history, looks, step, with_trees=with_trees) for step in chosen]


def teaching(looks: Sequence[Look], step: int) -> list[Look]:
    """Return the looks that are learned from on the day of the look so many steps back."""
    return [looks[step + back] for back in TEACHING_STEPS if step + back < len(looks)]


def value_trials(history: History, looks: Sequence[Look], trials: Sequence[Trial]) -> list[ValueTrial]:
    """Look at what customers brought, over a year where the past allows, else over as long as it does."""
    for days in SPANS:
        over = [trial for trial in trials if trial.look.origin + timedelta(days=days) <= looks[0].origin]
        if over:
            return [_value_trial(history, looks, trial, days) for trial in over[:MOST_VALUE_TRIALS]]
    return []


def wait_trials(history: History, looks: Sequence[Look], trials: Sequence[Trial]) -> list[WaitTrial]:
    """Look at when customers came, on days that are long enough ago."""
    reach = timedelta(days=REACH_DAYS)
    over = [trial for trial in trials if trial.look.origin + reach <= looks[0].origin]
    return [_wait_trial(history, looks, trial) for trial in over[:MOST_VALUE_TRIALS]]


def groups_of(look: Look) -> NDArray[np.int64]:
    """Put each customer into one of :data:`GROUPS`: new (first order in the last 90 days), or by purchases."""
    purchases = numbers(look.buyers, "repeat_count") + 1
    group = np.where(purchases >= HEAVY_PURCHASES, 3, np.where(purchases > 1, 2, 1))
    return np.where(numbers(look.buyers, "tenure_days") <= WINDOW_DAYS, 0, group).astype(np.int64)


def _trial(history: History, looks: Sequence[Look], step: int, *, with_trees: bool) -> Trial:
    now, past = looks[step], teaching(looks, step)
    knowledge = learn_all(history, now, past, with_trees=with_trees)
    before = looks[step + 1] if step + 1 < len(looks) else None
    return Trial(
        step=step,
        look=now,
        knowledge=knowledge,
        forecast=foretell(now.buyers, knowledge),
        chance_baselines=chance_baselines(now, past),
        order_baselines=order_baselines(now, before, past),
    )


def _value_trial(history: History, looks: Sequence[Look], trial: Trial, days: int) -> ValueTrial:
    look, knowledge = trial.look, trial.knowledge
    columns = columns_of(look.buyers, look.teachers)
    usual = usual_chance(chance_logits(columns, knowledge.chance), knowledge.chance)
    closed = expit(columns.lines["likeliest"])
    orders, value = expected_value(look.buyers, look.teachers, closed, usual, days)
    nothing = np.full(value.size, np.nan)
    low, high = interval(orders, value, knowledge.spread) if knowledge.spread else (nothing, nothing)
    back = trial.step + round(days / STEP_DAYS)
    return ValueTrial(
        trial=trial,
        days=days,
        value=value,
        low=low,
        high=high,
        revenue=numbers(history.outcomes(look.origin, days), "net_revenue"),
        baselines=value_baselines(
            look, looks[back] if back < len(looks) else None, teaching(looks, trial.step), days
        ),
    )


def _wait_trial(history: History, looks: Sequence[Look], trial: Trial) -> WaitTrial:
    look, past = trial.look, teaching(looks, trial.step)
    return WaitTrial(
        trial=trial,
        by_30=chance_by(look.buyers, look.teachers, trial.forecast.lift, 30),
        by_reach=trial.forecast.chance_in_reach,
        waited=numbers(history.outcomes(look.origin, REACH_DAYS), "next_order_days"),
        own_gap=own_gap_days(look),
        baselines_30=chance_baselines(look, past, within=30),
    )
