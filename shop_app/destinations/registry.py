"""Every destination there is: a new one is one line here, and its file."""

from collections.abc import Mapping
from typing import Any

from shop_app.destinations.base import Access, Destination
from shop_app.destinations.klaviyo import Klaviyo
from shop_app.destinations.shopify import ShopifyCustomers
from shop_app.destinations.webhook import OutgoingWebhook
from shop_app.errors import NotFoundError

_ALL: tuple[type[Destination], ...] = (ShopifyCustomers, Klaviyo, OutgoingWebhook)

KINDS: dict[str, type[Destination]] = {kind.kind: kind for kind in _ALL}


def kind_of(kind: str) -> type[Destination]:
    """Return the class of a destination by its name in settings and commands."""
    if kind not in KINDS:
        raise NotFoundError(f"There is no destination {kind!r}; there are {', '.join(KINDS)}.")
    return KINDS[kind]


def build(kind: str, settings: Mapping[str, Any], access: Access) -> Destination:
    """Return a destination ready to be spoken to."""
    return kind_of(kind)(settings, access)
