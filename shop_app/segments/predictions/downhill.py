"""Finding the lowest point of a smooth function of a few numbers that have bounds."""

from collections.abc import Callable, Sequence

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, logit

from shop_app.segments.predictions.btyd_table import Real

Objective = Callable[[Real], tuple[float, Real]]
Bounds = tuple[Real, Real]

FLAT = 1e-7
"""The slope at which the ground is reached: for less of it, the values themselves have too few digits."""


def lowest(objective: Objective, starts: Sequence[Real], bounds: Bounds, *, flat: float = FLAT) -> Real:
    """Walk downhill from every starting point, and return the lowest end.

    Parameters
    ----------
    objective
        Gives the value at a point and its gradient there.
    starts
        Points, brought within the bounds.
    bounds
        The least and the most of each number. A function that falls to the very bound ends just before it.
    flat
        The slope at which the ground is reached.
    """
    ends = [_walk(_free(objective, bounds), start, bounds, None, flat) for start in starts]
    return min(ends, key=lambda end: objective(end)[0])


def settled(objective: Objective, similar: Objective, found: Real, bounds: Bounds) -> Real:
    """Go the last steps to the lowest point of a slow function, from that of a similar one which is quick.

    How the similar one curves says which way and how far to go, so that three or four steps do.
    """
    curvature = _curvature(_free(similar, bounds), _to_free(found, bounds))
    return _walk(_free(objective, bounds), found, bounds, _inverse(curvature), FLAT)


def _walk(free: Objective, start: Real, bounds: Bounds, inverse: Real | None, flat: float) -> Real:
    options = {"gtol": flat, "maxiter": 300} | ({} if inverse is None else {"hess_inv0": inverse})
    found = minimize(free, _to_free(start, bounds), jac=True, method="BFGS", options=options)  # type: ignore[call-overload]
    return _from_free(found.x, bounds)


def _free(objective: Objective, bounds: Bounds) -> Objective:
    """Say the same of numbers without bounds, which a logistic curve squeezes between them."""
    least, most = bounds

    def free(numbers: Real) -> tuple[float, Real]:
        value, slope = objective(_from_free(numbers, bounds))
        share = expit(numbers)
        return value, slope * (most - least) * share * (1.0 - share)

    return free


def _from_free(numbers: Real, bounds: Bounds) -> Real:
    least, most = bounds
    return np.clip(least + (most - least) * expit(numbers), least, most)


def _to_free(point: Real, bounds: Bounds) -> Real:
    least, most = bounds
    return logit((_within(point, bounds) - least) / (most - least))


def _within(point: Real, bounds: Bounds) -> Real:
    least, most = bounds
    margin = 1e-6 * (most - least)
    return np.clip(point, least + margin, most - margin)


def _curvature(free: Objective, point: Real) -> Real:
    width = 1e-4
    steps = width * np.eye(point.size)
    rows = [(free(point + step)[1] - free(point - step)[1]) / (2 * width) for step in steps]
    curvature = np.array(rows)
    return (curvature + curvature.T) / 2


def _inverse(curvature: Real) -> Real | None:
    """Turn the curvature over, or give ``None`` where it does not curve upwards every way."""
    values, vectors = np.linalg.eigh(curvature)
    if values.min() < 1e-9 * max(values.max(), 1e-9):
        return None
    inverse: Real = np.einsum("ij,j,kj->ik", vectors, 1.0 / values, vectors)
    return (inverse + inverse.T) / 2
