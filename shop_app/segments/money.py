"""Amounts in minor units, and the way from one currency into another without a float."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from fractions import Fraction

import polars as pl

_NO_DIGITS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE_DIGITS = "BHD IQD JOD KWD LYD OMR TND"
_FOUR_DIGITS = "CLF UYW"
# ISO 4217, table A.1, edition of 2024: every other currency has two digits behind the point.
_MINOR_DIGITS = (
    dict.fromkeys(_NO_DIGITS.split(), 0)
    | dict.fromkeys(_THREE_DIGITS.split(), 3)
    | dict.fromkeys(_FOUR_DIGITS.split(), 4)
)

LARGEST_RATE_TERM = 10**18
# Numerator and denominator of a rate: with amounts up to 10**19 every product stays inside 128 bits.


def minor_digits(currency: str) -> int:
    """Tell how many digits a currency has behind the point: 2 for EUR, 0 for JPY, 3 for KWD."""
    return _MINOR_DIGITS.get(currency.upper(), 2)


def minor_rate(rate: str, currency: str, shop_currency: str) -> Fraction:
    """Turn a rate between whole units into the exact one between minor units.

    Parameters
    ----------
    rate
        What one unit of ``currency`` is worth in ``shop_currency``, as a decimal: ``"0.0061"``.
    currency, shop_currency
        ISO 4217 codes.

    Returns
    -------
    fractions.Fraction
        Minor units of ``shop_currency`` for one minor unit of ``currency``, above 0.

    Raises
    ------
    ValueError
        ``rate`` is no decimal number above 0, or has more digits than an exact product can carry.
    """
    try:
        exact = Fraction(Decimal(rate))
    except (InvalidOperation, ValueError, OverflowError):
        raise ValueError(f"The rate for {currency} is no decimal number: {rate!r}") from None
    exact *= Fraction(10) ** (minor_digits(shop_currency) - minor_digits(currency))
    if exact <= 0:
        raise ValueError(f"The rate for {currency} must be above 0: {rate!r}")
    if max(exact.numerator, exact.denominator) > LARGEST_RATE_TERM:
        raise ValueError(f"The rate for {currency} has too many digits: {rate!r}")
    return exact


def exchanged(amount: pl.Expr, currency: pl.Expr, rates: Mapping[str, Fraction]) -> pl.Expr:
    """Convert minor units into the shop's, rounded half up, and null where no rate is known.

    Parameters
    ----------
    amount
        Int64, minor units of ``currency``.
    currency
        Utf8, ISO 4217 codes, not null.
    rates
        From :func:`minor_rate`, the shop's own currency with 1 among them.
    """
    as_they_are = [code for code, rate in rates.items() if rate == 1]
    plain = pl.when(currency.is_in(as_they_are)).then(amount)
    others = {code: rate for code, rate in rates.items() if rate != 1}
    if not others:
        return plain
    numerators = {code: rate.numerator for code, rate in others.items()}
    denominators = {code: rate.denominator for code, rate in others.items()}
    return plain.otherwise(share(amount, _looked_up(currency, numerators), _looked_up(currency, denominators)))


def share(amount: pl.Expr, part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    """Give ``amount * part / whole`` in exact integers, rounded half up; Int64."""
    wide_whole = whole.cast(pl.Int128)
    product = amount.cast(pl.Int128) * part.cast(pl.Int128) * 2 + wide_whole
    return (product // (wide_whole * 2)).cast(pl.Int64)


def _looked_up(currency: pl.Expr, terms: Mapping[str, int]) -> pl.Expr:
    return currency.replace_strict(list(terms), list(terms.values()), default=None, return_dtype=pl.Int64)
