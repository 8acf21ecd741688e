"""The shape in which facts of a shop are handed on: frames of fixed columns, whoever told them."""

from dataclasses import dataclass

import polars as pl

Schema = dict[str, pl.DataType]

TIME = pl.Datetime("us", "UTC")

CHANNELS = {
    "580111": "web",
    "online_store": "web",
    "online store": "web",
    "129785": "pos",
    "point of sale": "pos",
    "shopify_draft_order": "draft",
    "1354745": "draft",
    "draft orders": "draft",
}
"""Where an order came from, by the words and app numbers that Shopify has for it (in lower case)."""

FINANCIAL_STATUSES = (
    "paid", "partially_paid", "partially_refunded", "refunded", "pending", "authorized", "voided", "expired",
)  # fmt: skip
"""Shopify's own words (OrderDisplayFinancialStatus, lower case)."""

CUSTOMER_SCHEMA: Schema = {
    "customer_ref": pl.String(),
    "shopify_id": pl.Int64(),
    "source_key": pl.String(),
    "email": pl.String(),
    "phone": pl.String(),
    "first_name": pl.String(),
    "last_name": pl.String(),
    "email_consent": pl.String(),
    "sms_consent": pl.String(),
    "tags": pl.String(),
    "country": pl.String(),
    "signup_source": pl.String(),
    "created_at": TIME,
    "data_sale_opt_out": pl.Boolean(),
    "known_at": TIME,
    "told_at": TIME,
}
"""``known_at``: since when a row's details are what they are (Shopify's ``updatedAt``; null: as old as the
file, or as the orders it came with). ``told_at``: when that was said, which decides between equal dates."""

ORDER_SCHEMA: Schema = {
    "order_ref": pl.String(),
    "row_no": pl.Int64(),
    "shopify_id": pl.Int64(),
    "name": pl.String(),
    "customer_ref": pl.String(),
    "processed_at": TIME,
    "cancelled_at": TIME,
    "financial_status": pl.String(),
    "test": pl.Boolean(),
    "currency": pl.String(),
    "total": pl.Int64(),
    "outstanding": pl.Int64(),
    "tax": pl.Int64(),
    "shipping": pl.Int64(),
    "discount": pl.Int64(),
    "tax_included": pl.Boolean(),
    "discount_codes": pl.String(),
    "tags": pl.String(),
    "channel": pl.String(),
    "country": pl.String(),
    "known_at": TIME,
    "told_at": TIME,
}

LINE_SCHEMA: Schema = {
    "order_ref": pl.String(),
    "row_no": pl.Int64(),
    "product_ref": pl.String(),
    "title": pl.String(),
    "sku": pl.String(),
    "vendor": pl.String(),
    "category": pl.String(),
    "shopify_product_id": pl.Int64(),
    "quantity": pl.Float64(),
    "kept_quantity": pl.Float64(),
    "unit_price": pl.Int64(),
    "discount": pl.Int64(),
    "total": pl.Int64(),
    "is_gift_card": pl.Boolean(),
    "automatic_discounts": pl.String(),
    "bundle_product_id": pl.Int64(),
}
"""``quantity`` as it was bought, ``kept_quantity`` what is left after returns and edits, null where unsaid.

``automatic_discounts``: the titles of those that took something off the line, one a line of text; "" where none
did, null where nobody said. ``bundle_product_id``: Shopify's number of the bundle whose part it was sold as.
"""

REFUND_SCHEMA: Schema = {
    "credit_ref": pl.String(),
    "row_no": pl.Int64(),
    "order_ref": pl.String(),
    "customer_ref": pl.String(),
    "product_ref": pl.String(),
    "quantity": pl.Float64(),
    "amount": pl.Int64(),
    "refunded_at": TIME,
    "currency": pl.String(),
}


PRODUCT_SCHEMA: Schema = {
    "shopify_id": pl.Int64(),
    "title": pl.String(),
    "handle": pl.String(),
    "status": pl.String(),
    "vendor": pl.String(),
    "product_type": pl.String(),
    "tags": pl.String(),
    "is_gift_card": pl.Boolean(),
    "created_at": TIME,
    "published_at": TIME,
    "known_at": TIME,
    "told_at": TIME,
}
"""What the shop sells: ``status`` in lower case; ``known_at`` and ``told_at`` as with customers."""

VARIANT_SCHEMA: Schema = {
    "shopify_id": pl.Int64(),
    "product_shopify_id": pl.Int64(),
    "title": pl.String(),
    "sku": pl.String(),
    "price": pl.Int64(),
    "compare_at_price": pl.Int64(),
    "cost": pl.Int64(),
    "inventory_quantity": pl.Int64(),
    "tracked": pl.Boolean(),
}
"""A product comes with all its variants; money in minor units of the shop; ``cost`` null where unsaid."""

COLLECTION_SCHEMA: Schema = {
    "shopify_id": pl.Int64(),
    "title": pl.String(),
    "handle": pl.String(),
    "known_at": TIME,
}

MEMBER_SCHEMA: Schema = {"collection_shopify_id": pl.Int64(), "product_shopify_id": pl.Int64()}
"""Which product is in which collection; a collection comes with all its products."""


@dataclass(frozen=True, slots=True)
class Facts:
    """One telling of people, orders, their lines and refunds: frames of the four schemas."""

    customers: pl.DataFrame
    orders: pl.DataFrame
    lines: pl.DataFrame
    refunds: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Products with all their variants: frames of the two schemas."""

    products: pl.DataFrame
    variants: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Collections:
    """Collections with all their products: frames of the two schemas."""

    collections: pl.DataFrame
    members: pl.DataFrame


def conform(frame: pl.DataFrame, schema: Schema) -> pl.DataFrame:
    """Give a frame exactly the columns of a schema, null where it has none of that name."""
    return frame.select(
        (pl.col(name) if name in frame.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in schema.items()
    )


def empty(schema: Schema) -> pl.DataFrame:
    """Return no rows, with every column there."""
    return pl.DataFrame(schema=schema)
