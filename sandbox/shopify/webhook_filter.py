"""The ``filter`` and ``includeFields`` of a webhook subscription, applied to a body.

A filter is ``path:value`` terms with ``:>=`` and its like, ``AND``, ``OR``, ``NOT`` and brackets. Text is
compared case by case; a field that the body lacks makes its term false, so a misspelt one lets nothing through.
"""

import re
from collections.abc import Callable
from typing import Any

_TOKEN = re.compile(r'\s*(?:(?P<bracket>[()])|(?P<word>(?:"(?:[^"\\]|\\.)*"|[^\s()"])+))')
_TERM = re.compile(r"(?P<path>[\w.]+):(?P<comparison>>=|<=|>|<|)(?P<value>.+)", re.DOTALL)
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "": lambda left, right: left == right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
}


def passes(text: str | None, body: dict[str, Any]) -> bool:
    """Tell whether a body passes a filter; without one everything does, with a broken one nothing."""
    if not text:
        return True
    tokens = [match["bracket"] or match["word"] for match in _TOKEN.finditer(text)]
    try:
        answer, rest = _either(tokens, body)
    except (IndexError, ValueError):
        return False
    return answer and not rest


def trimmed(body: dict[str, Any], fields: list[str] | None) -> dict[str, Any]:
    """Return the part of a body that a subscription wants; all of it where it names no field."""
    if not fields:
        return body
    kept: dict[str, Any] = {}
    for path in fields:
        _copy(body, kept, path.split("."))
    return kept


def _either(tokens: list[str], body: dict[str, Any]) -> tuple[bool, list[str]]:
    answer, rest = _both(tokens, body)
    while rest and rest[0] == "OR":
        other, rest = _both(rest[1:], body)
        answer = answer or other
    return answer, rest


def _both(tokens: list[str], body: dict[str, Any]) -> tuple[bool, list[str]]:
    answer, rest = _one(tokens, body)
    while rest and rest[0] not in ("OR", ")"):
        other, rest = _one(rest[1:] if rest[0] == "AND" else rest, body)
        answer = answer and other
    return answer, rest


def _one(tokens: list[str], body: dict[str, Any]) -> tuple[bool, list[str]]:
    if tokens[0] == "NOT":
        answer, rest = _one(tokens[1:], body)
        return not answer, rest
    if tokens[0].startswith("-"):
        return not _term(tokens[0][1:], body), tokens[1:]
    if tokens[0] != "(":
        return _term(tokens[0], body), tokens[1:]
    answer, rest = _either(tokens[1:], body)
    if rest[0] != ")":
        raise ValueError("A bracket is open.")
    return answer, rest[1:]


def _term(text: str, body: dict[str, Any]) -> bool:
    found = _TERM.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no term.")
    wanted = found["value"].strip('"')
    values = list(_values(body, found["path"].split(".")))
    if wanted == "*":
        return any(value is not None for value in values)
    return any(_compares(found["comparison"], value, wanted) for value in values)


def _values(body: Any, path: list[str]) -> list[Any]:  # noqa: ANN401 (any JSON)
    if isinstance(body, list):
        return [value for element in body for value in _values(element, path)]
    if not path:
        return [body]
    return _values(body[path[0]], path[1:]) if isinstance(body, dict) and path[0] in body else []


def _compares(comparison: str, value: Any, wanted: str) -> bool:  # noqa: ANN401 (any JSON)
    if value is None:
        return False
    if isinstance(value, bool):
        return comparison == "" and str(value).lower() == wanted
    try:
        return _COMPARISONS[comparison](float(value), float(wanted))
    except (TypeError, ValueError):
        return _COMPARISONS[comparison](str(value), wanted)


def _copy(source: Any, target: dict[str, Any], path: list[str]) -> None:  # noqa: ANN401 (any JSON)
    name, rest = path[0], path[1:]
    if not isinstance(source, dict) or name not in source:
        return
    value = source[name]
    if not rest:
        target[name] = value
    elif isinstance(value, list):
        kept = target.setdefault(name, [{} for _ in value])
        for element, into in zip(value, kept, strict=True):
            _copy(element, into, rest)
    else:
        _copy(value, target.setdefault(name, {}), rest)
