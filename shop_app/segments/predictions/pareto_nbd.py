"""Pareto/NBD: customers buy by chance and leave at any time, seen or not."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.special import digamma, gammaln

from shop_app.segments.predictions.btyd_likelihood import ROWS_AT_ONCE
from shop_app.segments.predictions.btyd_table import Real, VisitTable, thinned, visit_table
from shop_app.segments.predictions.downhill import lowest, settled
from shop_app.segments.predictions.purchase_parameters import ParetoParameters

LEAST = np.log([1.3e-3, 5.3e-2, 1.3e-3, 5.3e-2])
MOST = np.log([97.3, 1.03e6, 29.6, 1.03e6])
# Logarithms of r, alpha (days), s and beta (days). Where customers leave all alike, s and beta grow together
# and say the same; s ends at its bound.

_POINTS, _WEIGHTS = (
    (side + shift) / 2.0 for side, shift in zip(np.polynomial.legendre.leggauss(24), (1, 0), strict=True)
)
"""Where the mean over the silence is taken, between 0 and 1; with twice as many the eighth digit stays."""

ENOUGH, PLENTY = 8_000, 60_000
"""Customers that the way to the optimum is found with, and those that are asked for the last steps."""


def fit_pareto_nbd(visits: pl.DataFrame) -> ParetoParameters:
    """Fit Pareto/NBD to a shop's visits.

    Parameters
    ----------
    visits
        ``repeat_count`` (x), ``t_x_days`` (t_x), ``age_days`` (T): whole numbers, one row a customer; null for
        who never bought, and left out.

    Returns
    -------
    ParetoParameters
        The maximum of the likelihood within wide bounds, of at most 60,000 customers evenly taken.

    Raises
    ------
    ValueError
        Visits that cannot have happened, see :func:`~shop_app.segments.predictions.btyd_table.visit_table`.

    Notes
    -----
    Schmittlein, Morrison, Colombo, Counting Your Customers, Management Science 33 (1987), 1-24.
    """
    return pareto_of(visit_table(visits))


def pareto_of(table: VisitTable) -> ParetoParameters:
    """Fit Pareto/NBD to a table of visits."""
    few, many = ParetoLikelihood(thinned(table, ENOUGH)), ParetoLikelihood(thinned(table, PLENTY))
    found = lowest(few.at, [_start(table)], (LEAST, MOST))
    if few.table is not many.table:
        found = settled(many.at, few.at, found, (LEAST, MOST))
    r, alpha, s, beta = (float(value) for value in np.exp(found))
    log_likelihood = -many.at(found)[0] * table.customer_count
    return ParetoParameters(r, alpha, s, beta, log_likelihood, table.customer_count)


def _start(table: VisitTable) -> Real:
    days = float(np.sum(table.customers * table.age)) + 1.0
    repeats = float(np.sum(table.customers * table.repeats)) + 1e-3
    return np.clip(np.log([0.61, 0.43 * days / repeats, 0.61, 0.7 * days]), LEAST + 0.1, MOST - 0.1)


@dataclass(frozen=True, slots=True)
class ParetoLikelihood:
    """The mean log-likelihood of a customer, ready to be asked for many parameters."""

    table: VisitTable

    def at(self, logs: Real) -> tuple[float, Real]:
        """Give the negative mean log-likelihood and its gradient by the logarithms of r, alpha, s and beta.

        Notes
        -----
        The chance of having left in the silence is an integral over it (Schmittlein et al., equation 21, as two
        hypergeometric functions). With ``w = ((alpha + t_x) / (alpha + y)) ** (r + x + s)`` for the day y of
        leaving, what is left of it hardly bends, and a few points of Gauss and Legendre give it.
        """
        values = np.exp(logs)
        r, alpha, s, beta = values
        whole, slope = 0.0, np.zeros(4)
        for start in range(0, self.table.customers.size, ROWS_AT_ONCE):
            rows = self.table.rows(slice(start, start + ROWS_AT_ONCE))
            shape = r + rows.repeats
            there, there_slopes = _there(rows, shape, values)
            gone, gone_slopes = _gone(rows, shape, values)
            either = np.logaddexp(there, gone)
            is_gone = np.exp(gone - either)
            counts = gammaln(shape) - gammaln(r) + r * np.log(alpha) + s * np.log(beta)
            whole += float(np.sum(rows.customers * (counts + either)))
            slopes = is_gone * gone_slopes + (1.0 - is_gone) * there_slopes
            slopes[0] += digamma(shape) - digamma(r) + np.log(alpha)
            slope += np.sum(rows.customers * slopes, axis=1)
        share = float(np.sum(self.table.customers))
        slope += share * np.array([0.0, r / alpha, np.log(beta), s / beta])
        return -whole, -slope * values


def _there(rows: VisitTable, shape: Real, values: Real) -> tuple[Real, Real]:
    """Give the logarithm of being there and silent, and its slopes."""
    _, alpha, s, beta = values
    logs, left = np.log(alpha + rows.age), np.log(beta + rows.age)
    slopes = np.stack([-logs, -shape / (alpha + rows.age), -left, -s / (beta + rows.age)])
    return -shape * logs - s * left, slopes


def _gone(rows: VisitTable, shape: Real, values: Real) -> tuple[Real, Real]:
    """Give the logarithm of having left since the last visit, and its slopes."""
    _, alpha, s, beta = values
    power = shape + s
    begin = np.log(alpha + rows.last)
    end = np.exp(power * (begin - np.log(alpha + rows.age)))
    sums = np.zeros((5, shape.size))
    for point, weight in zip(_POINTS, _WEIGHTS, strict=True):
        log_day = begin - np.log(end + (1.0 - end) * point) / power
        day = np.exp(log_day)
        leaving = day + (beta - alpha)
        log_leaving = np.log(leaving)
        part = weight * np.exp((s + 1.0) * (log_day - log_leaving))
        sums += part * np.stack([np.ones_like(day), log_day, 1.0 / day, log_leaving, 1.0 / leaving])
    means = sums[1:] / sums[0]
    with np.errstate(divide="ignore"):
        silence = np.log1p(-end)
    slopes = np.stack([-means[0], -shape * means[1], 1.0 / s - means[2], -(s + 1.0) * means[3]])
    return np.log(s / power * sums[0]) - power * begin + silence, slopes
