"""``/bundles/sequences``: what is bought after what, what comes second and third, who does not come back."""

from flask import request, url_for

from shop_app.clock import utc_now
from shop_app.services.bundle_evidence import times, times_words
from shop_app.services.bundle_rows import Row
from shop_app.services.describe_bundles import Overview, list_rows, read_overview
from shop_app.web.bundles_look import first_of, look_of, nothing_words, segment_options
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
    "What the same customer buys some days after something else, compared with baskets that were swapped "
    "between customers of the same week: so neither season nor launches count as a sequence."
)
_NEXT_WORDS = "Against how often the same thing is in any purchase of the store."
_FATES_WORDS = (
    "First products whose buyers stay away more often than other first buyers of the same months. It does not "
    "show that the product drives them away: it may draw those who want nothing else."
)
_VALUES_WORDS = (
    "Customers of both lines beside those of one of the two. It is no cause: whoever buys much comes by both "
    "lines sooner."
)
_NEXT_SHOWN = 20
_BY_COMMAND = "`kindred bundles --next` shows them all"
_PLACES = {2: "Second", 3: "Third"}


def sequences_page(shop: ChosenShop, said: tuple[Notice, ...]) -> FindingsPage:
    """Write the page for the segment, the order and the choice that the address names."""
    overview = read_overview(shop.id, now=utc_now())
    segment = request.args.get("segment", "")
    segment = segment if segment in overview.with_kind("sequence") else ""
    is_all = request.args.get("show") == "all"
    return FindingsPage(
        frame=build_frame("Sequences", shop, "bundles.sequences"),
        heading="Sequences",
        said=said,
        look=look_of(shop, overview),
        lead=_LEAD,
        tabs=(),
        filters=_filters(overview, segment, is_all=is_all),
        downloads=(
            Link(
                "Export sequences",
                url_for("exports.sequences", segment=segment or None),
                download="sequences.csv",
            ),
        ),
        tables=_tables(shop, overview, segment, is_all=is_all),
    )


def _tables(
    shop: ChosenShop, overview: Overview, segment: str, *, is_all: bool
) -> tuple[tuple[str, str, Table], ...]:
    window = overview.facts.get("window_days", 14)
    tables = [
        (
            f"Bought within {window} days after",
            f"In {overview.segments.get(segment, segment)}." if segment else "",
            _sequences(shop, overview, segment, is_all=is_all),
        )
    ]
    following = list_rows(shop.id, "next", segment=segment)
    for place, word in _PLACES.items():
        rows = [row for row in following if row["place"] == place]
        if rows:
            tables.append((f"{word} purchases", _NEXT_WORDS, _next(rows, word)))
    fates = [row for row in list_rows(shop.id, "one_and_done", segment=segment) if is_all or row["is_found"]]
    if fates:
        tables.append(("First products of one-time buyers", _FATES_WORDS, _fates(fates)))
    values = [row for row in list_rows(shop.id, "category_pair", segment=segment) if row["is_enough"]]
    if values:
        tables.append(("Customers of two lines", _VALUES_WORDS, _values(values, shop.formats)))
    return tuple(tables)


def _sequences(shop: ChosenShop, overview: Overview, segment: str, *, is_all: bool) -> Table:
    found = list_rows(shop.id, "sequence", segment=segment, with_goods=True)
    rows = [row for row in found if is_all or row["is_found"]]
    kept = {"segment": segment, "show": "all" if is_all else ""}
    names = ("Sequences", "What customers buy some days after something else")
    columns = _columns(shop.formats, in_segment=bool(segment))
    table = sorted_table(rows, columns, "bundles.sequences", kept, names=names)
    otherwise = "No sequence passes the guard against chance here. Show all to see the others."
    return Table(
        table.name, table.caption, table.headings, table.rows, nothing_words(overview, otherwise), table.words
    )


def _columns(formats: Formats, *, in_segment: bool) -> tuple[Column, ...]:
    beside = Column(
        "beside",
        "Beside everybody else",
        lambda row: row.get("lift_over_store"),
        lambda row: Cell(times(row.get("lift_over_store")), _beside_note(row)),
    )
    return (
        Column(
            "sequence",
            "First, then",
            None,
            lambda row: Cell(named(row, "first_name", "then_name", "→"), _order_words(row)),
            is_number=False,
        ),
        Column(
            "customers",
            "Customers",
            lambda row: row["customers"],
            lambda row: Cell(number_words(row["customers"]), f"of {number_words(row['first_customers'])}"),
        ),
        Column("share", "Share", lambda row: row["share_ratio"], lambda row: Cell(percent(row["share_ratio"]))),
        Column(
            "gap",
            "Days between",
            lambda row: row["median_gap_days"],
            lambda row: Cell(number_words(row["median_gap_days"]), "for half of them at most"),
        ),
        Column(
            "ratio",
            "Against chance",
            lambda row: row["ratio"],
            lambda row: Cell(
                times_words(row["ratio"], row["ratio_low"]), interval_note(row["ratio_low"], row["ratio_high"])
            ),
        ),
        *((beside,) if in_segment else ()),
        *goods_columns(formats),
    )


def _beside_note(row: Row) -> str:
    if row.get("is_enough"):
        return interval_note(row.get("lift_over_store_low"), row.get("lift_over_store_high"))
    return "too few to tell"


def _order_words(row: Row) -> str:
    if not row["is_found"]:
        return "may be chance"
    reverse = number_words(row["reverse_customers"])
    return "in this order" if row["is_ordered"] else f"either way round ({reverse} the other way)"


def _next(rows: list[Row], word: str) -> Table:
    return Table(
        name=f"Table of {word.lower()} purchases",
        caption=f"What the {word.lower()} purchase usually holds, of everybody and after common first ones",
        headings=plain_headings("After", "Then*", "Customers", "Share", "Store", "Against the store"),
        rows=tuple(
            (
                Cell(row["after_name"] or row["after"] or "Whatever came first"),
                Cell(row["name"] or row["key"]),
                Cell(number_words(row["customers"])),
                Cell(percent(row["share_ratio"])),
                Cell(percent(row["store_share_ratio"])),
                Cell(times(row["lift"]), interval_note(row["lift_low"], row["lift_high"])),
            )
            for row in rows[:_NEXT_SHOWN]
        ),
        nothing="",
        words=first_of(min(len(rows), _NEXT_SHOWN), len(rows), _BY_COMMAND),
    )


def _fates(rows: list[Row]) -> Table:
    return Table(
        name="First products",
        caption="First products and how many of their first buyers never came back",
        headings=plain_headings("Product", "First buyers", "Never came back", "Of those of these months"),
        rows=tuple(
            (
                Cell(row["name"] or row["key"], "" if row["is_found"] else "may be chance"),
                Cell(number_words(row["first_buyers"])),
                Cell(percent(row["share_ratio"]), f"{percent(row['low'])} to {percent(row['high'])}"),
                Cell(percent(row["store_share_ratio"])),
            )
            for row in rows[:SHOWN]
        ),
        nothing="",
        words=first_of(min(len(rows), SHOWN), len(rows), _BY_COMMAND),
    )


def _values(rows: list[Row], formats: Formats) -> Table:
    return Table(
        name="Table of two lines",
        caption="What customers of two lines of goods spend beside those of one",
        headings=plain_headings("Lines", "Customers of both", "Of one", "Difference for each"),
        rows=tuple(
            (
                Cell(f"{row['first']} + {row['second']}"),
                Cell(number_words(row["both_customers"]), f"{formats.money(row['both_value'])} each"),
                Cell(number_words(row["one_customers"]), f"{formats.money(row['one_value'])} each"),
                Cell(
                    formats.money(row["difference"]),
                    f"{formats.money(row['low'])} to {formats.money(row['high'])}",
                ),
            )
            for row in rows[:_NEXT_SHOWN]
        ),
        nothing="",
        words=first_of(min(len(rows), _NEXT_SHOWN), len(rows), _BY_COMMAND),
    )


def _filters(overview: Overview, segment: str, *, is_all: bool) -> Filters:
    return Filters(
        address=url_for("bundles.sequences"),
        kept=picked_fields(),
        selects=(
            ("segment", "Bought by", segment_options(overview, segment, "sequence", first=[("", "Everybody")])),
            (
                "show",
                "Show",
                (Option("", "What passes", not is_all), Option("all", "All that was counted", is_all)),
            ),
        ),
    )
