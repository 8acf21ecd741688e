"""The ways of grouping beside each other, and the numbers of clusters that were tried."""

from typing import Any

from shop_app.web.fit_words import method_name
from shop_app.web.fits_page import CountRow, CountTable, WayRow
from shop_app.web.formats import NOTHING, capital, count, percent, points

Measures = dict[str, Any]
Row = dict[str, Any]


def way_rows(measures: Measures) -> tuple[WayRow, ...]:
    """Return one row a way, and one for plain recency, orders and spend."""
    return tuple(_way_row(row) for row in measures.get("candidates", ()))


def count_tables(measures: Measures) -> tuple[CountTable, ...]:
    """Return a table for each way, and within the lifecycle for each of its states."""
    return tuple(
        table for method, tried in measures.get("counts", {}).items() for table in _tables(method, tried)
    )


def _way_row(row: Row) -> WayRow:
    more = row.get("more_than_rfm")
    is_plain = "group_count" not in row
    return WayRow(
        name=row["name"],
        is_chosen=row["is_chosen"],
        explained=percent(row["explained_ratio"]),
        more_than_rfm=NOTHING if more is None or is_plain else points(more),
        customers_agreement=_agreement(row.get("bootstrap_agreement")),
        time_agreement=_agreement(row.get("time_agreement")),
        sizes=NOTHING if is_plain else _sizes(row),
        words=row["words"],
    )


def _sizes(row: Row) -> str:
    smallest, largest = percent(row["smallest_ratio"]), percent(row["largest_ratio"])
    return f"{count(row['group_count'])}, of {smallest} to {largest}"


def _tables(method: str, tried: list[Row]) -> list[CountTable]:
    name = method_name(method)
    if not any("tried" in each for each in tried):
        return [CountTable(name, tuple(_count_row(each) for each in tried))] if tried else []
    return [
        CountTable(f"{name}: whoever {each['words']}", tuple(_count_row(row) for row in each["tried"]))
        for each in tried
        if each["tried"]
    ]


def _count_row(row: Row) -> CountRow:
    return CountRow(
        count=count(row["count"]),
        is_chosen=row["is_chosen"],
        customers_agreement=_agreement(row.get("bootstrap_agreement")),
        time_agreement=_agreement(row.get("time_agreement")),
        smallest=percent(row.get("smallest_ratio")),
        words=capital(row["words"]),
    )


def _agreement(index: float | None) -> str:
    return NOTHING if index is None else f"{index:.2f}".replace("-", "\u2212")
