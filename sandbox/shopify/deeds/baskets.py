"""Carts and checkouts, which may be left behind; kept as the bodies that the webhooks carry."""

import random
from typing import Any

from sandbox.shopify.deeds.finding import get, get_or_any, newest
from sandbox.shopify.installs import shop_of
from sandbox.shopify.payload_people import person_in_order
from sandbox.shopify.payload_values import amount, local
from sandbox.shopify.state import Document
from sandbox.shopify.world import World, now, stamp

Ids = dict[str, Any]


def start_cart(world: World, shop: str, *, variant_id: int | None = None, quantity: int = 1) -> Ids:
    """Let a visitor put something into a cart; nobody knows who it is."""
    with world.state.together():
        owner, moment = shop_of(world, shop), _moment(world, shop)
        token = f"hWN{random.getrandbits(120):030x}"
        lines = [_line(world, shop, owner, variant_id, quantity)]
        cart = {"id": world.state.next_number("cart", start=1), "token": token, "note": "", "line_items": lines}
        cart |= {"created_at": moment, "updated_at": moment, "updatedAt": stamp(now())}
        world.state.put(shop, "cart", cart)
        world.emit(shop, "carts/create", cart)
    return {"cart_id": cart["id"], "cart_token": token}


def change_cart(world: World, shop: str, *, cart_id: int | None = None, variant_id: int | None = None) -> Ids:
    """Let a visitor put one more thing into a cart."""
    with world.state.together():
        cart = get(world, shop, "cart", cart_id) if cart_id is not None else newest(world, shop, "cart")
        if cart is None:
            return start_cart(world, shop, variant_id=variant_id)
        cart["line_items"].append(_line(world, shop, shop_of(world, shop), variant_id, 1))
        cart |= {"updated_at": _moment(world, shop), "updatedAt": stamp(now())}
        world.state.put(shop, "cart", cart)
        world.emit(shop, "carts/update", cart)
    return {"cart_id": cart["id"], "cart_token": cart["token"]}


def start_checkout(
    world: World, shop: str, *, customer_id: int | None = None, variant_id: int | None = None, quantity: int = 1
) -> Ids:
    """Let a customer go to the checkout and stop there."""
    with world.state.together():
        owner = shop_of(world, shop)
        customer = get_or_any(world, shop, "customer", customer_id)
        checkout = _checkout(world, shop, owner, customer, _line(world, shop, owner, variant_id, quantity))
        world.state.put(shop, "checkout", checkout, parent=customer["id"])
        world.emit(shop, "checkouts/create", checkout)
        world.emit(shop, "checkouts/update", checkout)
    return {"checkout_id": checkout["id"], "checkout_token": checkout["token"], "customer_id": customer["id"]}


def complete_checkout(world: World, shop: str, *, checkout_id: int | None = None) -> Ids:
    """Let the buyer come back and finish a checkout; the order is a deed of its own (``checkoutToken``)."""
    with world.state.together():
        checkout = get_or_any(world, shop, "checkout", checkout_id)
        moment = _moment(world, shop)
        checkout |= {"completed_at": moment, "updated_at": moment, "updatedAt": stamp(now())}
        world.state.put(shop, "checkout", checkout, parent=checkout["customer"]["id"])
        world.emit(shop, "checkouts/update", checkout)
    return {"checkout_id": checkout["id"], "checkout_token": checkout["token"]}


def delete_checkout(world: World, shop: str, *, checkout_id: int | None = None) -> Ids:
    """Forget a checkout that nobody will finish."""
    with world.state.together():
        checkout = get_or_any(world, shop, "checkout", checkout_id)
        world.state.delete(shop, "checkout", checkout["id"])
        world.emit(shop, "checkouts/delete", {"id": checkout["id"], "token": checkout["token"]})
    return {"checkout_id": checkout["id"]}


def _checkout(world: World, shop: str, owner: Document, customer: Document, line: Document) -> Document:
    moment, token = _moment(world, shop), f"{random.getrandbits(128):032x}"
    return {
        "id": world.state.next_number("checkout", start=35_000_000_000_000),
        "token": token,
        "cart_token": f"hWN{random.getrandbits(120):030x}",
        "email": customer["email"],
        "phone": customer["phone"],
        "created_at": moment,
        "updated_at": moment,
        "completed_at": None,
        "closed_at": None,
        "abandoned_checkout_url": f"https://{shop}/checkouts/ac/{token}/recover",
        "currency": owner["currencyCode"],
        "presentment_currency": owner["currencyCode"],
        "customer_locale": customer["locale"],
        "buyer_accepts_marketing": customer["emailMarketing"]["state"] == "SUBSCRIBED",
        "total_price": line["line_price"],
        "subtotal_price": line["line_price"],
        "total_line_items_price": line["line_price"],
        "total_discounts": "0.00",
        "total_tax": "0.00",
        "taxes_included": False,
        "source_name": "web",
        "line_items": [line],
        "customer": person_in_order(owner, customer),
        "customerId": customer["id"],
        "updatedAt": stamp(now()),
    }


def _line(world: World, shop: str, owner: Document, variant_id: int | None, quantity: int) -> Document:
    variant = get_or_any(world, shop, "variant", variant_id)
    product = get(world, shop, "product", variant["productId"])
    currency = owner["currencyCode"]
    return {
        "key": f"{random.getrandbits(64):016x}",
        "product_id": product["id"],
        "variant_id": variant["id"],
        "title": product["title"],
        "variant_title": None if variant["title"] == "Default Title" else variant["title"],
        "vendor": product["vendor"],
        "sku": variant["sku"],
        "quantity": quantity,
        "price": amount(variant["price"], currency),
        "line_price": amount(variant["price"] * quantity, currency),
        "gift_card": product["isGiftCard"],
        "requires_shipping": not product["isGiftCard"],
        "taxable": True,
    }


def _moment(world: World, shop: str) -> str | None:
    return local(stamp(now()), shop_of(world, shop)["ianaTimezone"])
