"""The goal's dimensions as coordinates: transformed, robust against whales, with their weights in sight."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import expit, expm1, log1p, logit

from shop_app.segments.grouping.catalogue import FEATURES

Floats = NDArray[np.float64]

WINSOR_RATIO = 0.01
# A hundredth at either end is drawn in: raw z-scores split off five whales and call them a group.
MIN_KNOWN_RATIO = 0.4
# A fact that is unknown for more than three in five repeat buyers would be the median for most of them.
KNOT_COUNT = 21
_LOGIT_EDGE = 0.02
_UNIFORM_DEVIATION = 12**-0.5


@dataclass(frozen=True, slots=True)
class Dimension:
    """How one feature becomes a coordinate.

    Attributes
    ----------
    feature
        A column of the scored frame.
    transform
        ``log1p`` (of 0 or more), ``logit`` (of a share drawn in to 0.02 to 0.98) or ``none``.
    low, high
        The transformed values beyond which a customer counts as standing at the edge.
    location, scale
        Mean and standard deviation of the transformed and drawn-in values.
    fill
        The transformed value that stands for an unknown one: the median of this shop's buyers.
    weight
        How much the squared difference along this dimension counts; 1 is usual.
    knots
        For even sizes: transformed values at the twentieths of the buyers, else empty.
    """

    feature: str
    transform: str
    low: float
    high: float
    location: float
    scale: float
    fill: float
    weight: float = 1.0
    knots: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Space:
    """The dimensions that groups are told apart by, and the wished ones that were left out, with the reason."""

    dimensions: tuple[Dimension, ...]
    left_out: Mapping[str, str]

    @property
    def features(self) -> tuple[str, ...]:
        """Name the dimensions."""
        return tuple(dimension.feature for dimension in self.dimensions)

    def to_json(self) -> dict[str, Any]:
        """Give plain values that :meth:`from_json` reads back as an equal object."""
        listed = [asdict(dimension) for dimension in self.dimensions]
        return {
            "dimensions": [one | {"knots": list(one["knots"])} for one in listed],
            "left_out": dict(self.left_out),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_json` gave."""
        dimensions = (Dimension(**one | {"knots": tuple(one["knots"])}) for one in stored["dimensions"])
        return cls(tuple(dimensions), dict(stored["left_out"]))


def fit_space(
    scored: pl.DataFrame,
    features: Sequence[str],
    *,
    weights: Mapping[str, float] | None = None,
    even_sizes: bool = False,
) -> Space:
    """Find this shop's scale for every dimension.

    Parameters
    ----------
    scored
        One row a customer, in any order; only buyers (``order_count`` above 0) are looked at.
    features
        The wished dimensions; what cannot be used here is left out with a sentence.
    weights
        The merchant's weights, above 0; 1 where not named.
    even_sizes
        Place customers by rank instead of by amount, for groups of about the same size.

    Returns
    -------
    Space
        Dimensions in the order wished, all numbers finite.

    Raises
    ------
    ValueError
        A weight is not above 0.
    """
    buyers = scored.filter(pl.col("order_count") > 0)
    reasons = {feature: _unusable(buyers, feature) for feature in features}
    chosen = []
    for feature in (name for name, reason in reasons.items() if not reason):
        dimension = _fit(buyers[feature], (weights or {}).get(feature, 1.0), even_sizes=even_sizes)
        if dimension is None:
            reasons[feature] = "It is the same for nearly all buyers of this shop."
        else:
            chosen.append(dimension)
    return Space(tuple(chosen), {feature: reason for feature, reason in reasons.items() if reason})


def coordinates(scored: pl.DataFrame, space: Space, *, drawn_in: bool = True) -> list[Floats]:
    """Place every customer, one column a dimension, in the order of the frame.

    Parameters
    ----------
    scored
        One row a customer. A column that is missing or empty stands at the shop's median.
    space
        From :func:`fit_space` on this shop.
    drawn_in
        Whether values beyond the edges count as standing at them; else as far out as they are.

    Notes
    -----
    Every step works element by element, so that a customer alone stands where he stands among a million.
    """
    return [_placed(scored, dimension, drawn_in=drawn_in) for dimension in space.dimensions]


def amount_at(dimension: Dimension, place: float) -> float | None:
    """Return the amount that stands at a coordinate, in the feature's own unit; ``None`` for places by rank."""
    if dimension.knots:
        return None
    value = place / dimension.weight**0.5 * dimension.scale + dimension.location
    inverse = {"log1p": expm1, "logit": expit}.get(dimension.transform)
    return float(inverse(value)) if inverse else value


def _unusable(buyers: pl.DataFrame, feature: str) -> str:
    if feature not in buyers.columns:
        return "This shop does not know it yet."
    repeat = buyers.filter(pl.col("order_count") > 1)
    looked_at = repeat if repeat.height else buyers
    if looked_at[feature].count() < MIN_KNOWN_RATIO * max(looked_at.height, 1):
        return "It is known for too few customers."
    return ""


def _fit(column: pl.Series, weight: float, *, even_sizes: bool) -> Dimension | None:
    if not weight > 0:
        raise ValueError(f"the weight of {column.name} must be above 0, not {weight}")
    transform = FEATURES[column.name].transform if column.name in FEATURES else "none"
    known = np.sort(_transformed(column.drop_nulls(), transform))
    low, fill, high = (float(value) for value in np.quantile(known, [WINSOR_RATIO, 0.5, 1 - WINSOR_RATIO]))
    inner = np.clip(known, low, high)
    scale = float(inner.std())
    if not scale > 1e-9 * max(abs(low), abs(high), 1e-3):
        return None
    knots: tuple[float, ...] = ()
    if even_sizes:
        knots = tuple(np.quantile(inner, np.linspace(0, 1, KNOT_COUNT)).tolist())
    return Dimension(column.name, transform, low, high, float(inner.mean()), scale, fill, float(weight), knots)


def _transformed(column: pl.Series, transform: str) -> Floats:
    """Transform with functions that go through numbers one by one: the last bit never depends on neighbours."""
    values: Floats = np.ascontiguousarray(column.cast(pl.Float64).to_numpy(), dtype=np.float64)
    if transform == "log1p":
        return np.asarray(log1p(np.maximum(values, 0.0)), dtype=np.float64)
    if transform == "logit":
        return np.asarray(logit(np.clip(values, _LOGIT_EDGE, 1 - _LOGIT_EDGE)), dtype=np.float64)
    return values


def _placed(scored: pl.DataFrame, dimension: Dimension, *, drawn_in: bool) -> Floats:
    root = np.float64(dimension.weight) ** 0.5
    if dimension.feature not in scored.columns:
        column = pl.Series(dimension.feature, [None], pl.Float64).new_from_index(0, scored.height)
    else:
        column = scored[dimension.feature]
    values = _transformed(column, dimension.transform)
    values = np.where(np.isnan(values), dimension.fill, values)
    if dimension.knots:
        return _ranked(values, dimension.knots) * root
    if drawn_in:
        values = np.clip(values, dimension.low, dimension.high)
    return (values - dimension.location) / dimension.scale * root


def _ranked(values: Floats, knots: Sequence[float]) -> Floats:
    """Turn values into their place between 0 and 1, on a scale of as much spread as the others have."""
    edges = np.array(knots, dtype=np.float64)
    last = edges.size - 1
    left = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, last - 1)
    width = edges[left + 1] - edges[left]
    inside = np.clip(values - edges[left], 0.0, width)
    part = np.where(width > 0, inside / np.where(width > 0, width, 1.0), 0.0)
    return ((left + part) / last - 0.5) / _UNIFORM_DEVIATION
