"""Headers are not signed, the body is: where the two contradict each other, nothing is believed.

Somebody who got hold of one signed body could send it again under another shop's name or another topic.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from shop_app.shopify.payload_values import Body, identity, kind_of, own_identity, words
from shop_app.shopify.webhook_topics import Use
from shop_app.storage import connections, removals, shop_settings, shops
from shop_app.storage.engine import shopless, transaction

_KINDS = {
    Use.ORDER: "Order",
    Use.ORDER_GONE: "Order",
    Use.CUSTOMER: "Customer",
    Use.CUSTOMER_GONE: "Customer",
    Use.PRODUCT: "Product",
    Use.PRODUCT_GONE: "Product",
    Use.BULK: "BulkOperation",
    Use.UNINSTALLED: "Shop",
}
_KINDS_BY_TOPIC = {"refunds/create": "Refund", "order_transactions/create": "OrderTransaction"}

# What a body has only if it is this. None of them is in the body of anything else that we are told of.
_MARKS = {
    "an order": frozenset({"financial_status", "order_number"}),
    "a customer": frozenset({"verified_email", "tax_exemptions"}),
    "a product": frozenset({"variants", "product_type"}),
    "a refund": frozenset({"refund_line_items"}),
    "a checkout": frozenset({"abandoned_checkout_url"}),
}
_EXPECTED = {
    Use.ORDER: "an order",
    Use.CUSTOMER: "a customer",
    Use.CUSTOMER_GONE: "a customer",
    Use.PRODUCT: "a product",
    Use.CHECKOUT: "a checkout",
    Use.CHECKOUT_GONE: "a checkout",
    Use.ORDER_GONE: "a deleted order",
    Use.PRODUCT_GONE: "a deleted product",
    Use.CART: "a cart",
    Use.EMAIL_CONSENT: "somebody's consent",
    Use.SMS_CONSENT: "somebody's consent",
}
_MORE_THAN_GONE = frozenset({"updated_at", "line_items", "title"})
"""What is gone is told by its number; a body with one of these tells of something that is there."""
_SHOP_IN_ADDRESS = re.compile(r"https?://[^/]+/([0-9]{4,19})/orders/")
_EXACT_BELOW = 2**53
_FLOAT_SLIP = 512
_TABLES = {"order": "orders", "customer": "customers", "product": "catalogue_products"}


@dataclass(frozen=True, slots=True)
class OtherShops:
    """By what the other shops that have the app are known."""

    domains: frozenset[str]
    numbers: frozenset[int]


@dataclass(frozen=True, slots=True)
class ShopIdentity:
    """Whom a webhook is for by its header: domain, Shopify's number, money, and a way to ask for the others."""

    domain: str
    number: int | None
    currency: str
    others: Callable[[], OtherShops]


def contradiction(use: Use, topic: str, body: Body, shop: ShopIdentity) -> str | None:
    """Return in words what in the body speaks against topic or shop of the header, ``None`` if nothing."""
    return _other_thing(use, topic, body) or _other_shop(use, body, shop)


def list_foreign(shop_id: int, told: Mapping[str, Iterable[int]]) -> dict[str, set[int]]:
    """Return which numbers (by ``order``, ``customer``, ``product``) another installed shop has, and not this.

    Shopify's numbers are unique over all shops, so what is known there did not happen here.
    """
    with transaction(shop_id) as connection:
        unknown = {
            resource: set(numbers) - removals.list_known(connection, _TABLES[resource], list(numbers))
            for resource, numbers in told.items()
            if numbers
        }
    wanted = {resource: sorted(numbers) for resource, numbers in unknown.items() if numbers}
    foreign: dict[str, set[int]] = {resource: set() for resource in _TABLES}
    for other, _ in list_others(shop_id) if wanted else ():
        with transaction(other) as connection:
            for resource, numbers in wanted.items():
                foreign[resource] |= removals.list_known(connection, _TABLES[resource], numbers)
    return foreign


def read_identity(shop_id: int) -> ShopIdentity:
    """Return whom this shop's webhooks are for."""
    with transaction(shop_id) as connection:
        return ShopIdentity(
            domain=shops.domain_of(connection, shop_id),
            number=connections.read_number(connection),
            currency=shop_settings.read(connection).currency,
            others=cache(lambda: _read_others(shop_id)),
        )


def list_others(shop_id: int) -> list[tuple[int, str]]:
    """Return every other shop that has the app, with its domain."""
    with shopless() as connection:
        return [(other, domain) for other, domain in shops.list_active(connection) if other != shop_id]


def _read_others(shop_id: int) -> OtherShops:
    others, numbers = list_others(shop_id), set()
    for other, _ in others:
        with transaction(other) as connection:
            number = connections.read_number(connection)
        if number is not None:
            numbers.add(number)
    return OtherShops(frozenset(domain for _, domain in others), frozenset(numbers))


def _other_thing(use: Use, topic: str, body: Body) -> str | None:
    gid = body.get("admin_graphql_api_id")
    kind, expected = kind_of(gid), _KINDS_BY_TOPIC.get(topic) or _KINDS.get(use)
    if kind is not None and expected is not None and kind != expected:
        return f"The body is of the kind {kind}, the topic says {topic}."
    if kind is not None and _are_two(identity(body.get("id")), identity(gid)):
        return "The body has two different numbers."
    wanted = _EXPECTED.get(use)
    found = next((name for name, marks in _MARKS.items() if marks & body.keys()), None)
    if wanted is not None and found not in (None, wanted):
        return f"The body looks like {found}, the topic says {topic}."
    if use in (Use.ORDER_GONE, Use.PRODUCT_GONE) and _MORE_THAN_GONE & body.keys():
        return f"The body tells of something that is there, the topic says {topic}."
    if use is Use.CUSTOMER_GONE and words(body.get("updated_at")) is not None:
        return f"The body tells of somebody who is there, the topic says {topic}."
    return None


def _are_two(number: int | None, other: int | None) -> bool:
    """Tell two numbers apart; one that went through a program that only knows floats lost its last digits."""
    if number is None or other is None or number == other:
        return False
    return min(number, other) < _EXACT_BELOW or abs(number - other) > _FLOAT_SLIP


def _other_shop(use: Use, body: Body, shop: ShopIdentity) -> str | None:
    """Tell a body of another shop of ours; who is not ours has nothing signed with our secret."""
    if use is Use.PRIVACY and (words(body.get("shop_domain")) or "").lower() != shop.domain:
        return "The body is about another shop than its header says."
    domains = {(words(body.get(name)) or "").lower() for name in ("shop_domain", "myshopify_domain")}
    numbers = {identity(body.get("shop_id")), _number_in_address(body)}
    if use is Use.UNINSTALLED:
        numbers.add(own_identity(body))
    domains -= {"", shop.domain}
    numbers -= {None, shop.number}
    if not domains and not numbers:
        return None
    if domains & shop.others().domains or numbers & shop.others().numbers:
        return "The body is about another shop than its header says."
    return None


def _number_in_address(body: Body) -> int | None:
    """Return the shop's number from the page where buyers look at their order."""
    found = _SHOP_IN_ADDRESS.match(words(body.get("order_status_url")) or "")
    return int(found[1]) if found else None
