"""Every webhook topic that means something to us, and what it is good for."""

from enum import StrEnum


class Use(StrEnum):
    """What a topic's body is good for."""

    ORDER = "order"
    """A whole order."""
    ORDER_HINT = "order hint"
    """Something about an order that its body does not tell whole: the order is read again."""
    ORDER_GONE = "order gone"
    CUSTOMER = "customer"
    CUSTOMER_HINT = "customer hint"
    CUSTOMER_GONE = "customer gone"
    MERGE = "merge"
    EMAIL_CONSENT = "e-mail consent"
    SMS_CONSENT = "SMS consent"
    PRODUCT = "product"
    PRODUCT_GONE = "product gone"
    CART = "cart"
    CHECKOUT = "checkout"
    CHECKOUT_GONE = "checkout gone"
    BULK = "bulk operation"
    UNINSTALLED = "uninstalled"
    SCOPES = "scopes"
    PRIVACY = "privacy"
    NOTHING = "nothing"
    """Known, and of no use to us."""


TOPICS: dict[str, Use] = {
    **dict.fromkeys(
        (
            *("orders/create", "orders/updated", "orders/cancelled", "orders/paid", "orders/fulfilled"),
            "orders/partially_fulfilled",
        ),
        Use.ORDER,
    ),
    **dict.fromkeys(("orders/edited", "refunds/create", "order_transactions/create"), Use.ORDER_HINT),
    "orders/delete": Use.ORDER_GONE,
    **dict.fromkeys(
        ("customers/create", "customers/update", "customers/enable", "customers/disable"), Use.CUSTOMER
    ),
    **dict.fromkeys(("customer.tags_added", "customer.tags_removed"), Use.CUSTOMER_HINT),
    "customers/delete": Use.CUSTOMER_GONE,
    "customers/merge": Use.MERGE,
    "customers_email_marketing_consent/update": Use.EMAIL_CONSENT,
    "customers_marketing_consent/update": Use.SMS_CONSENT,
    **dict.fromkeys(("products/create", "products/update"), Use.PRODUCT),
    "products/delete": Use.PRODUCT_GONE,
    **dict.fromkeys(("carts/create", "carts/update"), Use.CART),
    **dict.fromkeys(("checkouts/create", "checkouts/update"), Use.CHECKOUT),
    "checkouts/delete": Use.CHECKOUT_GONE,
    "bulk_operations/finish": Use.BULK,
    "app/uninstalled": Use.UNINSTALLED,
    "app/scopes_update": Use.SCOPES,
    **dict.fromkeys(("customers/data_request", "customers/redact", "shop/redact"), Use.PRIVACY),
    **dict.fromkeys(
        (
            *(
                "shop/update",
                "customers/purchasing_summary",
                "customer.joined_segment",
                "customer.left_segment",
                "segments/create",
            ),
            *("segments/update", "segments/delete", "customers_whats_app_marketing_consent/update"),
        ),
        Use.NOTHING,
    ),
}
"""Shopify's names, as the header writes them."""

SUBSCRIBED: tuple[str, ...] = (
    *("orders/create", "orders/updated", "orders/cancelled", "orders/edited", "orders/delete"),
    "refunds/create",
    *("customers/create", "customers/update", "customers/delete", "customers/merge"),
    *("customers_email_marketing_consent/update", "customers_marketing_consent/update"),
    *("products/create", "products/update", "products/delete"),
    *("carts/create", "carts/update", "checkouts/create", "checkouts/update", "checkouts/delete"),
    *("bulk_operations/finish", "app/uninstalled", "app/scopes_update"),
)
"""What a shop's webhooks are asked for. The three compliance topics exist in ``shopify.app.toml`` only."""

FOR_ABSENT_SHOPS = frozenset({Use.UNINSTALLED, Use.SCOPES, Use.PRIVACY})
"""What still counts once a shop has removed the app."""


def use_of(topic: str) -> Use | None:
    """Return what a topic is good for, ``None`` for one that nobody here knows."""
    return TOPICS.get(topic)


def enum_name(topic: str) -> str:
    """Return the name by which the interface knows a topic: ``ORDERS_CREATE``."""
    return topic.replace("/", "_").replace(".", "_").upper()
