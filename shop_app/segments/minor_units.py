"""Amounts as whole minor units of their currency, exact for what people write."""

import polars as pl

MOST_MAJOR_UNITS = 9e12
"""More than any shop ever took. Up to here millionths of a unit fit into 64 bits."""

_MILLIONTHS = 1_000_000
_SMALLEST_EXPONENT = 6  # digits behind the point of a millionth; no currency has more


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
