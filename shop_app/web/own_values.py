"""A value of a rule as a merchant types it: 35 for 35 %, 250 for €250, Monday, yes."""

import re
from decimal import Decimal, InvalidOperation

from shop_app.errors import InvalidInputError
from shop_app.segments.grouping.catalogue import Feature
from shop_app.segments.grouping.rule_tree import Single
from shop_app.segments.grouping.rule_words import WEEKDAYS

_THOUSANDS = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d+)?")
_YES, _NO = {"yes", "y", "true", "1"}, {"no", "n", "false", "0"}
_SHARES = ("share", "probability")
_MOST_PERCENT = 100
_LAST_HOUR = 23

_EXAMPLES = {
    "days": "60",
    "orders": "3",
    "money": "250 or 250.50",
    "share": "35 for 35 %",
    "probability": "35 for 35 %",
    "ratio": "1.5",
    "hour": "14",
    "weekday": "Monday",
    "text": "Tea",
    "yes_no": "yes or no",
}


def example(feature: Feature) -> str:
    """Return what a value of this feature looks like."""
    return _EXAMPLES.get(feature.unit, "3")


def read_value(text: str, feature: Feature) -> Single:
    """Read one value, in the units of a segment file.

    Raises
    ------
    InvalidInputError
        It is none of this feature; the words say what one looks like.
    """
    if feature.unit == "text":
        return text
    if feature.unit == "yes_no":
        return _read_yes_no(text)
    if feature.unit == "weekday":
        return _read_weekday(text)
    number = _read_number(text.removesuffix(":00") if feature.unit == "hour" else text, feature)
    if feature.unit in _SHARES:
        number /= 100
    return int(number) if number == number.to_integral_value() else float(number)


def value_text(value: Single, feature: Feature) -> str:
    """Write a value of a segment file as a merchant types it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    if feature.unit == "weekday":
        return WEEKDAYS[int(value) - 1]
    if feature.unit in _SHARES:
        return f"{(Decimal(str(value)) * 100).normalize():f}"
    return f"{Decimal(str(value)):f}"


def _read_yes_no(text: str) -> bool:
    word = text.lower()
    if word not in _YES | _NO:
        raise InvalidInputError("Write yes or no.")
    return word in _YES


def _read_weekday(text: str) -> int:
    days = [day.lower() for day in WEEKDAYS]
    found = [number for number, day in enumerate(days, 1) if text.lower() in (day, day[:3], str(number))]
    if not found:
        raise InvalidInputError("Write a day of the week, such as Monday.")
    return found[0]


def _read_number(text: str, feature: Feature) -> Decimal:
    plain = text.strip("%€$£ \u00a0").replace("\u2212", "-")
    plain = plain.replace(",", "") if _THOUSANDS.fullmatch(plain) else plain.replace(",", ".")
    try:
        number = Decimal(plain)
    except InvalidOperation:
        raise InvalidInputError(f"Give a number, such as {example(feature)}.") from None
    _check_range(number, feature)
    return number


def _check_range(number: Decimal, feature: Feature) -> None:
    if not number.is_finite():
        raise InvalidInputError(f"Give a number, such as {example(feature)}.")
    if feature.unit in _SHARES and not 0 <= number <= _MOST_PERCENT:
        raise InvalidInputError("Give a share from 0 to 100 %.")
    if feature.unit == "hour" and not 0 <= number <= _LAST_HOUR:
        raise InvalidInputError("Give an hour from 0 to 23.")
    if number < 0 and feature.unit != "money":
        raise InvalidInputError("Give a number of 0 or more.")
    if feature.whole and number != number.to_integral_value():
        raise InvalidInputError("Give a whole number.")
