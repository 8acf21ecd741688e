"""How likely a shop's visits are under a purchase model, and which way its numbers should move."""

from dataclasses import dataclass

import numpy as np
from scipy.special import betaln, digamma, gammaln

from shop_app.segments.predictions.btyd_table import Real, VisitTable, Whole

ROWS_AT_ONCE = 16_384
"""So many that the arrays of one piece stay in the processor's cache."""


@dataclass(frozen=True, slots=True)
class Model:
    """Which purchase model: k waits to a visit, and whether the first visit can be the last by choice."""

    regularity: int
    may_leave_at_once: bool


@dataclass(frozen=True, slots=True)
class Likelihood:
    """The mean log-likelihood of a customer, ready to be asked for many parameters.

    Attributes
    ----------
    model
        Whose.
    repeat_values, repeat_customers
        Every number of repeats that occurs, and the share of customers with it.
    age_customers, age_repeats
        For each age in days the share of customers, and their repeats.
    unsure
        The rows for which it is open whether the customer is still there.
    constant
        What does not depend on the parameters.
    """

    model: Model
    repeat_values: Whole
    repeat_customers: Real
    age_customers: Real
    age_repeats: Real
    unsure: VisitTable
    constant: float

    def at(self, logs: Real) -> tuple[float, Real]:
        """Give the negative mean log-likelihood and its gradient by the logarithms of r, alpha, a and b.

        Notes
        -----
        k = 1: Fader, Hardie, Lee (2005), equation 6, for BG/NBD and Batislam, Denizel, Filiztekin (2007) for
        MBG/NBD; k = 2: Platzer, Reutterer (2016), appendix. The sums over customers are pulled apart, so that
        gammas are worked out once for each number of repeats and logarithms once for each day.
        """
        values = np.exp(logs)
        share = self.repeat_customers
        part, slopes = of_repeats(self.repeat_values, values, self.model)
        whole, slope = float(np.sum(share * part)), np.sum(share * slopes, axis=1)
        part_of_ages, slope_of_ages = self._of_ages(values)
        whole, slope = whole + part_of_ages, slope + slope_of_ages
        days = days_of(self.age_customers.size, values)
        for start in range(0, self.unsure.customers.size, ROWS_AT_ONCE):
            rows = self.unsure.rows(slice(start, start + ROWS_AT_ONCE))
            part, slopes = of_leaving(rows, days, values, self.model)
            whole += float(np.sum(rows.customers * part))
            slope = slope + np.sum(rows.customers * slopes, axis=1)
        return -(whole + self.constant), -slope * values

    def _of_ages(self, values: Real) -> tuple[float, Real]:
        """Sum up what depends on the repeats and, through one logarithm, on the age."""
        r = values[0]
        logs, inverse = days_of(self.age_customers.size, values)
        shapes = r * self.age_customers + self.model.regularity * self.age_repeats
        slope = np.array([-np.sum(self.age_customers * logs), -np.sum(shapes * inverse), 0.0, 0.0])
        return -float(np.sum(shapes * logs)), slope


def likelihood(table: VisitTable, model: Model) -> Likelihood:
    """Prepare a table for one model."""
    longest = int(table.age.max(initial=0)) + 1
    by_repeats = _summed(table.customers, table.repeats, 1)
    occurs = np.flatnonzero(by_repeats)
    begin = 0 if model.may_leave_at_once else int(np.searchsorted(table.repeats, 1))
    return Likelihood(
        model=model,
        repeat_values=occurs,
        repeat_customers=by_repeats[occurs],
        age_customers=_summed(table.customers, table.age, longest),
        age_repeats=_summed(table.customers * table.repeats, table.age, longest),
        unsure=table.rows(slice(begin, None)),
        constant=constant_of(table, model),
    )


def _summed(values: Real, by: Whole, length: int) -> Real:
    return np.asarray(np.bincount(by, values, length), dtype=np.float64)


def constant_of(table: VisitTable, model: Model) -> float:
    """Give what the lengths of the gaps add to the mean log-likelihood, whatever the parameters."""
    return (model.regularity - 1) * (table.log_gap_sum or 0.0)


def days_of(longest: int, values: Real) -> tuple[Real, Real]:
    """Give the logarithm and the inverse of ``alpha + days`` for every number of days."""
    days = values[1] + np.arange(longest)
    return np.log(days), 1.0 / days


def of_repeats(repeats: Whole, values: Real, model: Model) -> tuple[Real, Real]:
    """Give the part of the log-likelihood that the number of repeats decides alone, and its four slopes."""
    r, alpha, a, b = values
    shape, stays = r + model.regularity * repeats, repeats + model.may_leave_at_once
    logs = gammaln(shape) - gammaln(r) + r * np.log(alpha) + betaln(a, b + stays) - betaln(a, b)
    both = digamma(a + b) - digamma(a + b + stays)
    slopes = np.empty((4, repeats.size))
    slopes[0] = digamma(shape) - digamma(r) + np.log(alpha)
    slopes[1] = r / alpha
    slopes[2] = both
    slopes[3] = digamma(b + stays) - digamma(b) + both
    return logs, slopes


def of_leaving(rows: VisitTable, days: tuple[Real, Real], values: Real, model: Model) -> tuple[Real, Real]:
    """Give ``log(there and silent + gone since the last visit)`` of each row, over the age's power, and slopes.

    Rows without a repeat visit are none of BG/NBD's: nobody is gone by then.
    """
    r, _, a, b = values
    logs, inverse = days
    shape = r + model.regularity * rows.repeats
    stays = b + rows.repeats - (not model.may_leave_at_once)
    closer = logs[rows.age] - logs[rows.last]
    gone = np.log(a / stays) + shape * closer
    largest = np.maximum(gone, 0.0)
    gone, there = np.exp(gone - largest), np.exp(-largest)
    slopes = np.zeros((4, gone.size))
    if model.regularity > 1:
        silence = there * (rows.age - rows.last) * inverse[rows.age]
        there = there + silence * shape
        slopes[0] = silence
        slopes[1] = -silence * shape * inverse[rows.age]
    either = gone + there
    slopes[0] += gone * closer
    slopes[1] += gone * shape * (inverse[rows.age] - inverse[rows.last])
    slopes[2] = gone / a
    slopes[3] = -gone / stays
    return np.log(either) + largest, slopes / either
