"""The table of segments, or of RFM groups: sorted and searched by links that carry the view along."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import url_for

from shop_app.charts.bar import share_bars
from shop_app.web.cut_offs import segment_tones
from shop_app.web.formats import NOTHING, Formats, count, counted, days, percent
from shop_app.web.pages import Link, SortHeading
from shop_app.web.segment_charts import SHADES
from shop_app.web.segment_pages import Cell, SegmentRow, SegmentTable

Summary = dict[str, Any]
Segment = dict[str, Any]

RISK, VALUE = "churn_probability_90d", "predicted_clv_365d"
PREDICTION_NOTES = {
    RISK: "Churn risk: the average chance that a customer does not order in the next 90 days.",
    VALUE: "Expected value: what a customer is expected to spend in the next 365 days, on average.",
}


@dataclass(frozen=True, slots=True)
class Listing:
    """Which groups a table lists, under which key of the summary, and where the table and each group are."""

    key: str
    home: str
    page: str
    anchor: str


SEGMENTS = Listing("segments", "segments.index", "segments.show", "all-segments")
RFM_GROUPS = Listing("rfm_groups", "rfm.index", "rfm.show", "groups")


@dataclass(frozen=True, slots=True)
class SegmentsView:
    """What the reader has chosen to see; anything unknown in the address falls back to the default."""

    sort: str = "revenue"
    ascending: bool = False
    query: str = ""
    shade: str = "customers"
    listing: Listing = SEGMENTS

    @classmethod
    def from_query(cls, query: Mapping[str, str], listing: Listing = SEGMENTS) -> "SegmentsView":
        """Read the address; a minus in front of the sort turns it round."""
        wanted = query.get("sort", "revenue")
        sort = wanted.removeprefix("-")
        shade = query.get("shade", "customers")
        return cls(
            sort=sort if sort in _COLUMNS else "revenue",
            ascending=sort in _COLUMNS and wanted.startswith("-"),
            query=query.get("q", "").strip()[:100],
            shade=shade if shade in SHADES else "customers",
            listing=listing,
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
        return url_for(self.listing.home, _anchor=place or None, **values)


@dataclass(frozen=True, slots=True)
class _Column:
    text: str
    key: Callable[[Segment], Any]
    is_number: bool = True


_COLUMNS: dict[str, _Column] = {
    "name": _Column("Segment", lambda segment: segment["name"].casefold(), is_number=False),
    "customers": _Column("Customers", lambda segment: segment["customer_count"]),
    "revenue": _Column("Revenue", lambda segment: segment["revenue"]),
    "average_order": _Column("Average order", lambda segment: segment["average_order_value"] or 0),
    "recency": _Column("Last order", lambda segment: segment["median_recency_days"] or 0),
    "risk": _Column("Churn risk", lambda segment: segment[RISK] or 0),
    "value": _Column("Expected value", lambda segment: segment[VALUE] or 0),
}
_PREDICTED = {"risk": RISK, "value": VALUE}


def segment_table(summary: Summary, view: SegmentsView, formats: Formats) -> SegmentTable:
    """Return the rows that the search leaves, in the order chosen, and the totals of all of them.

    Figures that are predicted have a column where this shop publishes them.
    """
    column = _COLUMNS[view.sort]
    groups: list[Segment] = summary[view.listing.key]
    tones = segment_tones(summary, view.listing.key)
    wanted = view.query.casefold()
    found = [segment for segment in groups if wanted in segment["name"].casefold()]
    found.sort(key=column.key, reverse=column.is_number != view.ascending)
    shown = [name for name in _COLUMNS if name not in _PREDICTED or _is_published(groups, _PREDICTED[name])]
    predicted = [name for name in shown if name in _PREDICTED]
    can_export = view.listing is SEGMENTS or summary["grouping"] is None
    return SegmentTable(
        headings=tuple(_heading(name, view) for name in shown),
        rows=tuple(
            _row(segment, view.listing, predicted, formats, tone=tones[segment["slug"]], can_export=can_export)
            for segment in found
        ),
        customers=count(summary["customer_count"]),
        revenue=formats.short_money(summary["revenue"]),
        average_order=formats.money(summary["average_order_value"]),
        recency=_ago(summary["median_recency_days"]),
        predicted=tuple(_cell(name, _mean(groups, _PREDICTED[name]), formats) for name in predicted),
        empty_words="" if found else f"No segment has \u201c{view.query}\u201d in its name.",
        notes=tuple(PREDICTION_NOTES[_PREDICTED[name]] for name in predicted),
    )


def _is_published(groups: Sequence[Segment], column: str) -> bool:
    return any(group[column] is not None for group in groups)


def _mean(groups: Sequence[Segment], column: str) -> float | None:
    """Return the mean of all customers that the figure is known of."""
    known = [group for group in groups if group[column] is not None]
    people = sum(group["customer_count"] for group in known)
    return sum(group[column] * group["customer_count"] for group in known) / people if people else None


def _heading(name: str, view: SegmentsView) -> SortHeading:
    column = _COLUMNS[name]
    is_chosen = name == view.sort
    target = replace(view, sort=name, ascending=is_chosen and not view.ascending)
    direction = "none"
    if is_chosen:
        direction = "descending" if column.is_number != view.ascending else "ascending"
    text = "RFM group" if name == "name" and view.listing is RFM_GROUPS else column.text
    return SortHeading(text, target.url(view.listing.anchor), direction, is_number=column.is_number)


def _row(
    segment: Segment,
    listing: Listing,
    predicted: Sequence[str],
    formats: Formats,
    *,
    tone: int,
    can_export: bool,
) -> SegmentRow:
    customer_share = percent(segment["customer_share_ratio"])
    revenue_share = percent(segment["revenue_share_ratio"])
    return SegmentRow(
        link=Link(segment["name"], url_for(listing.page, slug=segment["slug"])),
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
        predicted=tuple(_cell(name, segment[_PREDICTED[name]], formats) for name in predicted),
        export=_export(segment) if can_export else None,
    )


def _export(segment: Segment) -> Link:
    return Link(
        f"Export {counted(segment['customer_count'], 'customer')} of {segment['name']} as CSV",
        url_for("exports.customers", segment=segment["slug"]),
        download=f"{segment['slug']}.csv",
    )


def _cell(name: str, figure: float | None, formats: Formats) -> Cell:
    text = percent(figure) if name == "risk" else formats.short_money(figure)
    return Cell(_COLUMNS[name].text, text)


def _ago(recency_days: float | None) -> str:
    return NOTHING if recency_days is None else f"{days(recency_days)} ago"
