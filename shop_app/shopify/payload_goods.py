"""Products, carts and checkouts as webhooks carry them."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from shop_app.shopify.payload_orders import read_currency
from shop_app.shopify.payload_values import (
    Body,
    UnreadableError,
    amount,
    identity,
    listed,
    minor,
    moment,
    own_identity,
    part,
    parts,
    shop_amount,
    stated_moment,
    words,
)

Row = dict[str, Any]

_LARGEST_COUNT = 2**31


@dataclass(frozen=True, slots=True)
class ToldProduct:
    """One version of a product with its variants; ``is_whole`` says that all of them are in it."""

    shopify_id: int
    known_at: datetime
    told_at: datetime
    row: Row = field(repr=False)
    variants: list[Row] = field(repr=False)
    is_whole: bool


@dataclass(frozen=True, slots=True)
class ToldBasket:
    """A cart or a checkout as it is at ``known_at``; money in minor units of ``currency``."""

    kind: str
    token: str = field(repr=False)
    shopify_id: int | None
    known_at: datetime
    started_at: datetime
    completed_at: datetime | None
    customer_id: int | None
    currency: str
    value: int | None
    item_count: float
    product_ids: tuple[int, ...]
    cart_token: str | None = field(repr=False)


def read_product(body: Body, *, told_at: datetime, currency: str) -> ToldProduct | None:
    """Read a product, or return ``None`` where its body is cut too short to be one.

    Raises
    ------
    UnreadableError
        It does not say which, or its date is none.
    """
    shopify_id, known_at = own_identity(body), stated_moment(body, "updated_at")
    if shopify_id is None:
        raise UnreadableError("The body has no number of a product.")
    if known_at is None or words(body.get("title")) is None:
        return None
    row = {
        "shopify_id": shopify_id,
        "title": words(body.get("title")),
        "handle": words(body.get("handle")),
        "status": (words(body.get("status")) or "active").lower(),
        "vendor": words(body.get("vendor")),
        "product_type": words(body.get("product_type")),
        "tags": listed(body.get("tags")),
        "is_gift_card": words(body.get("template_suffix")) == "gift_card",
        "created_at": moment(body.get("created_at")),
        "published_at": moment(body.get("published_at")),
        "known_at": known_at,
        "told_at": told_at,
    }
    variants = [
        variant
        for each in parts(body, "variants")
        if (variant := _variant(each, shopify_id, currency))["shopify_id"] is not None
    ]
    # Of a product with very many variants only the first ones come along; the list of gids tells how many.
    is_whole = "variants" in body and len(parts(body, "variant_gids")) <= len(variants)
    return ToldProduct(shopify_id, known_at, told_at, row, variants, is_whole)


def read_cart(body: Body, *, told_at: datetime, currency: str) -> ToldBasket:
    """Read a cart, which knows no customer, and as a rule no currency but the shop's.

    Raises
    ------
    UnreadableError
        It has no token.
    """
    return _basket(body, "cart", words(body.get("token")) or words(body.get("id")), told_at, currency)


def read_checkout(body: Body, *, told_at: datetime, currency: str) -> ToldBasket:
    """Read a checkout.

    Raises
    ------
    UnreadableError
        It has no token.
    """
    return _basket(body, "checkout", words(body.get("token")), told_at, currency)


def _basket(body: Body, kind: str, token: str | None, told_at: datetime, default: str) -> ToldBasket:
    if token is None:
        raise UnreadableError(f"The {kind} has no token, so it cannot be told from others.")
    lines = parts(body, "line_items")
    currency = read_currency(body) or default
    counts = [amount(line.get("quantity")) or Decimal(0) for line in lines]
    value = shop_amount(body, "total_price")
    if value is None:
        value = sum(map(_line_value, lines), Decimal(0)) if isinstance(body.get("line_items"), list) else None
    known_at = moment(body.get("updated_at")) or told_at
    return ToldBasket(
        kind=kind,
        token=token,
        shopify_id=None if kind == "cart" else identity(body.get("id")),
        known_at=known_at,
        started_at=moment(body.get("created_at")) or known_at,
        completed_at=moment(body.get("completed_at")),
        customer_id=own_identity(part(body, "customer")) or identity(body.get("customer_id")),
        currency=currency,
        value=minor(value, currency),
        item_count=float(sum(counts, Decimal(0))),
        product_ids=tuple(sorted({found for line in lines if (found := identity(line.get("product_id")))})),
        cart_token=words(body.get("cart_token")) if kind == "checkout" else None,
    )


def _line_value(line: Body) -> Decimal:
    whole = shop_amount(line, "line_price")
    if whole is not None:
        return whole
    return (amount(line.get("quantity")) or Decimal(0)) * (shop_amount(line, "price") or Decimal(0))


def _variant(body: Body, product_id: int, currency: str) -> Row:
    count = body.get("inventory_quantity")
    return {
        "shopify_id": own_identity(body),
        "product_shopify_id": product_id,
        "title": words(body.get("title")),
        "sku": words(body.get("sku")),
        "price": minor(shop_amount(body, "price"), currency),
        "compare_at_price": minor(shop_amount(body, "compare_at_price"), currency),
        "inventory_quantity": count if isinstance(count, int) and abs(count) < _LARGEST_COUNT else None,
        "tracked": _tracked(body),
    }


def _tracked(body: Body) -> bool | None:
    """Tell whether the shop counts this variant's stock; null where the body does not say."""
    return bool(body["inventory_management"]) if "inventory_management" in body else None
