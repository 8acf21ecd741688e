"""How many visits to expect of customers who are still there."""

from functools import partial

import numpy as np
from scipy.special import expm1, hyp2f1, log1p

from shop_app.segments.predictions.btyd_table import Real, Whole
from shop_app.segments.predictions.buyer_look import BuyerLook
from shop_app.segments.predictions.one_by_one import exp
from shop_app.segments.predictions.pairs import once_a_pair
from shop_app.segments.predictions.regular_visits import visits_from_waits

_NEAR = 1e-5
"""Closer than this to a hole of the formula its value is drawn straight across."""


def visits_if_there(look: BuyerLook, days: float) -> Real:
    """Say how many visits to expect in the coming days, 0 or more, of each customer who is still there.

    The number depends on x and T alone, so it is worked out once for each pair of them that occurs.
    """
    if look.regularity == 1:
        return once_a_pair(look.repeats, look.age, partial(_by_chance, look=look, days=days))
    ahead, begun = (
        once_a_pair(
            look.repeats, look.age, partial(visits_from_waits, kind=look.kind, days=days, is_begun=is_begun)
        )
        for is_begun in (False, True)
    )
    return np.asarray((1.0 - look.begun) * ahead + look.begun * begun)


def _by_chance(repeats: Whole, age: Whole, *, look: BuyerLook, days: float) -> Real:
    """Work the closed formula of BG/NBD and MBG/NBD out, beside its holes where the parameters lie in one.

    Never less than the chance of one visit, never more than without anybody leaving.
    """
    kind = look.kind
    shape, rate = kind.r + repeats, kind.alpha + age
    late = 0 if look.may_leave_at_once else 1
    expected = np.zeros(repeats.size)
    for weight_a, a in _beside(kind.a, 1.0):
        for weight_b, b in _beside(kind.b, 1.0 - a) if late else [(1.0, kind.b)]:
            expected += weight_a * weight_b * _closed(repeats, days / rate, a=a, b=b - late, r=kind.r)
    at_least: Real = np.fmax(expected, -expm1(-shape * log1p(days / rate)))
    return np.fmin(at_least, shape * days / rate)


def _closed(repeats: Whole, reach: Real, *, a: float, b: float, r: float) -> Real:
    """Fader, Hardie, Lee (2005), equation 10 for who is there, turned by Euler's transformation.

    ``C / (a - 1) * (1 - z**(a - 1) * 2F1(a - 1, a + b - r; C; 1 - z))`` with ``C = a + b + x`` and
    ``z = 1 / (1 + t / (alpha + T))``: two parameters of the series do not grow with x.
    """
    log_left = -log1p(reach)
    series = hyp2f1(a - 1.0, a + b - r, a + b + repeats, reach / (1.0 + reach))
    left = exp((a - 1.0) * log_left)
    return np.asarray((a + b + repeats) / (a - 1.0) * (1.0 - left * series), dtype=np.float64)


def _beside(value: float, hole: float) -> list[tuple[float, float]]:
    """Give the value itself, or weights and values on both sides of a hole that it lies in."""
    if abs(value - hole) >= _NEAR:
        return [(1.0, value)]
    upper = (value - (hole - _NEAR)) / (2.0 * _NEAR)
    return [(1.0 - upper, hole - _NEAR), (upper, hole + _NEAR)]
