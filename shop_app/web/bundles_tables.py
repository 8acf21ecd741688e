"""Tables of findings: columns that sort, figures with what belongs below them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import request, url_for

from shop_app.services.bundle_evidence import interval_words
from shop_app.services.bundle_rows import Row
from shop_app.web.bundles_look import first_of
from shop_app.web.bundles_pages import Cell, Table
from shop_app.web.formats import NOTHING, Formats, count, decimal, percent
from shop_app.web.pages import Field, SortHeading

SHOWN = 50


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table of findings: how it is called, what it sorts by, and how a row fills it."""

    name: str
    text: str
    key: Callable[[Row], Any] | None
    cell: Callable[[Row], Cell]
    is_number: bool = True


def sorted_table(
    rows: list[Row],
    columns: tuple[Column, ...],
    endpoint: str,
    kept: Mapping[str, str],
    *,
    names: tuple[str, str],
) -> Table:
    """Sort rows by the column that the address names, largest first; without one by their rank."""
    wanted = request.args.get("sort", "")
    by = next((column for column in columns if column.name == wanted and column.key), None)
    if by is not None and by.key is not None:
        key = by.key
        rows = sorted(rows, key=lambda row: (key(row) is None, -(key(row) or 0)))
    asked: dict[str, Any] = {name: value for name, value in kept.items() if value}
    return Table(
        name=names[0],
        caption=names[1],
        headings=tuple(
            SortHeading(
                column.text,
                url_for(endpoint, sort=column.name, **asked) if column.key else "",
                "descending" if by is column else "",
                is_number=column.is_number,
            )
            for column in columns
        ),
        rows=tuple(tuple(column.cell(row) for column in columns) for row in rows[:SHOWN]),
        nothing="Nothing is here.",
        words=first_of(min(len(rows), SHOWN), len(rows)),
    )


def interval_note(low: float | None, high: float | None) -> str:
    """Return an interval of multiples below its middle."""
    return interval_words(low, high).replace("between ", "").replace(" and ", " to ")


def goods_columns(formats: Formats) -> tuple[Column, ...]:
    """Return the columns of what two things leave at full price, and how many there are."""
    return (
        Column(
            "margin",
            "Margin",
            lambda row: row["unit_margin"],
            lambda row: Cell(
                formats.money(row["unit_margin"]),
                "cost not known"
                if row["unit_margin"] is None
                else f"{percent(row['unit_margin_ratio'])} of the price",
            ),
        ),
        Column("stock", "Stock", lambda row: row["stock"], lambda row: Cell(number_words(row["stock"]))),
    )


def named(row: Row, first: str = "a_name", second: str = "b_name", sign: str = "+") -> str:
    """Return what a row of two things is called."""
    names = (row[name] or row[name.removesuffix("_name")] for name in (first, second))
    return f" {sign} ".join(str(name) for name in names)


def plain_headings(first: str, *others: str) -> tuple[SortHeading, ...]:
    """Return headings that do not sort; those with a star are of words, not of numbers."""
    return (
        SortHeading(first, "", "", is_number=False),
        *(SortHeading(text.rstrip("*"), "", "", is_number=not text.endswith("*")) for text in others),
    )


def picked_fields() -> tuple[Field, ...]:
    """Return the picked shop as a hidden field, which a form that asks by address would drop."""
    shop = request.args.get("shop")
    return (Field("shop", shop),) if shop else ()


def number_words(value: float | None) -> str:
    """Return a count, or a number with one digit behind the point where it is none."""
    if value is None:
        return NOTHING
    return count(value) if float(value).is_integer() else decimal(value)
