"""How much money a customer's next visit will bring: her own mean, drawn towards the shop's."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
import polars as pl
from scipy.special import digamma, gammaln

from shop_app.segments.predictions.btyd_table import Real, Whole
from shop_app.segments.predictions.downhill import lowest, settled

LEAST = np.log([2e-2, 1.05, 1e-4])
MOST = np.log([5e2, 5e2, 1e6])
# Logarithms of p, q and v over the shop's mean. With q of 1 or less customers' means would have no mean.

ENOUGH = 20_000
"""Customers that the way to the optimum is found with; all of them are asked for the last steps only."""


@dataclass(frozen=True, slots=True)
class SpendParameters:
    """A fitted Gamma-Gamma model.

    Attributes
    ----------
    p
        How alike a customer's own visits are: amounts of a gamma distribution of shape p.
    q, v
        How alike customers are: rates of a gamma distribution of shape q and rate v (minor units).
    mean
        What a visit brought on average (minor units), 0 where nobody spent anything.
    customer_count
        How many it was fitted to: those who spent something.
    log_likelihood
        Of their mean spends, in minor units.
    """

    p: float
    q: float
    v: float
    mean: float
    customer_count: int
    log_likelihood: float

    def to_json(self) -> dict[str, Any]:
        """Give plain values that :meth:`from_json` reads back as an equal object."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_json` gave."""
        floats = {name: float(stored[name]) for name in ("p", "q", "v", "mean", "log_likelihood")}
        return cls(customer_count=int(stored["customer_count"]), **floats)


def fit_spend(customers: pl.DataFrame) -> SpendParameters:
    """Fit Gamma-Gamma to all visits of all customers, also of those who came once.

    Parameters
    ----------
    customers
        ``repeat_count`` (visits less one, 0 or more) and ``spend_per_visit`` (minor units, net of refunds); one
        row a customer, null for who never bought. Whoever has nothing left after refunds is left out.

    Returns
    -------
    SpendParameters
        The maximum of the likelihood within wide bounds.

    Notes
    -----
    Fader, Hardie, The Gamma-Gamma Model of Monetary Value (2013), equation 1a. The paper fits it to repeat
    visits; over all visits it is as good for the future and can say something of who came once.
    """
    visits, total = _visits_and_totals(customers)
    is_spender = total > 0
    visits, total = visits[is_spender], total[is_spender]
    if visits.size == 0:
        return SpendParameters(1.0, 2.0, 0.0, 0.0, 0, 0.0)
    mean = float(np.sum(np.sort(total)) / np.sum(visits))
    sums = _sums(visits, total / mean)
    few = sums.thinned(ENOUGH)
    found = lowest(few.at, [np.log([1.5, 3.0, 1.3])], (LEAST, MOST))
    if few is not sums:
        found = settled(sums.at, few.at, found, (LEAST, MOST))
    p, q, v = (float(value) for value in np.exp(found))
    likelihood = -(sums.at(found)[0] + np.log(mean)) * visits.size
    return SpendParameters(p, q, v * mean, mean, int(visits.size), float(likelihood))


def expected_spend(customers: pl.DataFrame, parameters: SpendParameters) -> Real:
    """Say what money to expect of each customer's next visit.

    Parameters
    ----------
    customers
        As for :func:`fit_spend`.
    parameters
        From :func:`fit_spend` on this shop.

    Returns
    -------
    numpy.ndarray
        Minor units, 0 or more, in the order of ``customers``: own spend in so far as there is much of it, else
        the shop's. Spend below 0 is taken as 0. NaN for who never bought.

    Notes
    -----
    Fader, Hardie (2013), equation 5: ``p (v + n z) / (p n + q - 1)`` for n visits of z on average.
    """
    visits, total = _visits_and_totals(customers)
    p, q, v = parameters.p, parameters.q, parameters.v
    return p * (v + np.maximum(total, 0.0)) / (p * visits + (q - 1.0))


def _visits_and_totals(customers: pl.DataFrame) -> tuple[Real, Real]:
    visits = (customers["repeat_count"].cast(pl.Float64) + 1.0).to_numpy()
    spend = customers["spend_per_visit"].cast(pl.Float64).to_numpy()
    return visits, visits * spend


@dataclass(frozen=True, slots=True)
class _Sums:
    """The mean log-likelihood of a customer's mean spend, ready to be asked for many parameters.

    ``number`` leads from each customer to one of the ``occurring`` numbers of visits, ``share`` says how many
    customers have each; ``total`` is in means of the shop.
    """

    occurring: Real
    number: Whole
    total: Real
    share: Real
    constant: float
    log_totals: float

    def at(self, logs: Real) -> tuple[float, Real]:
        """Give the negative mean log-likelihood and its gradient by the logarithms of p, q and v."""
        p, q, v = np.exp(logs)
        shape = p * self.occurring
        both = shape + q
        size = self.number.size
        whole_totals = self.total + v
        logs_by_number = np.bincount(self.number, np.log(whole_totals), self.occurring.size) / size
        inverse_by_number = np.bincount(self.number, 1.0 / whole_totals, self.occurring.size) / size
        gammas = gammaln(both) - gammaln(shape) - gammaln(q) + q * np.log(v)
        whole = (
            np.sum(self.share * gammas) + p * self.log_totals - np.sum(both * logs_by_number) + self.constant
        )
        slope = np.array(
            [
                np.sum(self.share * self.occurring * (digamma(both) - digamma(shape)))
                + self.log_totals
                - np.sum(self.occurring * logs_by_number),
                np.sum(self.share * (digamma(both) - digamma(q))) + np.log(v) - np.sum(logs_by_number),
                q / v - np.sum(both * inverse_by_number),
            ]
        )
        return -float(whole), -slope * np.array([p, q, v])

    def thinned(self, most: int) -> "_Sums":
        """Return the sums over about so many customers, evenly taken from all numbers of visits and spends."""
        if self.number.size <= most:
            return self
        places = ((np.arange(most) + 0.5) / most * self.number.size).astype(np.int64)
        return _sums(self.occurring[self.number[places]], self.total[places])


def _sums(visits: Real, total: Real) -> _Sums:
    """Prepare the likelihood; customers are sorted, so that their order leaves no trace."""
    order = np.lexsort((total, visits))
    visits, total = visits[order], total[order]
    occurring, number = np.unique(visits, return_inverse=True)
    logs = np.bincount(number, np.log(total), occurring.size) / max(total.size, 1)
    share = np.bincount(number, minlength=occurring.size) / max(total.size, 1)
    return _Sums(
        occurring=occurring,
        number=number,
        total=total,
        share=share,
        constant=-float(np.sum(logs - share * np.log(occurring))),
        log_totals=float(np.sum(occurring * logs)),
    )
