"""What every page of the admin shares: which store, the page's frame, money and times as they are shown."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import flask
from flask import current_app

from sandbox.shopify import installs, sessions
from sandbox.shopify.payload_values import amount
from sandbox.shopify.state import Document
from sandbox.shopify.world import World

NOTHING = "\N{EN DASH}"
BUTTONS = {
    "install": "Install",
    "place_order": "Place an order",
    "buy_offer": "Buy what an offer offers",
    "refund_order": "Refund the newest order",
    "edit_customer": "Edit a customer",
    "start_checkout": "Leave a checkout behind",
    "request_data": "Request data",
    "request_erasure": "Request erasure",
    "busy_day": "Simulate a busy day",
    "uninstall": "Uninstall",
}


def current_world() -> World:
    """Return the world of this server."""
    world: World = current_app.config["WORLD"]
    return world


def domain_of(store: str) -> str:
    """Return the domain of the store that an address names; there is no page for an unknown one."""
    shop = f"{store}.myshopify.com"
    try:
        installs.shop_of(current_world(), shop)
    except installs.NoSuchShopError:
        flask.abort(404)
    return shop


def show(template: str, shop: str, **values: Any) -> str:  # noqa: ANN401 (what the template needs)
    """Render a page of one store."""
    world = current_world()
    owner = installs.shop_of(world, shop)
    return flask.render_template(
        template,
        shop=owner,
        domain=shop,
        store=sessions.store_name(shop),
        world=world,
        app_name=world.settings.get("app_name", "Kindred"),
        app_url=f"/store/{sessions.store_name(shop)}/apps/{world.app.client_id}",
        installed=owner.get("state") == "installed",
        notice=world.settings.setdefault("notices", {}).pop(shop, None),
        money=lambda minor: money(owner, minor),
        moment=lambda text: moment(owner, text),
        **values,
    )


def money(shop: Document, minor: int | None) -> str:
    """Write an amount in the store's currency."""
    return NOTHING if minor is None else f"{amount(minor, shop['currencyCode'])} {shop['currencyCode']}"


def moment(shop: Document, text: str | None) -> str:
    """Write a time in the store's zone."""
    if not text:
        return NOTHING
    zone = ZoneInfo(shop.get("ianaTimezone") or "UTC")
    return datetime.fromisoformat(text).astimezone(zone).strftime("%-d %b %Y, %H:%M")
