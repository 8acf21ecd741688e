"""How webhook bodies write plain things: money as text, times with the store's own offset."""

from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.shopify.state import Document

_WITHOUT_CENTS = frozenset({"JPY", "KRW", "VND", "CLP", "ISK", "UGX", "XAF", "XOF", "PYG", "RWF"})
_IN_THOUSANDTHS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})


def digits_of(currency: str) -> int:
    """Return how many decimals a currency has."""
    if currency in _WITHOUT_CENTS:
        return 0
    return 3 if currency in _IN_THOUSANDTHS else 2


def amount(minor: int | None, currency: str) -> str:
    """Write minor units as the interface does: ``"12.50"``; nothing counts as zero."""
    digits = digits_of(currency)
    value = minor or 0
    sign, value = ("-" if value < 0 else ""), abs(value)
    whole, part = divmod(value, 10**digits)
    return f"{sign}{whole}.{part:0{digits}d}" if digits else f"{sign}{whole}"


def money_set(minor: int | None, currency: str, presentment: str | None = None) -> Document:
    """Write an amount in the store's money and in the buyer's (which here is worth the same)."""
    text = amount(minor, currency)
    return {
        "shop_money": {"amount": text, "currency_code": currency},
        "presentment_money": {"amount": text, "currency_code": presentment or currency},
    }


def local(moment: str | None, timezone: str) -> str | None:
    """Write a time of ours with the store's offset: ``2026-11-01T06:00:00-04:00``."""
    if not moment:
        return None
    return datetime.fromisoformat(moment).astimezone(_zone(timezone)).isoformat(timespec="seconds")


def gid(kind: str, number: int | None) -> str | None:
    """Return the global id of a thing, ``None`` of nothing."""
    return None if number is None else f"gid://shopify/{kind}/{number}"


def lower(text: str | None) -> str | None:
    """Write a state as the older interface does."""
    return text.lower() if isinstance(text, str) else None


def address(found: Document | None) -> Document | None:
    """Return an address as it stands in orders."""
    if not found:
        return None
    given = {key: found.get(key) for key in ("address1", "address2", "city", "company", "zip", "phone")}
    names: dict[str, Any] = {
        "first_name": found.get("firstName"),
        "last_name": found.get("lastName"),
        "name": found.get("name") or _full_name(found),
        "province_code": found.get("provinceCode"),
        "province": found.get("province") or found.get("provinceCode"),
        "country_code": found.get("countryCode"),
        "country": found.get("country") or found.get("countryCode"),
        "latitude": None,
        "longitude": None,
    }
    return given | names


def _full_name(found: Document) -> str | None:
    return " ".join(part for part in (found.get("firstName"), found.get("lastName")) if part) or None


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name or "UTC")
