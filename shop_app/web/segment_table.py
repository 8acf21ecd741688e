"""The table of segments: sorted and searched by links that carry the rest of the view along."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import url_for

from shop_app.charts.bar import share_bars
from shop_app.web.cut_offs import segment_tones
from shop_app.web.formats import NOTHING, Formats, count, counted, days, percent
from shop_app.web.pages import Link, SortHeading
from shop_app.web.segment_charts import SHADES
from shop_app.web.segment_pages import SegmentRow, SegmentTable

Summary = dict[str, Any]
Segment = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SegmentsView:
    """What the reader has chosen to see; anything unknown in the address falls back to the default."""

    sort: str = "revenue"
    ascending: bool = False
    query: str = ""
    shade: str = "customers"

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> "SegmentsView":
        """Read the address; a minus in front of the sort turns it round."""
        wanted = query.get("sort", "revenue")
        sort = wanted.removeprefix("-")
        shade = query.get("shade", "customers")
        return cls(
            sort=sort if sort in _COLUMNS else "revenue",
            ascending=sort in _COLUMNS and wanted.startswith("-"),
            query=query.get("q", "").strip()[:100],
            shade=shade if shade in SHADES else "customers",
        )

    @property
    def fields(self) -> dict[str, str]:
        """Return what differs from the default, as it stands in the address."""
        fields = {}
        if self.sort != "revenue" or self.ascending:
            fields["sort"] = f"{'-' if self.ascending else ''}{self.sort}"
        if self.query:
            fields["q"] = self.query
        if self.shade != "customers":
            fields["shade"] = self.shade
        return fields

    def url(self, place: str = "") -> str:
        """Return this view's address."""
        values: dict[str, Any] = dict(self.fields)
        return url_for("segments.index", _anchor=place or None, **values)


@dataclass(frozen=True, slots=True)
class _Column:
    """A column that sorts; words sort upwards first, numbers downwards."""

    text: str
    key: Callable[[Segment], Any]
    is_number: bool = True


_COLUMNS = {
    "name": _Column("Segment", lambda segment: segment["name"].casefold(), is_number=False),
    "customers": _Column("Customers", lambda segment: segment["customer_count"]),
    "revenue": _Column("Revenue", lambda segment: segment["revenue"]),
    "average_order": _Column("Average order", lambda segment: segment["average_order_value"] or 0),
    "recency": _Column("Last order", lambda segment: segment["median_recency_days"] or 0),
}


def segment_table(summary: Summary, view: SegmentsView, formats: Formats) -> SegmentTable:
    """Return the rows that the search leaves, in the order chosen, and the totals of all segments."""
    column = _COLUMNS[view.sort]
    tones = segment_tones(summary)
    wanted = view.query.casefold()
    found = [segment for segment in summary["segments"] if wanted in segment["name"].casefold()]
    found.sort(key=column.key, reverse=column.is_number != view.ascending)
    return SegmentTable(
        headings=tuple(_heading(name, view) for name in _COLUMNS),
        rows=tuple(_row(segment, tones[segment["slug"]], formats) for segment in found),
        customers=count(summary["customer_count"]),
        revenue=formats.short_money(summary["revenue"]),
        average_order=formats.money(summary["average_order_value"]),
        recency=_ago(summary["median_recency_days"]),
        empty_words="" if found else f"No segment has \u201c{view.query}\u201d in its name.",
    )


def _heading(name: str, view: SegmentsView) -> SortHeading:
    column = _COLUMNS[name]
    is_chosen = name == view.sort
    target = replace(view, sort=name, ascending=is_chosen and not view.ascending)
    direction = "none"
    if is_chosen:
        direction = "descending" if column.is_number != view.ascending else "ascending"
    return SortHeading(column.text, target.url("all-segments"), direction, is_number=column.is_number)


def _row(segment: Segment, tone: int, formats: Formats) -> SegmentRow:
    customer_share = percent(segment["customer_share_ratio"])
    revenue_share = percent(segment["revenue_share_ratio"])
    return SegmentRow(
        link=Link(segment["name"], url_for("segments.show", slug=segment["slug"])),
        description=segment["description"],
        tone=tone,
        customers=count(segment["customer_count"]),
        customer_share=customer_share,
        revenue=formats.short_money(segment["revenue"]),
        revenue_share=revenue_share,
        shares=share_bars(
            segment["customer_share_ratio"] or 0,
            segment["revenue_share_ratio"] or 0,
            f"{customer_share} of customers, {revenue_share} of revenue",
        ),
        average_order=formats.money(segment["average_order_value"]),
        recency=_ago(segment["median_recency_days"]),
        export=Link(
            f"Export {counted(segment['customer_count'], 'customer')} of {segment['name']} as CSV",
            url_for("exports.customers", segment=segment["slug"]),
            download=f"{segment['slug']}.csv",
        ),
    )


def _ago(recency_days: float | None) -> str:
    return NOTHING if recency_days is None else f"{days(recency_days)} ago"
