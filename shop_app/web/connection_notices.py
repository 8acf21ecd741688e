"""What every page says about the shop's connection to Shopify, where something keeps it from working."""

from shop_app.shopify import config
from shop_app.shopify.scopes import missing_scopes
from shop_app.storage.connections import ConnectionState
from shop_app.web.pages import Link, Notice

_MERCHANTS_OWN = "client_credentials"


def connection_notices(connection: ConnectionState, shop_domain: str) -> tuple[Notice, ...]:
    """Return what is to be done about a connection that does not work, nothing where it does."""
    if connection.state == "reconnect":
        return (_reconnect(connection, shop_domain),)
    if connection.state == "frozen":
        return (
            Notice(
                "warning",
                "Shopify has frozen this store",
                (
                    "Nothing is read from it or written to it until its owner has settled that with Shopify.",
                    "What is shown here is what was known before.",
                ),
            ),
        )
    missing = missing_scopes(connection.scopes) if connection.state == "connected" else ()
    return (_less_than_needed(missing, shop_domain),) if missing else ()


def _reconnect(connection: ConnectionState, shop_domain: str) -> Notice:
    is_own = connection.grant_kind == _MERCHANTS_OWN
    way = (
        f"Run `kindred connect {shop_domain}` on the server."
        if is_own
        else "Open Kindred anew in the Shopify admin to reconnect it."
    )
    return Notice(
        "critical",
        "Kindred is cut off from this store",
        (
            "Shopify no longer accepts its access. Reading and writing are paused; nothing shown is lost.",
            way,
        ),
        () if is_own else _into_admin(shop_domain),
    )


def _less_than_needed(missing: tuple[str, ...], shop_domain: str) -> Notice:
    return Notice(
        "warning",
        "Kindred may do less here than it needs",
        (f"The store has not granted {', '.join(missing)}. Open Kindred anew in the Shopify admin to agree.",),
        _into_admin(shop_domain),
    )


def _into_admin(shop_domain: str) -> tuple[Link, ...]:
    """Return the way to the app's place in the admin; at the top of the window, which opens it anew."""
    if not config.is_configured():
        return ()
    return (Link("Open Kindred in the Shopify admin", config.embedded_url(shop_domain), target="_top"),)
