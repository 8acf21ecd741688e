"""What a batch of webhooks tells, as frames of facts: the same as the interface tells of the same things."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from shop_app.facts import (
    CUSTOMER_SCHEMA,
    ORDER_SCHEMA,
    PRODUCT_SCHEMA,
    TIME,
    VARIANT_SCHEMA,
    Catalogue,
    Facts,
    Schema,
    conform,
)
from shop_app.shopify.customer_nodes import customer_columns
from shop_app.shopify.order_nodes import gleaned, line_columns, order_columns, refund_columns
from shop_app.shopify.payload_goods import ToldProduct
from shop_app.shopify.payload_orders import ToldOrder
from shop_app.shopify.payload_people import ToldCustomer

_MONEY = ("total", "outstanding", "tax", "shipping", "discount")
_HEADS: Schema = {
    **dict.fromkeys(("name", "financial_status", "channel", "currency", "discount_codes"), pl.String()),
    **dict.fromkeys(("tags", "email", "phone", "shipped_to", "billed_to", "parent"), pl.String()),
    **dict.fromkeys(("shopify_id", "customer_number", "row_no"), pl.Int64()),
    **dict.fromkeys(("processed_at", "cancelled_at", "known_at", "told_at"), TIME),
    **dict.fromkeys(("test", "tax_included"), pl.Boolean()),
    **dict.fromkeys(_MONEY, pl.Float64()),
}
_LINES: Schema = {
    **dict.fromkeys(("parent", "title", "sku", "vendor", "category"), pl.String()),
    **dict.fromkeys(("line_number", "variant_number", "product_number"), pl.Int64()),
    **dict.fromkeys(("quantity", "kept_quantity", "price", "less"), pl.Float64()),
    "is_gift_card": pl.Boolean(),
    "automatic_discounts": pl.String(),
    "bundle_product_id": pl.Int64(),
}
_REFUNDS: Schema = {
    "parent": pl.String(),
    "refund_number": pl.Int64(),
    "refunded_at": TIME,
    "amount": pl.Float64(),
    "currency": pl.String(),
}


def to_facts(orders: Sequence[ToldOrder], customers: Sequence[ToldCustomer], *, currency: str) -> Facts:
    """Put orders, those who placed them, and customers' own records into the four frames."""
    raw = _frame(
        [
            each.head | {"parent": str(each.shopify_id), "row_no": number, "told_at": each.told_at}
            for number, each in enumerate(orders, start=1)
        ],
        _HEADS,
    )
    told = order_columns(raw, currency)
    heads = told.select("parent", "order_ref", "customer_ref", "currency", "exponent")
    own = customer_columns(_frame([each.row for each in customers], CUSTOMER_SCHEMA))
    return Facts(
        customers=pl.concat([own, gleaned(told)]),
        orders=conform(told, ORDER_SCHEMA),
        lines=line_columns(_frame([row for each in orders for row in each.lines], _LINES), heads),
        refunds=refund_columns(
            _frame([row for each in orders for row in each.refunds], _REFUNDS), heads, currency
        ),
    )


def to_catalogue(products: Sequence[ToldProduct]) -> Catalogue:
    """Put products and their variants into the two frames."""
    return Catalogue(
        products=_frame([each.row for each in products], PRODUCT_SCHEMA),
        variants=_frame([row for each in products for row in each.variants], VARIANT_SCHEMA),
    )


def _frame(rows: Sequence[Mapping[str, Any]], schema: Schema) -> pl.DataFrame:
    return pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema, orient="row")
