"""A shop with two kinds of buyers, each with its own purchase model: mostly the many and a few regulars."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from shop_app.segments.predictions.btyd_likelihood import (
    ROWS_AT_ONCE,
    Model,
    constant_of,
    days_of,
    of_leaving,
    of_repeats,
)
from shop_app.segments.predictions.btyd_table import Real, VisitTable

LEAST_SHARE = 0.002
"""The smaller kind; fewer customers than that make no kind."""

NUMBERS_ADDED = 5
"""Four more parameters and the share: what the second kind must add to the log-likelihood (Akaike, 1974)."""


@dataclass(frozen=True, slots=True)
class TwoKinds:
    """The mean log-likelihood of a customer who is of one of two kinds."""

    model: Model
    table: VisitTable

    def at(self, numbers: Real) -> tuple[float, Real]:
        """Give the negative mean log-likelihood and its gradient.

        ``numbers`` are the logarithms of r, alpha, a and b of the first kind, those of the second, and the
        log-odds of being of the first.
        """
        longest = int(self.table.age.max(initial=0)) + 1
        kinds = [_Kind(self.model, np.exp(part), longest) for part in (numbers[:4], numbers[4:8])]
        first = float(expit(numbers[8]))
        whole, slope = 0.0, np.zeros(9)
        for start in range(0, self.table.customers.size, ROWS_AT_ONCE):
            rows = self.table.rows(slice(start, start + ROWS_AT_ONCE))
            (one, one_slopes), (other, other_slopes) = (kind.of(rows) for kind in kinds)
            odds = numbers[8] + one - other
            is_one = rows.customers * expit(odds)
            is_other = rows.customers - is_one
            whole += float(np.sum(rows.customers * (other + np.logaddexp(odds, 0.0) + np.log1p(-first))))
            slope[:4] += np.sum(is_one * one_slopes, axis=1)
            slope[4:8] += np.sum(is_other * other_slopes, axis=1)
            slope[8] += np.sum(is_one - rows.customers * first)
        return -(whole + constant_of(self.table, self.model)), -slope


@dataclass(frozen=True, slots=True)
class _Kind:
    model: Model
    values: Real
    longest: int

    def of(self, rows: VisitTable) -> tuple[Real, Real]:
        """Give each row's log-likelihood and its slopes by the logarithms of the four parameters."""
        logs, inverse = days = days_of(self.longest, self.values)
        table_of_repeats = np.arange(int(rows.repeats.max(initial=0)) + 1)
        by_repeats, repeat_slopes = of_repeats(table_of_repeats, self.values, self.model)
        shape = self.values[0] + self.model.regularity * rows.repeats
        whole = by_repeats[rows.repeats] - shape * logs[rows.age]
        slopes = repeat_slopes[:, rows.repeats]
        slopes[0] -= logs[rows.age]
        slopes[1] -= shape * inverse[rows.age]
        begin = 0 if self.model.may_leave_at_once else int(np.searchsorted(rows.repeats, 1))
        leaving, leaving_slopes = of_leaving(rows.rows(slice(begin, None)), days, self.values, self.model)
        whole[begin:] += leaving
        slopes[:, begin:] += leaving_slopes
        return whole, slopes * self.values[:, None]


def start_of_two(logs: Real) -> Real:
    """Begin from the one kind that fits best, with a few customers who come far more often."""
    few = logs + np.array([0.3, -2.0, 0.2, 0.9])
    return np.concatenate([logs, few, [logit(0.97)]])
