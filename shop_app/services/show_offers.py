"""What products tell of offers, for themes to show."""

from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any

from shop_app.services.offer_under_way import Making, Remote, products_of
from shop_app.shopify import offer_notes
from shop_app.storage.bundles import Bundle


def show(making: Making) -> Remote:
    """Have every product of an offer tell of it; return what was made by then."""
    products = products_of(making.bundle, making.limits)
    offer_notes.define(making.api)
    before = set(making.remote.get("shown", ()))
    offer_notes.write(making.api, _notes(making, {*products, *before}, products))
    return {**_without_shown(making), "shown": products}


def hide(making: Making) -> Remote:
    """Have no product tell of an offer any more; return what is left of it by then."""
    offer_notes.write(making.api, _notes(making, set(making.remote.get("shown", ())), ()))
    if not any(each.remote.get("shown") for each in making.others):
        offer_notes.undefine(making.api)
    return _without_shown(making)


def _without_shown(making: Making) -> Remote:
    return {name: value for name, value in making.remote.items() if name not in ("shown", "half_shown")}


def _notes(making: Making, products: set[str], mine: Sequence[str]) -> dict[str, list[Mapping[str, Any]]]:
    """Return what each of these products is to say: of the others, and of this where it is among ``mine``."""
    return {
        product: [
            *(note_of(each) for each in making.others if product in each.remote.get("shown", ())),
            *([note_of(making.bundle)] if product in mine else []),
        ]
        for product in products
    }


def note_of(bundle: Bundle) -> dict[str, Any]:
    """Return what a theme may show of an offer; a code only where everybody may know it.

    An offer for one segment names the tag of those who are in it, so that a theme shows it to them alone.
    """
    terms, remote = bundle.terms, bundle.remote
    return {
        "title": bundle.title,
        "form": str(terms.form),
        "discount_percent": terms.discount_percent,
        "starts_at": remote.get("starts_at"),
        "ends_at": None if terms.ends_at is None else terms.ends_at.astimezone(UTC).isoformat(),
        "buy_quantity": terms.buy_quantity,
        "get_quantity": terms.get_quantity,
        **({"bundle": remote["handle"]} if remote.get("handle") else {}),
        **({"customer_tag": remote.get("customer_tag")} if terms.segment else {}),
        **({"code": terms.code} if terms.code and not terms.segment else {}),
    }
