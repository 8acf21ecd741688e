"""What a customer will bring in the next 365 days, and between which sums that probably lies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import numpy as np
import polars as pl

from shop_app.segments.predictions.btyd_scores import expected_orders
from shop_app.segments.predictions.btyd_table import Real
from shop_app.segments.predictions.chance_columns import Teachers
from shop_app.segments.predictions.looks import WINDOW_DAYS
from shop_app.segments.predictions.one_by_one import log

YEAR_DAYS = 365
COVERAGE = 0.8
BANDS = 12
LEAST_IN_BAND = 100

_LEAST_RATIO, _MOST_RATIO = 0.02, 50.0
_LEAST_ORDERS = 1e-6


@dataclass(frozen=True, slots=True)
class Spread:
    """How far what customers brought lay from what was expected of them.

    Attributes
    ----------
    log_orders
        Logarithms of expected numbers of orders, ascending: how far off one is depends on them most.
    low, high
        What 80 % of such customers brought lies between these multiples of what was expected; straight lines
        in between.
    """

    log_orders: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]

    def to_json(self) -> dict[str, Any]:
        """Give plain values that :meth:`from_json` reads back as an equal object."""
        return {"log_orders": list(self.log_orders), "low": list(self.low), "high": list(self.high)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_json` gave."""
        return cls(**{name: tuple(stored[name]) for name in ("log_orders", "low", "high")})


class Brought(NamedTuple):
    """What was expected of customers in some window of the past, and what they brought (minor units)."""

    orders: Real
    value: Real
    revenue: Real


def orders_if_any(buyers: pl.DataFrame, teachers: Teachers, closed: Real) -> Real:
    """Say how many orders to expect of who places one at all in 90 days, 1 or more.

    ``closed`` is the purchase model's own chance of one.
    """
    orders = expected_orders(buyers, teachers.purchases, WINDOW_DAYS)
    return np.clip(orders / closed, 1.0, WINDOW_DAYS)


def orders_in(buyers: pl.DataFrame, teachers: Teachers, closed: Real, usual: Real, days: float) -> Real:
    """Say how many orders to expect in many days.

    Parameters
    ----------
    buyers
        Features, one row a customer with an order.
    teachers
        What was learned of purchases.
    closed
        The purchase model's own chance of an order in 90 days, above 0.
    usual
        The chance of one in a usual season: as far as it lies from the model's, the model's orders are taken
        to be off as well.
    days
        0 or more.
    """
    off = np.clip(usual / closed, _LEAST_RATIO, _MOST_RATIO)
    return np.minimum(expected_orders(buyers, teachers.purchases, days) * off, days)


def fit_spread(past: Sequence[Brought]) -> Spread | None:
    """Learn between which multiples of what was expected 80 % of the customers end.

    Returns
    -------
    Spread
        ``None`` where fewer than :data:`LEAST_IN_BAND` customers can be looked back at.

    Notes
    -----
    Where more than one in five brings nothing, the interval begins at 0 and holds the lower 80 %; where fewer
    than one in ten does, a tenth lies to either side. It always holds what is expected.
    """
    orders, value, revenue = (
        np.concatenate([np.zeros(0), *(look[part] for look in past)]) for part in range(3)
    )
    known = value > 0
    logs, ratios = log(np.maximum(orders[known], _LEAST_ORDERS)), revenue[known] / value[known]
    count = min(BANDS, logs.size // LEAST_IN_BAND)
    if not count:
        return None
    by_orders = np.lexsort((ratios, logs))
    bands = [_band(logs[rows], ratios[rows]) for rows in np.array_split(by_orders, count)]
    middles, lows, highs = zip(*bands, strict=True)
    return Spread(middles, lows, highs)


def interval(orders: Real, value: Real, spread: Spread) -> tuple[Real, Real]:
    """Give the sums between which 80 % of customers like this one end, around what is expected."""
    place = log(np.maximum(orders, _LEAST_ORDERS))
    return value * np.interp(place, spread.log_orders, spread.low), value * np.interp(
        place, spread.log_orders, spread.high
    )


def _band(logs: Real, ratios: Real) -> tuple[float, float, float]:
    nothing = float(np.mean(ratios <= 0))
    below = (1 - COVERAGE) / 2 * float(np.clip((0.2 - nothing) / 0.1, 0.0, 1.0))
    low, high = np.quantile(ratios, [below, below + COVERAGE])
    return float(np.median(logs)), min(float(low), 1.0), max(float(high), 1.0)
