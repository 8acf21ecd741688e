"""What deeds share: finding what they are about, or something fitting where nobody said."""

import random
from typing import Any

from sandbox.shopify.state import Document
from sandbox.shopify.world import World


class DeedRefusedError(ValueError):
    """The deed makes no sense in this store: what it is about is not there, or not in that state."""


def get(world: World, shop: str, kind: str, number: int) -> Document:
    """Return a document.

    Raises
    ------
    DeedRefusedError
        There is none of this number.
    """
    document = world.state.find(shop, kind, number)
    if document is None:
        raise DeedRefusedError(f"{shop} has no {kind} {number}.")
    return document


def get_or_any(world: World, shop: str, kind: str, number: int | None) -> Document:
    """Return the document of this number, or any where none is given.

    Raises
    ------
    DeedRefusedError
        There is none.
    """
    if number is not None:
        return get(world, shop, kind, number)
    count = world.state.count(shop, kind)
    if not count:
        raise DeedRefusedError(f"{shop} has no {kind} at all.")
    place = random.randrange(count)
    return world.state.select(shop, kind, "", (), order=f"id LIMIT 1 OFFSET {place}")[0][1]


def newest(world: World, shop: str, kind: str, where: str = "") -> Document | None:
    """Return the newest document of a kind, by number; ``where`` is SQL of our own."""
    found = world.state.select(shop, kind, where, (), order="id DESC LIMIT 1")
    return found[0][1] if found else None


def only_known(given: dict[str, Any], known: Document) -> None:
    """Refuse fields that a document does not have.

    Raises
    ------
    DeedRefusedError
        There are such.
    """
    if unknown := sorted(set(given) - set(known)):
        raise DeedRefusedError(f"There is no field {', '.join(unknown)}.")
