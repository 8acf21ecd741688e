"""What Pareto/NBD expects of each customer: visits to come, the chance of one, still being there."""

import math
from functools import partial

import numpy as np
from scipy.special import exprel, log1p

from shop_app.segments.predictions.btyd_table import Real, Whole
from shop_app.segments.predictions.one_by_one import exp
from shop_app.segments.predictions.pairs import once_a_pair
from shop_app.segments.predictions.purchase_parameters import ParetoParameters

_LAST_BIT = math.log(1e-16)
_LEAST_STEPS, _MOST_STEPS = 8, 5_000


def still_there(repeats: Whole, last: Whole, age: Whole, model: ParetoParameters) -> Real:
    """Say how likely each customer is not to have left since the last visit, 0 to 1.

    Parameters
    ----------
    repeats, last, age
        x, t_x and T.
    model
        From :func:`~shop_app.segments.predictions.pareto_nbd.fit_pareto_nbd` on this shop.

    Notes
    -----
    Schmittlein, Morrison, Colombo (1987), equation 11, with everything over the chance of being there, and its
    series turned by Euler's transformation: no power of it grows with x.
    """
    left_after = partial(_left_after, model=model)
    closer = (model.r + repeats) * log1p((age - last) / (model.alpha + last))
    closer = closer + model.s * log1p((age - last) / (model.beta + last))
    # Where being gone is beyond all numbers, being there is 0 to the last bit.
    since_last = once_a_pair(repeats, last, left_after) * exp(np.minimum(closer, 700.0))
    gone = np.maximum(since_last - once_a_pair(repeats, age, left_after), 0.0)
    return np.where(last < age, 1.0 / (1.0 + gone), 1.0)


def visits_in_time(there: Real, repeats: Whole, age: Whole, model: ParetoParameters, days: float) -> Real:
    """Say how many visits to expect in the coming days, 0 or more; ``there`` is from :func:`still_there`.

    Notes
    -----
    Schmittlein, Morrison, Colombo (1987), equation 22, without its hole at s = 1.
    """
    leaving = log1p(days / (model.beta + age))
    time_there = (model.beta + age) * leaving * exprel((1.0 - model.s) * leaving)
    return np.asarray(there * (model.r + repeats) / (model.alpha + age) * time_there, dtype=np.float64)


def return_in_time(there: Real, repeats: Whole, age: Whole, model: ParetoParameters, days: float) -> Real:
    """Say how likely a visit in the coming days is, 0 to 1; ``there`` is from :func:`still_there`."""
    return there * once_a_pair(repeats, age, partial(_return_if_there, model=model, days=days))


def _left_after(repeats: Whole, day: Whole | Real, *, model: ParetoParameters) -> Real:
    """Say how likely leaving comes before the next visit, for who is there and silent up to a day."""
    power = model.r + repeats + model.s
    part = (model.beta - model.alpha) / (model.beta + day)
    return np.asarray(
        model.s / power * (1.0 - part) * _hypergeometric(model.s + 1.0, power + 1.0, part), dtype=np.float64
    )


def _hypergeometric(b: float, c: Real, z: Real) -> Real:
    """Return 2F1(1, b; c; z) for 1 <= b < c and z < 1, to about 1e-12.

    Gauss' continued fraction (NIST Handbook of Mathematical Functions 2010, 15.7.1), from its far end: all its
    parts are positive here. SciPy's own function is nan, or far off, for many z < -2 with a large c.
    """
    root = np.sqrt(1.0 - z)
    # Each step takes it closer by this factor.
    slowest = float(np.max(np.abs((1.0 - root) / (1.0 + root)), initial=0.0))
    steps = _MOST_STEPS
    if slowest < 1.0:
        steps = min(_LEAST_STEPS + int(_LAST_BIT / math.log(max(slowest, 1e-9))), _MOST_STEPS)
    tail = np.ones(np.broadcast(c, z).shape)
    for step in range(steps, 0, -1):
        pair = step // 2
        over = (b + pair) * (c + pair - 1.0) if step % 2 else pair * (c - b + pair - 1.0)
        tail = 1.0 - over / ((c + step - 2.0) * (c + step - 1.0)) * z / tail
    return np.asarray(1.0 / tail, dtype=np.float64)


def _return_if_there(repeats: Whole, age: Whole, *, model: ParetoParameters, days: float) -> Real:
    """Take, from the chance of a visit before leaving, that of neither in the coming days and a visit then."""
    shape = model.r + repeats
    neither = exp(-shape * log1p(days / (model.alpha + age)) - model.s * log1p(days / (model.beta + age)))
    sooner, later = (1.0 - _left_after(repeats, day, model=model) for day in (age, age + days))
    return np.asarray(np.maximum(sooner - neither * later, 0.0), dtype=np.float64)
