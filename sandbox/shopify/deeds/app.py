"""What a merchant does about the app: in with it, out with it; and what the law lets customers ask for."""

from datetime import timedelta
from typing import Any

from sandbox.shopify import installs, opening, tokens, webhooks
from sandbox.shopify.deeds.finding import get_or_any, only_known
from sandbox.shopify.state import Document
from sandbox.shopify.world import World, now, stamp

Ids = dict[str, Any]


def install(world: World, shop: str, *, scopes: list[str] | None = None) -> Ids:
    """Install the app (without opening it), or agree to its new scopes."""
    return {"granted_scopes": installs.install(world, shop, scopes=scopes)["grantedScopes"]}


def open_app(world: World, shop: str, *, path: str = "/") -> Ids:
    """Open the app as the owner would, installing it if need be; return what its page answered."""
    return {"status": opening.open_app(world, shop, path=path).status_code}


def uninstall(world: World, shop: str, *, redact: bool = True) -> Ids:
    """Throw the app out; ``shop/redact`` follows 48 hours later (on the world's scale) if ``redact``."""
    installs.uninstall(world, shop, redact=redact)
    return {"shop_id": installs.shop_of(world, shop)["id"]}


def grant_scopes(world: World, shop: str, *, scopes: list[str]) -> Ids:
    """Agree to optional scopes."""
    return {"granted_scopes": installs.grant(world, shop, scopes)}


def revoke_scopes(world: World, shop: str, *, scopes: list[str]) -> Ids:
    """Take optional scopes back."""
    return {"granted_scopes": installs.revoke(world, shop, scopes)}


def request_data(world: World, shop: str, *, customer_id: int | None = None) -> Ids:
    """Let a customer ask for what is held of them."""
    with world.state.together():
        customer = get_or_any(world, shop, "customer", customer_id)
        number = world.state.next_number("data request", start=9999)
        body = _compliance_body(world, shop, customer, "orders_requested") | {"data_request": {"id": number}}
        world.emit(shop, "customers/data_request", body)
    return {"customer_id": customer["id"], "data_request_id": number}


def request_erasure(
    world: World, shop: str, *, customer_id: int | None = None, delay_days: float = 0, erase: bool = True
) -> Ids:
    """Let a customer ask to be erased; the real one waits ten days, here ``delay_days`` (on the world's scale).

    With ``erase`` the store's own copy is made anonymous at once, as the admin does it.
    """
    with world.state.together():
        customer = get_or_any(world, shop, "customer", customer_id)
        body = _compliance_body(world, shop, customer, "orders_to_redact")
        webhooks.send_later(world, shop, "customers/redact", body, after=timedelta(days=delay_days))
        if erase:
            _anonymise(world, shop, customer)
    return {"customer_id": customer["id"], "order_ids": body["orders_to_redact"]}


def redact_shop(world: World, shop: str) -> Ids:
    """Send ``shop/redact`` now."""
    owner = installs.shop_of(world, shop)
    world.emit(shop, "shop/redact", {"shop_id": owner["id"], "shop_domain": shop})
    return {"shop_id": owner["id"]}


def change_shop(world: World, shop: str, **fields: Any) -> Ids:  # noqa: ANN401 (any field of a shop)
    """Change the store itself: ``frozen``, ``bulkEnabled``, ``apiAllowed``, ``ianaTimezone`` and so on."""
    owner = installs.shop_of(world, shop)
    only_known(fields, owner | {"locked": False, "sameOrganization": True})
    changed = owner | fields | {"updatedAt": stamp(now())}
    world.state.put(shop, "shop", changed)
    world.emit(shop, "shop/update", changed)
    return {"shop_id": owner["id"]}


def kill_tokens(world: World, shop: str, *, which: str = "all") -> Ids:
    """End the app's tokens: ``access``, ``refresh`` or ``all``."""
    return {"tokens": tokens.kill(world, shop, which=which)}


def _compliance_body(world: World, shop: str, customer: Document, orders: str) -> Document:
    owner = installs.shop_of(world, shop)
    return {
        "shop_id": owner["id"],
        "shop_domain": shop,
        orders: [order["id"] for order in world.state.children(shop, "order", customer["id"])],
        "customer": {name: customer[name] for name in ("id", "email", "phone")},
    }


def _anonymise(world: World, shop: str, customer: Document) -> None:
    nothing = dict.fromkeys(("firstName", "lastName", "email", "phone", "note", "defaultAddress"))
    world.state.put(shop, "customer", customer | nothing | {"tags": [], "updatedAt": stamp(now())})
    bare = dict.fromkeys(("email", "phone", "note", "shippingAddress", "billingAddress"))
    for order in world.state.children(shop, "order", customer["id"]):
        changed = order | bare | {"updatedAt": stamp(now())}
        world.state.put(shop, "order", changed, parent=customer["id"])
