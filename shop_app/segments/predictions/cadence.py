"""How long a customer usually waits between purchases, and how far past that they are."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
import polars as pl

from shop_app.segments.predictions.btyd_table import Real
from shop_app.segments.predictions.columns import column, numbers, ratio
from shop_app.segments.predictions.one_by_one import exp, log

LEAST_PULL, MOST_PULL = 0.25, 20.0
"""Bounds of the shop's say: a quarter of one gap of the customer's own, and twenty of them."""

_LEAST_SPREAD = 0.01


@dataclass(frozen=True, slots=True)
class Cadence:
    """What gaps between purchases are like in this shop.

    Attributes
    ----------
    mean_log_days
        The natural logarithm of a usual gap in days, the mean over customers who came back; ``None`` where
        nobody has.
    pull
        How many gaps of a customer's own the shop's usual one weighs as much as.
    spread
        How far one customer's gaps lie apart: the standard deviation of their logarithms.
    """

    mean_log_days: float | None
    pull: float
    spread: float

    def to_json(self) -> dict[str, Any]:
        """Give plain values that :meth:`from_json` reads back as an equal object."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_json` gave."""
        return cls(**stored)


def fit_cadence(features: pl.DataFrame) -> Cadence:
    """Learn how different customers' gaps are from each other, and from one time to the next.

    Parameters
    ----------
    features
        ``repeat_count``, ``log_gap_sum`` (of gaps in days) and ``interval_mean_days``, one row a customer.

    Notes
    -----
    Gaps of one customer are taken as log-normal around an own mean, and those means as normal around the
    shop's (Efron, Morris, Stein's paradox in statistics, Scientific American 236 (1977), 119-127). How far
    gaps of one customer lie apart shows in how far their mean lies above their geometric mean.
    """
    back = features.filter(pl.col("repeat_count") > 0).sort("repeat_count", "log_gap_sum", "interval_mean_days")
    repeats, logs = numbers(back, "repeat_count"), numbers(back, "log_gap_sum")
    if not repeats.size:
        return Cadence(None, LEAST_PULL, 1.0)
    own = logs / repeats
    several = repeats > 1
    above = 2.0 * (np.log(numbers(back, "interval_mean_days")) - own) * repeats / np.maximum(repeats - 1, 1)
    within = max(float(above[several].mean()) if several.any() else _LEAST_SPREAD, _LEAST_SPREAD)
    between = max(float(own.var()) - within * float((1.0 / repeats).mean()), _LEAST_SPREAD)
    pull = float(np.clip(within / between, LEAST_PULL, MOST_PULL))
    return Cadence(float(own.mean()), pull, float(np.sqrt(within)))


def usual_gap(features: pl.DataFrame, cadence: Cadence) -> Real:
    """Give each customer's usual gap in days: their own ones, drawn towards the shop's while they are few.

    NaN without an order, and for everybody in a shop to which nobody came back.
    """
    repeats = numbers(features, "repeat_count")
    if cadence.mean_log_days is None:
        return np.full(repeats.size, np.nan)
    own = np.nan_to_num(numbers(features, "log_gap_sum"), nan=0.0)
    logs = (own + cadence.pull * cadence.mean_log_days) / (repeats + cadence.pull)
    return exp(np.where(np.isnan(repeats), np.nan, logs))


def score_cadence(features: pl.DataFrame, cadence: Cadence) -> pl.DataFrame:
    """Add up to two columns what is usual, and how far past it a customer is.

    Returns
    -------
    polars.DataFrame
        ``usual_gap_days`` (above 0) and ``cadence_drift_ratio`` (days since the last order over it; 1.8 means
        1.8 times the usual gap), in the order of ``features``; null without an order.
    """
    gap = usual_gap(features, cadence)
    return pl.DataFrame(
        [
            column("usual_gap_days", gap),
            column("cadence_drift_ratio", ratio(numbers(features, "recency_days"), gap)),
        ]
    )


def log_drift(features: pl.DataFrame, cadence: Cadence) -> Real:
    """Give the logarithm of days since the last order, and one more, over the usual gap; NaN where unknown."""
    return log(1.0 + np.maximum(numbers(features, "recency_days"), 0.0)) - log(usual_gap(features, cadence))
