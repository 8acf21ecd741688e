"""How far two divisions of the same customers agree."""

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.int64]


def cross_table(first: Labels, second: Labels) -> NDArray[np.int64]:
    """Count the customers of every pair of labels; labels are numbers from 0."""
    height, width = int(first.max(initial=-1)) + 1, int(second.max(initial=-1)) + 1
    counts = np.bincount(first * max(width, 1) + second, minlength=height * width)
    return counts.reshape(height, width).astype(np.int64)


def adjusted_rand(first: Labels, second: Labels) -> float:
    """Say how well two divisions agree beyond chance.

    Returns
    -------
    float
        1 for equal divisions whatever their numbers, about 0 for unrelated ones, at lowest -0.5; 1 where there
        is nothing to tell apart.

    Notes
    -----
    L. Hubert and P. Arabie, Comparing partitions, Journal of Classification 2, 1985.
    """
    table = cross_table(first, second)
    together = _pairs(table).sum()
    by_first, by_second = _pairs(table.sum(axis=1)).sum(), _pairs(table.sum(axis=0)).sum()
    everybody = float(_pairs(np.array([first.size], dtype=np.int64)).sum())
    expected = by_first * by_second / everybody if everybody else 0.0
    most = (by_first + by_second) / 2
    return float((together - expected) / (most - expected)) if most != expected else 1.0


def _pairs(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    floats = counts.astype(np.float64)
    halves: NDArray[np.float64] = floats * (floats - 1) / 2
    return halves
