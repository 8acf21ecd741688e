"""An offer with all that Shopify calls its things by."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from shop_app.bundles.terms import Terms

MARK = "kindred-offer-{}"
"""The tag of a discount of ours, with the bundle's number: by that alone one is known again."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What is to stand in Shopify.

    Attributes
    ----------
    number
        The bundle's own.
    title
        What buyers read.
    terms
        What was agreed on.
    starts_at
        The terms' own beginning, or the moment of the approval.
    segment
        The native segment's global id; ``None`` is everybody.
    variants
        The global id of each item's variant.
    """

    number: int
    title: str
    terms: Terms
    starts_at: datetime
    segment: str | None
    variants: Mapping[int, str]

    @property
    def mark(self) -> str:
        """Return the tag by which its discount is known again."""
        return MARK.format(self.number)


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands in Shopify of an offer.

    ``is_on`` tells whether it counts now or is to begin; ``differs`` names in words what is not as it was
    agreed; ``uses`` is how often it was used as far as Shopify says so; ``title`` is what a discount is called
    there now, ``None`` of a product.
    """

    is_on: bool
    differs: tuple[str, ...]
    uses: int | None = None
    title: str | None = None
