"""A shop's destinations, ready to be spoken to."""

from dataclasses import replace
from datetime import UTC, datetime

from shop_app.destinations import registry
from shop_app.destinations.base import Access, Destination
from shop_app.services.shop_access import shop_api
from shop_app.shopify.admin_api import AdminApi
from shop_app.storage import shops
from shop_app.storage.destinations import StoredDestination
from shop_app.storage.engine import shopless

_PATIENCE_SECONDS = 5.0


def built(shop_id: int, stored: StoredDestination, *, now: datetime) -> Destination:
    """Return a destination with the settings that are kept; nothing is asked of it yet."""
    return registry.build(
        stored.kind, {**stored.settings, **stored.secrets}, access_of(shop_id, stored.account_id, now=now)
    )


def access_of(shop_id: int, account_id: str | None, *, now: datetime) -> Access:
    """Return what a destination gets of a shop."""
    with shopless() as connection:
        domain = shops.domain_of(connection, shop_id)
    return Access(shop_id, domain, lambda: _impatient_api(shop_id, now), account_id)


def _impatient_api(shop_id: int, now: datetime) -> AdminApi:
    """Return the shop's interface; where its budget is spent the push is put off, and no worker waits."""
    api = shop_api(shop_id, now.astimezone(UTC))
    api.budget = replace(api.budget, patience_seconds=_PATIENCE_SECONDS)
    return api
