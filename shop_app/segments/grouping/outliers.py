"""Who fits nowhere: found by density on a sample, kept as distances that anybody can be asked about."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shop_app.segments.grouping.clusters import Ints, distances, fit_centres, nearest, thinned
from shop_app.segments.grouping.percents import percent
from shop_app.segments.grouping.space import Floats, Space, coordinates

ROWS = 10_000
# Density takes quadratic time, and four times the memory for twice the customers.
MIN_ROWS = 300
CENTRES = 32
NEIGHBOUR_RATIO = 0.01
# Fewer alike than one in a hundred are no group of their own.
FENCE = 1.5
# Tukey's: one and a half interquartile ranges above the upper quartile of the distance to the neighbours.
MOST_RATIO = 0.05
# More than one in twenty is no outlier any more but a group.

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Outliers:
    """Where customers lie, and how far from it is nowhere.

    Attributes
    ----------
    space
        The scale; values beyond its edges count as far out as they are.
    centres, spreads
        Places among the customers, and the spread of those around each, dimension by dimension.
    radius
        The distance from the nearest of them, in its spreads, from which on a customer fits nowhere; ``None``
        for a shop with too few customers to tell.
    noise_ratio
        The share of the sample that density alone set apart.
    agreement_ratio
        Of those who were set apart by density or by distance, the share set apart by both.
    words
        The same in a sentence.
    """

    space: Space
    centres: tuple[tuple[float, ...], ...] = ()
    spreads: tuple[tuple[float, ...], ...] = ()
    radius: float | None = None
    noise_ratio: float = 0.0
    agreement_ratio: float | None = None
    words: str = "Too few customers to tell who stands apart."

    def to_json(self) -> dict[str, Any]:
        """Give plain values that :meth:`from_json` reads back as an equal object."""
        lists = {name: [list(row) for row in getattr(self, name)] for name in ("centres", "spreads")}
        plain = {name: getattr(self, name) for name in self.__slots__}
        return plain | {"space": self.space.to_json()} | lists

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_json` gave."""
        tuples = {name: tuple(tuple(row) for row in stored[name]) for name in ("centres", "spreads")}
        return cls(**{**stored, **tuples, "space": Space.from_json(stored["space"])})


def fit_outliers(buyers: pl.DataFrame, space: Space, *, seed: int = 0) -> Outliers:
    """Find out who stands apart.

    Parameters
    ----------
    buyers
        Customers with an order (a sample is enough), a row each, by ``customer_id``.
    space
        The goal's scale.
    seed
        Where the search for places begins.

    Returns
    -------
    Outliers
        Without a ``radius`` below :data:`MIN_ROWS` buyers.

    Notes
    -----
    DBSCAN (M. Ester et al., KDD 1996) on at most :data:`ROWS` customers sets apart whoever is in nobody's
    neighbourhood. Its radius is no guess: whoever has the neighbours farther than Tukey's fence stands apart
    (J. W. Tukey, Exploratory Data Analysis, 1977). Since density cannot be asked about one customer, the
    decision is kept as a distance from the nearest of :data:`CENTRES` places, at the radius that repeats it
    best.
    """
    if buyers.height < MIN_ROWS or not space.dimensions:
        return Outliers(space)
    points = thinned(np.column_stack(coordinates(buyers, space, drawn_in=False)), ROWS)
    noise = _noise(points)
    inner = points[~noise]
    centres = fit_centres(inner, CENTRES, seed=seed, starts=2)
    spreads = _spreads(inner, centres)
    away = _apart(list(points.T), centres, spreads)
    radius, agreement = _radius(away, noise)
    fitted = Outliers(
        space,
        tuple(tuple(row) for row in centres.tolist()),
        tuple(tuple(row) for row in spreads.tolist()),
        radius,
        float(noise.mean()),
        agreement,
    )
    return replace(fitted, words=_words(fitted, float((away > radius).mean())))


def score_outliers(scored: pl.DataFrame, outliers: Outliers) -> pl.Series:
    """Tell who fits nowhere.

    Returns
    -------
    polars.Series
        Boolean in the order of ``scored``; false without a counted order or without a radius.
    """
    bought = (scored["order_count"] > 0).fill_null(value=False)
    if outliers.radius is None:
        return (bought & False).alias("is_outlier")
    columns = coordinates(scored, outliers.space, drawn_in=False)
    away = _apart(columns, np.array(outliers.centres), np.array(outliers.spreads))
    return (bought & pl.Series(away > outliers.radius)).alias("is_outlier")


def _noise(points: Floats) -> Flags:
    from sklearn.cluster import DBSCAN
    from sklearn.neighbors import NearestNeighbors

    neighbours = max(2 * points.shape[1], int(NEIGHBOUR_RATIO * len(points)))
    search = NearestNeighbors(n_neighbors=neighbours).fit(points)
    reach = np.sort(search.kneighbors(points)[0][:, -1])
    lower, upper = np.quantile(reach, [0.25, 0.75])
    radius = upper + FENCE * (upper - lower)
    least = float(np.quantile(reach, 1 - MOST_RATIO))
    labels = DBSCAN(eps=max(float(radius), least, 1e-9), min_samples=neighbours).fit_predict(points)
    return np.asarray(labels == -1, dtype=np.bool_)


def _spreads(points: Floats, centres: Floats) -> Floats:
    """Measure how far customers lie around each place, dimension by dimension; never nothing."""
    own: Ints = nearest(distances(list(points.T), centres))
    spreads = np.ones_like(centres)
    for number in range(len(centres)):
        around = points[own == number]
        if len(around) > 1:
            spreads[number] = np.maximum(np.sqrt(((around - centres[number]) ** 2).mean(axis=0)), 0.25)
    return np.round(spreads, 6)


def _apart(columns: list[Floats], centres: Floats, spreads: Floats) -> Floats:
    """Measure everybody's distance to the nearest place, in the spreads around it."""
    nearest_one = np.full(columns[0].size, np.inf)
    for centre, spread in zip(centres, spreads, strict=True):
        found = np.zeros(columns[0].size, dtype=np.float64)
        for column, place, width in zip(columns, centre, spread, strict=True):
            away = (column - place) / width
            found += away * away
        nearest_one = np.minimum(nearest_one, found)
    apart: Floats = np.sqrt(nearest_one)
    return apart


def _radius(away: Floats, noise: Flags) -> tuple[float, float | None]:
    """Find the distance that repeats the decision best: most set apart by both, fewest by one alone."""
    if not noise.any():
        return float(away.max() * 1.5 + 1.0), None
    order = np.argsort(-away, kind="stable")
    hits = np.cumsum(noise[order])
    either = np.arange(1, len(away) + 1) + noise.sum() - hits
    agreement = hits / either
    best = int(agreement.argmax())
    beyond = away[order]
    below = beyond[best + 1] if best + 1 < len(away) else 0.0
    return float((beyond[best] + below) / 2), float(agreement[best])


def _words(found: Outliers, ratio: float) -> str:
    if found.agreement_ratio is None:
        return "Nobody stands apart from all others."
    return f"{percent(ratio, 1)} of the buyers are unlike everybody else and fit into no group."
