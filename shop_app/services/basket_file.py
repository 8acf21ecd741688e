"""Pairs and sets in a plain file of baskets, without a shop: a table of basket and item, or a line a basket."""

import csv
import gzip
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain, islice
from pathlib import Path
from typing import Any, TextIO

import polars as pl

from shop_app.bundles.associations import AssociationRules, find_associations
from shop_app.bundles.baskets import baskets_of
from shop_app.bundles.itemsets import frequent_itemsets
from shop_app.errors import InvalidInputError

_NAMES = {
    "basket": {
        "basket",
        "basket_id",
        "order",
        "order_id",
        "transaction",
        "transaction_id",
        "invoice",
        "invoiceno",
    },
    "item": {"item", "item_id", "product", "product_id", "sku", "stockcode", "itemdescription"},
    "day": {"day", "date"},
}
_SEPARATORS = (",", ";", "\t")
_SNIFFED = 100
_EPOCH = date(1970, 1, 1)
_USUAL_COUNT = 10


@dataclass(frozen=True, slots=True)
class FileFindings:
    """What a file of baskets holds; ``pairs`` and ``sets`` are rows, the best first.

    ``pairs`` are all that are in enough baskets, those that pass the guard against chance first; ``sets`` are
    all of two to four items in enough baskets, by how many; their supports are exact.
    """

    basket_count: int
    item_count: int
    has_days: bool
    least_count: int
    tested_pair_count: int
    pairs: list[dict[str, Any]]
    sets: list[dict[str, Any]]


def find_in_file(
    path: Path, *, least_support_ratio: float = 0.0, least_count: int | None = None, with_sets: bool = False
) -> FileFindings:
    """Find what is together in the baskets of a file.

    Parameters
    ----------
    path
        UTF-8, also packed as ``.gz``: a table with the columns ``basket`` and ``item`` (and ``day``, as
        2026-11-30), or one basket a line; commas, semicolons or tabs between the columns or items, also spaces
        where all items are numbers.
    least_support_ratio
        In so large a share of all baskets, 0 to 1.
    least_count
        And in so many baskets, 1 or more; by default 10, or what the support asks for.
    with_sets
        Whether sets of up to four are counted too.

    Raises
    ------
    InvalidInputError
        The file cannot be read, or holds no basket; the number of the line is named.
    """
    baskets = baskets_of(read_baskets(path))
    if not baskets.basket_count:
        raise InvalidInputError(f"{path.name} holds no basket.", field="file")
    floor = math.ceil(least_support_ratio * baskets.basket_count - 1e-9)
    least = max(1, least_count or floor or _USUAL_COUNT)
    rules = AssociationRules(least_support_ratio=least_support_ratio, least_count=least)
    found = find_associations(baskets, rules)
    sets: list[dict[str, Any]] = []
    if with_sets:
        counted = frequent_itemsets(baskets, least_count=max(least, floor), most_items=4)
        several = counted.filter(pl.col("items").list.len() > 1).sort(
            "count", descending=True, maintain_order=True
        )
        sets = several.select("items", "count", "support").to_dicts()
    return FileFindings(
        basket_count=baskets.basket_count,
        item_count=baskets.keys.height,
        has_days=baskets.days is not None,
        least_count=least,
        tested_pair_count=found.tested_pair_count,
        pairs=found.pairs.drop("a_name", "b_name", "first_day").to_dicts(),
        sets=sets,
    )


def read_baskets(path: Path) -> pl.DataFrame:
    """Return a file's ``basket``, ``item`` and, where it has them, ``day`` (days since 1970-01-01).

    Raises
    ------
    InvalidInputError
        It cannot be read.
    """
    try:
        with _opened(path) as file:
            first = list(islice(file, _SNIFFED))
            separator = _separator(first)
            columns = _columns(first[0], separator) if first else None
            if columns is None:
                return _lines(chain(first, file), separator)
            return _table(chain(first, file), separator, columns)
    except UnicodeDecodeError:
        raise InvalidInputError(f"{path.name} is not UTF-8; save it as UTF-8.", field="file") from None
    except (csv.Error, gzip.BadGzipFile, EOFError) as error:
        raise InvalidInputError(f"{path.name} cannot be read as a table: {error}.", field="file") from None


def _opened(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def _separator(lines: Sequence[str]) -> str:
    for separator in _SEPARATORS:
        if any(separator in line for line in lines):
            return separator
    is_numbers = all(token.isdigit() for line in lines for token in line.split())
    return " " if is_numbers else ","


def _columns(header: str, separator: str) -> dict[str, int] | None:
    """Return where basket, item and day stand, ``None`` where the first line is a basket itself."""
    names = [name.strip().casefold() for name in next(csv.reader([header], delimiter=separator), [])]
    found = {
        column: next((place for place, name in enumerate(names) if name in known), -1)
        for column, known in _NAMES.items()
    }
    if found["basket"] < 0 or found["item"] < 0:
        return None
    return {column: place for column, place in found.items() if place >= 0}


def _table(lines: Iterator[str] | TextIO, separator: str, columns: dict[str, int]) -> pl.DataFrame:
    rows = csv.reader(lines, delimiter=separator)
    next(rows)
    found: dict[str, list[Any]] = {column: [] for column in columns}
    for number, row in enumerate(rows, start=2):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) <= max(columns.values()):
            raise InvalidInputError(
                f"Line {number} has {len(row)} columns: basket and item are needed.", field="file"
            )
        for column, place in columns.items():
            cell = row[place].strip()
            found[column].append(_day(cell, number) if column == "day" else cell or None)
    kinds = {"basket": pl.String, "item": pl.String, "day": pl.Int32}
    return pl.DataFrame(found, schema={column: kinds[column] for column in columns})


def _lines(lines: Iterator[str] | TextIO, separator: str) -> pl.DataFrame:
    baskets: list[int] = []
    items: list[str] = []
    for number, row in enumerate(csv.reader(lines, delimiter=separator, skipinitialspace=True)):
        held = {item.strip() for item in row} - {""}
        baskets += [number] * len(held)
        items += sorted(held)
    return pl.DataFrame({"basket": baskets, "item": items}, schema={"basket": pl.Int64, "item": pl.String})


def _day(text: str, number: int) -> int:
    try:
        return (date.fromisoformat(text[:10]) - _EPOCH).days
    except ValueError:
        raise InvalidInputError(f"Line {number}: “{text}” is no day; write 2026-11-30.", field="file") from None
