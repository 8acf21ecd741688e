"""The store, our app in it, and things by their global id."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.shopify.graph.answers import COUNTRIES
from sandbox.shopify.graph.registry import Answer, Call, GraphQLRefusal, Info, gid, kind_of, number_of, resolver
from sandbox.shopify.graph.resolvers.orders import find_order
from sandbox.shopify.state import Document
from sandbox.shopify.world import now

NODE_KINDS = {
    "Customer": ("customer", "read_customers"),
    "Order": ("order", "read_orders"),
    "Product": ("product", "read_products"),
    "ProductVariant": ("variant", "read_products"),
    "Collection": ("collection", "read_products"),
    "BulkOperation": ("bulk_operation", ""),
    "WebhookSubscription": ("webhook_subscription", ""),
    "Segment": ("segment", "read_customers"),
}


@resolver("QueryRoot", "shop")
def shop(_parent: None, info: Info) -> Answer:
    """Return the store."""
    call: Call = info.context
    found = call.shop_document
    zone = now().astimezone(ZoneInfo(found["ianaTimezone"]))
    domain = found["myshopifyDomain"]
    return found | {
        "id": gid("Shop", found["id"]),
        "contactEmail": found["email"],
        "shopOwnerName": found.get("shopOwner") or found["name"],
        "enabledPresentmentCurrencies": found.get("presentmentCurrencies") or [found["currencyCode"]],
        "plan": _plan(found),
        "features": {"bundles": _bundles(found), "storefront": True},
        "primaryDomain": {
            "id": gid("Domain", found["id"]),
            "host": domain,
            "sslEnabled": True,
            "url": f"https://{domain}",
        },
        "shopAddress": {
            "id": gid("ShopAddress", found["id"]),
            "country": COUNTRIES.get(found["countryCode"], found["countryCode"]),
            "countryCodeV2": found["countryCode"],
        },
        "taxesIncluded": bool(found.get("taxesIncluded")),
        "url": f"https://{domain}",
        **_offset(zone),
    }


def _offset(zone: datetime) -> Answer:
    minutes = int((zone.utcoffset() or zone - zone).total_seconds() // 60)
    return {
        "timezoneAbbreviation": zone.strftime("%Z"),
        "timezoneOffset": zone.strftime("%z"),
        "timezoneOffsetMinutes": minutes,
    }


def _plan(found: Document) -> Answer:
    name = found.get("planName") or "Basic"
    return {
        "displayName": name,
        "publicDisplayName": name,
        "shopifyPlus": bool(found.get("shopifyPlus")),
        "partnerDevelopment": bool(found.get("partnerDevelopment")),
    }


def _bundles(found: Document) -> Answer:
    fits = bool(found.get("bundlesEligible", True))
    return {
        "eligibleForBundles": fits,
        "ineligibilityReason": None if fits else "other_bundles_app",
        "sellsBundles": bool(found.get("sellsBundles")),
    }


@resolver("QueryRoot", "currentAppInstallation")
def current_installation(_parent: None, info: Info) -> Answer:
    """Return our app in this store with the scopes it was granted."""
    call: Call = info.context
    scopes = call.token.get("scopes") or call.shop_document.get("grantedScopes") or []
    return {
        "id": gid("AppInstallation", call.shop_document["id"] + 700_000_000_000),
        "accessScopes": [{"handle": one, "description": one.replace("_", " ").capitalize()} for one in scopes],
        "app": {
            "id": gid("App", 1_000_000_001),
            "title": "Kindred",
            "handle": "kindred",
            "apiKey": call.world.app.client_id,
        },
    }


def find_node(call: Call, global_id: str) -> Answer | None:
    """Return whatever a global id names, with its type's name; none where it is gone or unknown."""
    type_name, number = kind_of(global_id), number_of(global_id)
    kind, scope = NODE_KINDS.get(type_name, ("", ""))
    if not kind or number is None:
        return None
    if scope and scope not in call.scopes:
        raise GraphQLRefusal(
            "ACCESS_DENIED",
            f"Access denied for {type_name} object. Required access: `{scope}` access scope.",
            documentation="https://shopify.dev/api/usage/access-scopes",
            requiredAccess=f"`{scope}` access scope.",
        )
    found = find_order(call, number) if kind == "order" else call.state.find(call.shop, kind, number)
    return None if found is None else found | {"__typename": type_name}


@resolver("QueryRoot", "node")
def node(_parent: None, info: Info, *, id: str) -> Answer | None:  # noqa: A002 (the argument's name)
    """Return one thing of any kind."""
    return find_node(info.context, id)


@resolver("QueryRoot", "nodes")
def nodes(_parent: None, info: Info, *, ids: list[str]) -> list[Any]:
    """Return things of any kind in the order asked for, null for what is not there."""
    return [find_node(info.context, one) for one in ids]
