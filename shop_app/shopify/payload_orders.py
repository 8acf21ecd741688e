"""Orders as webhooks carry them (REST shape, of any year): plain rows, for the same columns as GraphQL's."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from shop_app.shopify.node_columns import MOST_ITEMS
from shop_app.shopify.order_nodes import titles
from shop_app.shopify.payload_refunds import refund_rows
from shop_app.shopify.payload_values import (
    MOST_PARTS,
    Body,
    UnreadableError,
    flag,
    identity,
    listed,
    major,
    moment,
    own_identity,
    part,
    parts,
    shop_amount,
    stated_amount,
    stated_moment,
    words,
)

Row = dict[str, Any]

_CURRENCY_LETTERS = 3
_A_MOMENT = timedelta(microseconds=1)
"""By so much an order that is not whole is older than the whole one of the same version."""


@dataclass(frozen=True, slots=True)
class ToldOrder:
    """One version of an order; its tokens tell which cart and checkout it came from.

    ``head``, ``lines`` and ``refunds`` are rows for ``order_nodes``: money in major units.
    """

    shopify_id: int
    known_at: datetime
    told_at: datetime
    processed_at: datetime
    customer_id: int | None
    head: Row = field(repr=False)
    lines: list[Row] = field(repr=False)
    refunds: list[Row] = field(repr=False)
    cart_token: str | None = field(repr=False)
    checkout_token: str | None = field(repr=False)
    is_whole: bool
    has_bundles: bool
    """Some lines are parts of a bundle; of which one only the interface says."""

    def says_the_same(self, other: "ToldOrder") -> bool:
        """Tell whether two versions differ in nothing but when they were told."""
        return (self.head, self.lines, self.refunds) == (other.head, other.lines, other.refunds)


def read_order(body: Body, *, told_at: datetime, currency: str) -> ToldOrder | None:
    """Read an order, or return ``None`` where its body is cut too short to be one: it is to be read again.

    One that lacks its lines, its total or its version is not whole: better than nothing, and than nothing
    else. ``currency`` is the shop's, for a body that names none.

    Raises
    ------
    UnreadableError
        What it says of itself is no number, no amount, no time or no list.
    """
    shopify_id = own_identity(body)
    if shopify_id is None:
        raise UnreadableError("The body has no number of an order.")
    currency, total = read_currency(body) or currency, stated_amount(body, "total_price")
    placed_at, created_at = stated_moment(body, "processed_at"), stated_moment(body, "created_at")
    updated_at, lines = stated_moment(body, "updated_at"), _lines(body, shopify_id)
    processed_at = placed_at or created_at
    if processed_at is None or (total is None and lines is None):
        return None
    is_whole = updated_at is not None and total is not None and lines is not None
    known_at = updated_at if updated_at is not None and is_whole else (updated_at or told_at) - _A_MOMENT
    customer_id = own_identity(part(body, "customer"))
    return ToldOrder(
        shopify_id=shopify_id,
        known_at=known_at,
        told_at=told_at,
        processed_at=processed_at,
        customer_id=customer_id,
        head=_head(body)
        | {
            "shopify_id": shopify_id,
            "customer_number": customer_id,
            "currency": currency,
            "total": major(total),
            "processed_at": processed_at,
            "known_at": known_at,
        },
        lines=lines or [],
        refunds=refund_rows(body, shopify_id, currency),
        cart_token=words(body.get("cart_token")),
        checkout_token=words(body.get("checkout_token")),
        is_whole=is_whole,
        has_bundles=any(line.get("sales_line_item_group_id") for line in parts(body, "line_items")),
    )


def read_currency(body: Body) -> str | None:
    """Return the shop's money, in which everything without a set of both monies is written."""
    in_set = part(part(body, "total_price_set"), "shop_money").get("currency_code")
    code = (words(in_set) or words(body.get("currency")) or "").upper()
    return code if len(code) == _CURRENCY_LETTERS and code.isascii() and code.isalpha() else None


def _head(body: Body) -> Row:
    number = words(body.get("order_number")) or words(body.get("number"))
    return {
        "name": words(body.get("name")) or (f"#{number}" if number else None),
        "cancelled_at": moment(body.get("cancelled_at")),
        "financial_status": words(body.get("financial_status")),
        "test": flag(body.get("test")),
        "outstanding": major(shop_amount(body, "total_outstanding")),
        "tax": major(shop_amount(body, "total_tax")),
        "shipping": major(_shipping(body)),
        "discount": major(shop_amount(body, "total_discounts")),
        "tax_included": flag(body.get("taxes_included")),
        "discount_codes": _discount_codes(body),
        "tags": listed(body.get("tags")),
        "channel": words(body.get("source_name")),
        "email": words(body.get("email")) or words(body.get("contact_email")),
        "phone": words(body.get("phone")),
        "shipped_to": _country(body, "shipping_address"),
        "billed_to": _country(body, "billing_address"),
    }


def _shipping(body: Body) -> Decimal | None:
    whole = shop_amount(body, "total_shipping_price")
    if whole is not None or not isinstance(body.get("shipping_lines"), list):
        return whole
    return sum((shop_amount(line, "price") or Decimal(0) for line in parts(body, "shipping_lines")), Decimal(0))


def _discount_codes(body: Body) -> str | None:
    codes = body.get("discount_codes")
    if not isinstance(codes, list):
        return None
    return listed([each.get("code") if isinstance(each, Mapping) else each for each in codes])


def _country(body: Body, name: str) -> str | None:
    address = part(body, name)
    return words(address.get("country_code")) or words(address.get("country"))


def _lines(body: Body, order_id: int) -> list[Row] | None:
    """Return the lines, ``None`` where the body has none at all; half an order is none."""
    found = body.get("line_items")
    if found is None:
        return None
    if not isinstance(found, list) or not all(isinstance(line, dict) for line in found):
        raise UnreadableError("line_items is no list of lines.")
    if len(found) > MOST_PARTS:
        raise UnreadableError("The order has more lines than Shopify lets into one.")
    applied = parts(body, "discount_applications")
    return [_line(line, applied) | {"parent": str(order_id)} for line in found]


def _line(line: Body, applied: list[Body]) -> Row:
    quantity, price = stated_amount(line, "quantity"), stated_amount(line, "price")
    if quantity is None or price is None or not 0 <= quantity <= MOST_ITEMS or price < 0:
        raise UnreadableError("A line has no quantity or no price, or one that no order has.")
    kept = stated_amount(line, "current_quantity")
    if major(quantity * price) is None:
        raise UnreadableError("A line is worth more than any shop takes.")
    return {
        "line_number": own_identity(line),
        "title": words(line.get("title")) or words(line.get("name")),
        "sku": words(line.get("sku")),
        "vendor": words(line.get("vendor")),
        "product_number": identity(line.get("product_id")),
        "variant_number": identity(line.get("variant_id")),
        "quantity": float(quantity),
        "kept_quantity": None if kept is None else float(max(kept, Decimal(0))),
        "price": major(price),
        "less": major(_line_discount(line, applied)),
        "is_gift_card": flag(line.get("gift_card")) or line.get("fulfillment_service") == "gift_card",
        "automatic_discounts": _automatic_discounts(line, applied),
    }


def _automatic_discounts(line: Body, applied: list[Body]) -> str | None:
    """Return the titles of what came off this line by itself, ``None`` where some of it has no name."""
    found = [_application(share, applied) for share in parts(line, "discount_allocations")]
    if not isinstance(line.get("discount_allocations"), list) or not all(found):
        return None
    return listed(titles(each.get("title") for each in found if each.get("type") == "automatic"))


def _line_discount(line: Body, applied: list[Body]) -> Decimal | None:
    """Return what was taken off this very line; its share of what was taken off the whole order is not it.

    ``total_discount`` is what the merchant took off; what a code or a rule took off certain products stands
    among the allocations (Shopify, "The Order resource").
    """
    stated = shop_amount(line, "total_discount")
    if stated:
        return stated
    allocated = [
        shop_amount(share, "amount") or Decimal(0)
        for share in parts(line, "discount_allocations")
        if words(_application(share, applied).get("target_selection")) in ("entitled", "explicit")
    ]
    return sum(allocated, Decimal(0)) if allocated else stated


def _application(share: Body, applied: list[Body]) -> Body:
    place = share.get("discount_application_index")
    return applied[place] if isinstance(place, int) and 0 <= place < len(applied) else {}
