"""What every page says about the shop's connection to Shopify, where something keeps it from working."""

from shop_app.shopify.scopes import missing_scopes
from shop_app.storage.connections import ConnectionState
from shop_app.web.pages import Notice

_MERCHANTS_OWN = "client_credentials"


def connection_notices(connection: ConnectionState) -> tuple[Notice, ...]:
    """Return what is to be done about a connection that does not work, nothing where it does."""
    if connection.state == "reconnect":
        return (_reconnect(connection),)
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
    return (_less_than_needed(missing),) if missing else ()


def _reconnect(connection: ConnectionState) -> Notice:
    way = (
        "Run `kindred connect` for this store on the server."
        if connection.grant_kind == _MERCHANTS_OWN
        else "Open Kindred anew in the Shopify admin to reconnect it."
    )
    return Notice(
        "critical",
        "Kindred is cut off from this store",
        (
            "Shopify no longer accepts its access. Reading and writing are paused; nothing shown is lost.",
            way,
        ),
    )


def _less_than_needed(missing: tuple[str, ...]) -> Notice:
    return Notice(
        "warning",
        "Kindred may do less here than it needs",
        (f"The store has not granted {', '.join(missing)}. Open Kindred anew in the Shopify admin to agree.",),
    )
