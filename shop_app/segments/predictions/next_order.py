"""When the next order will come: how likely by which day, and a band of days around the likely ones."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple, Self

import numpy as np
import polars as pl
from scipy.special import expit, logit, ndtr

from shop_app.segments.predictions.btyd_scores import order_probability
from shop_app.segments.predictions.btyd_table import Real
from shop_app.segments.predictions.cadence import usual_gap
from shop_app.segments.predictions.chance_columns import Teachers
from shop_app.segments.predictions.columns import numbers
from shop_app.segments.predictions.looks import WINDOW_DAYS
from shop_app.segments.predictions.one_by_one import log

REACH_DAYS = 180
"""Beyond this nobody is given a day."""

LEAST_CHANCE = 0.5
"""Of an order within :data:`REACH_DAYS`, for a band to be given."""

DAYS = (7, 14, 30, 60, WINDOW_DAYS, 130, REACH_DAYS)
"""Days by which an order is foretold; between them as many come on each day."""

COVERAGE = 0.8
LEAST_KNOWN = 50
"""Orders that came from customers with a band, below which the band is not fitted."""

_WEIGHTS = (0.0, 0.25, 0.5, 0.75, 1.0)
_NEARLY = 1e-9


@dataclass(frozen=True, slots=True)
class NextOrder:
    """What has been learned about when orders come.

    Attributes
    ----------
    own_gap_weight
        How much a customer's usual gap decides on the day, 0 to 1; the rest does the purchase model.
    low, high
        Between which shares of the orders that come within :data:`REACH_DAYS` the band lies.
    """

    own_gap_weight: float
    low: float
    high: float

    def to_json(self) -> dict[str, Any]:
        """Give plain values that :meth:`from_json` reads back as an equal object."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_json` gave."""
        return cls(**stored)


class Waited(NamedTuple):
    """One look at the past as days are learned from it, for customers who were likely to come.

    ``by_purchases`` and ``by_gap`` are curves from :func:`curves`, ``days`` until the order (NaN: none within
    :data:`REACH_DAYS`).
    """

    by_purchases: Real
    by_gap: Real
    days: Real


UNKNOWN = NextOrder(0.0, (1 - COVERAGE) / 2, (1 + COVERAGE) / 2)


def fit_next_order(past: Sequence[Waited]) -> NextOrder:
    """Learn how much usual gaps say, and where the band must lie to hold 80 % of the orders that come."""
    came = [_came(look) for look in past]
    if sum(look.days.size for look in came) < LEAST_KNOWN:
        return UNKNOWN
    weight = min(_WEIGHTS, key=lambda weight: sum(_distance(look, weight) for look in came))
    shares = np.concatenate(
        [_share_by(mixed(look.by_purchases, look.by_gap, weight), look.days) for look in came]
    )
    low, high = np.quantile(shares, [(1 - COVERAGE) / 2, (1 + COVERAGE) / 2])
    return NextOrder(weight, float(low), float(high))


def chance_by(buyers: pl.DataFrame, teachers: Teachers, lift: Real, days: float) -> Real:
    """Give the chance of an order in so many days: the purchase model's, lifted.

    Parameters
    ----------
    buyers
        Features, one row a customer with an order.
    teachers
        What was learned of purchases.
    lift
        By how much the chance of an order in 90 days exceeds the purchase model's, as a logit.
    days
        Above 0.
    """
    by_then = np.clip(order_probability(buyers, teachers.purchases, days), _NEARLY, 1 - _NEARLY)
    return np.asarray(expit(logit(by_then) + lift))


def curves(buyers: pl.DataFrame, teachers: Teachers, lift: Real) -> tuple[Real, Real]:
    """Say how orders within :data:`REACH_DAYS` spread over :data:`DAYS`, as two teachers have it.

    Parameters are those of :func:`chance_by`.

    Returns
    -------
    numpy.ndarray, numpy.ndarray
        One row a customer, one column a day: the share that has come by then, ending with 1; by the purchase
        model, and by the customer's usual gap.
    """
    by_purchases = np.column_stack([chance_by(buyers, teachers, lift, days) for days in DAYS])
    recency = np.maximum(numbers(buyers, "recency_days"), 0.5)
    gap = log(usual_gap(buyers, teachers.cadence))
    spread = teachers.cadence.spread
    silent = ndtr((log(recency) - gap) / spread)
    by_gap = np.column_stack([ndtr((log(recency + days) - gap) / spread) - silent for days in DAYS])
    known = by_gap[:, -1] > _NEARLY
    by_purchases = by_purchases / by_purchases[:, -1:]
    with np.errstate(all="ignore"):
        return by_purchases, np.where(known[:, None], by_gap / by_gap[:, -1:], by_purchases)


def mixed(by_purchases: Real, by_gap: Real, weight: float) -> Real:
    """Weigh the two curves."""
    return np.asarray((1.0 - weight) * by_purchases + weight * by_gap)


def day_of_share(curve: Real, share: float) -> Real:
    """Give the day by which a share of the orders has come, between 0 and :data:`REACH_DAYS`."""
    day: Real = np.full(curve.shape[0], float(REACH_DAYS))
    found = np.zeros(curve.shape[0], dtype=bool)
    before: Real = np.zeros(curve.shape[0])
    before_day = 0.0
    for place, until in enumerate(DAYS):
        reached = ~found & (curve[:, place] >= share)
        step = np.maximum(curve[:, place] - before, _NEARLY)
        between = before_day + (until - before_day) * np.clip((share - before) / step, 0.0, 1.0)
        day = np.where(reached, between, day)
        found |= reached
        before, before_day = curve[:, place], float(until)
    return day


def _came(look: Waited) -> Waited:
    came = ~np.isnan(look.days)
    return Waited(look.by_purchases[came], look.by_gap[came], look.days[came])


def _share_by(curve: Real, days: Real) -> Real:
    """Say where on their curves orders came: the share expected by their day."""
    knots = np.concatenate([[0.0], DAYS])
    place = np.clip(np.searchsorted(knots, days, side="left"), 1, len(DAYS))
    rows = np.arange(days.size)
    upper = curve[rows, place - 1]
    lower = np.where(place > 1, curve[rows, np.maximum(place - 2, 0)], 0.0)
    part = (days - knots[place - 1]) / (knots[place] - knots[place - 1])
    return np.asarray(lower + np.clip(part, 0.0, 1.0) * (upper - lower))


def _distance(look: Waited, weight: float) -> float:
    """Add up how far curves lie from the days on which orders came (continuous ranked probability score)."""
    curve = mixed(look.by_purchases, look.by_gap, weight)
    widths = np.diff(np.concatenate([[0.0], DAYS]))
    came = np.asarray(DAYS)[None, :] >= look.days[:, None]
    return float(np.sum((curve - came) ** 2 * widths))
