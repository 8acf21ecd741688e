"""``/bundles/pairs``: what sells together, of everybody or beside the store in one segment."""

from flask import request, url_for

from shop_app.clock import utc_now
from shop_app.services.bundle_evidence import times
from shop_app.services.bundle_rows import Row
from shop_app.services.describe_bundles import Overview, list_rows, read_overview
from shop_app.web.bundles_look import EVERYBODY, first_of, look_of, nothing_words, segment_options
from shop_app.web.bundles_pages import Cell, Filters, FindingsPage, Table
from shop_app.web.bundles_tables import (
    SHOWN,
    Column,
    goods_columns,
    interval_note,
    named,
    number_words,
    picked_fields,
    plain_headings,
    sorted_table,
)
from shop_app.web.chosen_shop import ChosenShop
from shop_app.web.formats import Formats, percent
from shop_app.web.pages import Link, Notice, Option
from shop_app.web.rendering import build_frame

_LEAD = (
    "What is bought in one order more often than orders of these sizes, at that time of the year, would have "
    "it by chance. The best evidence stands first; a high lift of a few orders is mostly luck."
)
_WORDS = (
    "Support: share of orders with both. Confidence: share of orders with the one that hold the other. Lift: "
    "how many times as often as by chance; the range holds the truth in 95 of 100 cases. Margin: what both "
    "leave at full price. Stock: of the scarcer one."
)


def pairs_page(shop: ChosenShop, said: tuple[Notice, ...]) -> FindingsPage:
    """Write the page for the segment, the order and the choice that the address names."""
    overview = read_overview(shop.id, now=utc_now())
    segment = request.args.get("segment", "")
    segment = segment if segment in overview.with_kind("segment_pair") else ""
    is_all = request.args.get("show") == "all"
    kept = {"segment": segment, "show": "all" if is_all else ""}
    rows = list_rows(shop.id, "segment_pair" if segment else "pair", segment=segment, with_goods=True)
    rows = [row for row in rows if is_all or row["is_found"]]
    columns = _segment_columns(shop.formats) if segment else _columns(shop.formats)
    pairs = sorted_table(
        rows, columns, "bundles.pairs", kept, names=("Pairs", "Pairs of things bought together")
    )
    tables = [("What sells together", _heading_words(overview, segment), _with_nothing(pairs, overview))]
    if not segment:
        sets = [row for row in list_rows(shop.id, "set") if is_all or row["is_found"]]
        if sets:
            tables.append(("Three and four together", _SETS_WORDS, _sets(sets)))
    return FindingsPage(
        frame=build_frame("Pairs", shop, "bundles.pairs"),
        heading="Pairs",
        said=said,
        look=look_of(shop, overview),
        lead=_LEAD,
        tabs=(),
        filters=_filters(overview, segment, is_all=is_all),
        downloads=(
            Link("Export pairs", url_for("exports.pairs", segment=segment or None), download="pairs.csv"),
        ),
        tables=tuple(tables),
    )


def _columns(formats: Formats) -> tuple[Column, ...]:
    return (
        Column("pair", "Pair", None, _pair_cell, is_number=False),
        Column(
            "count",
            "Together",
            lambda row: row["count"],
            lambda row: Cell(number_words(row["count"]), f"of {number_words(row['basket_count'])} orders"),
        ),
        Column("support", "Support", lambda row: row["support"], lambda row: Cell(percent(row["support"]))),
        Column(
            "confidence",
            "Confidence",
            lambda row: max(row["confidence_ab"] or 0, row["confidence_ba"] or 0),
            lambda row: Cell(percent(row["confidence_ab"]), f"{percent(row['confidence_ba'])} the other way"),
        ),
        Column(
            "lift",
            "Lift",
            lambda row: row["adjusted_lift"],
            lambda row: Cell(
                times(row["adjusted_lift"]), interval_note(row["adjusted_lift_low"], row["adjusted_lift_high"])
            ),
        ),
        *goods_columns(formats),
    )


def _segment_columns(formats: Formats) -> tuple[Column, ...]:
    return (
        Column("pair", "Pair", None, _segment_pair_cell, is_number=False),
        Column(
            "count",
            "Together",
            lambda row: row["count"],
            lambda row: Cell(number_words(row["count"]), f"of {number_words(row['segment_baskets'])} orders"),
        ),
        Column(
            "support",
            "Support",
            lambda row: row["support"],
            lambda row: Cell(percent(row["support"]), f"{percent(row['store_support'])} in the store"),
        ),
        Column(
            "confidence",
            "Confidence",
            lambda row: row["confidence_ab"],
            lambda row: Cell(
                percent(row["confidence_ab"]), f"{percent(row['store_confidence_ab'])} in the store"
            ),
        ),
        Column(
            "lift",
            "Against the store",
            lambda row: row["lift_over_store"],
            lambda row: Cell(
                times(row["lift_over_store"]),
                interval_note(row["lift_over_store_low"], row["lift_over_store_high"])
                if row["is_enough"]
                else str(row["enough_words"] or "not enough to tell"),
            ),
        ),
        *goods_columns(formats),
    )


_SETS_WORDS = "Each of these holds more than its pairs explain already."


def _sets(rows: list[Row]) -> Table:
    return Table(
        name="Sets",
        caption="Three and four things that are bought together",
        headings=plain_headings("Set", "Together", "Support", "Lift"),
        rows=tuple(
            (
                Cell(" + ".join(row["names"] or row["items"])),
                Cell(number_words(row["count"])),
                Cell(percent(row["support"])),
                Cell(
                    times(row["adjusted_lift"]),
                    interval_note(row["adjusted_lift_low"], row["adjusted_lift_high"]),
                ),
            )
            for row in rows[:SHOWN]
        ),
        nothing="",
        words=first_of(min(len(rows), SHOWN), len(rows)),
    )


def _pair_cell(row: Row) -> Cell:
    return Cell(named(row), "" if row["is_found"] else "may be chance")


def _segment_pair_cell(row: Row) -> Cell:
    return Cell(named(row), "" if row["is_found"] or not row["is_enough"] else "as in the store")


def _with_nothing(table: Table, overview: Overview) -> Table:
    words = nothing_words(
        overview, "No pair passes the guard against chance here. Show all pairs to see the others."
    )
    return Table(
        table.name,
        table.caption,
        table.headings,
        table.rows,
        words,
        " ".join(filter(None, (table.words, _WORDS))),
    )


def _filters(overview: Overview, segment: str, *, is_all: bool) -> Filters:
    segments = segment_options(overview, segment, "segment_pair", first=[("", EVERYBODY)])
    return Filters(
        address=url_for("bundles.pairs"),
        kept=picked_fields(),
        selects=(
            ("segment", "Bought by", segments),
            (
                "show",
                "Show",
                (Option("", "Pairs that pass", not is_all), Option("all", "All pairs counted", is_all)),
            ),
        ),
    )


def _heading_words(overview: Overview, segment: str) -> str:
    if not segment:
        return ""
    return f"In {overview.segments.get(segment, segment)}, beside the whole store."
