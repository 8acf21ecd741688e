"""How likely each customer is to order in the next 90 days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from scipy.special import expit

from shop_app.segments.predictions.blend import Blend, blended
from shop_app.segments.predictions.btyd_table import Real
from shop_app.segments.predictions.chance_learning import Columns, Learned, Window, learn, logits_of
from shop_app.segments.predictions.logistic import Logistic
from shop_app.segments.predictions.measures import calibration_line, level_shift
from shop_app.segments.predictions.season import Season
from shop_app.segments.predictions.trees import Trees

MOST_AWAY = 0.6
"""No further from the level of the windows (as a logit) is the purchase model's followed."""

MOST_SLOPE = 1.5
"""How much bolder or more timid last year's window may make us."""


@dataclass(frozen=True, slots=True)
class OrderChance:
    """What has been learned about orders of the next 90 days.

    Attributes
    ----------
    logistic, trees
        Beside the purchase model's closed form; ``None`` where the shop has too little past for it, trees
        also where they did not win on windows that they had not seen.
    blend
        How much each of the three counts.
    slope, offset
        What is made of the sum in the end: the coming season in one straight line.
    usual_offset
        The same in a season like any other, with a slope of 1.
    """

    logistic: Logistic | None
    trees: Trees | None
    blend: Blend
    slope: float
    offset: float
    usual_offset: float

    def to_json(self) -> dict[str, Any]:
        """Give plain values that :meth:`from_json` reads back as an equal object."""
        return {
            "logistic": self.logistic.to_json() if self.logistic else None,
            "trees": self.trees.to_json() if self.trees else None,
            "blend": self.blend.to_json(),
            "slope": self.slope,
            "offset": self.offset,
            "usual_offset": self.usual_offset,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_json` gave."""
        return cls(
            logistic=Logistic.from_json(stored["logistic"]) if stored["logistic"] else None,
            trees=Trees.from_json(stored["trees"]) if stored["trees"] else None,
            blend=Blend.from_json(stored["blend"]),
            slope=float(stored["slope"]),
            offset=float(stored["offset"]),
            usual_offset=float(stored["usual_offset"]),
        )


def fit_order_chance(
    windows: Sequence[Window], now: Columns, season: Season, *, with_trees: bool = True
) -> OrderChance:
    """Learn the chance of an order from windows of the past that are over.

    Parameters
    ----------
    windows
        From :func:`~shop_app.segments.predictions.chance_learning.window_of`.
    now
        The same columns of today's customers, whom the result is for.
    season
        What is known of the coming window. Where the same one is known from a year ago, the logits are shifted
        by how much busier it was than the windows learned from, and stretched by how much clearer it was who
        would come.
    with_trees
        Whether trees are tried at all.
    """
    learned = learn(windows, with_trees=with_trees)
    slope, offset, usual_offset = _line(learned, windows, now, season)
    return OrderChance(learned.logistic, learned.trees, learned.blend, slope, offset, usual_offset)


def chance_logits(columns: Columns, chance: OrderChance) -> Real:
    """Give each customer's logit before season and level."""
    return blended(logits_of(columns, Learned(chance.logistic, chance.trees, chance.blend)), chance.blend)


def coming_chance(logits: Real, chance: OrderChance) -> Real:
    """Give each customer's chance of an order in the coming 90 days, above 0 and below 1."""
    return np.asarray(expit(chance.slope * logits + chance.offset))


def usual_chance(logits: Real, chance: OrderChance) -> Real:
    """Give each customer's chance of an order in 90 days of a season like any other."""
    return np.asarray(expit(logits + chance.usual_offset))


def _line(
    learned: Learned, windows: Sequence[Window], now: Columns, season: Season
) -> tuple[float, float, float]:
    """Find slope and offset of the coming window, and the offset of a usual one.

    Without last year's window the level is half way between that of the windows learned from and what the
    purchase model says of today's customers: either is wrong at times, seldom both in the same direction.
    """
    if learned.logistic is None:
        return 1.0, season.logit_shift, 0.0
    totals = [blended(logits_of(window.columns, learned), learned.blend) for window in windows]
    shifts = [
        level_shift(total, float(window.happened.sum())) for total, window in zip(totals, windows, strict=True)
    ]
    total = blended(logits_of(now, learned), learned.blend)
    usual = float(np.mean(shifts))
    if season.last_year is None:
        away = level_shift(total, float(np.sum(expit(now.lines["plain"])))) - usual
        usual += float(np.clip(away, -MOST_AWAY, MOST_AWAY)) / 2
        return 1.0, usual + season.logit_shift, usual
    slope = _slope(totals, windows, season.last_year)
    # The slope may not change how many are expected: of today's customers as many as without it.
    expected = float(np.sum(expit(total + shifts[season.last_year])))
    return slope, level_shift(slope * total, expected), usual


def _slope(totals: Sequence[Real], windows: Sequence[Window], last_year: int) -> float:
    lines = [
        calibration_line(window.happened, expit(total))["slope"]
        for total, window in zip(totals, windows, strict=True)
    ]
    slopes = [slope for slope in lines if slope is not None and slope > 0]
    if len(slopes) < len(windows):
        return 1.0
    relative = slopes[last_year] / float(np.exp(np.mean(np.log(slopes))))
    return float(np.clip(relative, 1 / MOST_SLOPE, MOST_SLOPE))
