"""Columns out of lists of plain values: texts that a database can hold, numbers, moments and money.

A value of the wrong kind is null. Nothing here raises: what Shopify sends one day is not for us to decide.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import polars as pl

from shop_app.facts import TIME
from shop_app.segments.minor_units import is_absurd, to_minor
from shop_app.segments.money import minor_digits

Node = dict[str, Any]

MOST_ITEMS = 1e9
_NUMBER = r"(\d{1,18})(?:\?.*)?$"
EARLIEST_YEAR, LATEST_YEAR = 1970, 2200
"""A moment outside is a slip of somebody's, and would break every sum over time."""


def texts(values: Iterable[object]) -> pl.Series:
    """Return texts without the one character that PostgreSQL cannot keep; anything else is null."""
    told = list(values)
    try:
        return pl.Series(told, dtype=pl.String).str.replace_all("\x00", "", literal=True)
    except (TypeError, UnicodeEncodeError):
        found = [value if isinstance(value, str) else None for value in told]
    try:
        series = pl.Series(found, dtype=pl.String)
    except UnicodeEncodeError:  # half a character
        whole = [None if text is None else text.encode("utf-8", "replace").decode() for text in found]
        series = pl.Series(whole, dtype=pl.String)
    return series.str.replace_all("\x00", "", literal=True)


def filled(values: Iterable[object]) -> pl.Series:
    """Return texts, null where there is none or nothing but blanks."""
    series = texts(values).str.strip_chars()
    return series.set(series == "", None)


def listed(values: Iterable[object]) -> pl.Series:
    """Return lists of texts as one text each, parted by line ends; an empty list is an empty text."""
    return texts(_joined(value) for value in values)


def numbers(values: Iterable[object]) -> pl.Series:
    """Return the number at the end of each id, be it a gid or Shopify's plain number."""
    plain = [value if isinstance(value, str) else _plain(value) for value in values]
    return texts(plain).str.extract(_NUMBER, 1).cast(pl.Int64, strict=False)


def integers(values: Iterable[object]) -> pl.Series:
    """Return whole numbers."""
    return pl.Series([_whole(value) for value in values], dtype=pl.Int64)


def quantities(values: Iterable[object]) -> pl.Series:
    """Return amounts of goods as Float64, null where they are below 0, more than any order holds, or none."""
    found = amounts(values)
    return found.set(~found.is_between(0, MOST_ITEMS), None)


def flags(values: Iterable[object]) -> pl.Series:
    """Return yes and no."""
    return pl.Series([value if isinstance(value, bool) else None for value in values], dtype=pl.Boolean)


def times(values: Iterable[object]) -> pl.Series:
    """Return moments in UTC out of ISO texts with a zone; null outside of 1970 to 2200."""
    moments = texts(values).str.to_datetime(
        "%Y-%m-%dT%H:%M:%S%.f%#z", time_unit="us", time_zone="UTC", strict=False
    )
    believable = moments.dt.year().is_between(EARLIEST_YEAR, LATEST_YEAR)
    return moments.set(~believable, None).cast(TIME)


def amounts(values: Iterable[object]) -> pl.Series:
    """Return major units as Float64, out of decimal texts or numbers; absurd ones are null."""
    plain = [value if isinstance(value, str) else _plain(value) for value in values]
    frame = pl.DataFrame({"amount": pl.Series(plain, dtype=pl.String).cast(pl.Float64, strict=False)})
    return frame.select(pl.when(~is_absurd(pl.col("amount"))).then(pl.col("amount"))).to_series()


def with_exponent(frame: pl.DataFrame, default: str) -> pl.DataFrame:
    """Add ``exponent``, the digits behind the point of each row's ``currency``; no currency is the shop's."""
    frame = frame.with_columns(pl.col("currency").fill_null(default))
    codes = frame["currency"].unique().to_list()
    digits = {code: minor_digits(code) for code in codes}
    return frame.with_columns(
        exponent=pl.col("currency").replace_strict(digits, default=2, return_dtype=pl.Int64)
    )


def in_minor(*columns: str) -> list[pl.Expr]:
    """Turn columns of major units into minor units by the row's ``exponent``."""
    return [to_minor(pl.col(column)).alias(column) for column in columns]


def inner(nodes: Sequence[Node], *path: str) -> list[Any]:
    """Return what lies at a path of each node, ``None`` where the way ends early."""
    found: list[Any] = list(nodes)
    for name in path:
        try:
            found = [value[name] for value in found]  # nearly always all there, and then twice as fast
        except (KeyError, TypeError, IndexError):
            found = [value.get(name) if isinstance(value, dict) else None for value in found]
    return found


def shop_amounts(nodes: Sequence[Node], field: str) -> pl.Series:
    """Return the shop's money of a ``…Set`` field, in major units."""
    return amounts(inner(nodes, field, "shopMoney", "amount"))


def children(node: Node, name: str) -> list[Node]:
    """Return what hangs below a node, be it a list, a connection's ``nodes`` or its ``edges``."""
    value = node.get(name)
    if isinstance(value, dict):
        edges = value.get("edges")
        value = [edge.get("node") for edge in edges if isinstance(edge, dict)] if edges else value.get("nodes")
    return [child for child in value if isinstance(child, dict)] if isinstance(value, list) else []


def _joined(value: object) -> str | None:
    if not isinstance(value, list):
        return None
    return "\n".join(" ".join(word.split("\n")) for word in value if isinstance(word, str) and word.strip())


def _plain(value: object) -> str | None:
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _whole(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= 1 << 62:
        return None
    return value
