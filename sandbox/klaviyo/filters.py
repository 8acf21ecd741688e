"""The filter language of the interface: ``and(equals(a,"x"),greater-than(updated,2026-01-01T00:00:00Z))``."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.klaviyo.refusals import RefusedError, invalid
from sandbox.klaviyo.world import read_moment

_TOKEN = re.compile(r"""\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([\[\](),])|([^\s\[\](),"']+))\s*""")
_SQL = {
    "equals": "=",
    "greater-than": ">",
    "greater-or-equal": ">=",
    "less-than": "<",
    "less-or-equal": "<=",
}


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition: a field, what is done with it, and a value (a list for ``any``)."""

    operator: str
    field: str
    value: Any


@dataclass(frozen=True, slots=True)
class Field:
    """A field that may be filtered: its operators, the column that holds it, whether it is a moment."""

    operators: tuple[str, ...]
    column: str
    moment: bool = False
    number: bool = False
    lower: bool = False  # e-mail addresses are kept in small letters


def read_filter(text: str) -> list[Condition]:
    """Read a filter; conditions are joined by commas or by ``and()``.

    Raises
    ------
    RefusedError
        400: it is not in the language.
    """
    tokens: list[tuple[str, str]] = []
    place = 0
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None:
            raise _unreadable(text)
        quoted = found[1] if found[1] is not None else found[2]
        if quoted is not None:
            tokens.append(("text", re.sub(r"\\(.)", r"\1", quoted)))
        else:
            tokens.append(("mark", found[3]) if found[3] else ("word", found[4]))
        place = found.end()
    reader = _Reader(text, tokens)
    conditions = reader.conditions()
    if reader.peek() is not None:
        raise _unreadable(text)
    return conditions


def to_sql(conditions: list[Condition], known: Mapping[str, Field]) -> tuple[str, list[Any]]:
    """Return the SQL words for conditions and their values.

    Raises
    ------
    RefusedError
        400: a field or an operator that this address does not offer.
    """
    words, values = "", []
    for one in conditions:
        field = known.get(one.field)
        if field is None:
            raise invalid(f"'{one.field}' is not a filterable field.", parameter="filter")
        if one.operator not in field.operators:
            raise invalid(f"'{one.operator}' is not allowed for '{one.field}'.", parameter="filter")
        wanted = one.value if isinstance(one.value, list) else [one.value]
        if isinstance(one.value, list) != (one.operator == "any"):
            raise invalid(f"'{one.operator}' of '{one.field}' has a wrong value.", parameter="filter")
        wanted = [_read(field, value) for value in wanted]
        marks = ", ".join("?" * len(wanted))
        words += (
            f" AND {field.column} IN ({marks})"
            if one.operator == "any"
            else f" AND {field.column} {_SQL[one.operator]} ?"
        )
        values += wanted
    return words, values


def _read(field: Field, value: str) -> str | float:
    if field.lower:
        return value.lower()
    if not field.moment and not field.number:
        return value
    try:
        return float(value) if field.number else read_moment(value)
    except ValueError:
        wanted = "number" if field.number else "moment in ISO 8601"
        raise invalid(f"{value!r} is no {wanted}.", parameter="filter") from None


def _unreadable(text: str) -> RefusedError:
    return invalid(f"The filter cannot be read: {text[:120]}", parameter="filter")


class _Reader:
    def __init__(self, text: str, tokens: list[tuple[str, str]]) -> None:
        self._text, self._tokens, self._place = text, tokens, 0

    def peek(self) -> tuple[str, str] | None:
        return self._tokens[self._place] if self._place < len(self._tokens) else None

    def conditions(self) -> list[Condition]:
        found = self._condition()
        while self.peek() == ("mark", ","):
            self._place += 1
            found += self._condition()
        return found

    def _condition(self) -> list[Condition]:
        operator = self._take("word")
        self._take("mark", "(")
        if operator == "and":
            found = self.conditions()
            self._take("mark", ")")
            return found
        field = self._take("word")
        self._take("mark", ",")
        value = self._value()
        self._take("mark", ")")
        return [Condition(operator, field, value)]

    def _value(self) -> str | list[str]:
        if self.peek() != ("mark", "["):
            return self._one_value()
        self._place += 1
        found = [self._one_value()]
        while self.peek() == ("mark", ","):
            self._place += 1
            found.append(self._one_value())
        self._take("mark", "]")
        return found

    def _one_value(self) -> str:
        following = self.peek()
        if following is None or following[0] == "mark":
            raise _unreadable(self._text)
        self._place += 1
        return following[1]

    def _take(self, kind: str, value: str | None = None) -> str:
        following = self.peek()
        if following is None or following[0] != kind or value not in (None, following[1]):
            raise _unreadable(self._text)
        self._place += 1
        return following[1]
