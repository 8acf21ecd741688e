"""How far customers are from a rule's border."""

from functools import reduce

import numpy as np
import numpy.typing as npt
import polars as pl

from shop_app.segments.grouping.catalogue import FEATURES
from shop_app.segments.grouping.rule_matching import UPWARD, holds
from shop_app.segments.grouping.rule_tree import All, Any_, Condition, Rule

Floats = npt.NDArray[np.float64]

_HALF_STEP = {"at_least": -0.5, "less_than": -0.5, "at_most": 0.5, "more_than": 0.5}
_NEARLY_ZERO = 1e-9
# Away from a border of nothing everything is far.


class Distances:
    """Measures one frame against many rules; what several of them share is measured once."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self._frame = frame
        self._measured: dict[Rule, Floats] = {}

    def to(self, rule: Rule) -> Floats:
        """Say how far every customer is inside the rule's border, or outside: see :func:`distances`."""
        if rule not in self._measured:
            self._measured[rule] = self._measure(rule) if isinstance(rule, Condition) else self._join(rule)
        return self._measured[rule]

    def _join(self, rule: All | Any_) -> Floats:
        nearest = np.minimum if isinstance(rule, All) else np.maximum
        return reduce(nearest, (self.to(part) for part in rule.rules))

    def _measure(self, condition: Condition) -> Floats:
        value = condition.value
        if condition.operator not in _HALF_STEP or isinstance(value, str | tuple) or value is None:
            return np.where(holds(self._frame, condition, give=0.0).to_numpy(), 1.0, -1.0)
        if condition.feature not in self._frame.columns:
            return np.full(self._frame.height, -1.0)
        border = float(value)
        if FEATURES[condition.feature].whole:
            border += _HALF_STEP[condition.operator]
        away = self._frame[condition.feature].cast(pl.Float64).to_numpy() - border
        inward = away if condition.operator in UPWARD else -away
        share = inward / (np.abs(inward) + max(abs(border), _NEARLY_ZERO))
        return np.where(np.isnan(share), -1.0, share)


def distances(frame: pl.DataFrame, rule: Rule) -> pl.Series:
    """Say how far every customer is inside the rule's border, or outside.

    Parameters
    ----------
    frame, rule
        As for :func:`~shop_app.segments.grouping.rule_matching.matches`.

    Returns
    -------
    polars.Series
        Float64 from -1 to 1: 0 or more where the rule holds, 0 or less where it does not, in the order of
        ``frame``.

    Notes
    -----
    From a border ``v`` a value ``x`` is ``d = (x - v) / |v|`` away, brought between -1 and 1 by
    ``d / (1 + |d|)``; between whole numbers the border lies in the middle. Of rules that must all hold the
    nearest border counts, of alternatives the one that holds best. Texts, and what is unknown, are 1 or -1:
    there is no nearly. Differences and quotients are taken number by number, so that the last bit does not
    depend on who else is in the frame.
    """
    return pl.Series("distance", Distances(frame).to(rule))
