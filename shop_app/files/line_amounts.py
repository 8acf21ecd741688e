"""The quantities and amounts of a line-item table: checked, and turned into minor units."""

import polars as pl

from shop_app.files.file_format import FileFormat
from shop_app.files.money import with_currency
from shop_app.files.numbers import is_nothing, parse_numbers
from shop_app.files.sieve import Sieve
from shop_app.segments.minor_units import is_absurd, product_to_minor, to_minor

MOST_ITEMS = 1e9
"""More than any line of an order holds."""


def with_amounts(sieve: Sieve, file_format: FileFormat, currency: str) -> None:
    """Replace the written numbers by ``quantity``, ``unit_price``, ``discount`` and ``total``.

    They come without sign, money in minor units; ``is_return`` tells the rows whose sign was a minus.
    Rows with a number that is none are dropped.
    """
    _with_currency(sieve, file_format, currency)
    by_total = file_format.rules.amount == "total"
    for name in ("quantity", "total" if by_total else "unit_price"):
        if name in file_format.columns:
            read_number(sieve, name, file_format)
    if "quantity" not in file_format.columns:
        sieve.frame = sieve.frame.with_columns(quantity=pl.lit(1.0), quantity_written=pl.lit("1"))
    too_many = pl.col("quantity").abs() > MOST_ITEMS
    sieve.refuse(
        too_many, "quantity_written", "is more than any order holds", field=file_format.label("quantity")
    )
    if by_total:
        _by_total(sieve, file_format)
    else:
        _by_price(sieve, file_format)


def read_number(sieve: Sieve, name: str, file_format: FileFormat, *, may_be_empty: bool = False) -> None:
    """Parse a column in place, and drop the rows where it is empty, no number or absurd."""
    label = file_format.label(name)
    written = f"{name}_written"
    if may_be_empty:
        sieve.frame = sieve.frame.with_columns(pl.when(~is_nothing(pl.col(name))).then(pl.col(name)))
    numbers = parse_numbers(sieve.frame[name].str.strip_prefix("'"), file_format.decimal)
    sieve.frame = sieve.frame.rename({name: written}).with_columns(numbers.alias(name))
    if not may_be_empty:
        sieve.refuse(pl.col(written).is_null(), written, "is empty", field=label)
    unread = pl.col(written).is_not_null() & (pl.col(name).is_null() | pl.col(name).is_nan())
    sieve.refuse(unread, written, "is no number", field=label)
    sieve.refuse(is_absurd(pl.col(name)), written, "is more than any shop takes", field=label)


def _with_currency(sieve: Sieve, file_format: FileFormat, default: str) -> None:
    cells = (
        sieve.frame.rename({"currency": "currency_cell"}) if "currency" in file_format.columns else sieve.frame
    )
    sieve.frame = with_currency(cells, "currency_cell", default)
    if "currency" in file_format.columns:
        label = file_format.label("currency")
        sieve.refuse(pl.col("currency").is_null(), "currency_cell", "is no currency code", field=label)


def _by_total(sieve: Sieve, file_format: FileFormat) -> None:
    quantity, total = pl.col("quantity"), pl.col("total")
    price = total.abs() / pl.when(quantity == 0).then(1.0).otherwise(quantity.abs())
    if "unit_price" in file_format.columns:
        read_number(sieve, "unit_price", file_format, may_be_empty=True)
        _refuse_negative_price(sieve, file_format)
        price = pl.coalesce("unit_price", price)
    sieve.frame = sieve.frame.with_columns(
        is_return=(quantity < 0) | (total < 0),
        quantity=quantity.abs(),
        unit_price=to_minor(price),
        total=to_minor(total.abs()),
        discount=pl.lit(0, dtype=pl.Int64),
    )


def _by_price(sieve: Sieve, file_format: FileFormat) -> None:
    quantity, price = pl.col("quantity"), pl.col("unit_price")
    _refuse_negative_price(sieve, file_format)
    absurd = is_absurd(quantity * price)
    reason = "makes more than any shop takes"
    sieve.refuse(absurd, "unit_price_written", reason, field=file_format.label("unit_price"))
    sieve.frame = sieve.frame.with_columns(
        is_return=quantity < 0,
        quantity=quantity.abs(),
        unit_price=to_minor(price),
        total=product_to_minor(quantity.abs(), price),
    )
    _less_discount(sieve, file_format)


def _refuse_negative_price(sieve: Sieve, file_format: FileFormat) -> None:
    reason = "is negative: a price below zero is neither a sale nor a return"
    sieve.refuse(pl.col("unit_price") < 0, "unit_price_written", reason, field=file_format.label("unit_price"))


def _less_discount(sieve: Sieve, file_format: FileFormat) -> None:
    if file_format.rules.discount == "none":
        sieve.frame = sieve.frame.with_columns(discount=pl.lit(0, dtype=pl.Int64))
        return
    percent = pl.col("discount").str.ends_with("%").fill_null(value=False)
    sieve.frame = sieve.frame.with_columns(percent=percent, discount=pl.col("discount").str.strip_suffix("%"))
    read_number(sieve, "discount", file_format, may_be_empty=True)
    written = (
        pl.when(pl.col("percent")).then(pl.col("discount") / 100).otherwise(pl.col("discount")).fill_null(0.0)
    )
    as_share = file_format.rules.discount == "share"
    share = (pl.col("total") * written).round(0, mode="half_away_from_zero")
    amount = share.cast(pl.Int64, strict=False) if as_share else to_minor(written)
    sieve.frame = sieve.frame.with_columns(discount=amount)
    wrong = ~pl.col("discount").is_between(0, pl.col("total"))
    reason = "is below zero or more than the line's amount"
    sieve.refuse(wrong, "discount_written", reason, field=file_format.label("discount"))
    sieve.frame = sieve.frame.with_columns(total=pl.col("total") - pl.col("discount"))
