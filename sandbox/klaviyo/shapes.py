"""What a request's body must look like, and finding everything in it that is otherwise.

A check takes a value and its place, and yields pairs of a place (a JSON pointer) and words. Fields that are
not named are refused, as the real one does.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Found = Iterator[tuple[str, str]]
Check = Callable[[Any, str], Found]
_DATE, _TIME = r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?"
_MOMENT = re.compile(rf"{_DATE}[T ]{_TIME}(Z|[+-]\d{{2}}:?\d{{2}})?")


def text(value: Any, place: str) -> Found:  # noqa: ANN401 (any JSON)
    """Want a text."""
    if not isinstance(value, str):
        yield place, f"{_said(value)} is not a string."


def boolean(value: Any, place: str) -> Found:  # noqa: ANN401 (any JSON)
    """Want true or false."""
    if not isinstance(value, bool):
        yield place, f"{_said(value)} is not a boolean."


def number(value: Any, place: str) -> Found:  # noqa: ANN401 (any JSON)
    """Want a number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        yield place, f"{_said(value)} is not a number."


def moment(value: Any, place: str) -> Found:  # noqa: ANN401 (any JSON)
    """Want a date with a time, in ISO 8601."""
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        yield place, f"{_said(value)} is no date and time in ISO 8601."


def mapping(value: Any, place: str) -> Found:  # noqa: ANN401 (any JSON)
    """Want an object of any fields."""
    if not isinstance(value, dict):
        yield place, f"{_said(value)} is not an object."


def maybe(check: Check) -> Check:
    """Let null pass."""

    def checked(value: Any, place: str) -> Found:  # noqa: ANN401 (any JSON)
        if value is not None:
            yield from check(value, place)

    return checked


def just(*values: str) -> Check:
    """Want one of these texts."""

    def checked(value: Any, place: str) -> Found:  # noqa: ANN401 (any JSON)
        if not isinstance(value, str) or value not in values:
            yield place, f"{_said(value)} is not one of {', '.join(values)}."

    return checked


def either(*checks: Check) -> Check:
    """Want what any of these checks lets pass; otherwise the first has the word."""

    def checked(value: Any, place: str) -> Found:  # noqa: ANN401 (any JSON)
        found = [list(check(value, place)) for check in checks]
        if all(found):
            yield from found[0]

    return checked


def many(check: Check, *, least: int = 0, most: int | None = None) -> Check:
    """Want an array of so many."""

    def checked(value: Any, place: str) -> Found:  # noqa: ANN401 (any JSON)
        if not isinstance(value, list):
            yield place, f"{_said(value)} is not an array."
        elif len(value) < least:
            yield place, f"At least {least} must be given."
        elif most is not None and len(value) > most:
            yield place, f"At most {most} may be given, not {len(value)}."
        else:
            for index, one in enumerate(value):
                yield from check(one, f"{place}/{index}")

    return checked


def fields(needed: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """Want an object with these fields and no others."""
    known = {**needed, **(optional or {})}

    def checked(value: Any, place: str) -> Found:  # noqa: ANN401 (any JSON)
        if not isinstance(value, dict):
            yield place, f"{_said(value)} is not an object."
            return
        for name in needed:
            if name not in value:
                yield f"{place}/{name}", f"'{name}' is a required field."
        for name, one in value.items():
            if name in known:
                yield from known[name](one, f"{place}/{name}")
            else:
                yield f"{place}/{name}", f"'{name}' is not a valid field."

    return checked


def document(resource: Check) -> Check:
    """Want ``{"data": …}``."""
    return fields({"data": resource})


def resource(kind: str, attributes: Check, *, with_id: bool = False, **beside: Check) -> Check:
    """Want a resource of one type with attributes; what stands beside them is optional."""
    needed = {"type": just(kind), "attributes": attributes} | ({"id": text} if with_id else {})
    return fields(needed, beside)


def reference(kind: str) -> Check:
    """Want a type and an id."""
    return fields({"type": just(kind), "id": text})


def _said(value: Any) -> str:  # noqa: ANN401 (any JSON)
    return "null" if value is None else repr(value)[:60]
