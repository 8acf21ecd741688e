"""Work that depends on two whole numbers of each customer, done once for each pair of them that occurs."""

from collections.abc import Callable

import numpy as np

from shop_app.segments.predictions.btyd_table import Real, Whole

_SPARSE = 1_000_000
"""Cells of the table of pairs that are looked through however few customers there are."""


def once_a_pair(first: Whole, second: Whole, function: Callable[[Whole, Whole], Real]) -> Real:
    """Apply a function that takes its rows one by one.

    Parameters
    ----------
    first, second
        0 or more, one row a customer.
    function
        Of the two, giving as many rows.

    Returns
    -------
    numpy.ndarray
        What ``function(first, second)`` would be.
    """
    width = int(second.max(initial=0)) + 1
    keys = first * width + second
    size = int(keys.max(initial=0)) + 1
    if size > 4 * keys.size + _SPARSE:
        return function(first, second)
    occurs = np.zeros(size, dtype=bool)
    occurs[keys] = True
    pairs = np.flatnonzero(occurs)
    places = np.cumsum(occurs) - 1
    found: Real = np.take(function(pairs // width, pairs % width), places[keys])
    return found
