"""Orders as GraphQL tells them, turned into facts a column at a time."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import polars as pl

from shop_app.contacts.cleaning import clean_phones, is_no_email
from shop_app.contacts.countries import country_codes
from shop_app.facts import (
    CHANNELS,
    CUSTOMER_SCHEMA,
    FINANCIAL_STATUSES,
    LINE_SCHEMA,
    ORDER_SCHEMA,
    REFUND_SCHEMA,
    Facts,
    conform,
)
from shop_app.segments.minor_units import product_to_minor
from shop_app.shopify import node_columns as columns
from shop_app.shopify.node_columns import Node

_MONEY = {
    "total": "totalPriceSet",
    "outstanding": "totalOutstandingSet",
    "tax": "totalTaxSet",
    "shipping": "totalShippingPriceSet",
    "discount": "totalDiscountsSet",
}


def orders_to_facts(
    nodes: Sequence[Node], currency: str, told_at: datetime, *, lines: Sequence[Node] | None = None
) -> Facts:
    """Return the facts that orders hold: themselves, their lines and refunds, and whom they name.

    Parameters
    ----------
    nodes
        Orders with the fields of ``OrderFields``. Those without a number or a time are passed over.
    currency
        The shop's, for amounts beside which none stands.
    told_at
        When Shopify was asked, aware.
    lines
        The lines of all these orders in one list, each with ``__parentId``, as bulk files have them;
        ``None``: they hang below each order as ``lineItems``.
    """
    orders = _orders(nodes, currency, told_at)
    heads = orders.select("parent", "order_ref", "customer_ref", "currency", "exponent")
    flat = _lines_below(nodes) if lines is None else _as_pairs(lines)
    return Facts(
        customers=gleaned(orders),
        orders=conform(orders, ORDER_SCHEMA),
        lines=_lines(*flat, heads),
        refunds=_refunds(nodes, heads, currency),
    )


def _orders(nodes: Sequence[Node], currency: str, told_at: datetime) -> pl.DataFrame:
    raw = pl.DataFrame(
        {
            "parent": columns.texts(columns.inner(nodes, "id")),
            "shopify_id": columns.numbers(columns.inner(nodes, "id")),
            "name": columns.filled(columns.inner(nodes, "name")),
            "processed_at": columns.times(columns.inner(nodes, "processedAt")),
            "cancelled_at": columns.times(columns.inner(nodes, "cancelledAt")),
            "known_at": columns.times(columns.inner(nodes, "updatedAt")),
            "test": columns.flags(columns.inner(nodes, "test")),
            "currency": columns.filled(columns.inner(nodes, "currencyCode")),
            "financial_status": columns.filled(columns.inner(nodes, "displayFinancialStatus")),
            "channel": columns.filled(columns.inner(nodes, "sourceName")),
            "tax_included": columns.flags(columns.inner(nodes, "taxesIncluded")),
            "discount_codes": columns.listed(columns.inner(nodes, "discountCodes")),
            "tags": columns.listed(columns.inner(nodes, "tags")),
            "email": columns.filled(columns.inner(nodes, "email")),
            "phone": columns.filled(columns.inner(nodes, "phone")),
            "customer_number": columns.numbers(columns.inner(nodes, "customer", "id")),
            "shipped_to": columns.filled(columns.inner(nodes, "shippingAddress", "countryCodeV2")),
            "billed_to": columns.filled(columns.inner(nodes, "billingAddress", "countryCodeV2")),
            **{name: columns.shop_amounts(nodes, field) for name, field in _MONEY.items()},
        }
    )
    known = raw.with_row_index("row_no").drop_nulls(["shopify_id", "processed_at"])
    return order_columns(known, currency).with_columns(told_at=pl.lit(told_at))


def order_columns(orders: pl.DataFrame, currency: str) -> pl.DataFrame:
    """Bring plain columns of orders into the form that facts have, whoever told them.

    Asks for ``shopify_id``, ``name``, ``financial_status``, ``channel``, ``customer_number``, ``email``,
    ``phone``, ``shipped_to``, ``billed_to``, ``currency`` and the five amounts in major units.
    """
    orders = columns.with_exponent(orders, currency).with_columns(
        country_codes("shipped_to").alias("shipped_to"), country_codes("billed_to").alias("billed_to")
    )
    orders = orders.with_columns(
        *columns.in_minor(*_MONEY),
        order_ref=pl.format("order:{}", "shopify_id"),
        name=pl.coalesce("name", pl.format("#{}", "shopify_id")),
        financial_status=_known_status(),
        channel=pl.col("channel").str.to_lowercase().replace(CHANNELS),
        country=pl.coalesce("shipped_to", "billed_to"),
        home_country=pl.coalesce("billed_to", "shipped_to"),
        email=_address(),
    )
    phones = clean_phones(orders["phone"], orders["home_country"])
    return orders.with_columns(phone=phones).with_columns(
        customer_ref=pl.coalesce(
            pl.format("customer:{}", "customer_number"),
            pl.format("email:{}", "email"),
        )
    )


def _known_status() -> pl.Expr:
    """Return Shopify's word, and nothing for one of a later version that nobody here knows."""
    status = pl.col("financial_status").str.to_lowercase()
    return pl.when(status.is_in(FINANCIAL_STATUSES)).then(status)


def _address() -> pl.Expr:
    address = pl.col("email").str.to_lowercase()
    return pl.when(~is_no_email("email")).then(address)


def gleaned(orders: pl.DataFrame) -> pl.DataFrame:
    """Return whom orders name; the customer's own record says more, and is believed above this."""
    newest = (
        orders.drop_nulls("customer_ref")
        .sort("processed_at", descending=True)
        .group_by("customer_ref", maintain_order=True)
        .agg(
            pl.col("customer_number").first(),
            pl.col("email", "phone", "home_country").first(ignore_nulls=True),
            pl.col("told_at").first(),
        )
    )
    return conform(
        newest.select(
            "customer_ref",
            "told_at",
            "email",
            "phone",
            shopify_id="customer_number",
            country="home_country",
        ),
        CUSTOMER_SCHEMA,
    )


def _lines_below(nodes: Sequence[Node]) -> tuple[list[object], list[Node]]:
    pairs = [(node.get("id"), line) for node in nodes for line in columns.children(node, "lineItems")]
    return [parent for parent, _ in pairs], [line for _, line in pairs]


def _as_pairs(lines: Sequence[Node]) -> tuple[list[object], list[Node]]:
    return [line.get("__parentId") for line in lines], list(lines)


def _lines(parents: Iterable[object], nodes: list[Node], heads: pl.DataFrame) -> pl.DataFrame:
    raw = pl.DataFrame(
        {
            "parent": columns.texts(parents),
            "line_number": columns.numbers(columns.inner(nodes, "id")),
            "title": columns.filled(columns.inner(nodes, "title")),
            "sku": columns.filled(columns.inner(nodes, "sku")),
            "vendor": columns.filled(columns.inner(nodes, "vendor")),
            "category": columns.filled(columns.inner(nodes, "product", "productType")),
            "variant_number": columns.numbers(columns.inner(nodes, "variant", "id")),
            "product_number": columns.numbers(columns.inner(nodes, "product", "id")),
            "quantity": columns.quantities(columns.inner(nodes, "quantity")),
            "kept_quantity": columns.quantities(columns.inner(nodes, "currentQuantity")),
            "price": columns.shop_amounts(nodes, "originalUnitPriceSet"),
            "less": columns.shop_amounts(nodes, "totalDiscountSet"),
            "is_gift_card": columns.flags(columns.inner(nodes, "isGiftCard")),
            "automatic_discounts": columns.listed(_automatic_titles(node) for node in nodes),
            "bundle_product_id": columns.numbers(columns.inner(nodes, "lineItemGroup", "productId")),
        }
    )
    return line_columns(raw, heads)


def _automatic_titles(line: Node) -> list[str] | None:
    """Return what took something off a line by itself; a code's name is kept with the order."""
    allocations = line.get("discountAllocations")
    if not isinstance(allocations, list):
        return None
    return titles(columns.inner(allocations, "discountApplication", "title")) if allocations else []


def titles(told: Iterable[object]) -> list[str]:
    """Return titles in the order of their letters, each once and on one line."""
    return sorted({" ".join(title.split()) for title in told if isinstance(title, str)} - {""})


def line_columns(lines: pl.DataFrame, heads: pl.DataFrame) -> pl.DataFrame:
    """Bring plain columns of lines into the form that facts have; ``parent`` leads to the row of ``heads``.

    They are ordered by their own numbers, so that a file that holds them in another order says the same.
    """
    joined = lines.join(heads.select("parent", "order_ref", "exponent"), on="parent", how="inner").sort(
        "order_ref", "line_number", nulls_last=True, maintain_order=True
    )
    gross = product_to_minor(pl.col("quantity").fill_null(0.0), pl.col("price").fill_null(0.0))
    return conform(
        joined.with_columns(
            *columns.in_minor("price", "less"),
            gross=gross,
            product_ref=pl.coalesce(
                pl.format("variant:{}", "variant_number"),
                pl.format("product:{}", "product_number"),
                "sku",
                "title",
            ),
        )
        .with_columns(pl.col("less").fill_null(0), quantity=pl.col("quantity").fill_null(0.0))
        .with_columns(
            unit_price="price",
            discount="less",
            total=pl.col("gross") - pl.col("less"),
            shopify_product_id="product_number",
            is_gift_card=pl.col("is_gift_card").fill_null(value=False),
            row_no=pl.int_range(1, pl.len() + 1),
        ),
        LINE_SCHEMA,
    )


def _refunds(nodes: Sequence[Node], heads: pl.DataFrame, currency: str) -> pl.DataFrame:
    pairs = [(node.get("id"), refund) for node in nodes for refund in columns.children(node, "refunds")]
    refunds = [refund for _, refund in pairs]
    raw = pl.DataFrame(
        {
            "parent": columns.texts(parent for parent, _ in pairs),
            "refund_number": columns.numbers(columns.inner(refunds, "id")),
            "refunded_at": columns.times(columns.inner(refunds, "createdAt")),
            "amount": columns.shop_amounts(refunds, "totalRefundedSet"),
            "currency": columns.filled(columns.inner(refunds, "totalRefundedSet", "shopMoney", "currencyCode")),
        }
    )
    return refund_columns(raw, heads, currency)


def refund_columns(refunds: pl.DataFrame, heads: pl.DataFrame, currency: str) -> pl.DataFrame:
    """Bring plain columns of refunds into the form that facts have; those of nothing are left out."""
    joined = refunds.join(
        heads.select("parent", "order_ref", "customer_ref", pl.col("currency").alias("order_currency")),
        on="parent",
        how="inner",
    ).with_columns(currency=pl.coalesce("currency", "order_currency"))
    counted = columns.with_exponent(joined, currency).with_columns(columns.in_minor("amount"))
    kept = counted.filter(pl.col("amount") > 0).drop_nulls("refund_number").sort("order_ref", "refund_number")
    return conform(
        kept.with_columns(
            credit_ref=pl.format("refund:{}", "refund_number"), row_no=pl.int_range(1, pl.len() + 1)
        ),
        REFUND_SCHEMA,
    )
