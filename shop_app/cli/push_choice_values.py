"""Choices about sending as they are written on a command line."""

from typing import Any

from shop_app.cli.settings import read_changes
from shop_app.errors import InvalidInputError

_YES, _NO = ("yes", "true", "on", "1"), ("no", "false", "off", "0")
_YES_NO = ("no_discounts",)
_ELSEWHERE = ("everything_stopped",)


def choice_values(changes: tuple[str, ...]) -> dict[str, Any]:
    """Return the choices that ``NAME=VALUE`` asks for; how far a value may go is checked where it is kept.

    Raises
    ------
    InvalidInputError
        It is not written like that.
    """
    wished: dict[str, Any] = dict(read_changes(changes))
    for name, value in wished.items():
        if name in _ELSEWHERE:
            raise InvalidInputError("Use `kindred destinations --stop-all` and `--resume-all`.", field=name)
        if name in _YES_NO:
            wished[name] = _yes_no(name, value)
        if name == "holdouts":
            wished[name] = _percents(name, value)
    return wished


def _yes_no(name: str, value: str) -> bool:
    if value.strip().lower() not in (*_YES, *_NO):
        raise InvalidInputError(f"{name} must be yes or no, not {value!r}.", field=name)
    return value.strip().lower() in _YES


def _percents(name: str, value: str) -> dict[str, str]:
    """Read ``at-risk:10,champions:5``; nothing ends all control groups."""
    found = {}
    for part in filter(None, (part.strip() for part in value.split(","))):
        slug, colon, percent = part.partition(":")
        if not (colon and slug and percent):
            raise InvalidInputError(f"{name}: write at-risk:10,champions:5, not {part!r}.", field=name)
        found[slug.strip()] = percent.strip()
    return found
