"""An offer's customers before and after it began, where nobody was left without it; and its limits."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from shop_app.bundles.effect import ALPHA, winsor_cap

LEAST_CUSTOMERS = 30

CAVEAT = (
    "Nobody was left without the offer, so this is no proof that it did anything. People who bought much "
    "lately buy less afterwards by themselves, people who were quiet come back by themselves, and the season "
    "changes both. Keep a control group to know."
)


@dataclass(frozen=True, slots=True)
class BeforeAfter:
    """Two spans of the same length of the same customers; per customer, in the unit of what was measured.

    ``low`` and ``high`` are the 95 % interval of ``difference``; all three are ``None`` for fewer than 30
    customers. ``caveat`` has to be shown with them.
    """

    customer_count: int
    before_mean: float | None
    after_mean: float | None
    difference: float | None
    low: float | None
    high: float | None
    caveat: str = CAVEAT


def before_after(before: NDArray[np.float64], after: NDArray[np.float64]) -> BeforeAfter:
    """Compare what the same customers paid in a span before an offer and in one of the same length since.

    Parameters
    ----------
    before, after
        One value per customer, in the same order; net of refunds. No single customer counts more than the 99th
        percentile of the buyers before.

    Notes
    -----
    The interval is Student's on the differences within customers. It says how far chance alone may be off, not
    how far the missing control group may be.
    """
    count = int(before.size)
    if count < LEAST_CUSTOMERS:
        return BeforeAfter(count, None, None, None, None, None)
    cap = winsor_cap(before)
    if cap is not None:
        before, after = np.minimum(before, cap), np.minimum(after, cap)
    change = after - before
    middle = float(change.mean())
    half = float(special.stdtrit(count - 1, 1 - ALPHA / 2)) * float(change.std(ddof=1)) / math.sqrt(count)
    return BeforeAfter(count, float(before.mean()), float(after.mean()), middle, middle - half, middle + half)
