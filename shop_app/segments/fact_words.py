"""One fact of one customer in words: the value, a border, and how far one is from the other in its own unit."""

import math
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from shop_app.segments.grouping.catalogue import FEATURES, Feature
from shop_app.segments.grouping.rules import Condition, condition_words, plain_number, value_words

Money = Callable[[int], str]
Single = int | float | str | bool

_SAME = 1e-9


@dataclass(frozen=True, slots=True)
class StoryFact:
    """Something about a customer that decides on their segment.

    Attributes
    ----------
    feature, label
        Which fact it is, and what a screen calls it.
    value
        The customer's; ``None`` where it is not known.
    border
        Where the decision turns, in the same unit; ``None`` where there is no nearly.
    distance
        From the value to the border, 0 or more.
    words
        A sentence.
    """

    feature: str
    label: str
    value: Single | None
    border: float | None
    distance: float | None
    words: str

    def to_json(self) -> dict[str, Any]:
        """Give plain values."""
        return asdict(self)


def fact_words(name: str, value: Single, money: Money) -> str:
    """Say a value as something about a customer: ``last ordered 45 days ago``, ``ordered twice``."""
    feature = FEATURES[name]
    rounded = _rounded(value, feature)
    if isinstance(rounded, float):
        return feature.phrase.format(value_words(rounded, feature, money))
    said = condition_words(Condition(name, "is", rounded), money)
    return re.sub(r"\b0 days ago\b", "today", said.replace("exactly ", "", 1)) if feature.is_numeric else said


def amount_words(value: float, feature: Feature, money: Money) -> str:
    """Write an amount with its unit: ``1 day``, ``2 orders``, ``$58.00``, ``34 %``."""
    rounded = _rounded(value, feature)
    said = value_words(rounded, feature, money)
    if feature.unit == "orders":
        said = f"{said} orders"
    return said.replace("1 days", "1 day").replace("1 orders", "1 order") if rounded == 1 else said


def distance_words(value: float, border: float, feature: Feature, money: Money) -> str:
    """Write how far a value is from a border, as the difference of the two as they are written.

    ``15 days``, ``less than a day``, ``12 points``, ``$26.00``, ``0.2 times``.
    """
    told, asked = (float(_rounded(number, feature)) for number in (value, border))
    distance = abs(told - asked)
    if feature.unit == "days":
        return "less than a day" if distance < 1 else amount_words(distance, feature, money)
    if feature.unit in ("share", "probability"):
        points = round(distance * 100)
        return "less than a point" if points < 1 else f"{points} {'point' if points == 1 else 'points'}"
    return amount_words(distance, feature, money) if distance else "very little"


def border_words(value: float, border: float, feature: Feature, money: Money) -> str:
    """Say where a value lies from a border: ``15 days below the border of 60 days``."""
    at = amount_words(border, feature, money)
    if abs(value - border) <= _SAME * max(abs(border), 1.0):
        return f"right at the border of {at}"
    away = distance_words(value, border, feature, money)
    return f"{away} {'above' if value > border else 'below'} the border of {at}"


def count_words(value: float, operator: str, border: float) -> str:
    """Say what is asked of a count, and by how much it is passed or missed: ``asked for: at least 2``."""
    upward = operator in ("at_least", "more_than")
    least = math.floor(border) + 1 if operator == "more_than" else math.ceil(border)
    most = math.ceil(border) - 1 if operator == "less_than" else math.floor(border)
    asked = f"asked for: {f'at least {least}' if upward else f'at most {most}'}"
    over = value - least if upward else most - value
    if over == 0:
        return asked
    if over < 0:
        return f"{asked}, {plain_number(-over)} {'missing' if upward else 'too many'}"
    return f"{asked}, {plain_number(over)} {'more' if upward else 'fewer'} than that"


def known(value: object) -> Single | None:
    """Return a value, ``None`` for what is no number."""
    if isinstance(value, float) and math.isnan(value):
        return None
    return value if isinstance(value, int | float | str | bool) else None


def capitalised(sentence: str) -> str:
    """Begin a sentence."""
    return sentence[:1].upper() + sentence[1:]


def _rounded(value: Single, feature: Feature) -> Single:
    """Round as people do who tell it: days that are over, whole per cents, one digit of a ratio."""
    if isinstance(value, str | bool):
        return value
    digits = {"share": 2, "probability": 2, "ratio": 1, "count": 1, "orders": 1}
    if feature.unit == "days":
        return int(value)
    if feature.unit == "money":
        return round(value)
    rounded = round(value, digits.get(feature.unit, 2))
    return int(rounded) if plain_number(rounded) == str(int(rounded)) else rounded
