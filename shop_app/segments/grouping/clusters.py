"""Groups around centres: K-Means for the fit, plain distances for everything after it."""

import warnings
from collections.abc import Sequence
from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

from shop_app.segments.grouping.space import Floats

Ints = NDArray[np.int64]

STARTS = 10
# Of the best of ten starts every seed finds the same centres, up to six groups in eight dimensions.
START_ROWS = 2_500
CLOSER_RATIO = 0.9
# A customer moves only to a centre that is a tenth closer: 5.3 instead of 6.3 % moved in a week on a real
# store, at half a per cent more spread.
WARM_RATIO = 1.01
# The centres of the last fit stay where they were found again unless fresh ones are a hundredth tighter.
_DECIMALS = 6


def fit_centres(
    points: Floats, count: int, *, seed: int = 0, starts: int = STARTS, warm: Floats | None = None
) -> Floats:
    """Find the centres that the customers lie closest to.

    Parameters
    ----------
    points
        One row a customer, one column a dimension, rows by ``customer_id``; not empty.
    count
        How many centres; fewer are found where fewer different customers are.
    seed
        Where the search begins; with enough starts it makes no difference to what is found.
    starts
        From how many places the search begins.
    warm
        The centres of an earlier fit: what is found from them is kept unless something clearly better is found.

    Returns
    -------
    numpy.ndarray
        The centres, a row each, sorted (or in the order of ``warm``), rounded to a millionth of a standard
        deviation so that another machine's last bit does not show.

    Notes
    -----
    K-Means after Lloyd (S. Lloyd, Least squares quantization in PCM, IEEE Trans. Inf. Theory 28, 1982) with
    scikit-learn's greedy k-means++ starts. Of many customers every so-manieth is enough to find the best start.
    """
    found, spread = _search(thinned(points, START_ROWS), count, starts, seed=seed)
    if len(points) > START_ROWS and len(found) == count:
        found, spread = _search(points, count, 1, init=found)
    if warm is not None and warm.shape == (count, points.shape[1]):
        kept, kept_spread = _search(points, count, 1, init=warm)
        if kept_spread <= WARM_RATIO * spread:
            return kept
    unique: Floats = np.unique(found, axis=0)
    return unique


def thinned(points: Floats, rows: int) -> Floats:
    """Take every so-manieth row, about so many; the first ones would be the shop's oldest customers."""
    return points[:: -(-len(points) // rows) or 1]


def distances(columns: Sequence[Floats], centres: Floats) -> Floats:
    """Measure how far every customer is from every centre.

    Parameters
    ----------
    columns
        The coordinates, one column a dimension.
    centres
        One row a centre.

    Returns
    -------
    numpy.ndarray
        One row a customer, one column a centre; 0 or more, in standard deviations of this shop's buyers.

    Notes
    -----
    Squares are added dimension by dimension and never through a product of matrices, whose last bit depends on
    how many customers are asked about at once.
    """
    rows = columns[0].size if columns else 0
    found = np.zeros((len(centres), rows), dtype=np.float64)
    for number, centre in enumerate(centres):
        for column, place in zip(columns, centre, strict=True):
            away = column - place
            found[number] += away * away
    return np.sqrt(found).T


def nearest(away: Floats, settled: Ints | None = None) -> Ints:
    """Return the number of everybody's centre; somebody settled moves only to one that is clearly closer.

    Parameters
    ----------
    away
        From :func:`distances`; infinite where a customer may not go.
    settled
        The number of the centre somebody belongs to so far, -1 for none.
    """
    best: Ints = away.argmin(axis=1).astype(np.int64)
    if settled is None:
        return best
    rows = np.arange(len(away))
    own = away[rows, np.maximum(settled, 0)]
    stays = (settled >= 0) & np.isfinite(own) & (away[rows, best] > CLOSER_RATIO * own)
    chosen: Ints = np.where(stays, settled, best)
    return chosen


def margins(away: Floats, chosen: Ints) -> Floats:
    """Say how far everybody is from the border of their group: 0 at it, 1 on the centre.

    ``1 - own / next``, where ``own`` is the distance to the own centre and ``next`` that to the nearest other;
    1 where there is no other. Below 0, for those held back by hysteresis, it is given as 0.
    """
    rows = np.arange(len(away))
    own = away[rows, chosen]
    others = away.copy()
    others[rows, chosen] = np.inf
    other = others.min(axis=1, initial=np.inf)
    safe = np.where(other > 0, other, 1.0)
    part = np.where(np.isfinite(other), own / safe, 0.0)
    return np.where((other > 0) | (own > 0), np.clip(1.0 - part, 0.0, 1.0), 0.0)


def settled_numbers(settled: pl.Series | None, slugs: Sequence[str]) -> Ints | None:
    """Turn slugs of groups into their numbers, -1 for none or one that is gone."""
    if settled is None:
        return None
    numbers = settled.cast(pl.String).replace_strict(
        list(slugs), list(range(len(slugs))), default=-1, return_dtype=pl.Int64
    )
    return numbers.fill_null(-1).to_numpy().astype(np.int64)


def _search(
    points: Floats, count: int, starts: int, *, seed: int = 0, init: Floats | None = None
) -> tuple[Floats, float]:
    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning

    most = min(count, len(points))
    first = "k-means++" if init is None else np.ascontiguousarray(init[:most])
    search = KMeans(most, init=first, n_init=starts, random_state=seed, tol=1e-5)
    with warnings.catch_warnings(), _threads().limit(limits=1):
        # Fewer different customers than centres is no trouble here: equal centres become one.
        warnings.simplefilter("ignore", ConvergenceWarning)
        search.fit(np.ascontiguousarray(points))
    rounded = np.round(search.cluster_centers_, _DECIMALS) + 0.0
    distinct = rounded if init is not None else np.unique(rounded, axis=0)
    return distinct, float(search.inertia_)


@cache
def _threads() -> ThreadpoolController:
    """Hold scikit-learn to one thread: on a busy machine small fits wait for each other twentyfold."""
    return ThreadpoolController()
