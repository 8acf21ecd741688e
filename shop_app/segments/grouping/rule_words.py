"""Rules in plain words: one sentence that a merchant can check by looking at a customer."""

import re
from collections.abc import Callable

from shop_app.segments.grouping.catalogue import FEATURES, Feature
from shop_app.segments.grouping.rule_tree import All, Any_, Condition, Rule, Single

Money = Callable[[int], str]

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_BEFORE = {
    "at_least": "at least {}",
    "more_than": "more than {}",
    "at_most": "at most {}",
    "less_than": "less than {}",
    "is": "exactly {}",
    "is_not": "other than {}",
}
_AGO = {"at_least": "{} ago or more", "at_most": "{} ago or less"}
_CLOCK = {
    "at_least": "{} or later",
    "more_than": "later than {}",
    "at_most": "{} or earlier",
    "less_than": "earlier than {}",
    "is": "{}",
    "is_not": "anything but {}",
}
_SINGULAR = (
    (r"^(?!has )(.*?) exactly 0 times\b", r"never \1"),
    (r"(?<![\d.])1 times\b", "once"),
    (r"(?<![\d.])2 times\b", "twice"),
    (r"\b1 (day|piece)s\b", r"1 \1"),
    (r"\b1 categories\b", "1 category"),
)


def rule_words(rule: Rule, money: Money) -> str:
    """Say whom a rule means.

    Parameters
    ----------
    rule
        The rule.
    money
        Turns minor units into text for people.

    Returns
    -------
    str
        A phrase to go behind "everybody who": ``"ordered at least 3 times and last ordered 60 days ago or
        more"``.
    """
    if isinstance(rule, Condition):
        return condition_words(rule, money)
    parts = [_inside(part, money) for part in _flat(rule)]
    return _joined(parts, "and" if isinstance(rule, All) else "or")


def condition_words(condition: Condition, money: Money) -> str:
    """Say what one condition asks."""
    feature = FEATURES[condition.feature]
    if condition.value is None:
        return f"has {'a' if condition.operator == 'known' else 'no'} known value for {feature.label}"
    if feature.unit == "yes_no":
        yes, no = feature.phrase.split("|")
        return yes if condition.value else no
    amount = _amount(condition.value, condition.operator, feature, money)
    if feature.phrase.endswith("{} ago") and condition.operator in _AGO:
        return _polished(feature.phrase.removesuffix("{} ago") + amount)
    words = feature.phrase.format(amount)
    return words if isinstance(condition.value, tuple) else _polished(words)


def value_words(value: Single, feature: Feature, money: Money) -> str:
    """Write a value in its unit: ``60 days``, ``50 %``, ``€250.00``, ``Monday``, ``14:00``."""
    if isinstance(value, str | bool):
        return str(value)
    writers: dict[str, Callable[[float], str]] = {
        "days": lambda days: f"{plain_number(days)} days",
        "money": lambda minor: money(round(minor)),
        "share": lambda share: f"{plain_number(share * 100)} %",
        "probability": lambda share: f"{plain_number(share * 100)} %",
        "ratio": lambda ratio: f"{plain_number(ratio)} times",
        "hour": lambda hour: f"{int(hour)}:00",
        "weekday": lambda day: WEEKDAYS[int(day) - 1],
    }
    return writers.get(feature.unit, plain_number)(value)


def plain_number(value: float) -> str:
    """Write a number as people do: at most two digits behind the point, and none where they are noughts."""
    if 0 < abs(value) < 0.01:  # noqa: PLR2004 - two digits would make it a nought
        return f"{value:.2g}"
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _flat(rule: All | Any_) -> list[Rule]:
    """Take all within all, and any within any, for one list: they mean the same."""
    flat: list[Rule] = []
    for part in rule.rules:
        flat += _flat(part) if isinstance(part, type(rule)) and isinstance(part, All | Any_) else [part]
    return flat


def _inside(part: Rule, money: Money) -> str:
    words = rule_words(part, money)
    if isinstance(part, Condition) or len(_flat(part)) == 1:
        return words
    if isinstance(part, Any_) and all(isinstance(one, Condition) for one in _flat(part)):
        return f"either {words}"
    return f"({words})"


def _joined(parts: list[str], word: str) -> str:
    if len(parts) == 1:
        return parts[0]
    # A pair needs no comma, unless one of the two is an either and an or.
    comma = "," if any(part.startswith(("either ", "(")) for part in parts) else ""
    return f"{', '.join(parts[:-1])}{comma} {word} {parts[-1]}"


def _amount(value: Single | tuple[Single, ...], operator: str, feature: Feature, money: Money) -> str:
    if isinstance(value, tuple):
        listed = _joined([value_words(one, feature, money) for one in value], "or")
        return listed if operator == "one_of" else f"anything but {listed}"
    words = value_words(value, feature, money)
    if feature.unit in ("hour", "weekday", "text"):
        return _CLOCK[operator].format(words)
    if feature.phrase.endswith("{} ago") and operator in _AGO:
        return _AGO[operator].format(words)
    if operator == "less_than" and feature.unit in ("orders", "count"):
        return f"fewer than {words}"
    return _BEFORE[operator].format(words)


def _polished(sentence: str) -> str:
    for pattern, better in _SINGULAR:
        sentence = re.sub(pattern, better, sentence)
    return sentence
