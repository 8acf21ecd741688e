"""Why one customer is nearer to one centre than to another, feature by feature, in days, orders and money."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from scipy.special import expit, expm1

from shop_app.segments.fact_words import (
    Money,
    Single,
    StoryFact,
    amount_words,
    capitalised,
    distance_words,
    fact_words,
    known,
)
from shop_app.segments.grouping.catalogue import FEATURES, Feature
from shop_app.segments.grouping.space import Dimension, Space, coordinates

MOST_FACTS = 3
_UNIFORM_DEVIATION = 12**-0.5
_TINY = 1e-12


@dataclass(frozen=True, slots=True)
class Rival:
    """The centre a customer belongs to, and the nearest one they might belong to instead.

    Attributes
    ----------
    own, other
        Coordinates in the order of the space's dimensions.
    other_name
        What the other group is called.
    """

    own: Sequence[float]
    other: Sequence[float]
    other_name: str


def centre_facts(
    row: Mapping[str, Any], space: Space, rival: Rival, *, money: Money, most: int = MOST_FACTS
) -> tuple[StoryFact, ...]:
    """Tell which features hold a customer in their group, against the nearest other one.

    Parameters
    ----------
    row
        The customer's row of the scored frame.
    space
        The scale of the groups.
    rival
        The two centres.
    money
        Turns minor units into text for people.
    most
        How many features at most.

    Returns
    -------
    tuple of StoryFact
        The one that weighs most first. The border is where this feature alone would have to be for the customer
        to be as near to the other centre; ``None`` where no value of it would be enough.

    Notes
    -----
    With z the customer, c the own and o the other centre, the squared distances differ by the sum over the
    features of (z - o)² - (z - c)². A feature's share in it is its weight in the decision; along one feature
    the sum is a straight line with slope 2 (c - o), so its root is the border.
    """
    places = [float(column[0]) for column in coordinates(_frame(row, space), space)]
    pulls = [
        (place - other) ** 2 - (place - own) ** 2
        for place, own, other in zip(places, rival.own, rival.other, strict=True)
    ]
    deciding = sorted(range(len(pulls)), key=lambda number: (-pulls[number], number))
    return tuple(
        _fact(row, space.dimensions[number], _line(number, places, rival, sum(pulls)), money=money, rival=rival)
        for number in deciding[:most]
        if pulls[number] > 0
    )


def value_at(dimension: Dimension, place: float) -> float | None:
    """Turn a coordinate back into the feature's own unit; ``None`` beyond the values told apart."""
    root = dimension.weight**0.5
    if dimension.knots:
        return _from_rank(dimension, place / root)
    transformed = dimension.location + place / root * dimension.scale
    if not dimension.low - _TINY <= transformed <= dimension.high + _TINY:
        return None
    return _untransformed(dimension, transformed)


def _frame(row: Mapping[str, Any], space: Space) -> pl.DataFrame:
    values = {feature: known(row.get(feature)) for feature in space.features}
    schema = dict.fromkeys(values, pl.Float64)
    return pl.DataFrame({name: [value] for name, value in values.items()}, schema=schema)


@dataclass(frozen=True, slots=True)
class _Line:
    """One dimension: where the two centres lie, and where the border would be."""

    own: float
    other: float
    border: float | None


def _line(number: int, places: Sequence[float], rival: Rival, lead: float) -> _Line:
    own, other = rival.own[number], rival.other[number]
    slope = 2 * (own - other)
    return _Line(own, other, places[number] - lead / slope if abs(slope) > _TINY else None)


def _fact(
    row: Mapping[str, Any], dimension: Dimension, line: _Line, *, money: Money, rival: Rival
) -> StoryFact:
    feature, value = FEATURES[dimension.feature], known(row.get(dimension.feature))
    border = None if line.border is None else value_at(dimension, line.border)
    distance = abs(value - border) if isinstance(value, int | float) and border is not None else None
    said = (
        f"{capitalised(feature.label)}: not known" if value is None else fact_words(feature.name, value, money)
    )
    around = _around(dimension, line, feature, money, rival)
    words = f"{capitalised(said)}; {around}. {_turn(value, border, feature, money)}"
    return StoryFact(feature.name, feature.label, value, border, distance, words)


def _around(dimension: Dimension, line: _Line, feature: Feature, money: Money, rival: Rival) -> str:
    own, other = (value_at(dimension, place) for place in (line.own, line.other))
    if own is None or other is None:
        return f"{rival.other_name} is further off"
    return (
        f"this group is around {amount_words(own, feature, money)}, {rival.other_name} around "
        f"{amount_words(other, feature, money)}"
    )


def _turn(value: Single | None, border: float | None, feature: Feature, money: Money) -> str:
    if border is None:
        return "This alone would not move them."
    at = f"If only this changed, the border would be at {amount_words(border, feature, money)}"
    if not isinstance(value, int | float):
        return f"{at}."
    return f"{at}, {distance_words(value, border, feature, money)} away."


def _from_rank(dimension: Dimension, place: float) -> float | None:
    rank = place * _UNIFORM_DEVIATION + 0.5
    if not -_TINY <= rank <= 1 + _TINY:
        return None
    knots = np.array(dimension.knots)
    return _untransformed(dimension, float(np.interp(rank, np.linspace(0, 1, knots.size), knots)))


def _untransformed(dimension: Dimension, transformed: float) -> float:
    if dimension.transform == "log1p":
        return float(expm1(transformed))
    return float(expit(transformed)) if dimension.transform == "logit" else transformed
