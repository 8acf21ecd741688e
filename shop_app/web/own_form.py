"""The form for a segment of one's own: up to six conditions in a row each, and back from a rule."""

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from werkzeug.datastructures import MultiDict

from shop_app.errors import InvalidInputError
from shop_app.segments.grouping.catalogue import FEATURES, Feature
from shop_app.segments.grouping.rule_files import LONGEST_DESCRIPTION, LONGEST_NAME, LONGEST_SLUG
from shop_app.segments.grouping.rules import (
    Any_,
    Condition,
    Rule,
    operators_for,
    rule_from_json,
    rule_to_json,
)
from shop_app.web.formats import capital
from shop_app.web.own_values import example, read_value, value_text

MOST_ROWS = 6

OPERATORS = {
    "at_least": "at least",
    "more_than": "more than",
    "at_most": "at most",
    "less_than": "less than",
    "is": "is",
    "is_not": "is not",
    "one_of": "is one of",
    "none_of": "is none of",
    "known": "is known",
    "unknown": "is not known",
}
JOINS = {"all": "All of these", "any": "Any of these"}
_LISTS, _WITHOUT_VALUE = ("one_of", "none_of"), ("known", "unknown")
_ROW = re.compile(r"when\.(?:all|any)\[(\d+)\]")


class FormRefusedError(InvalidInputError):
    """Some fields cannot be used; ``errors`` has a sentence for each by its name."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(next(iter(errors.values())))
        self.errors = errors

    def sentences(self) -> tuple[str, ...]:
        """Return the same as a list that stands far from the fields."""
        return tuple(f"{_field_label(name)}: {words}" for name, words in self.errors.items())


@dataclass(frozen=True, slots=True)
class Row:
    """One condition as it stands in its three fields."""

    feature: str = ""
    operator: str = "at_least"
    value: str = ""

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing was filled in."""
        return not (self.feature or self.value)


@dataclass(frozen=True, slots=True)
class OwnForm:
    """What stands in the fields: always six rows."""

    name: str = ""
    description: str = ""
    join: str = "all"
    rows: tuple[Row, ...] = field(default=(Row(),) * MOST_ROWS)

    @classmethod
    def of(cls, name: str, description: str, stored: dict[str, Any], money_digits: int) -> Self | None:
        """Write a stored rule into the fields; ``None`` for one that does not fit into them."""
        rule = rule_from_json(stored)
        parts = (rule,) if isinstance(rule, Condition) else rule.rules
        rows = [_row_of(part, money_digits) for part in parts if _fits(part)]
        if len(rows) != len(parts) or len(rows) > MOST_ROWS:
            return None
        return cls(name, description, "any" if isinstance(rule, Any_) else "all", _filled_up(rows))

    @classmethod
    def read(cls, form: MultiDict[str, str]) -> Self:
        """Read what was sent."""
        return cls(
            name=_text(form, "name"),
            description=_text(form, "description"),
            join=form.get("join", "all"),
            rows=tuple(
                Row(form.get(f"feature_{n}", ""), form.get(f"operator_{n}", ""), _text(form, f"value_{n}"))
                for n in range(MOST_ROWS)
            ),
        )

    def fields(self) -> dict[str, str]:
        """Return the same as hidden fields carry it."""
        plain = {"name": self.name, "description": self.description, "join": self.join}
        for number, row in enumerate(self.rows):
            if not row.is_empty:
                plain[f"feature_{number}"] = row.feature
                plain[f"operator_{number}"] = row.operator
                plain[f"value_{number}"] = row.value
        return plain

    def segment(self, slug: str) -> dict[str, Any]:
        """Return the segment as it stands in a file.

        Raises
        ------
        FormRefusedError
            Some fields cannot be used.
        """
        errors = self._plain_errors()
        conditions = []
        for number, row in enumerate(self.rows):
            if row.is_empty:
                continue
            try:
                conditions.append(_condition(row))
            except InvalidInputError as error:
                errors[f"{error.field}_{number}"] = str(error)
        if errors:
            raise FormRefusedError(errors)
        join = self.join if self.join in JOINS else "all"
        return {"slug": slug, "name": self.name, "description": self.description, "when": {join: conditions}}

    def errors_of(self, error: InvalidInputError) -> dict[str, str]:
        """Put the words about a part of the file's segment below the field that it came from."""
        words = str(error).partition(": ")[2] or str(error)
        place = error.field or ""
        found = _ROW.match(place)
        if not found:
            return {place if place in ("name", "description") else "name": words}
        filled = [number for number, row in enumerate(self.rows) if not row.is_empty]
        return {f"value_{filled[int(found[1])]}": words}

    def _plain_errors(self) -> dict[str, str]:
        errors = {}
        if not self.name:
            errors["name"] = "Give the segment a name."
        elif len(self.name) > LONGEST_NAME:
            errors["name"] = f"Take at most {LONGEST_NAME} characters."
        if len(self.description) > LONGEST_DESCRIPTION:
            errors["description"] = f"Take at most {LONGEST_DESCRIPTION} characters."
        if all(row.is_empty for row in self.rows):
            errors["feature_0"] = "Choose what to go by: one condition is enough."
        return errors


def slug_of(name: str, taken: Collection[str]) -> str:
    """Make a short name for addresses and files of a name; a number where no letter of it can be used.

    Raises
    ------
    FormRefusedError
        Another segment goes by it already.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST_SLUG].strip("-")
    if not slug:
        return next(f"segment-{number}" for number in range(1, 1000) if f"segment-{number}" not in taken)
    if slug in taken:
        raise FormRefusedError({"name": "You have a segment of that name; open it in the list to change it."})
    return slug


def _field_label(name: str) -> str:
    number = name.rpartition("_")[2]
    return f"Condition {int(number) + 1}" if number.isdigit() else capital(name)


def _condition(row: Row) -> dict[str, Any]:
    feature = FEATURES.get(row.feature)
    if feature is None:
        raise InvalidInputError("Choose what to go by.", field="feature")
    if row.operator not in operators_for(feature):
        fitting = ", ".join(OPERATORS[each] for each in operators_for(feature))
        raise InvalidInputError(f"With {feature.label} goes: {fitting}.", field="operator")
    return {"feature": feature.name, row.operator: _value(row, feature)}


def _value(row: Row, feature: Feature) -> object:
    if row.operator in _WITHOUT_VALUE:
        return True
    texts = [text.strip() for text in row.value.split(",")] if row.operator in _LISTS else [row.value]
    if not all(texts):
        several = ", several with commas between" if row.operator in _LISTS else ""
        raise InvalidInputError(f"Give a value, such as {example(feature)}{several}.", field="value")
    try:
        values = [read_value(text, feature) for text in texts]
    except InvalidInputError as error:
        raise InvalidInputError(str(error), field="value") from None
    return values if row.operator in _LISTS else values[0]


def _fits(part: Rule) -> bool:
    if not isinstance(part, Condition) or part.slack_ratio:
        return False
    values = part.value if isinstance(part.value, tuple) else ()
    return not any(isinstance(value, str) and "," in value for value in values)


def _row_of(part: Rule, money_digits: int) -> Row:
    plain = rule_to_json(part, money_digits=money_digits)
    feature = FEATURES[plain.pop("feature")]
    ((operator, value),) = plain.items()
    if operator in _WITHOUT_VALUE:
        return Row(feature.name, operator, "")
    values = value if isinstance(value, list) else [value]
    return Row(feature.name, operator, ", ".join(value_text(each, feature) for each in values))


def _filled_up(rows: list[Row]) -> tuple[Row, ...]:
    return (*rows, *(Row() for _ in range(MOST_ROWS - len(rows))))


def _text(form: MultiDict[str, str], name: str) -> str:
    return " ".join(form.get(name, "").split())
