"""Two groups of customers beside each other, once what was foreseen of them is taken off."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Arms:
    """Treated and control after adjusting: count, mean and variance of the mean of each."""

    counts: tuple[int, int]
    means: tuple[float, float]
    mean_variances: tuple[float, float]
    variance_left_ratio: float

    @property
    def difference(self) -> float:
        """Return the treated mean less the control's."""
        return self.means[0] - self.means[1]

    @property
    def error(self) -> float:
        """Return the standard error of the difference."""
        return math.sqrt(sum(self.mean_variances))

    @property
    def freedom(self) -> float:
        """Return Welch and Satterthwaite's degrees of freedom (Welch, Biometrika 34 (1947), p. 28)."""
        parts = (v**2 / (n - 1) for v, n in zip(self.mean_variances, self.counts, strict=True))
        below = sum(parts)
        return sum(self.mean_variances) ** 2 / below if below > 0 else math.inf

    @property
    def p_value(self) -> float:
        """Return how likely a difference so large is where there is none (two-sided); 1 without any spread."""
        if self.error <= 0:
            return 1.0
        return float(2 * special.stdtr(self.freedom, -abs(self.difference) / self.error))

    @property
    def ratio_error(self) -> float:
        """Return the standard error of the difference as a share of the control's mean, by the delta method."""
        treated, control = self.means
        if control <= 0:
            return math.nan
        of_treated, of_control = self.mean_variances
        return math.sqrt(of_treated / control**2 + of_control * treated**2 / control**4)


def adjusted(outcome: Floats, treated: Booleans, predicted: Floats) -> Arms:
    """Take off what the prediction explains, with one slope for both groups, and describe what is left."""
    groups = [(outcome[group], predicted[group]) for group in (treated, ~treated)]
    spread = sum(products(values, values) for values, _ in groups)
    shared = sum(products(values, expected) for values, expected in groups)
    explaining = sum(products(expected, expected) for _, expected in groups)
    slope = shared / explaining if explaining > 0 else 0.0
    middle = float(predicted.mean())
    left = [values - slope * (expected - middle) for values, expected in groups]
    return Arms(
        counts=(left[0].size, left[1].size),
        means=(float(left[0].mean()), float(left[1].mean())),
        mean_variances=_mean_variances(*left),
        variance_left_ratio=1 - slope * shared / spread if spread > 0 else 1.0,
    )


def products(one: Floats, other: Floats) -> float:
    """Return the sum of products of what two series deviate from their means."""
    return float((one - one.mean()) @ (other - other.mean()))


def _mean_variances(one: Floats, other: Floats) -> tuple[float, float]:
    """Return the variance of each group's mean, together never less than if both groups were spread alike.

    A small group of customers whose spending has a long tail often misses the tail: its mean and its variance
    are both too low then, and an interval of its own variance finds effects where there are none.
    """
    sizes, spreads = (one.size, other.size), (float(one.var(ddof=1)), float(other.var(ddof=1)))
    own = sum(spread / size for spread, size in zip(spreads, sizes, strict=True))
    alike = sum(spread * (size - 1) for spread, size in zip(spreads, sizes, strict=True)) / (sum(sizes) - 2)
    widened = max(1.0, alike * (1 / sizes[0] + 1 / sizes[1]) / own) if own > 0 else 1.0
    return spreads[0] / sizes[0] * widened, spreads[1] / sizes[1] * widened
