"""Visits to come where each takes two waits: the mean over how soon a customer may leave."""

import numpy as np
from scipy.linalg import eigh_tridiagonal
from scipy.special import expm1, log1p

from shop_app.segments.predictions.btyd_table import Real, Whole
from shop_app.segments.predictions.purchase_parameters import BuyerKind

_POINTS = 40
"""Points of the mean; twice as many change the tenth digit."""


def visits_from_waits(repeats: Whole, age: Whole, kind: BuyerKind, days: float, *, is_begun: bool) -> Real:
    """Say how many visits to expect of those still there, by how far they are on the way to the next one.

    Parameters
    ----------
    repeats, age
        x and T of each row.
    kind
        Its r and alpha are those of single waits.
    days
        How far to look.
    is_begun
        Whether the first of the two waits is over.

    Returns
    -------
    numpy.ndarray
        0 or more.

    Notes
    -----
    Waits end at rate L; each second end is a visit, after which the customer leaves with chance p. With
    ``u = sqrt(1 - p)`` the two phases decay at ``L (1 - u)`` and ``L (1 + u)``. The visits up to t are
    ``[G(1 - u) / (1 - u) - G(1 + u) / (1 + u)] / 2u`` with both waits ahead, and half of the sum of the two
    fractions with one, where ``G(c) = 1 - exp(-c L t)``. Over the gamma distribution of L that is
    ``1 - (A / (A + c t)) ** R`` with A = alpha + T and R = r + 2 x, one more where a wait is over. The mean
    over the beta distribution of p is taken at the points of Gauss and Jacobi (Golub, Welsch, Calculation
    of Gauss Quadrature Rules, Mathematics of Computation 23, 1969). Platzer and Reutterer
    (2016) have no closed form.
    """
    occurs = np.unique(repeats)
    rules = [_beta_points(kind.a, kind.b + 1.0 + float(value)) for value in occurs]
    places = np.searchsorted(occurs, repeats)
    reach, shape = days / (kind.alpha + age), kind.r + 2.0 * repeats + is_begun
    visits = np.zeros(repeats.size)
    for point in range(_POINTS):
        leaving, weight = (np.array([rule[part][point] for rule in rules])[places] for part in (0, 1))
        staying = np.sqrt(1.0 - leaving)
        slow, fast = leaving / (1.0 + staying), 1.0 + staying
        slowly, fastly = _ended(shape, slow * reach) / slow, _ended(shape, fast * reach) / fast
        visits += weight * ((slowly + fastly) / 2.0 if is_begun else (slowly - fastly) / (2.0 * staying))
    return np.maximum(visits, 0.0)


def _ended(shape: Real, reach: Real) -> Real:
    return -expm1(-shape * log1p(reach))


def _beta_points(a: float, b: float) -> tuple[Real, Real]:
    """Return points between 0 and 1, and weights that add up to 1, for means over a beta distribution."""
    step = np.arange(1.0, _POINTS)
    width = 2.0 * step + a + b - 2.0
    centre = np.concatenate([[(a - b) / (a + b)], (a - b) * (a + b - 2.0) / (width * (width + 2.0))])
    spread = 4.0 * step * (step + a - 1.0) * (step + b - 1.0) / (width**2 * (width + 1.0))
    # In the first two equal factors, which may both be 0, are left out.
    spread[1:] *= (step[1:] + a + b - 2.0) / (width[1:] - 1.0)
    points, vectors = eigh_tridiagonal(centre, np.sqrt(spread))
    return np.clip((1.0 + points) / 2.0, 1e-300, 1.0 - 1e-12), vectors[0] ** 2
