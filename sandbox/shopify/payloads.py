"""What a webhook carries: one body for each topic, made of the document it is about."""

from collections.abc import Callable
from typing import Any

import orjson

from sandbox.shopify import payload_goods as goods
from sandbox.shopify import payload_orders as orders
from sandbox.shopify import payload_people as people
from sandbox.shopify.state import Document
from sandbox.shopify.world import World

Builder = Callable[[World, Document, Document], Document]


def body_of(world: World, shop: Document, topic: str, document: Document) -> Document:
    """Return the body of a topic; a document that is a body already (or of an unknown topic) goes as it is."""
    return _BUILDERS.get(topic, _as_it_is)(world, shop, document)


def written(body: Any) -> bytes:  # noqa: ANN401 (any JSON)
    """Return the bytes that are signed and sent; as Rails writes JSON, with ``&``, ``<`` and ``>`` escaped."""
    raw = orjson.dumps(body)
    return raw.replace(b"&", b"\\u0026").replace(b"<", b"\\u003c").replace(b">", b"\\u003e")


def _as_it_is(world: World, shop: Document, document: Document) -> Document:
    del world, shop
    return document


def _number_only(world: World, shop: Document, document: Document) -> Document:
    del world, shop
    return {"id": document["id"]}


def _refund(world: World, shop: Document, document: Document) -> Document:
    """``refunds/create`` is told with the order, whose newest refund it is, or with order and refund apart."""
    if "order" in document:
        return orders.refund_body(world, shop, document["order"], document["refund"])
    return orders.refund_body(world, shop, document, document["refunds"][-1])


_ORDER_TOPICS = (
    "orders/create orders/updated orders/cancelled orders/paid orders/edited orders/fulfilled "
    "orders/partially_fulfilled"
)
_CUSTOMER_TOPICS = "customers/create customers/update customers/enable customers/disable"

_BUILDERS: dict[str, Builder] = {
    **dict.fromkeys(_ORDER_TOPICS.split(), orders.order_body),
    **dict.fromkeys(_CUSTOMER_TOPICS.split(), people.customer_body),
    **dict.fromkeys(("orders/delete", "products/delete", "collections/delete"), _number_only),
    **dict.fromkeys(("products/create", "products/update"), goods.product_body),
    **dict.fromkeys(("collections/create", "collections/update"), goods.collection_body),
    **dict.fromkeys(("segments/create", "segments/update"), goods.segment_body),
    **dict.fromkeys(("checkouts/create", "checkouts/update"), orders.basket_body),
    **dict.fromkeys(("carts/create", "carts/update"), orders.cart_body),
    **dict.fromkeys(("customer.tags_added", "customer.tags_removed"), people.tags_body),
    **dict.fromkeys(("customer.joined_segment", "customer.left_segment"), people.segment_change_body),
    **dict.fromkeys(("app/uninstalled", "shop/update"), goods.shop_body),
    "refunds/create": _refund,
    "customers/delete": people.deleted_customer_body,
    "customers_email_marketing_consent/update": people.email_consent_body,
    "customers_marketing_consent/update": people.sms_consent_body,
    "bulk_operations/finish": goods.bulk_body,
    "app/scopes_update": goods.scopes_body,
}
