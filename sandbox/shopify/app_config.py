"""The app under test as its developer registered it: ``shopify.app.toml``, and what the command line says."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from sandbox.shopify.world import App

DEFAULT_SCOPES = ("read_customers", "write_customers", "read_orders", "read_all_orders", "read_products")
DEFAULT_OPTIONAL_SCOPES = ("write_products", "write_discounts", "write_publications", "read_customer_merge")
DEFAULT_WEBHOOK_PATH = "/webhooks/shopify"
DEFAULT_TOPICS = tuple(
    topic
    for family, deeds in {
        "app": "uninstalled scopes_update",
        "orders": "create updated cancelled edited delete",
        "refunds": "create",
        "customers": "create update delete merge data_request redact",
        "customers_email_marketing_consent": "update",
        "customers_marketing_consent": "update",
        "products": "create update delete",
        "carts": "create update",
        "checkouts": "create update delete",
        "bulk_operations": "finish",
        "shop": "redact",
    }.items()
    for topic in (f"{family}/{deed}" for deed in deeds.split())
)


@dataclass(frozen=True, slots=True)
class Registration:
    """The app, and what of its registration has no place there."""

    app: App
    settings: dict[str, Any]  # for the world's settings
    name: str


def read_registration(
    path: Path | None,
    *,
    app_url: str,
    client_id: str,
    client_secret: str,
    old_client_secret: str | None = None,
    extra_scopes: tuple[str, ...] = (),
) -> Registration:
    """Read the configuration file if it is there; addresses in it are taken to be below ``app_url``.

    ``extra_scopes`` are required ones besides those of the file, such as ``read_all_orders``, which is
    written there only once Shopify has agreed to it.
    """
    given = tomllib.loads(path.read_text(encoding="utf-8")) if path is not None and path.is_file() else {}
    app_url = app_url.rstrip("/")
    scopes = given.get("access_scopes") or {}
    subscriptions = _subscriptions(given)
    required = tuple(_list(scopes.get("scopes"))) or DEFAULT_SCOPES
    app = App(
        client_id=client_id,
        client_secret=client_secret,
        app_url=app_url,
        scopes=tuple(dict.fromkeys((*required, *extra_scopes))),
        optional_scopes=tuple(_list(scopes.get("optional_scopes", ",".join(DEFAULT_OPTIONAL_SCOPES)))),
        topics=tuple(one["topic"] for one in subscriptions),
        webhook_path=next((one["uri"] for one in subscriptions), DEFAULT_WEBHOOK_PATH),
        redirect_urls=tuple(_redirects(given, app_url)),
        old_client_secret=old_client_secret,
    )
    settings = {
        "toml_subscriptions": subscriptions,
        "webhook_api_version": (given.get("webhooks") or {}).get("api_version", "2026-10"),
        "legacy_install": bool(scopes.get("use_legacy_install_flow")),
        "app_name": given.get("name") or "Kindred",
    }
    return Registration(app, settings, settings["app_name"])


def _subscriptions(given: dict[str, Any]) -> list[dict[str, Any]]:
    """Return one entry for each topic; without a file, those of the default list."""
    webhooks = given.get("webhooks") or {}
    written = webhooks.get("subscriptions")
    if written is None:
        return [{"topic": topic, "uri": DEFAULT_WEBHOOK_PATH} for topic in DEFAULT_TOPICS]
    return [
        {**entry, "topic": topic, "uri": _path(entry.get("uri", DEFAULT_WEBHOOK_PATH), given)}
        for entry in written
        for topic in [*entry.get("topics", ()), *entry.get("compliance_topics", ())]
    ]


def _redirects(given: dict[str, Any], app_url: str) -> list[str]:
    """Return where an authorization code may be sent: the written addresses, also below the app's true one."""
    written = (given.get("auth") or {}).get("redirect_urls") or [f"{app_url}/auth/callback"]
    return list(dict.fromkeys([*written, *(urljoin(app_url + "/", _path(url, given)) for url in written)]))


def _path(address: str, given: dict[str, Any]) -> str:
    """Return an address relative to the app, where it lies below what the file calls the app's address."""
    base = str(given.get("application_url") or "").rstrip("/")
    return address[len(base) :] if base and address.startswith(f"{base}/") else address


def _list(scopes: object) -> list[str]:
    """Return scopes written as a list or as one text with commas."""
    found = scopes.split(",") if isinstance(scopes, str) else list(scopes or ())  # type: ignore[call-overload]
    return [scope.strip() for scope in found if scope.strip()]
