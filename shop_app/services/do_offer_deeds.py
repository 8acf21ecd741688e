"""The deeds by which an offer comes to stand in Shopify, and goes again: one call or a few each.

Each takes what was made so far and returns what was made by then; all but the making are safe to repeat.
"""

from collections.abc import Callable
from datetime import datetime

from shop_app.errors import RefusedError, TemporaryError
from shop_app.services.offer_deeds import Deed
from shop_app.services.offer_under_way import Making, Remote
from shop_app.services.show_offers import hide, show
from shop_app.shopify import bundle_products, offer_discounts

_OTHER_APP = "other_bundles_app"


class NotYetError(TemporaryError):
    """Shopify is at it: ask again in some seconds."""


def do(deed: Deed, making: Making) -> Remote:
    """Do one thing, and return what was made of the offer by then."""
    return _DEEDS[deed](making)


def recover(making: Making, *, since: datetime) -> Remote | None:
    """Return what came of a making that went unanswered, ``None`` where nothing did (so far)."""
    if making.is_fixed:
        found = bundle_products.find(making.api, making.offer, since=since, but=_taken(making))
        return None if found is None else {**making.remote, "id": found, "is_on": False}
    found = offer_discounts.find(making.api, making.offer)
    return None if found is None else {**making.remote, "id": found, "is_on": True}


def _make(making: Making) -> Remote:
    if not making.is_fixed:
        return {**making.remote, "id": offer_discounts.make(making.api, making.offer), "is_on": True}
    reason = bundle_products.why_not(making.api)
    if reason is not None:
        words = "another app makes bundles here" if reason == _OTHER_APP else reason
        raise RefusedError(
            f"Shopify makes no bundles for this shop ({words}). Retire this, and offer the same as a discount."
        )
    parts = bundle_products.components(making.api, making.offer)
    return {**making.remote, "operation": bundle_products.make(making.api, making.offer, parts)}


def _finish(making: Making) -> Remote:
    told = bundle_products.poll(making.api, making.remote["operation"])
    if not told.is_complete:
        raise NotYetError("Shopify is putting the bundle together.", retry_after_seconds=3.0)
    rest = {name: value for name, value in making.remote.items() if name != "operation"}
    product = told.product or (_forgotten(making) if told.is_forgotten else None)
    if product is None:
        return {**rest, "problem": told.problem}
    return {**rest, "id": product, "is_on": False}


def _forgotten(making: Making) -> str | None:
    """Return the product of an operation that Shopify has forgotten, where it made one."""
    return bundle_products.find(making.api, making.offer, since=making.bundle.drafted_at, but=_taken(making))


def _taken(making: Making) -> set[str]:
    return {str(each.remote["id"]) for each in making.others if "id" in each.remote}


def _price(making: Making) -> Remote:
    price, before = making.prices
    bundle_products.set_price(making.api, making.remote["id"], (price, before))
    handle = bundle_products.handle_of(making.api, making.remote["id"])
    return {**making.remote, "price": [price, before], "handle": handle}


def _publish(making: Making) -> Remote:
    parts = bundle_products.components(making.api, making.offer)
    channels = bundle_products.channels_of(making.api, parts)
    if channels:
        bundle_products.publish(making.api, making.remote["id"], channels)
    return {**making.remote, "channels": channels}


def _start(making: Making) -> Remote:
    if making.is_fixed:
        bundle_products.set_status(making.api, making.remote["id"], is_on=True)
    else:
        offer_discounts.start(making.api, making.offer, making.remote["id"])
    return {**making.remote, "is_on": True}


def _stop(making: Making) -> Remote:
    if making.is_fixed:
        bundle_products.set_status(making.api, making.remote["id"], is_on=False)
    else:
        offer_discounts.stop(making.api, making.offer, making.remote["id"])
    return {**making.remote, "is_on": False}


def _delete(making: Making) -> Remote:
    if making.is_fixed:
        bundle_products.delete(making.api, making.remote["id"])
    else:
        offer_discounts.delete(making.api, making.offer, making.remote["id"])
    rest = {name: value for name, value in making.remote.items() if name not in ("id", "is_on")}
    return {**rest, "was": making.remote["id"]}


_DEEDS: dict[Deed, Callable[[Making], Remote]] = {
    Deed.MAKE: _make,
    Deed.FINISH: _finish,
    Deed.PRICE: _price,
    Deed.PUBLISH: _publish,
    Deed.START: _start,
    Deed.STOP: _stop,
    Deed.SHOW: show,
    Deed.HIDE: hide,
    Deed.DELETE: _delete,
}
