"""Amounts as whole minor units of their currency, exact for what people write."""

from functools import cache

import polars as pl
from babel.numbers import is_currency

from shop_app.segments.money import minor_digits

MOST_MAJOR_UNITS = 9e12
"""More than any shop ever took. Up to here millionths of a unit fit into 64 bits."""

_MILLIONTHS = 1_000_000
_SMALLEST_EXPONENT = 6  # digits behind the point of a millionth; no currency has more

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


def to_minor(amount: pl.Expr) -> pl.Expr:
    """Turn Float64 major units into Int64 minor units of the row's ``exponent``, halves away from zero."""
    unit = _power_of_ten(pl.lit(_SMALLEST_EXPONENT) - pl.col("exponent"), pl.Int64)
    return _round_off(_millionths(amount), unit)


def product_to_minor(quantity: pl.Expr, price: pl.Expr) -> pl.Expr:
    """Multiply Float64 quantity and price exactly, and round once, to Int64 minor units."""
    exact = _millionths(quantity).cast(pl.Int128) * _millionths(price).cast(pl.Int128)
    unit = _power_of_ten(pl.lit(2 * _SMALLEST_EXPONENT) - pl.col("exponent"), pl.Int128)
    return _round_off(exact, unit)


def is_absurd(amount: pl.Expr) -> pl.Expr:
    """Tell amounts that no shop takes, infinity and not-a-number included."""
    return ~(amount.abs() <= MOST_MAJOR_UNITS) | amount.is_nan()


def _millionths(amount: pl.Expr) -> pl.Expr:
    return (amount * _MILLIONTHS).round().cast(pl.Int64, strict=False)


def _power_of_ten(digits: pl.Expr, dtype: type[pl.Int64] | type[pl.Int128]) -> pl.Expr:
    powers = {power: 10**power for power in range(2 * _SMALLEST_EXPONENT + 1)}
    return digits.replace_strict(powers, default=None, return_dtype=pl.Int64).cast(dtype)


def _round_off(value: pl.Expr, unit: pl.Expr) -> pl.Expr:
    halves_away = ((value.abs() + unit // 2) // unit).cast(pl.Int64, strict=False)
    return pl.when(value < 0).then(-halves_away).otherwise(halves_away)
