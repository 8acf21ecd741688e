"""All that merchants and buyers can do in a store, by name: ``DEEDS`` for the side door, functions for tests.

Each takes the world and the store's domain, changes documents, tells the world's listeners, and returns the ids
of what it was about.
"""

from collections.abc import Callable
from typing import Any

from sandbox.shopify.deeds.app import (
    change_shop,
    grant_scopes,
    install,
    kill_tokens,
    open_app,
    redact_shop,
    request_data,
    request_erasure,
    revoke_scopes,
    uninstall,
)
from sandbox.shopify.deeds.baskets import (
    change_cart,
    complete_checkout,
    delete_checkout,
    start_cart,
    start_checkout,
)
from sandbox.shopify.deeds.busy_day import busy_day
from sandbox.shopify.deeds.finding import DeedRefusedError
from sandbox.shopify.deeds.goods import create_product, delete_product, edit_product
from sandbox.shopify.deeds.offers import buy_offer
from sandbox.shopify.deeds.orders import cancel_order, delete_order, edit_order, place_order, refund_order
from sandbox.shopify.deeds.people import (
    change_consent,
    create_customer,
    delete_customer,
    edit_customer,
    merge_customers,
)

__all__ = ["DEEDS", "DeedRefusedError"]
Deed = Callable[..., dict[str, Any]]
_ALL: tuple[Deed, ...] = (
    place_order,
    buy_offer,
    refund_order,
    cancel_order,
    edit_order,
    delete_order,
    create_customer,
    edit_customer,
    change_consent,
    merge_customers,
    delete_customer,
    create_product,
    edit_product,
    delete_product,
    start_cart,
    change_cart,
    start_checkout,
    complete_checkout,
    delete_checkout,
    install,
    open_app,
    uninstall,
    grant_scopes,
    revoke_scopes,
    request_data,
    request_erasure,
    redact_shop,
    change_shop,
    kill_tokens,
    busy_day,
)
DEEDS: dict[str, Deed] = {deed.__name__: deed for deed in _ALL}
