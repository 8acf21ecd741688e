"""The first members of a segment, for the admin's page of it."""

from itertools import islice

from sandbox.shopify.segment_members import ground_of, members
from sandbox.shopify.segment_query import parse
from sandbox.shopify.state import Document
from sandbox.shopify.world import World, now


def first_members(world: World, shop: str, query: str, count: int) -> list[Document]:
    """Return at most so many members, by number.

    Raises
    ------
    SegmentQueryError
        The query is none.
    """
    owner = next(world.state.each(shop, "shop"), {})
    zone = owner.get("ianaTimezone") or "UTC"
    ground = ground_of(world.state, shop, as_of=now(), timezone=zone)
    return list(islice(members(ground, parse(query)), count))
