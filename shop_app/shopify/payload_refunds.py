"""What went back of an order, as webhooks carry it: inside the order, under ``refunds``."""

from decimal import Decimal
from typing import Any

from shop_app.shopify.payload_values import Body, major, moment, own_identity, parts, shop_amount, words

Row = dict[str, Any]

_FAILED = frozenset({"failure", "error"})
_NOTHING = Decimal(0)


def refund_rows(body: Body, order_id: int, currency: str) -> list[Row]:
    """Return an order's refunds as rows for ``order_nodes``: money in major units."""
    return [
        {
            "parent": str(order_id),
            "refund_number": own_identity(refund),
            "refunded_at": moment(refund.get("created_at")) or moment(refund.get("processed_at")),
            "amount": major(abs(_refunded(refund, currency))),
            "currency": currency,
        }
        for refund in parts(body, "refunds")
    ]


def _refunded(refund: Body, currency: str) -> Decimal:
    """Return what was paid back: by the payments in the shop's money, else by what it was paid back for."""
    payments = [
        each
        for each in parts(refund, "transactions")
        if words(each.get("kind")) == "refund" and words(each.get("status")) not in _FAILED
    ]
    in_shop_money = all(
        "amount_set" in each or (words(each.get("currency")) or currency).upper() == currency
        for each in payments
    )
    if in_shop_money and isinstance(refund.get("transactions"), list):
        return sum((_amount(each, "amount") for each in payments), _NOTHING)
    goods = sum(
        (_amount(each, "subtotal") + _amount(each, "total_tax") for each in parts(refund, "refund_line_items")),
        _NOTHING,
    )
    adjusted = sum(
        (_amount(each, "amount") + _amount(each, "tax_amount") for each in parts(refund, "order_adjustments")),
        _NOTHING,
    )
    return goods - adjusted  # an adjustment is written from the shop's side: what it pays is negative


def _amount(body: Body, name: str) -> Decimal:
    return shop_amount(body, name) or _NOTHING
