"""What is written in cells about people and ids, brought to one form."""

import hashlib

import polars as pl

from shop_app.files.numbers import is_nothing

LIKE_EMAIL = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
_WRAPPED = r'^="?([^"]*)"?$'  # a spreadsheet's way to keep leading zeros: ="00123"


def clean_ids(ids: pl.Series) -> pl.Series:
    """Trim what spreadsheets and data frames put around an id: apostrophe, ="…", a decimal zero."""
    if ids.str.starts_with('="').any():
        ids = ids.str.replace(_WRAPPED, "${1}")
    if ids.str.ends_with("0").any() and ids.str.contains(".", literal=True).any():
        ids = ids.str.replace(r"^(\d+)\.0+$", "${1}")
    text = pl.col(ids.name)
    bare = ids.str.strip_prefix("'").to_frame()
    return bare.select(pl.when(~is_nothing(text) & (text != "")).then(text)).to_series()


def shopify_id(column: str) -> pl.Expr:
    """Read Shopify's numeric id, with or without the apostrophe or the gid before it."""
    return pl.col(column).str.extract(r"^(?:'|gid://shopify/\w+/)?(\d{1,18})$", 1).cast(pl.Int64, strict=False)


def clean_email(column: str) -> pl.Expr:
    """Lower-case an address; null for the words that stand for an empty cell."""
    text = pl.col(column).str.strip_prefix("'").str.to_lowercase()
    return pl.when(~is_nothing(text) & (text != "")).then(text)


def split_name(column: str) -> tuple[pl.Expr, pl.Expr]:
    """Part a full name at its last blank; one word alone is a first name."""
    name = pl.col(column).str.replace_all(r"\s+", " ").str.strip_chars(" ")
    first = name.str.extract(r"^(.*?)(?: [^ ]+)?$", 1)
    return pl.when(first != "").then(first), name.str.extract(r" ([^ ]+)$", 1)


def fingerprint(column: str, prefix: str) -> pl.Expr:
    """Replace what would give a person away by a short digest that is the same at each import."""
    return pl.col(column).map_batches(lambda texts: _digests(texts, prefix), return_dtype=pl.String)


def _digests(texts: pl.Series, prefix: str) -> pl.Series:
    digests = {
        text: f"{prefix}-{hashlib.blake2b(text.lower().encode(), digest_size=8).hexdigest()}"
        for text in texts.drop_nulls().unique()
    }
    return texts.replace_strict(digests, default=None, return_dtype=pl.String)
