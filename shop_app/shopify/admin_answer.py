"""What Shopify's Admin API answers, taken apart: data, what is wrong with it, and what it has cost."""

from dataclasses import dataclass
from typing import Any

import orjson

from shop_app.shopify.admin_errors import UserError
from shop_app.shopify.cost_buckets import ThrottleStatus

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Problem:
    """One entry of ``errors``; ``path`` leads to the field that is null because of it."""

    code: str
    message: str
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cost:
    """Points that a call was to have at hand, points that it was charged, and the bucket after it."""

    requested: float | None
    actual: float | None
    status: ThrottleStatus | None


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful call. ``errors`` is not empty where parts of ``data`` were withheld from us."""

    data: Json
    warnings: tuple[str, ...]
    errors: tuple[Problem, ...]
    cost: Cost


def parse_body(body: bytes) -> Json | None:
    """Return the object that a body holds, or ``None`` where it holds none."""
    try:
        parsed = orjson.loads(body)
    except orjson.JSONDecodeError:
        parsed = _parse_broken_text(body)
    return parsed if isinstance(parsed, dict) else None


def _parse_broken_text(body: bytes) -> object:
    """Read a body with halves of characters in it, which orjson refuses; they become question marks."""
    import json

    try:
        text = json.dumps(json.loads(body), ensure_ascii=False)
    except ValueError:  # not JSON at all, or not text
        return None
    parsed: object = orjson.loads(text.encode("utf-8", errors="replace"))
    return parsed


def problems_of(parsed: Json) -> tuple[Problem, ...]:
    """Return what ``errors`` says; a plain sentence in its place counts as one problem."""
    told = parsed.get("errors")
    if not told:
        return ()
    entries = told if isinstance(told, list) else [{"message": str(told)}]
    return tuple(_problem(entry) for entry in entries)


def _problem(entry: object) -> Problem:
    if not isinstance(entry, dict):
        return Problem("", str(entry), ())
    extensions = entry.get("extensions")
    code = extensions.get("code") if isinstance(extensions, dict) else None
    path = entry.get("path")
    return Problem(
        str(code or ""),
        str(entry.get("message") or ""),
        tuple(str(part) for part in path) if isinstance(path, list) else (),
    )


def cost_of(parsed: Json) -> Cost:
    """Return what ``extensions.cost`` says; ``None`` where it says nothing."""
    extensions = parsed.get("extensions")
    told = extensions.get("cost") if isinstance(extensions, dict) else None
    if not isinstance(told, dict):
        return Cost(None, None, None)
    return Cost(
        _number(told.get("requestedQueryCost")),
        _number(told.get("actualQueryCost")),
        _status(told.get("throttleStatus")),
    )


def _status(told: object) -> ThrottleStatus | None:
    if not isinstance(told, dict):
        return None
    maximum, available, rate = (
        _number(told.get(name)) for name in ("maximumAvailable", "currentlyAvailable", "restoreRate")
    )
    if maximum is None or available is None or not rate or rate < 0:
        return None
    return ThrottleStatus(maximum, available, rate)


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def search_warnings(parsed: Json) -> tuple[str, ...]:
    """Return what Shopify did not understand of a search: it runs without that part, over too much."""
    extensions = parsed.get("extensions")
    told = extensions.get("search") if isinstance(extensions, dict) else None
    return tuple(
        f"{warning.get('field')}: {warning.get('message')}"
        for entry in (told if isinstance(told, list) else [])
        if isinstance(entry, dict)
        for warning in entry.get("warnings") or []
        if isinstance(warning, dict)
    )


def user_errors_of(data: Json) -> list[UserError]:
    """Return the user errors of every mutation in an answer."""
    return [
        UserError(
            alias,
            tuple(str(part) for part in error.get("field") or ()),
            str(error.get("message") or ""),
            error.get("code"),
        )
        for alias, payload in data.items()
        if isinstance(payload, dict)
        for key, errors in payload.items()
        if key.lower().endswith("usererrors")
        for error in errors or []
    ]
