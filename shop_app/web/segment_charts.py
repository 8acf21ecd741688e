"""The two pictures of the segments page: revenue by group as a treemap, and the 5 x 5 grid."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import url_for
from markupsafe import Markup

from shop_app.charts.rfm_grid import GridCell, GridRow, rfm_grid
from shop_app.charts.treemap import SMALLEST_SHARE_RATIO, Tile, treemap
from shop_app.segments.vocabularies import VOCABULARIES
from shop_app.web.cut_offs import MARKS, recency_labels, recency_words, segment_tones
from shop_app.web.formats import Formats, count, counted, days, percent
from shop_app.web.pages import Link
from shop_app.web.segment_pages import Sentence, Tone

Summary = dict[str, Any]

SHADES = {"customers": "Customers", "revenue": "Revenue"}
"""What the grid's colour can stand for."""

_STRONG_VALUE, _LATE_RECENCY = 4, 2
"""A value mark from here on is strong; a recency mark up to here is late."""


def revenue_treemap(summary: Summary, formats: Formats) -> tuple[Markup, Markup]:
    """Return the map for a wide screen and for a tall one."""
    tiles = _tiles(summary, formats)
    return (
        treemap(tiles, width=560, height=400, layout="wide"),
        treemap(tiles, width=360, height=400, layout="tall"),
    )


def tones(summary: Summary) -> tuple[Tone, ...]:
    """Return the legend: the shop's own days for each colour."""
    labels = recency_labels(summary["edges"]["recency_days"])
    return tuple(Tone(6 - mark, f"{labels[mark]} days") for mark in MARKS)


def recency_grid(summary: Summary, formats: Formats, shade: str) -> Markup:
    """Return the grid, most recent row first."""
    names = {group["slug"]: group["name"] for group in summary["rfm_groups"]}
    labels = recency_labels(summary["edges"]["recency_days"])
    words = recency_words(summary, formats)
    write: Callable[[int], str] = formats.tiny_money if shade == "revenue" else count
    rows = [
        GridRow(
            label=labels[row[0]["recency"]],
            label_words=f"Last order {words[row[0]['recency']]}",
            cells=tuple(_cell(cell, names, formats, _shown(cell, shade), write) for cell in row),
        )
        for row in summary["grid"]
    ]
    return rfm_grid(
        rows,
        caption=f"{SHADES[shade]} by days since the last order (rows, most recent first) and by the mark for "
        "orders and spend (columns, 5 is best)",
        corner="Days since last order",
        columns=[str(value) for value in sorted(MARKS)],
    )


def grid_words(summary: Summary) -> str:
    """Say how the grid is to be read."""
    if VOCABULARIES[summary["vocabulary"]].has_levels:
        return "These groups cross the cells: a cell is named for most of its customers. Select one to see who."
    groups = "RFM groups" if summary["grouping"] else "segments"
    return f"Lines part the {groups}. Select a cell to see who is in it."


def finding(summary: Summary, formats: Formats) -> Sentence | None:
    """Return what is most worth knowing of the grid: strong customers who have not come back lately."""
    late = [
        cell
        for row in summary["grid"]
        for cell in row
        if cell["recency"] <= _LATE_RECENCY and cell["value"] >= _STRONG_VALUE and cell["customer_count"]
    ]
    if not late:
        return None
    people = sum(cell["customer_count"] for cell in late)
    brought = formats.short_money(sum(cell["revenue"] for cell in late))
    since = count(summary["edges"]["recency_days"][-_LATE_RECENCY])
    text = (
        f"{counted(people, 'customer')} with marks 4 and 5 for orders and spend "
        f"{'has' if people == 1 else 'have'} not ordered for {since} days or more. "
        f"{brought} of revenue came from {'this customer' if people == 1 else 'them'} so far."
    )
    largest = max(late, key=lambda cell: cell["revenue"])
    return Sentence(text, Link("See the most valuable of them", _cell_url(largest)))


def _tiles(summary: Summary, formats: Formats) -> list[Tile]:
    tones_by_slug = segment_tones(summary)
    earning = [segment for segment in summary["segments"] if segment["revenue"] > 0]
    large = [each for each in earning if _share(each) >= SMALLEST_SHARE_RATIO]
    small = [each for each in earning if _share(each) < SMALLEST_SHARE_RATIO]
    tiles = [_tile(segment, tones_by_slug[segment["slug"]], formats) for segment in large]
    return [*tiles, _small_tile(small, formats)] if small else tiles


def _tile(segment: dict[str, Any], tone: int, formats: Formats) -> Tile:
    people = counted(segment["customer_count"], "customer")
    typical = f"typically {days(segment['median_recency_days'])} since the last order"
    share = percent(segment["revenue_share_ratio"])
    revenue = formats.short_money(segment["revenue"])
    return Tile(
        name=segment["name"],
        value=segment["revenue"],
        value_text=revenue,
        share_text=share,
        note=f"{people}, {typical}",
        tip=f"{segment['name']}\n{revenue}, {share} of revenue\n{people}\n{typical.capitalize()}",
        href=url_for("segments.show", slug=segment["slug"]),
        tone=tone,
    )


def _small_tile(segments: Sequence[dict[str, Any]], formats: Formats) -> Tile:
    revenue = sum(segment["revenue"] for segment in segments)
    names = ", ".join(segment["name"] for segment in segments)
    return Tile(
        name="Others" if len(segments) > 1 else segments[0]["name"],
        value=revenue,
        value_text=formats.short_money(revenue),
        share_text=percent(sum(_share(segment) for segment in segments)),
        note=names,
        tip=f"{names}\n{formats.short_money(revenue)} of revenue",
        href="#all-segments",
        tone=0,
    )


def _cell(
    cell: dict[str, Any], names: dict[str, str], formats: Formats, value: int, write: Callable[[int], str]
) -> GridCell:
    name = names.get(cell["segment"], "")
    begin, line = (f"{name}: ", f"{name}\n") if name else ("", "")
    people = counted(cell["customer_count"], "customer")
    revenue = formats.short_money(cell["revenue"])
    return GridCell(
        group=cell["segment"] or "",
        group_name=name,
        value=value,
        text=write(value),
        words=f"{begin}{people}, {revenue}, marks {cell['recency']} and {cell['value']}",
        tip=f"{line}{people}, {revenue}\nRecency {cell['recency']}, orders and spend {cell['value']}",
        href=_cell_url(cell),
    )


def _shown(cell: dict[str, Any], shade: str) -> int:
    value: int = cell["revenue"] if shade == "revenue" else cell["customer_count"]
    return value


def _cell_url(cell: dict[str, Any]) -> str:
    return url_for("customers.index", r=cell["recency"], v=cell["value"])


def _share(segment: dict[str, Any]) -> float:
    """Return the share of revenue, 0 where there is no revenue to share."""
    return segment["revenue_share_ratio"] or 0.0
