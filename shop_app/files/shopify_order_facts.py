"""What the rows of Shopify's orders export say: orders, customers, lines and refunds."""

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
    conform,
)
from shop_app.files.batch import Reject
from shop_app.files.contacts import clean_email, shopify_id, split_name
from shop_app.files.file_format import FileFormat
from shop_app.files.line_amounts import MOST_ITEMS, read_number
from shop_app.files.line_table import Reading, read_times
from shop_app.files.money import with_currency
from shop_app.files.sieve import Sieve
from shop_app.segments.minor_units import is_absurd, product_to_minor, to_minor

_GIFT_CARD = (
    r"(?i)\b(?:e-?)?gift[ -]?cards?\b|geschenkgutschein|geschenkkarte|carte[- ]cadeau|tarjeta (?:de )?regalo|"
    r"cadeaubon|cadeaukaart|buono regalo|presentkort|gavekort"
)
_NO_GIFT_CARD = r"(?i)\b(?:holder|box|envelope|sleeve|wallet|tin|case|stand)s?\b"  # goods around one

_AMOUNTS = ("subtotal", "shipping", "tax", "total", "discount", "refunded", "outstanding")
_CONSENTS = {
    "yes": "subscribed",
    "true": "subscribed",
    "1": "subscribed",
    "subscribed": "subscribed",
    "no": "not_subscribed",
    "false": "not_subscribed",
    "0": "not_subscribed",
    "not_subscribed": "not_subscribed",
    "not subscribed": "not_subscribed",
    "unsubscribed": "unsubscribed",
}


def consent(column: str) -> pl.Expr:
    """Return the consent that a yes or no stands for; a no does not say that somebody had said yes."""
    return pl.col(column).str.to_lowercase().replace_strict(_CONSENTS, default=None, return_dtype=pl.String)


def listed(column: str) -> pl.Expr:
    """Turn words parted by commas into words parted by line ends."""
    return pl.col(column).str.replace_all(r"\s*,\s*", "\n").str.strip_chars("\n")


def read_orders(
    heads: pl.DataFrame, rejects: list[Reject], file_format: FileFormat, reading: Reading
) -> pl.DataFrame:
    """Read the order's own columns; an order whose time or amounts cannot be read is rejected."""
    sieve = Sieve(heads, rejects)
    label = file_format.label("created_at")
    read_times(sieve, "created_at", "processed_at", label, file_format, reading)
    sieve.refuse(pl.col("created_at").is_null(), "created_at", "is empty", field=label)
    sieve.frame = sieve.frame.rename({"cancelled_at": "cancelled"})
    read_times(sieve, "cancelled", "cancelled_at", file_format.label("cancelled_at"), file_format, reading)
    sieve.frame = with_currency(
        sieve.frame.rename({"currency": "currency_cell"}), "currency_cell", reading.currency
    )
    unknown = pl.col("currency").is_null()
    sieve.refuse(unknown, "currency_cell", "is no currency code", field=file_format.label("currency"))
    for name in _AMOUNTS:
        read_number(sieve, name, file_format, may_be_empty=True)
    for name in ("total", "refunded"):
        sieve.refuse(pl.col(name) < 0, f"{name}_written", "is negative", field=file_format.label(name))
    _read_words(sieve, file_format)
    return sieve.frame.with_columns(to_minor(pl.col(name)).alias(name) for name in _AMOUNTS)


def _read_words(sieve: Sieve, file_format: FileFormat) -> None:
    status = pl.col("financial_status").str.to_lowercase().str.replace_all(r"[\s-]+", "_")
    sieve.frame = sieve.frame.with_columns(
        financial_status=status,
        email=clean_email("email"),
        shopify_id=shopify_id("id"),
        billing_country=country_codes("billing_country"),
        shipping_country=country_codes("shipping_country"),
    )
    no_status = ~pl.col("financial_status").is_in(FINANCIAL_STATUSES)
    label = file_format.label("financial_status")
    sieve.blank(no_status, "financial_status", "is no payment status of Shopify's", field=label)
    sieve.blank(is_no_email("email"), "email", "is no e-mail address", field=file_format.label("email"))
    no_id = pl.col("shopify_id").is_null() & pl.col("id").is_not_null()
    sieve.blank(no_id, "id", "is no id of Shopify's", field=file_format.label("id"))
    phones = _phones(sieve.frame)
    by_email, by_phone = "email:" + pl.col("email"), "phone:" + pl.col("phone")
    sieve.frame = sieve.frame.with_columns(phones.alias("phone")).with_columns(
        customer_ref=pl.coalesce(by_email, by_phone)
    )


def _phones(orders: pl.DataFrame) -> pl.Series:
    """Return the order's own phone, else that of the bill."""
    countries = orders.select(pl.coalesce("billing_country", "shipping_country")).to_series()
    own, bill = (clean_phones(orders[name], countries) for name in ("phone", "billing_phone"))
    return pl.select(pl.coalesce(own, bill)).to_series()


def orders_of(orders: pl.DataFrame) -> pl.DataFrame:
    """Return the frame of orders."""
    source = pl.col("source").str.to_lowercase()
    bogus = pl.col("payment_method").str.to_lowercase().str.contains("bogus", literal=True)
    return conform(
        orders.with_columns(
            row_no="line_no",
            test=pl.when(bogus).then(pl.lit(value=True)),
            tax_included=_tax_included(),
            discount_codes=listed("discount_codes"),
            tags=listed("tags"),
            channel=source.replace(CHANNELS),
            country=pl.coalesce("shipping_country", "billing_country"),
        ),
        ORDER_SCHEMA,
    )


def _tax_included() -> pl.Expr:
    """Tell from the sum: the total is made with the tax on top, or without it; else it is not known."""
    goods = pl.col("subtotal") + pl.col("shipping")
    on_top = goods + pl.col("tax") == pl.col("total")
    inside = goods == pl.col("total")
    return pl.when(pl.col("tax") > 0).then(
        pl.when(on_top).then(pl.lit(value=False)).when(inside).then(pl.lit(value=True))
    )


def customers_of(orders: pl.DataFrame) -> pl.DataFrame:
    """Return one row a customer, each column by the newest order that knows it."""
    first, last = split_name("full_name")
    people = (
        orders.filter(pl.col("customer_ref").is_not_null())
        .sort("processed_at", "line_no", descending=[True, False])
        .with_columns(
            full_name=pl.coalesce("billing_name", "shipping_name"),
            email_consent=consent("accepts_marketing"),
            country=pl.coalesce("billing_country", "shipping_country"),
        )
        .group_by("customer_ref", maintain_order=True)
        .agg(pl.col("email", "phone", "full_name", "email_consent", "country").first(ignore_nulls=True))
        .with_columns(first_name=first, last_name=last)
    )
    return conform(people, CUSTOMER_SCHEMA)


def lines_of(sieve: Sieve, orders: pl.DataFrame, file_format: FileFormat) -> pl.DataFrame:
    """Return the frame of line items; rows with none (an order emptied by hand) are not told of."""
    filled = pl.any_horizontal(pl.col("title", "sku", "quantity", "unit_price").is_not_null())
    facts = orders.select("group", "order_ref", "exponent")
    rows = sieve.frame.filter(filled).select(
        "line_no", "group", "title", "sku", "vendor", "quantity", "unit_price", "line_discount"
    )
    lines = Sieve(rows.join(facts, on="group", how="inner", maintain_order="left"), sieve.rejects)
    read_number(lines, "quantity", file_format)
    read_number(lines, "unit_price", file_format)
    read_number(lines, "line_discount", file_format, may_be_empty=True)
    _refuse_impossible(lines, file_format)
    gross = product_to_minor(pl.col("quantity"), pl.col("unit_price"))
    less = to_minor(pl.col("line_discount").fill_null(0.0))
    return conform(
        lines.frame.with_columns(
            row_no="line_no",
            product_ref=pl.coalesce("sku", "title"),
            unit_price=to_minor(pl.col("unit_price")),
            discount=less,
            total=gross - less,
            is_gift_card=(
                pl.col("title").str.contains(_GIFT_CARD) & ~pl.col("title").str.contains(_NO_GIFT_CARD)
            ).fill_null(value=False),
        ),
        LINE_SCHEMA,
    )


def _refuse_impossible(lines: Sieve, file_format: FileFormat) -> None:
    for name in ("quantity", "unit_price", "line_discount"):
        lines.refuse(pl.col(name) < 0, f"{name}_written", "is negative", field=file_format.label(name))
    label = file_format.label("quantity")
    lines.refuse(
        pl.col("quantity") > MOST_ITEMS, "quantity_written", "is more than any order holds", field=label
    )
    gross = pl.col("quantity") * pl.col("unit_price")
    label = file_format.label("unit_price")
    lines.refuse(is_absurd(gross), "unit_price_written", "makes more than any shop takes", field=label)


def refunds_of(orders: pl.DataFrame) -> pl.DataFrame:
    """Return one refund an order that has a refunded amount; when it was is not in the file."""
    refunded = orders.filter(pl.col("refunded") > 0).select(
        pl.col("order_ref").alias("credit_ref"),
        pl.col("line_no").alias("row_no"),
        "order_ref",
        "customer_ref",
        pl.col("refunded").alias("amount"),
        "currency",
    )
    return conform(refunded, REFUND_SCHEMA)
