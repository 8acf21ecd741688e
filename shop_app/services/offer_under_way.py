"""An offer on its way into Shopify: what is fixed before anything is made of it, and what was made so far."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from shop_app.bundles.terms import Form
from shop_app.errors import RefusedError
from shop_app.segments.money import minor_digits
from shop_app.services.bundle_limits import Limits
from shop_app.shopify import bundle_products
from shop_app.shopify.admin_api import AdminApi
from shop_app.shopify.offers import Offer
from shop_app.storage.bundles import Bundle

Remote = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Making:
    """All that a deed needs: the bundle, the shop's other bundles, what its things are called by in Shopify.

    ``others`` are those that something of stands in Shopify.
    """

    api: AdminApi
    bundle: Bundle
    others: Sequence[Bundle]
    limits: Limits

    @property
    def is_fixed(self) -> bool:
        """Tell whether it is a product of its own."""
        return self.bundle.terms.form is Form.FIXED

    @property
    def remote(self) -> Mapping[str, Any]:
        """Return what was made so far."""
        return self.bundle.remote

    @property
    def offer(self) -> Offer:
        """Return the offer as it is (to be) in Shopify, by what :func:`first_of` has fixed."""
        remote = self.remote
        return Offer(
            number=self.bundle.id,
            title=self.bundle.title,
            terms=self.bundle.terms,
            starts_at=datetime.fromisoformat(remote["starts_at"]),
            segment=remote.get("segment"),
            variants={int(item_id): gid for item_id, gid in remote["variants"].items()},
        )

    @property
    def prices(self) -> tuple[str, str | None]:
        """Return the price of a fixed bundle, and what its parts cost one by one where that is more."""
        price, whole = self.bundle.terms.price or 0, self.limits.list_price(self.bundle.terms)
        digits = minor_digits(self.limits.currency)
        before = None if whole is None or whole <= price else bundle_products.as_money(whole, digits)
        return bundle_products.as_money(price, digits), before


def variants_of(bundle: Bundle, limits: Limits) -> dict[str, str]:
    """Return the global id of each item's variant, by the item's number as text.

    Raises
    ------
    RefusedError
        One has no variant (any more).
    """
    found = {}
    for item_id in bundle.terms.item_ids:
        item = limits.items.get(item_id)
        if item is None or item.variant is None:
            raise RefusedError(f"“{limits.name(item_id)}” is no longer known by a variant in Shopify.")
        found[str(item_id)] = f"gid://shopify/ProductVariant/{item.variant}"
    return found


def products_of(bundle: Bundle, limits: Limits) -> list[str]:
    """Return the global ids of the products that an offer is shown on, in order."""
    numbers = {limits.items[each].product for each in bundle.terms.item_ids if each in limits.items} - {None}
    return [f"gid://shopify/Product/{number}" for number in sorted(numbers, key=lambda each: each or 0)]


def first_of(bundle: Bundle, limits: Limits, *, segment: str | None, tag: str, at: datetime) -> Remote:
    """Return what is fixed before an offer is made: its beginning, and by what its things are called.

    ``segment`` is the native segment's global id, ``tag`` that of the customers who are in it.

    Raises
    ------
    RefusedError
        One of its things has no variant (any more), or its segment is not there.
    """
    begins = bundle.terms.starts_at or at
    given: Remote = {
        "starts_at": begins.astimezone(UTC).replace(microsecond=0).isoformat(),
        "variants": variants_of(bundle, limits),
    }
    if not bundle.terms.segment:
        return given
    if segment is None:
        raise RefusedError(
            f"Shopify has no segment of ours for “{bundle.terms.segment}”. Under Destinations, connect Shopify "
            "with “Make Shopify segments” switched on and let the labels be sent; then try again."
        )
    return {**given, "segment": segment, "customer_tag": tag}
