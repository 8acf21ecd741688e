"""The terms of an offer: what must be bought, what is cheaper then, for whom, from when to when.

One shape for all forms, so that arithmetic, approval, the wire and the page speak of the same thing; what is
approved is this value, word for word.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any, Self

MOST_PARTS = 30  # of a bundle; Shopify's "Product bundles" names it
MOST_ITEMS = 100  # of one side of a discount


class Form(StrEnum):
    """The ways in which things are offered together.

    ``FIXED`` is a product of its own that holds all parts (pure bundling); the others are discounts on things
    that stay single: ``BUY_GET`` on one thing with another, ``MIXED`` on any of several with a mandatory one
    (mixed bundling), ``THIRD`` on the third of a line for whoever takes two of it.
    """

    FIXED = "fixed"
    BUY_GET = "buy-get"
    MIXED = "mixed"
    THIRD = "third"


@dataclass(frozen=True, slots=True)
class Part:
    """One thing in a fixed bundle, and how many of it; ``item_id`` is our own number of an item."""

    item_id: int
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of one offer.

    Attributes
    ----------
    form
        See :class:`Form`.
    parts
        ``FIXED`` only: every part.
    buys, buy_quantity
        The other forms: so many, in sum, of any of these items must be bought.
    gets, get_quantity
        The other forms: so many, in sum, of any of these items are cheaper then.
    discount_percent
        0 to 100, whole. ``FIXED``: off the sum of the parts; the other forms: off what is got.
    price
        ``FIXED`` only: what the bundle costs, minor units of the shop's currency.
    segment
        The slug of the segment that it is for; "" is everybody. A fixed bundle is always for everybody.
    code
        What a buyer types in; "" where the discount comes by itself.
    starts_at, ends_at
        When it begins and ends (UTC); ``None`` is at once, and until somebody ends it.
    uses_per_order
        How often it counts in one order, 1 or more (discounts that come by themselves).
    uses_most
        After so many orders it is paused; ``None`` is no limit.
    once_per_customer
        Codes only.
    """

    form: Form
    parts: tuple[Part, ...] = ()
    buys: tuple[int, ...] = ()
    buy_quantity: int = 1
    gets: tuple[int, ...] = ()
    get_quantity: int = 1
    discount_percent: int = 0
    price: int | None = None
    segment: str = ""
    code: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    uses_per_order: int = 1
    uses_most: int | None = None
    once_per_customer: bool = False

    @property
    def item_ids(self) -> tuple[int, ...]:
        """Return every item that the offer speaks of, once each, in ascending order."""
        return tuple(sorted({part.item_id for part in self.parts} | set(self.buys) | set(self.gets)))

    @property
    def fingerprint(self) -> str:
        """Return 64 hexadecimal digits that stand for exactly these terms."""
        return sha256(json.dumps(self.to_json(), sort_keys=True).encode()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """Return plain values that :meth:`from_json` reads."""
        plain = asdict(self)
        for name in ("starts_at", "ends_at"):
            moment = plain[name]
            plain[name] = None if moment is None else moment.astimezone(UTC).isoformat()
        return plain

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read terms that were kept."""
        plain = dict(stored)
        plain["form"] = Form(plain["form"])
        plain["parts"] = tuple(Part(**part) for part in plain["parts"])
        for name in ("buys", "gets"):
            plain[name] = tuple(plain[name])
        for name in ("starts_at", "ends_at"):
            plain[name] = None if plain[name] is None else datetime.fromisoformat(plain[name])
        return cls(**plain)
