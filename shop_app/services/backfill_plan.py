"""What a backfill reads, in which order, and how a part is made smaller that Shopify cannot manage whole."""

from dataclasses import replace
from datetime import datetime, timedelta

from shop_app.storage.backfills import Part

RECENT = timedelta(days=365)
"""Orders of so long are read before older ones: they say most about who is who."""

WATERMARK_MARGIN = timedelta(minutes=5)
"""Clocks differ, and what is being written while we ask may carry an earlier date."""

_HALVES = "-1", "-2"
_DEEPEST_SPLIT = 3
_FIRST_SHOP = datetime.fromisoformat("2006-01-01T00:00:00Z")
"""Nothing in Shopify is older."""


def plan_parts(backfill_id: int, watermark: datetime) -> list[Part]:
    """Return the parts of a new backfill in the order in which they are read."""
    recent = (watermark - RECENT).replace(minute=0, second=0, microsecond=0)
    return [
        Part(backfill_id, "products", "products", 1),
        Part(backfill_id, "collections", "collections", 2),
        Part(backfill_id, "customers", "customers", 3),
        Part(backfill_id, "orders-recent", "orders", 4, since=recent),
        Part(backfill_id, "orders-older", "orders", 5, until=recent),
    ]


def halves(part: Part, now: datetime) -> list[Part]:
    """Return two parts that hold together what this one holds; nothing where it is small enough already."""
    if sum(part.name.count(half) for half in _HALVES) >= _DEEPEST_SPLIT or part.resource == "collections":
        return []
    since, until = part.since or _FIRST_SHOP, part.until or now
    share = 1 / 2 if part.since else 4 / 5  # most of a shop's past lies at its end
    middle = (since + (until - since) * share).replace(microsecond=0)
    if not since < middle < until:
        return []
    fresh = Part(part.backfill_id, part.name, part.resource, part.position, since=part.since, until=part.until)
    return [
        replace(fresh, name=part.name + _HALVES[0], until=middle),
        replace(fresh, name=part.name + _HALVES[1], since=middle),
    ]


def search_of(part: Part) -> str:
    """Return the search for what belongs to a part, empty for everything."""
    bounds = (("created_at:>=", part.since), ("created_at:<", part.until))
    return " AND ".join(f"{field}'{at:%Y-%m-%dT%H:%M:%SZ}'" for field, at in bounds if at is not None)
