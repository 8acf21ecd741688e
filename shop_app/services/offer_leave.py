"""Whether something may be done in Shopify for an offer now: the stop, quiet hours, the merchant's leave."""

from collections.abc import Sequence
from datetime import timedelta

from shop_app.services.keeping_turn import Keeping, wait
from shop_app.services.offer_deeds import AT_ANY_HOUR, Deed
from shop_app.shopify.scopes import missing_scopes, offer_scopes
from shop_app.storage.bundles import Bundle

LOOK_AGAIN = timedelta(hours=1)
_WHILE_STOPPED = timedelta(minutes=15)
_THINGS = {
    "write_products": "products",
    "write_discounts": "discounts",
    "write_publications": "sales channels",
}
_AGREE = "Open this offer in Kindred, inside Shopify's admin, and agree to that; it goes on by itself then."


def check_may(keeping: Keeping, bundle: Bundle, deed: Deed) -> None:
    """Do nothing where it may be done now.

    Raises
    ------
    OfferWaitsError
        Everything is stopped, the hours are quiet, or a scope is not granted.
    """
    choices, timezone = keeping.choices()  # read anew each time: a stop is heeded at once
    if choices.everything_stopped:
        words = "Everything that is sent is stopped, and this waits: let it go again under Destinations."
        raise wait(keeping, bundle, words, _WHILE_STOPPED)
    quiet_until = choices.quiet_until(keeping.now, timezone)
    if deed not in AT_ANY_HOUR and quiet_until is not None:
        raise wait(keeping, bundle, "It waits for the end of your quiet hours.", quiet_until - keeping.now)
    needed, _ = offer_scopes(bundle.terms.form)
    lacking = missing_scopes(keeping.scopes, ("write_products",) if deed in (Deed.SHOW, Deed.HIDE) else needed)
    if lacking:
        raise wait(
            keeping, bundle, f"Shopify does not let Kindred change {_named(lacking)} yet. {_AGREE}", LOOK_AGAIN
        )


def denied_words(reason: str) -> str:
    """Return what is said where Shopify denies access, for Shopify's own reason."""
    told = f" ({reason.rstrip('.')})" if reason else ""
    return f"Shopify denies access{told}. {_AGREE}"


def may_show(keeping: Keeping) -> bool:
    """Tell whether product pages may show an offer."""
    return not missing_scopes(keeping.scopes, ("write_products",))


def may_publish(keeping: Keeping) -> bool:
    """Tell whether the product of a bundle may be put into sales channels."""
    return not missing_scopes(keeping.scopes, ("write_publications",))


def notices(keeping: Keeping, bundle: Bundle) -> list[str]:
    """Return in sentences what is to be known of an offer that stands."""
    words = list(bundle.remote.get("notices") or ()) if "id" in bundle.remote else []
    if bundle.state not in ("approved", "live"):
        return words
    if not may_show(keeping):
        words.append(
            "It counts, but product pages cannot show it: Shopify does not let Kindred change "
            f"{_named(('write_products',))} yet. {_AGREE}"
        )
    if bundle.terms.parts and not bundle.remote.get("channels"):
        words.append(
            "Its product stands in no sales channel yet: open it in Shopify's admin, under Products, and "
            "choose its channels under Publishing."
        )
    return words


def _named(scopes: Sequence[str]) -> str:
    return " and ".join(f"{_THINGS.get(scope, scope)} ({scope})" for scope in scopes)
