"""How webhook bodies of every age write plain things: numbers, texts, times and money, all possibly odd.

Whatever cannot be read is unknown; what it means that something is unknown is not decided here.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

import orjson

from shop_app.errors import InvalidInputError
from shop_app.segments.minor_units import MOST_MAJOR_UNITS
from shop_app.segments.money import minor_digits
from shop_app.shopify.node_columns import EARLIEST_YEAR, LATEST_YEAR

Body = Mapping[str, Any]

_LARGEST_ID = 2**63 - 1
MOST_PARTS = 5_000
"""Ten times the lines that Shopify lets into an order: a body with more was made to keep us busy."""
_MOST_WORDS = 1_000
"""Four times the tags that anything may have."""
_LONGEST_TEXT = 2_000
"""Characters: longer than any name, title or address that a person typed."""
_YEARS = range(EARLIEST_YEAR, LATEST_YEAR + 1)
_MOST_DIGITS = 40
_CONTROLS = dict.fromkeys((*range(32), *range(127, 160)), " ")
_WRAPPERS = ("order", "customer", "refund", "product", "checkout", "cart")


class UnreadableError(InvalidInputError):
    """A body says nothing that could be used; the message says why, without quoting from it."""


def parse(raw: bytes) -> Body:
    """Read a body, whatever it is about.

    Raises
    ------
    UnreadableError
        It is no JSON, is nested too deeply, or is not an object.
    """
    try:
        found = orjson.loads(raw)
    except ValueError:
        found = _parse_odd(raw)
    if not isinstance(found, dict):
        raise UnreadableError("The body is JSON, but no object.")
    if len(found) == 1:
        (name, inner), *_ = found.items()
        if name in _WRAPPERS and isinstance(inner, dict):  # as the old interface answers
            return inner
    return found


def _parse_odd(raw: bytes) -> object:
    """Read what only a lenient reader takes: half characters, control characters inside texts."""
    import json

    try:
        return json.loads(raw.decode("utf-8", errors="replace"), strict=False)
    except (ValueError, RecursionError):
        raise UnreadableError("The body is no JSON.") from None


def part(body: Body, name: str) -> Body:
    """Return an object inside a body, an empty one where there is none."""
    found = body.get(name)
    return found if isinstance(found, dict) else {}


def parts(body: Body, name: str) -> list[Body]:
    """Return the objects of a list inside a body, as many as there can be."""
    found = body.get(name)
    return [each for each in found[:MOST_PARTS] if isinstance(each, dict)] if isinstance(found, list) else []


def words(value: object) -> str | None:
    """Return a text fit to be stored: no control characters, no half ones, not endless; "" is unknown."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        return None
    whole = value[:_LONGEST_TEXT].encode("utf-8", errors="ignore").decode()
    return whole.translate(_CONTROLS).strip() or None


def identity(value: object) -> int | None:
    """Return Shopify's number from a number, digits or a gid."""
    if isinstance(value, str):
        digits = value.rsplit("/", 1)[-1].split("?", 1)[0].strip()
        value = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < _MOST_DIGITS else None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if 0 < value <= _LARGEST_ID else None


def own_identity(body: Body) -> int | None:
    """Return the number of the thing that a body is; the gid tells where there is no plain number."""
    if body.get("id") is not None:
        return identity(body["id"])
    gid = body.get("admin_graphql_api_id")
    return identity(gid) if kind_of(gid) is not None else None


def kind_of(gid: object) -> str | None:
    """Return the kind of thing that a gid is about: ``Order`` of ``gid://shopify/Order/1``."""
    pieces = gid.split("/") if isinstance(gid, str) else []
    return pieces[3] if len(pieces) > 4 and pieces[:3] == ["gid:", "", "shopify"] else None  # noqa: PLR2004 (its shape)


def moment(value: object) -> datetime | None:
    """Return a time in UTC; one without an offset is taken as UTC."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value.strip().removesuffix(" UTC"))
        found = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return found if found.year in _YEARS else None


def amount(value: object) -> Decimal | None:
    """Return an amount in major units from a text or a number; null where no shop takes so much."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = str(value).strip()
    if not text or len(text) > _MOST_DIGITS:
        return None
    try:
        found = Decimal(text)
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found) <= Decimal(MOST_MAJOR_UNITS) else None


def minor(value: Decimal | None, currency: str) -> int | None:
    """Turn major units into minor ones, halves away from zero."""
    if value is None:
        return None
    return int(value.scaleb(minor_digits(currency)).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def major(value: Decimal | None) -> float | None:
    """Return major units as a column has them; null where no shop takes so much."""
    return float(value) if value is not None and abs(value) <= Decimal(MOST_MAJOR_UNITS) else None


def shop_amount(body: Body, name: str) -> Decimal | None:
    """Return an amount in the shop's money: from ``NAME_set`` where it is there, else from ``NAME``."""
    in_set = amount(part(part(body, f"{name}_set"), "shop_money").get("amount"))
    return in_set if in_set is not None else amount(body.get(name))


def stated_amount(body: Body, name: str) -> Decimal | None:
    """Return an amount in the shop's money, ``None`` where there is none.

    Raises
    ------
    UnreadableError
        What stands there is no amount.
    """
    found = shop_amount(body, name)
    if found is None and body.get(name) not in (None, ""):
        raise UnreadableError(f"{name} is no amount.")
    return found


def stated_moment(body: Body, name: str) -> datetime | None:
    """Return a time, ``None`` where there is none.

    Raises
    ------
    UnreadableError
        What stands there is no time.
    """
    found = moment(body.get(name))
    if found is None and body.get(name) not in (None, ""):
        raise UnreadableError(f"{name} is no time.")
    return found


def flag(value: object) -> bool | None:
    """Return a yes or no, which the oldest bodies write as texts."""
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.lower())
    return value if isinstance(value, bool) else None


def listed(value: object) -> str | None:
    """Return words as one text, a line each, from a list or from a text parted by commas."""
    if isinstance(value, str):
        value = value.split(",", _MOST_WORDS)
    if not isinstance(value, list):
        return None
    return "\n".join(word for each in value[:_MOST_WORDS] if (word := words(each)))
