"""Currencies as people write them, by code or by sign."""

from functools import cache

import polars as pl
from babel.numbers import is_currency

from shop_app.segments.money import minor_digits

_SIGNS = {"€": "EUR", "£": "GBP", "₹": "INR", "₽": "RUB", "₺": "TRY", "₩": "KRW", "₪": "ILS", "zł": "PLN"}


def exponent(currency: str) -> int:
    """Return how many decimal places a currency has: 0 for yen, 2 for euro, 3 for Kuwaiti dinar."""
    return minor_digits(currency)


@cache
def as_code(text: str) -> str | None:
    """Return the ISO code that a cell names, by code or by a sign that only one currency uses."""
    code = _SIGNS.get(text.strip(), text.strip().upper())
    return code if len(code) == 3 and is_currency(code, locale="en") else None  # noqa: PLR2004 (ISO 4217)


def with_currency(frame: pl.DataFrame, column: str, default: str) -> pl.DataFrame:
    """Add ``currency`` (the shop's where the cell is empty, null where it is none) and ``exponent``."""
    texts = frame[column].drop_nulls().unique() if column in frame.columns else pl.Series([], dtype=pl.String)
    codes = {text: as_code(text) for text in texts}
    exponents = {code: exponent(code) for code in codes.values() if code}
    if not codes:
        return frame.with_columns(currency=pl.lit(default), exponent=pl.lit(exponent(default), pl.Int64))
    code = pl.col(column).replace_strict(codes, default=None, return_dtype=pl.String)
    known = frame.with_columns(currency=pl.when(pl.col(column).is_null()).then(pl.lit(default)).otherwise(code))
    return known.with_columns(
        exponent=pl.col("currency").replace_strict(
            exponents | {default: exponent(default)}, default=None, return_dtype=pl.Int64
        )
    )
