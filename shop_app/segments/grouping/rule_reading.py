"""From plain values to a rule that is known to make sense, and back."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from reprlib import repr as short
from typing import Any

from shop_app.segments.grouping.catalogue import FEATURES, Feature, nearest_features
from shop_app.segments.grouping.rule_tree import All, Any_, Condition, Rule, RuleError, Single, Value

BORDERS = ("at_least", "more_than", "at_most", "less_than")
EQUALITIES = ("is", "is_not")
CHOICES = ("one_of", "none_of")
KNOWING = ("known", "unknown")
OPERATORS = (*BORDERS, *EQUALITIES, *CHOICES, *KNOWING)

MOST_CONDITIONS = 50
DEEPEST = 5
# A rule beyond these is no longer one that a person can check.
MOST_CHOICES = 100
MOST_CHARACTERS = 200
MOST_SLACK = 0.5
LARGEST = 10**15
# Above it not every whole number has its own Float64, so a border would not be the one that was written.

_RANGES = {"share": (0, 1), "probability": (0, 1), "hour": (0, 23), "weekday": (1, 7)}


@dataclass(frozen=True, slots=True)
class _At:
    """Where in the rule we are, and how many digits its money has behind the point."""

    path: str
    money_digits: int

    def __truediv__(self, step: str) -> "_At":
        return replace(self, path=f"{self.path}{step}")

    def refuse(self, trouble: str) -> RuleError:
        return RuleError(self.path, trouble)


def rule_from_json(data: object, *, place: str = "rule", money_digits: int = 0) -> Rule:
    """Read a rule from plain values.

    Parameters
    ----------
    data
        ``{"feature": "order_count", "at_least": 3}``, where the second key is the operator, and may be followed
        by ``"slack_ratio": 0.1``; ``{"all": [...]}`` or ``{"any": [...]}`` with rules inside. Shares run from 0
        to 1. ``known`` and ``unknown`` take ``true``.
    place
        Where the rule stands, for the messages.
    money_digits
        0 where the money is in minor units, as in all that is stored; where people write it, in whole units,
        the digits of the currency behind the point. Nowhere else is one turned into the other.

    Returns
    -------
    Rule
        At most five levels deep, with at most 50 conditions.

    Raises
    ------
    RuleError
        Something in it makes no sense; the message names the place and the way out, as in
        ``rule.all[2].feature: ...``.
    """
    at = _At(place, money_digits)
    _check_size(data, at)
    return _read(data, at, 1)


def rule_to_json(rule: Rule, *, money_digits: int = 0) -> dict[str, Any]:
    """Give plain values that :func:`rule_from_json` reads back as an equal rule, with the same digits."""
    if isinstance(rule, Condition):
        value = rule.value
        if isinstance(value, tuple):
            plain: Any = [_written(one, rule.feature, money_digits) for one in value]
        else:
            plain = True if value is None else _written(value, rule.feature, money_digits)
        slack = {"slack_ratio": rule.slack_ratio} if rule.slack_ratio else {}
        return {"feature": rule.feature, rule.operator: plain, **slack}
    word = "all" if isinstance(rule, All) else "any"
    return {word: [rule_to_json(part, money_digits=money_digits) for part in rule.rules]}


def operators_for(feature: Feature) -> tuple[str, ...]:
    """Return the operators that fit a feature."""
    if feature.unit == "yes_no":
        return ("is", *KNOWING)
    if feature.unit == "text":
        return (*EQUALITIES, *CHOICES, *KNOWING)
    if feature.whole:
        return OPERATORS
    return (*BORDERS, *KNOWING)


def _written(value: Single, feature: str, money_digits: int) -> Single:
    """Write numbers with a fraction only where there is one, and money in the units that are asked for."""
    if FEATURES[feature].unit != "money" or not money_digits or isinstance(value, str):
        return int(value) if isinstance(value, float) and value.is_integer() else value
    whole, rest = divmod(int(value), 10**money_digits)
    return float(Decimal(int(value)).scaleb(-money_digits)) if rest else whole


def _check_size(data: object, at: _At) -> None:
    """Refuse what is too large before anything else is done with it."""
    waiting, count = [(data, 1)], 0
    while waiting:
        part, depth = waiting.pop()
        if depth > DEEPEST:
            raise at.refuse(f"goes more than {DEEPEST} levels deep; join what can be joined")
        inside = [part[word] for word in ("all", "any") if word in part] if isinstance(part, Mapping) else []
        for parts in inside:
            if isinstance(parts, Sequence) and not isinstance(parts, str):
                waiting.extend((one, depth + 1) for one in parts[: MOST_CONDITIONS + 1])
        count += not inside
        if count > MOST_CONDITIONS:
            raise at.refuse(f"has more than {MOST_CONDITIONS} conditions; make several segments of it")


def _read(data: object, at: _At, depth: int) -> Rule:
    if not isinstance(data, Mapping):
        raise at.refuse("must be a condition with a feature, or all or any with a list")
    for word, joined in (("all", All), ("any", Any_)):
        if word in data:
            return joined(_read_parts(data, word, at / f".{word}", depth))
    return _read_condition(data, at)


def _read_parts(data: Mapping[Any, Any], word: str, at: _At, depth: int) -> tuple[Rule, ...]:
    if len(data) > 1:
        others = ", ".join(str(key) for key in data if key != word)
        raise at.refuse(f"stands beside {others}; put these into the list")
    parts = data[word]
    if not isinstance(parts, Sequence) or isinstance(parts, str):
        raise at.refuse("must be a list of conditions")
    if not parts:
        raise at.refuse("is empty, and nobody can tell who is meant; name at least one condition")
    return tuple(_read(part, at / f"[{number}]", depth + 1) for number, part in enumerate(parts))


def _read_condition(data: Mapping[Any, Any], at: _At) -> Condition:
    feature = _read_feature(data, at / ".feature")
    operator = _read_operator(data, feature, at)
    value = _read_value(data[operator], feature, operator, at / f".{operator}")
    slack = _read_slack(data.get("slack_ratio", 0.0), feature, operator, at / ".slack_ratio")
    return Condition(feature.name, operator, value, slack)


def _read_feature(data: Mapping[Any, Any], at: _At) -> Feature:
    name = data.get("feature")
    if not isinstance(name, str):
        raise at.refuse("is missing; name one, as in feature: order_count")
    if name not in FEATURES:
        near = nearest_features(name)
        hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(FEATURES)}"
        raise at.refuse(f"there is no {short(name)}; {hint}")
    return FEATURES[name]


def _read_operator(data: Mapping[Any, Any], feature: Feature, at: _At) -> str:
    fitting = operators_for(feature)
    given = [key for key in data if key not in ("feature", "slack_ratio")]
    if len(given) != 1:
        trouble = f"has {' and '.join(map(str, given))}; make it two conditions" if given else "asks nothing"
        raise at.refuse(f"{trouble}; with {feature.name} go {', '.join(fitting)}")
    if given[0] not in fitting:
        what = "does not fit" if given[0] in OPERATORS else "is no operator that goes with"
        raise (at / f".{given[0]}").refuse(f"{what} {feature.name}; {', '.join(fitting)} do")
    return str(given[0])


def _read_value(value: object, feature: Feature, operator: str, at: _At) -> Value:
    if operator in KNOWING:
        if value is not True:
            opposite = KNOWING[1 - KNOWING.index(operator)]
            raise at.refuse(f"takes only true; for the opposite write {opposite}: true")
        return None
    if operator not in CHOICES:
        return _read_single(value, feature, at)
    if not isinstance(value, Sequence) or isinstance(value, str) or not value:
        raise at.refuse("must be a list of at least one value")
    if len(value) > MOST_CHOICES:
        raise at.refuse(f"lists {len(value)} values, and {MOST_CHOICES} are the most")
    read = (_read_single(one, feature, at / f"[{number}]") for number, one in enumerate(value))
    return tuple(dict.fromkeys(read))


def _read_single(value: object, feature: Feature, at: _At) -> Single:
    if feature.unit == "yes_no":
        if not isinstance(value, bool):
            raise at.refuse(f"must be true or false, not {short(value)}")
        return value
    if feature.unit == "text":
        if not isinstance(value, str) or not value.strip():
            raise at.refuse(f"must be a text, not {short(value)}; put quotes around it")
        if len(value) > MOST_CHARACTERS:
            raise at.refuse(f"is longer than {MOST_CHARACTERS} characters")
        return value
    return _read_number(value, feature, at)


def _read_number(value: object, feature: Feature, at: _At) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= LARGEST:
        raise at.refuse(f"must be a number, not {short(value)}")
    if feature.unit == "money":
        return _read_money(value, at)
    low, high = _RANGES.get(feature.unit, (0, math.inf))
    if not low <= value <= high:
        raise at.refuse(_out_of_range(value, feature, low, high))
    if feature.whole and value != int(value):
        raise at.refuse(f"must be a whole number, not {short(value)}")
    return int(value) if feature.whole else float(value)


def _read_money(value: float, at: _At) -> int:
    minor = Decimal(str(value)).scaleb(at.money_digits)
    if minor != int(minor) or abs(minor) > LARGEST:
        most = f"at most {at.money_digits} digits behind the point" if at.money_digits else "no fraction"
        raise at.refuse(f"is an amount of money and has {most}, not {short(value)}")
    return int(minor)


def _out_of_range(value: float, feature: Feature, low: float, high: float) -> str:
    if feature.unit in ("share", "probability") and 1 < value <= 100:  # noqa: PLR2004 - per cent
        return f"a {feature.unit} lies between 0 and 1: write {value / 100:g} for {value:g} %"
    ends = f"between {low:g} and {high:g}" if high < math.inf else f"{low:g} or more"
    return f"{feature.label} must be {ends}, not {short(value)}"


def _read_slack(slack: object, feature: Feature, operator: str, at: _At) -> float:
    if isinstance(slack, bool) or not isinstance(slack, int | float) or not 0 <= slack <= MOST_SLACK:
        raise at.refuse(f"must be a number from 0 to {MOST_SLACK}, not {short(slack)}")
    if slack and (operator not in BORDERS or feature.counts_orders):
        raise at.refuse("only goes with borders, and not with counts of orders")
    return float(slack)
