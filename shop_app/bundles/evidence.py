"""How often two things would be together by chance, and whether what was seen is more than that.

Chance is not independence: big baskets contain everything, so that every pair beats independence, and Fisher's
test passes whole tables of noise. Here chance is lines dealt to baskets that keep their sizes, among the orders
of the same days: so neither the size of a basket nor the season, nor a launch, passes for a liking.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from shop_app.bundles.baskets import Baskets

FEWEST_BASKETS = 100  # of a stretch of days
MOST_STRETCHES = 100
PAIRS_AT_ONCE = 100_000

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64] | NDArray[np.int32]


@dataclass(frozen=True)
class Chance:
    """What chance alone would do, learnt from baskets.

    Attributes
    ----------
    stretch
        Shape ``(baskets,)``: the stretch of days that each basket is in.
    frequency
        Shape ``(items, stretches)``: in how many of its baskets each item is.
    line_counts
        Shape ``(stretches,)``: the sizes of its baskets together.
    pair_ratio
        Shape ``(stretches,)``: of two lines, the chance that they lie in one basket.
    """

    stretch: NDArray[np.int32]
    frequency: NDArray[np.float32]
    line_counts: Floats
    pair_ratio: Floats

    def expected(self, a: Numbers, b: Numbers) -> Floats:
        """Return in how many baskets each pair would be by chance, shape ``(pairs,)``."""
        found = np.empty(a.size)
        weighed = (self.frequency * self.pair_ratio.astype(np.float32)).astype(np.float32)
        for first in range(0, a.size, PAIRS_AT_ONCE):
            part = slice(first, first + PAIRS_AT_ONCE)
            found[part] = np.einsum(
                "ij,ij->i", weighed[a[part]], self.frequency[b[part]], dtype=np.float64, casting="safe"
            )
        return found


def learn_chance(
    baskets: Baskets, *, fewest_baskets: int = FEWEST_BASKETS, most_stretches: int = MOST_STRETCHES
) -> Chance:
    """Learn what chance would do with the sizes of these baskets and the counts of these items.

    Time is cut into stretches of whole days with about equally many baskets, so that busy weeks get short ones.
    Within a stretch with ``L`` lines, baskets of sizes ``s`` and items in ``f_a`` and ``f_b`` of them, a pair
    is expected ``f_a f_b sum(s (s - 1)) / (L (L - 1))`` times: what dealing the lines anew gives on average.
    Where an item is not sold, be it not launched, out of season or given up, it is not expected.

    Parameters
    ----------
    baskets
        Those that the evidence rests on.
    fewest_baskets, most_stretches
        A stretch has at least so many baskets, and there are at most so many stretches. Without days all time
        is one stretch.

    References
    ----------
    F. Chung, L. Lu: The average distances in random graphs with given expected degrees. PNAS 99 (2002),
    p. 15880.
    N. Mantel, W. Haenszel: Statistical aspects of the analysis of data. JNCI 22 (1959), p. 719 (strata).
    """
    stretch = _stretches(baskets, max(fewest_baskets, -(-baskets.basket_count // most_stretches)))
    count = int(stretch.max(initial=0)) + 1
    sizes = baskets.sizes.astype(np.float64)
    lines: Floats = np.bincount(stretch, weights=sizes, minlength=count).astype(np.float64)
    together: Floats = np.bincount(stretch, weights=sizes * (sizes - 1), minlength=count).astype(np.float64)
    cells = baskets.item.astype(np.int64) * count + stretch[baskets.basket]
    frequency = np.bincount(cells, minlength=baskets.keys.height * count).astype(np.float32)
    return Chance(
        stretch,
        frequency.reshape(-1, count),
        lines,
        np.divide(together, lines * (lines - 1), out=np.zeros(count), where=lines > 1),
    )


def _stretches(baskets: Baskets, fewest_baskets: int) -> NDArray[np.int32]:
    """Cut time into runs of days with so many baskets or more; a rest goes to the last one."""
    if baskets.days is None or baskets.basket_count == 0:
        return np.zeros(baskets.basket_count, np.int32)
    days, place, counts = np.unique(baskets.days, return_inverse=True, return_counts=True)
    number = np.zeros(days.size, np.int32)
    current, held, left = 0, 0, baskets.basket_count
    for day, count in enumerate(counts):
        number[day] = current
        held, left = held + int(count), left - int(count)
        if held >= fewest_baskets and left >= fewest_baskets:
            current, held = current + 1, 0
    return number[place]


def chance_of_so_many(counts: Numbers, expected: Floats) -> Floats:
    """Return the chance of so many or more where so many are expected (the upper tail of Poisson's law)."""
    return np.where(counts > 0, special.gammainc(np.maximum(counts, 1), expected), 1.0)


def false_discovery(p_values: Floats, tested_count: int) -> Floats:
    """Return for each test the least false-discovery rate at which it would be selected, 0 to 1.

    Parameters
    ----------
    p_values
        Shape ``(tests,)``.
    tested_count
        How many there are in all: those that are not handed in count as if their p were 1.

    References
    ----------
    Y. Benjamini, Y. Hochberg: Controlling the false discovery rate. JRSS B 57 (1995), p. 293.
    """
    order = np.argsort(p_values, kind="stable")
    scaled = p_values[order] * max(tested_count, p_values.size) / np.arange(1, p_values.size + 1)
    least = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    found = np.empty(p_values.size)
    found[order] = least
    return found


def ratio_interval(counts: Numbers, expected: Floats, level: float = 0.95) -> tuple[Floats, Floats, Floats]:
    """Return the ratio of seen to expected with its lower and upper end (exact for Poisson counts).

    References
    ----------
    F. Garwood: Fiducial limits for the Poisson distribution. Biometrika 28 (1936), p. 437.
    """
    tail = (1 - level) / 2
    low = np.where(counts > 0, special.gammaincinv(np.maximum(counts, 1), tail), 0.0)
    high = special.gammaincinv(counts + 1, 1 - tail)
    with np.errstate(divide="ignore", invalid="ignore"):
        return counts / expected, low / expected, high / expected


def strength(counts: Numbers, expected: Floats) -> Floats:
    """Return Dunning's log-likelihood ratio of what was seen against what was expected; negative for fewer.

    It grows with how much there is to go by, as a ratio does not: 12 where 2 are expected is less than 600
    where 200 are.

    References
    ----------
    T. Dunning: Accurate methods for the statistics of surprise and coincidence. Computational Linguistics 19
    (1993), p. 61, with the expectation of :func:`learn_chance` in the place of independence.
    """
    found = 2 * (special.xlogy(counts, counts / np.maximum(expected, 1e-300)) - (counts - expected))
    return np.where(counts < expected, -found, found)
