"""What is to be done next in Shopify for an offer: the first thing that it still lacks, or nothing."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import Any

from shop_app.bundles.terms import Form
from shop_app.storage.bundles import Bundle


class Wanted(StrEnum):
    """What is to stand in Shopify: nothing, it switched off, it ready for its beginning, or it in use."""

    ABSENT = "absent"
    OFF = "off"
    READY = "ready"
    ON = "on"


class Deed(StrEnum):
    """One thing that is done in Shopify for an offer."""

    MAKE = "make"
    FINISH = "finish"  # ask whether the product is there by now
    PRICE = "price"
    PUBLISH = "publish"
    START = "start"
    STOP = "stop"
    SHOW = "show"
    HIDE = "hide"
    DELETE = "delete"


AT_ANY_HOUR = frozenset({Deed.FINISH, Deed.STOP, Deed.HIDE, Deed.DELETE})
"""What takes something down waits for no quiet hour to end."""


def wanted(bundle: Bundle, at: datetime) -> Wanted:
    """Return what is to stand in Shopify at a moment."""
    if bundle.state == "retired":
        return Wanted.ABSENT
    if bundle.state == "paused":
        return Wanted.OFF
    starts_at = bundle.terms.starts_at
    return Wanted.READY if starts_at is not None and starts_at > at else Wanted.ON


def next_deed(
    bundle: Bundle, at: datetime, *, products: Collection[str], may_show: bool, may_publish: bool
) -> Deed | None:
    """Return what is to be done next.

    Parameters
    ----------
    products
        The global ids of the products that the offer is shown on while it is live.
    may_show, may_publish
        Whether the scopes for that are granted.
    """
    wish = wanted(bundle, at)
    if wish is Wanted.ABSENT:
        return _to_be_rid_of(bundle)
    if wish is Wanted.OFF:
        return _to_be_off(bundle)
    return _to_be_made(bundle, may_publish=may_publish) or _to_be_on(
        bundle, wish, set(products) if may_show else None
    )


def in_doubt(deed: Deed, bundle: Bundle, products: Collection[str]) -> dict[str, Any]:
    """Return what is known of what was made while a deed is out: its answer may be lost, and it done or not.

    So what may be on is switched off where that is wanted, and what may be shown is hidden.
    """
    remote = bundle.remote
    if deed in (Deed.START, Deed.STOP):
        return {name: value for name, value in remote.items() if name != "is_on"}
    if deed in (Deed.SHOW, Deed.HIDE):
        more = products if deed is Deed.SHOW else ()
        return {**remote, "shown": sorted({*remote.get("shown", ()), *more}), "half_shown": True}
    return remote


def _to_be_rid_of(bundle: Bundle) -> Deed | None:
    if "id" in bundle.remote:
        return Deed.DELETE
    return Deed.FINISH if "operation" in bundle.remote else _to_be_hidden(bundle)


def _to_be_off(bundle: Bundle) -> Deed | None:
    if "operation" in bundle.remote:
        return Deed.FINISH
    may_be_on = "id" in bundle.remote and bundle.remote.get("is_on") is not False
    return Deed.STOP if may_be_on else _to_be_hidden(bundle)


def _to_be_hidden(bundle: Bundle) -> Deed | None:
    return Deed.HIDE if bundle.remote.get("shown") else None


def _to_be_made(bundle: Bundle, *, may_publish: bool) -> Deed | None:
    remote = bundle.remote
    if "id" not in remote:
        return Deed.FINISH if "operation" in remote else Deed.MAKE
    if bundle.terms.form is not Form.FIXED:
        return None
    if "price" not in remote:
        return Deed.PRICE
    return Deed.PUBLISH if may_publish and "channels" not in remote else None


def _to_be_on(bundle: Bundle, wish: Wanted, products: set[str] | None) -> Deed | None:
    """Return what is left once it is made: a discount counts from its own beginning, a product from now."""
    if not bundle.remote.get("is_on") and (wish is Wanted.ON or bundle.terms.form is not Form.FIXED):
        return Deed.START
    shown, is_sure = set(bundle.remote.get("shown", ())), not bundle.remote.get("half_shown")
    is_shown = products is None or (shown == products and is_sure)
    return None if is_shown or wish is not Wanted.ON else Deed.SHOW
