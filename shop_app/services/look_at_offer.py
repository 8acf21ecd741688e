"""Now and then it is looked whether an offer stands in Shopify as it was agreed; what is not so is told."""

from datetime import datetime, timedelta

from shop_app.errors import TemporaryError
from shop_app.services import watch_bundles
from shop_app.services.keeping_turn import Keeping, wait, wait_after
from shop_app.services.offer_leave import LOOK_AGAIN, denied_words
from shop_app.services.offer_under_way import Making
from shop_app.shopify import bundle_products, offer_discounts
from shop_app.shopify.admin_errors import PermanentError, RefusedByShopifyError
from shop_app.shopify.offers import Standing
from shop_app.storage import bundles
from shop_app.storage.bundles import Bundle
from shop_app.storage.engine import transaction

_EVERY = timedelta(hours=1)
_CLOCKS_APART = timedelta(minutes=5)
_KEPT_WHEN_GONE = ("shown", "half_shown", "customer_tag", "starts_at", "handle", "titles")


def look(keeping: Keeping, making: Making) -> bool:
    """Look at what was made, where that is due; return whether the offer was paused by what was seen.

    Raises
    ------
    OfferWaitsError
        Shopify does not show it now.
    """
    bundle = making.bundle
    if "id" not in bundle.remote or not _is_due(bundle, keeping.now) or keeping.is_stopped():
        return False
    try:
        there = _standing(making)
    except TemporaryError as error:
        raise wait_after(keeping, bundle, error) from None
    except RefusedByShopifyError as error:
        raise wait(keeping, bundle, denied_words(error.reason), LOOK_AGAIN) from None
    except PermanentError as error:
        raise wait(keeping, bundle, f"Shopify does not show this offer: {error}", LOOK_AGAIN) from None
    return note_gone(keeping, bundle) if there is None else _note(keeping, bundle, there)


def note_gone(keeping: Keeping, bundle: Bundle) -> bool:
    """Note down that somebody deleted it in Shopify; return ``True``, for something has changed."""
    kept = {name: value for name, value in bundle.remote.items() if name in _KEPT_WHEN_GONE}
    with transaction(keeping.shop_id) as connection:
        bundles.write_remote(keeping.held(connection), bundle.id, {**kept, "was": bundle.remote.get("id")})
        if bundle.state in ("approved", "live"):
            watch_bundles.pause(connection, bundle, watch_bundles.gone(bundle), at=keeping.now)
    return True


def _is_due(bundle: Bundle, now: datetime) -> bool:
    last = bundle.remote.get("looked_at")
    return not bundle.settled or last is None or now - datetime.fromisoformat(last) >= _EVERY


def _standing(making: Making) -> Standing | None:
    remote = making.remote
    if making.is_fixed:
        price, before = remote.get("price") or making.prices
        return bundle_products.look(making.api, making.offer, remote["id"], (price, before))
    while_off = making.bundle.state == "paused"
    return offer_discounts.look(making.api, making.offer, remote["id"], while_off=while_off)


def _note(keeping: Keeping, bundle: Bundle, there: Standing) -> bool:
    ends_at = bundle.terms.ends_at
    is_ending = ends_at is not None and ends_at <= keeping.now + _CLOCKS_APART
    is_off = bool(bundle.remote.get("is_on")) and not there.is_on and not is_ending
    remote = {
        **bundle.remote,
        "looked_at": keeping.now.isoformat(),
        "uses": there.uses,
        "notices": watch_bundles.words_of(bundle, there),
    }
    if there.title not in (None, bundle.title):
        # Orders tell which discount they used by the title that it had then.
        remote["titles"] = sorted({*remote.get("titles", ()), there.title})
    if is_off:
        remote["is_on"] = False
    with transaction(keeping.shop_id) as connection:
        bundles.write_remote(keeping.held(connection), bundle.id, remote)
        if not is_off or bundle.state not in ("approved", "live"):
            return False
        return watch_bundles.pause(connection, bundle, watch_bundles.switched_off(bundle), at=keeping.now)
