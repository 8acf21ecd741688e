"""Whether the coming window is a busy one, as far as the shop's own past can tell."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Self

import numpy as np
import polars as pl

from shop_app.segments.history import History
from shop_app.segments.predictions.looks import STEP_DAYS, WINDOW_DAYS, Look

YEAR_DAYS = 4 * STEP_DAYS
"""364 days: the same window a year ago, on the same weekdays."""

LEAST_WEEKS_BEFORE = 26
"""Below this much history before it, last year's window says more about a young shop than about the season."""

LEAST_NEW_RATIO = 0.05
"""Of the orders of the last half-year those of new customers; below it a closed circle of buyers slows down by
itself, and last year's orders say nothing about the season."""

_WORDS = {
    "last_year": "Corrected by how the same weeks of last year turned out.",
    "order_index": "Corrected by how many orders the same weeks of last year had: the shop was too young then "
    "for more.",
    "none": "Not corrected for the season: there is no year of orders yet.",
    "closed": "Not corrected for the season: hardly any new customers come, so fewer orders mean no season.",
}


@dataclass(frozen=True, slots=True)
class Season:
    """What is known of the coming window.

    Attributes
    ----------
    kind
        ``"last_year"``, ``"order_index"``, ``"closed"`` or ``"none"``.
    words
        The same for the merchant.
    last_year
        The place of last year's window among those learned from; ``None`` where it is not used.
    logit_shift
        By how much likelier an order is by the order index, as a logit; 0 where it is not used.
    """

    kind: str
    words: str
    last_year: int | None
    logit_shift: float

    def to_json(self) -> dict[str, Any]:
        """Give plain values that :meth:`from_json` reads back as an equal object."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_json` gave."""
        return cls(**stored)


def find_season(history: History, past: Sequence[Look], *, as_of: datetime) -> Season:
    """Find out what the shop's past says about the window that begins at ``as_of``.

    Parameters
    ----------
    history
        The shop's, with nothing after ``as_of`` in it.
    past
        The looks that are learned from, their windows over.

    Notes
    -----
    Measured on a shop with a strong autumn: correcting by the newest window instead made autumn worse than not
    correcting at all, and last year's window made it right to half a percent.
    """
    year_ago = as_of - timedelta(days=YEAR_DAYS)
    for place, look in enumerate(past):
        if look.origin == year_ago and look.weeks_before >= LEAST_WEEKS_BEFORE:
            return Season("last_year", _WORDS["last_year"], place, 0.0)
    first = history.first_order_at()
    if first is None or first > year_ago or not past:
        return _unknown("none")
    placed = history.counted(as_of)
    if _new_ratio(placed, as_of) < LEAST_NEW_RATIO:
        return _unknown("closed")
    busy = _orders(placed, year_ago)
    windows = [_orders(placed, look.origin) for look in past]
    if not busy or not all(windows):
        return _unknown("none")
    return Season("order_index", _WORDS["order_index"], None, float(np.log(busy) - np.mean(np.log(windows))))


def _unknown(kind: str) -> Season:
    return Season(kind, _WORDS[kind], None, 0.0)


def _orders(placed: pl.DataFrame, origin: datetime) -> int:
    until = origin + timedelta(days=WINDOW_DAYS)
    return placed.filter(pl.col("processed_at").is_between(origin, until, closed="right")).height


def _new_ratio(placed: pl.DataFrame, as_of: datetime) -> float:
    since = as_of - timedelta(days=2 * STEP_DAYS)
    late = placed.filter(pl.col("processed_at") > since).height
    firsts = placed.group_by("customer_id").agg(pl.col("processed_at").min())
    return firsts.filter(pl.col("processed_at") > since).height / late if late else 0.0
