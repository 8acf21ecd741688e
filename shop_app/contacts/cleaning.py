"""E-mail addresses and telephone numbers brought to one form, whoever told them."""

from typing import Any

import polars as pl

from shop_app.contacts.countries import numbering

_TEXT = pl.String()
_FEWEST_DIGITS = 7  # less is an extension or a slip
_MOST_DIGITS = 15  # ITU-T E.164
_EXTENSION = r"(?i)(?:ext\.?|x|#).*$"
_PHONE = r"(?i)^'?[+(]?[\d\s().+/\-\u2010-\u2015\u00a0]+(?:(?:ext\.?|x|#)\s*\d+)?$"


def clean_phones(phones: pl.Series, countries: pl.Series) -> pl.Series:
    """Return digits behind a + and the calling code where the country is known, else digits only.

    What has fewer than seven digits, or letters, is unknown.
    """
    there = phones.is_not_null()
    if not there.all():
        cleaned = clean_phones(phones.filter(there), countries.filter(there)) if there.any() else None
        blank = pl.repeat(None, len(phones), dtype=pl.String, eager=True)
        return blank if cleaned is None else blank.scatter(there.arg_true(), cleaned)
    full = _full_number(_with_numbering(phones, countries))
    fits = phones.str.contains(_PHONE) & full.str.len_bytes().is_between(_FEWEST_DIGITS, _MOST_DIGITS + 1)
    return pl.select(pl.when(fits).then(full)).to_series()


def is_no_email(column: str) -> pl.Expr:
    """Tell what cannot be an address."""
    return ~pl.col(column).str.contains(r"^[^@\s]+@[^@\s]+$") | (pl.col(column).str.len_bytes() > 254)  # noqa: PLR2004 (RFC 5321)


def _with_numbering(phones: pl.Series, countries: pl.Series) -> pl.DataFrame:
    known = {country: found for country in countries.drop_nulls().unique() if (found := numbering(country))}
    bare = (
        pl.col("phone")
        .str.strip_prefix("'")
        .str.replace(_EXTENSION, "")
        .str.replace(r"\.0$", "")
        .str.replace("(0)", "", literal=True)
    )
    return pl.DataFrame({"phone": phones, "country": countries}).with_columns(
        phone=bare,
        code=_looked_up({country: found.code for country, found in known.items()}),
        trunk=_looked_up({country: found.trunk for country, found in known.items()}),
        lengths=_looked_up({c: sum(2**n for n in found.lengths) for c, found in known.items()}, pl.Int64()),
    )


def _full_number(table: pl.DataFrame) -> pl.Series:
    """Put the calling code before national numbers, unless they already begin with it."""
    digits, code = pl.col("digits"), pl.col("code")
    abroad = digits.str.starts_with("00")
    national = pl.when(pl.col("trunk") != "").then(digits.str.strip_prefix(pl.col("trunk"))).otherwise(digits)
    stated = pl.col("phone").str.contains(r"^\(?\+") | abroad
    steps = (
        table.with_columns(digits=pl.col("phone").str.replace_all(r"\D", ""))
        .with_columns(stated=stated, national=national, behind=digits.str.strip_prefix(code))
        .with_columns(digits=pl.when(abroad).then(digits.str.slice(2)).otherwise(digits))
        .with_columns(_has_length(name) for name in ("digits", "national", "behind"))
    )
    is_full = (
        digits.str.starts_with(code) & ~pl.col("digits_fit") & ~pl.col("national_fit") & pl.col("behind_fit")
    )
    return steps.select(
        pl.when("stated").then("+" + digits)
        .when(code.is_null()).then(digits)
        .when(is_full).then("+" + digits)
        .otherwise("+" + code + pl.col("national"))
    ).to_series()  # fmt: skip


def _has_length(name: str) -> pl.Expr:
    """Tell whether a number is as long as one of its country may be."""
    bit = pl.lit(1, dtype=pl.Int64) * 2 ** pl.col(name).str.len_bytes().clip(upper_bound=30).cast(pl.Int64)
    return ((pl.col("lengths") // bit) % 2 == 1).alias(f"{name}_fit")


def _looked_up(values: dict[str, Any], dtype: pl.DataType = _TEXT) -> pl.Expr:
    if not values:
        return pl.lit(None, dtype=dtype)
    return pl.col("country").replace_strict(values, default=None, return_dtype=dtype)
