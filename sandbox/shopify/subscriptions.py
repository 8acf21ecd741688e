"""Who is to be told of what: the subscriptions of ``shopify.app.toml`` and those that the app made by call."""

from dataclasses import dataclass
from urllib.parse import urljoin

from sandbox.shopify.state import Document
from sandbox.shopify.world import World

DEFAULT_VERSION = "2026-10"
COMPLIANCE_TOPICS = ("customers/data_request", "customers/redact", "shop/redact")
_SCOPES = {
    "orders": "read_orders",
    "refunds": "read_orders",
    "carts": "read_orders",
    "checkouts": "read_orders",
    "order_transactions": "read_orders",
    "customers": "read_customers",
    "customer": "read_customers",
    "customers_email_marketing_consent": "read_customers",
    "customers_marketing_consent": "read_customers",
    "segments": "read_customers",
    "products": "read_products",
    "collections": "read_products",
    "discounts": "read_discounts",
}


@dataclass(frozen=True, slots=True)
class Subscription:
    """One wish to be told; ``number`` is that of its document where the app made it by call."""

    topic: str
    uri: str
    version: str = DEFAULT_VERSION
    name: str | None = None
    fields: tuple[str, ...] = ()
    filter: str | None = None
    number: int | None = None


def wanting(world: World, shop: Document, topic: str) -> list[Subscription]:
    """Return the subscriptions that a topic goes to, given what the app may see of this store."""
    if topic not in COMPLIANCE_TOPICS and not _may_hear(shop, topic):
        return []
    return _declared(world, topic) + [one for one in _made(world, shop) if one.topic == topic]


def enum_of(topic: str) -> str:
    """Return a topic as GraphQL names it: ``ORDERS_UPDATED``."""
    return topic.replace("/", "_").replace(".", "_").upper()


def _may_hear(shop: Document, topic: str) -> bool:
    if shop.get("state") != "installed":
        return False
    needed = (
        "read_customer_merge"
        if topic == "customers/merge"
        else _SCOPES.get(topic.replace(".", "/").split("/")[0])
    )
    granted = set(shop.get("grantedScopes") or [])
    return needed is None or needed in granted or needed.replace("read_", "write_") in granted


def _declared(world: World, topic: str) -> list[Subscription]:
    """Return those of the app's configuration, read from its file or, without one, from its list of topics."""
    given = world.settings.get("toml_subscriptions")
    if given is None:
        given = [{"topic": topic, "uri": world.app.webhook_path} for topic in world.app.topics]
    version = str(world.settings.get("webhook_api_version", DEFAULT_VERSION))
    return [
        Subscription(
            topic=one["topic"],
            uri=urljoin(world.app.app_url + "/", one["uri"]),
            version=version,
            name=one.get("name"),
            fields=tuple(one.get("include_fields") or ()),
            filter=one.get("filter"),
        )
        for one in given
        if one["topic"] == topic
    ]


def _made(world: World, shop: Document) -> list[Subscription]:
    found = world.state.each(shop["myshopifyDomain"], "webhook_subscription")
    return [
        Subscription(
            topic=_slashed(one["topic"]),
            uri=urljoin(world.app.app_url + "/", one["uri"]),
            version=one.get("apiVersion") or DEFAULT_VERSION,
            name=one.get("name"),
            fields=tuple(one.get("includeFields") or ()),
            filter=one.get("filter"),
            number=one["id"],
        )
        for one in found
    ]


def _slashed(topic: str) -> str:
    """Return a topic in its slash form, given that or the name in GraphQL's list of values."""
    return topic if "/" in topic or "." in topic else _BY_ENUM.get(topic, topic)


_TOPICS = (
    "app/uninstalled app/scopes_update orders/create orders/updated orders/cancelled orders/delete orders/paid "
    "orders/edited orders/fulfilled orders/partially_fulfilled refunds/create order_transactions/create "
    "customers/create customers/update customers/delete customers/enable customers/disable customers/merge "
    "customers/purchasing_summary customer.tags_added customer.tags_removed customer.joined_segment "
    "customer.left_segment segments/create segments/update segments/delete "
    "customers_email_marketing_consent/update customers_marketing_consent/update "
    "customers_whats_app_marketing_consent/update products/create products/update products/delete "
    "collections/create collections/update collections/delete bulk_operations/finish carts/create carts/update "
    "checkouts/create checkouts/update checkouts/delete discounts/create discounts/update discounts/delete "
    "shop/update"
)
_BY_ENUM = {enum_of(topic): topic for topic in _TOPICS.split()}
