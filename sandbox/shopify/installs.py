"""Whether the app is in a store: installed with what scopes, asked for more, thrown out."""

from collections.abc import Callable
from datetime import timedelta

from sandbox.shopify import tokens, webhooks
from sandbox.shopify.state import Document
from sandbox.shopify.world import World, now, stamp

_REDACT_AFTER = timedelta(hours=48)


class NoSuchShopError(LookupError):
    """No store of this domain is known."""


def shop_of(world: World, shop: str) -> Document:
    """Return a store's own document.

    Raises
    ------
    NoSuchShopError
        There is none of this domain.
    """
    document = next(world.state.each(shop, "shop"), None)
    if document is None:
        raise NoSuchShopError(f"There is no store {shop}.")
    return document


def is_installed(world: World, shop: str) -> bool:
    """Tell whether the app is in this store."""
    return bool(shop_of(world, shop).get("state") == "installed")


def install(world: World, shop: str, *, scopes: list[str] | None = None) -> Document:
    """Let the owner install the app, or agree to its new scopes; return the store's document."""
    with world.state.together():
        document = shop_of(world, shop)
        known = list(document.get("grantedScopes") or []) if document.get("state") == "installed" else []
        kept = [scope for scope in known if scope in world.app.optional_scopes]
        granted = list(dict.fromkeys([*(scopes or world.app.scopes), *kept]))
        changed = document | {"grantedScopes": granted, "state": "installed"}
        if document.get("state") != "installed":
            changed["installedAt"] = stamp(now())
        world.state.put(shop, "shop", changed)
        if known and known != granted:
            _tell_of_scopes(world, shop, known, granted)
    return changed


def grant(world: World, shop: str, scopes: list[str]) -> list[str]:
    """Add optional scopes that the owner agreed to; return all that are granted then."""
    return _change_scopes(world, shop, lambda known: list(dict.fromkeys([*known, *scopes])))


def revoke(world: World, shop: str, scopes: list[str]) -> list[str]:
    """Give up optional scopes; required ones stay."""
    optional = set(world.app.optional_scopes) & set(scopes)
    return _change_scopes(world, shop, lambda known: [scope for scope in known if scope not in optional])


def missing_scopes(world: World, shop: str) -> list[str]:
    """Return the required scopes that the owner has yet to agree to."""
    granted = set(tokens.granted_scopes(world, shop))
    implied = {f"read_{scope[6:]}" for scope in granted if scope.startswith("write_")}
    return [scope for scope in world.app.scopes if scope not in granted | implied]


def uninstall(world: World, shop: str, *, redact: bool = True) -> Document:
    """Throw the app out: tokens die at once, ``app/uninstalled`` is sent, ``shop/redact`` 48 hours later."""
    with world.state.together():
        document = shop_of(world, shop)
        changed = document | {"state": "absent", "grantedScopes": []}
        tokens.end_install(world, shop)
        world.emit(shop, "app/uninstalled", changed)
        world.state.put(shop, "shop", changed)
        world.state.clear(shop, "webhook_subscription")  # those of the app's own making go with it
        if redact:
            body = {"shop_id": document["id"], "shop_domain": shop}
            webhooks.send_later(world, shop, "shop/redact", body, after=_REDACT_AFTER)
    return changed


def _change_scopes(world: World, shop: str, change: Callable[[list[str]], list[str]]) -> list[str]:
    with world.state.together():
        document = shop_of(world, shop)
        known = list(document.get("grantedScopes") or [])
        granted = change(known)
        if granted != known:
            world.state.put(shop, "shop", document | {"grantedScopes": granted})
            _rescope_tokens(world, shop, granted)
            _tell_of_scopes(world, shop, known, granted)
    return granted


def _rescope_tokens(world: World, shop: str, granted: list[str]) -> None:
    """Let optional scopes count for the tokens in hand; required ones wait for the next token."""
    for document in list(world.state.each(shop, "token")):
        if not document["dead"]:
            world.state.put(shop, "token", document | {"scopes": granted})


def _tell_of_scopes(world: World, shop: str, previous: list[str], current: list[str]) -> None:
    document = shop_of(world, shop)
    world.emit(
        shop,
        "app/scopes_update",
        {"id": document["id"], "previous": previous, "current": current, "updatedAt": stamp(now())},
    )
