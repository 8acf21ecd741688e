"""One segment: its definition in numbers, and how its customers differ from the whole store's."""

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from shop_app.charts.rfm_grid import small_grid
from shop_app.segments.segment_groups import PROSPECTS
from shop_app.segments.vocabularies import VOCABULARIES
from shop_app.web.cut_offs import all_cut_offs, recency_words
from shop_app.web.formats import NOTHING, Formats, count, counted, days, decimal, percent
from shop_app.web.pages import Fact
from shop_app.web.segment_pages import Comparison

Summary = dict[str, Any]
Segment = dict[str, Any]

_ALIKE_RATIO = 0.05
"""Within this of the store's figure, a group is about the same."""
_TWICE = 2.0


def definition(segment: Segment, summary: Summary, formats: Formats) -> tuple[str, ...]:
    """Return which marks make the group, in days, orders and money where they stand alone."""
    if segment["slug"] == PROSPECTS.slug:
        return ("No order of theirs counts. The ledger on the data health page says why.",)
    cells = _cells(segment, summary)
    if VOCABULARIES[summary["vocabulary"]].has_levels:
        return _by_levels(cells, summary, formats)
    words = recency_words(summary, formats)
    return tuple(
        f"Last order {words[recency]}, with mark {_spoken(values)} for orders and spend"
        for recency, values in _by_recency(cells)
    )


def outline(segment: Segment, summary: Summary) -> Markup:
    """Draw where on the grid the group lies, where the grid's marks define it."""
    if segment["slug"] == PROSPECTS.slug or VOCABULARIES[summary["vocabulary"]].has_levels:
        return Markup("")
    cells = set(_cells(segment, summary))
    groups = [[(recency, value) in cells for value in range(1, 6)] for recency in range(5, 0, -1)]
    return small_grid(groups, f"{segment['name']}: {counted(len(cells), 'cell')} of the 25 of the grid")


def figures(segment: Segment, formats: Formats) -> tuple[Fact, ...]:
    """Return the size of the group in people and money."""
    return (
        Fact(
            "Customers",
            count(segment["customer_count"]),
            f"{percent(segment['customer_share_ratio'])} of all customers",
        ),
        Fact(
            "Revenue",
            formats.short_money(segment["revenue"]),
            f"{percent(segment['revenue_share_ratio'])} of all revenue",
        ),
        Fact("Orders", count(segment["order_count"]), "that count"),
    )


def comparisons(segment: Segment, summary: Summary, formats: Formats) -> tuple[Comparison, ...]:
    """Set the group's typical customer beside the store's, in numbers and in words."""
    if not segment["order_count"]:
        return ()
    here_orders = segment["order_count"] / segment["customer_count"]
    store_orders = summary["order_count"] / summary["buyer_count"]
    here_days, store_days = segment["median_recency_days"], summary["median_recency_days"]
    here_share, store_share = segment["discount_share_ratio"], summary["discount_share_ratio"]
    return (
        Comparison(
            "Orders per customer",
            decimal(here_orders),
            decimal(store_orders),
            _ratio_words(here_orders, store_orders, "more", "fewer"),
        ),
        Comparison(
            "Average order value",
            formats.money(segment["average_order_value"]),
            formats.money(summary["average_order_value"]),
            _ratio_words(segment["average_order_value"], summary["average_order_value"], "higher", "lower"),
        ),
        Comparison(
            "Since the last order, typically",
            days(here_days),
            days(store_days),
            _ratio_words(here_days, store_days, "longer ago", "more recent"),
        ),
        Comparison(
            "Orders with a discount",
            percent(here_share),
            percent(store_share),
            _ratio_words(here_share, store_share, "more often", "less often"),
        ),
    )


def _cells(segment: Segment, summary: Summary) -> list[tuple[int, ...]]:
    cells = VOCABULARIES[summary["vocabulary"]].cells_at(summary["ladder"])
    return [cell for cell, slug in cells.items() if slug == segment["slug"]]


def _by_recency(cells: Sequence[tuple[int, ...]]) -> list[tuple[int, list[int]]]:
    rows: dict[int, list[int]] = {}
    for recency, value in sorted(cells, reverse=True):
        rows.setdefault(recency, []).append(value)
    return list(rows.items())


def _by_levels(cells: Sequence[tuple[int, ...]], summary: Summary, formats: Formats) -> tuple[str, ...]:
    """Say what the three levels mean, and which combinations of them make the group."""
    codes = ", ".join("".join(map(str, cell)) for cell in sorted(cells, reverse=True))
    levels = tuple(
        f"Level {level.mark}: last order {level.recency}; {level.orders}; {level.spent} spent"
        for level in all_cut_offs(summary["edges"]["klaviyo"], formats)
    )
    return (f"Levels of recency, orders and spend, 3 being best: {codes}", *levels)


def _spoken(values: Sequence[int]) -> str:
    ordered = [str(value) for value in sorted(values)]
    if len(ordered) == 1:
        return ordered[0]
    return f"{', '.join(ordered[:-1])} or {ordered[-1]}"


def _ratio_words(here: float | None, store: float | None, more: str, less: str) -> str:
    """Say the difference as a person would; nothing where there is nothing to divide by."""
    if here is None or not store:
        return NOTHING
    ratio = here / store
    if abs(ratio - 1) <= _ALIKE_RATIO:
        return "about the same"
    if ratio >= _TWICE:
        return f"{decimal(ratio)} times the store's"
    return f"{abs(ratio - 1):.0%} {more if ratio > 1 else less}"
