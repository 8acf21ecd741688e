"""What Shopify says of the shop itself: its name, its money, its clock, its plan and number."""

from dataclasses import dataclass
from datetime import datetime

from shop_app.errors import InvalidInputError
from shop_app.services.open_shop import checked_currency, checked_timezone
from shop_app.services.shop_access import shop_api
from shop_app.shopify.admin_api import AdminApi
from shop_app.shopify.admin_errors import PermanentError
from shop_app.storage import connections, orders, shop_settings
from shop_app.storage.engine import Connection, transaction

_LONGEST_TITLE = 120
_OLD_TIMEZONE = "UTC"


@dataclass(frozen=True, slots=True)
class ShopFacts:
    """One shop as Shopify knows it."""

    title: str
    currency: str
    timezone: str
    plan: str | None
    shop_number: int
    scopes: tuple[str, ...]


def read_shop(shop_id: int, now: datetime) -> ShopFacts:
    """Ask Shopify about the shop and keep what it says."""
    return read_shop_with(shop_id, shop_api(shop_id, now), now)


def read_shop_with(shop_id: int, api: AdminApi, now: datetime) -> ShopFacts:
    """Do the same with an interface that is at hand.

    Raises
    ------
    PermanentError
        The answer names another shop, or no money.
    """
    facts = _ask(api)
    with transaction(shop_id) as connection:
        before = shop_settings.read(connection)
        if before.currency == shop_settings.UNKNOWN_CURRENCY:
            orders.name_currency(connection, unknown=before.currency, currency=facts.currency)
        shop_settings.write_from_shopify(
            connection, title=facts.title, currency=facts.currency, timezone=facts.timezone
        )
        _keep(connection, facts, now)
    return facts


def _keep(connection: Connection, facts: ShopFacts, now: datetime) -> None:
    connections.write_shop_facts(connection, shop_number=facts.shop_number, plan=facts.plan)
    connections.write_scopes(connection, facts.scopes, at=now)


def _ask(api: AdminApi) -> ShopFacts:
    data = api.run("ShopFacts").data
    shop = data.get("shop") or {}
    if shop.get("myshopifyDomain") != api.shop_domain:
        raise PermanentError("Shopify answers for another shop than the one that was asked.")
    title = " ".join(str(shop.get("name") or api.shop_domain).replace("\x00", "").split())
    granted = (data.get("currentAppInstallation") or {}).get("accessScopes") or []
    return ShopFacts(
        title=title[:_LONGEST_TITLE],
        currency=_currency(shop.get("currencyCode")),
        timezone=_timezone(shop.get("ianaTimezone")),
        plan=(shop.get("plan") or {}).get("publicDisplayName"),
        shop_number=int(str(shop.get("id") or "0").rpartition("/")[2]),
        scopes=tuple(scope["handle"] for scope in granted),
    )


def _currency(told: object) -> str:
    try:
        return checked_currency(str(told))
    except InvalidInputError:
        raise PermanentError("Shopify names no currency for this shop.") from None


def _timezone(told: object) -> str:
    """Return the zone, or UTC for one that this machine does not know: days are then off by hours, no more."""
    try:
        return checked_timezone(str(told))
    except InvalidInputError:
        return _OLD_TIMEZONE
