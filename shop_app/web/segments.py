"""``GET /``: the segments page; ``GET /segments/<slug>``: one segment with its customers."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as PlainResponse

from shop_app.clock import utc_now
from shop_app.errors import NotFoundError
from shop_app.segments.vocabularies import VOCABULARIES
from shop_app.services.choose_vocabulary import choose_vocabulary
from shop_app.services.list_customers import list_customers
from shop_app.services.shop_clock import default_as_of
from shop_app.storage import segment_runs
from shop_app.storage.engine import transaction
from shop_app.storage.shop_settings import UNKNOWN_CURRENCY
from shop_app.web import segment_charts, segment_detail
from shop_app.web.chosen_shop import ChosenShop, chosen_shop
from shop_app.web.customer_table import CustomersView, customer_table
from shop_app.web.cut_offs import all_cut_offs
from shop_app.web.formats import Formats, counted
from shop_app.web.key_figures import key_figures
from shop_app.web.pages import Field, Link, MessagePage, Notice, Option
from shop_app.web.progress import reading_notices, render_progress
from shop_app.web.rendering import build_frame, render
from shop_app.web.segment_pages import SegmentPage, SegmentsPage, Vocabularies
from shop_app.web.segment_table import SegmentsView, segment_table
from shop_app.web.small_shop import small_shop_notices

Summary = dict[str, Any]

bp = Blueprint("segments", __name__)

HOME = "segments.index"


@bp.get("/")
def index() -> Response:
    """Show the shop's segments as of the newest run."""
    shop = chosen_shop()
    summary = read_summary(shop)
    if summary is None:
        return render_progress(shop) if shop.source == "shopify" else render("error.html", nothing_yet(shop))
    if not summary["buyer_count"]:
        return render("error.html", _no_buyer_yet(shop, summary))
    view = SegmentsView.from_query(request.args)
    return render("segments/index.html", _segments_page(shop, summary, view))


@bp.get("/segments/<slug>")
def show(slug: str) -> Response:
    """Show what one segment is, how it differs from the store, and who is in it."""
    shop = chosen_shop()
    summary = read_summary(shop)
    if summary is None:
        return render("error.html", nothing_yet(shop))
    segment = next((each for each in summary["segments"] if each["slug"] == slug), None)
    if segment is None:
        raise NotFoundError(f"There is no segment called {slug} among the names in use.")
    view = CustomersView.from_query(request.args, people=summary["customer_count"], segment=slug)
    rows = list_customers(shop.id, **view.query_values())
    page = SegmentPage(
        frame=build_frame(segment["name"], shop, HOME),
        back=Link("Segments", url_for(HOME)),
        heading=segment["name"],
        badges=(_as_of_badge(summary, shop.formats),),
        export=Link("Export customers", url_for("exports.customers", segment=slug), download=f"{slug}.csv"),
        description=segment["description"],
        advice=segment["advice"],
        definition=segment_detail.definition(segment, summary, shop.formats),
        small_grid=segment_detail.outline(segment, summary),
        cut_offs=all_cut_offs(summary["edges"], shop.formats),
        cut_off_words=summary["edges"]["source_words"],
        figures=segment_detail.figures(segment, shop.formats),
        comparisons=segment_detail.comparisons(segment, summary, shop.formats),
        table=customer_table(rows, view, summary, shop.formats, caption=f"Customers in {segment['name']}"),
        table_words=counted(segment["customer_count"], "customer"),
    )
    return render("segments/show.html", page)


@bp.post("/vocabulary")
def vocabulary() -> PlainResponse:
    """Call the groups by other names from now on."""
    shop = chosen_shop()
    as_of = default_as_of(shop.id, utc_now())
    choose_vocabulary(shop.id, request.form.get("vocabulary", ""), as_of=as_of)
    return redirect(url_for(HOME, _anchor="all-segments"), 303)


def read_summary(shop: ChosenShop) -> Summary | None:
    """Return the newest run of a shop, or ``None`` before the first."""
    with transaction(shop.id) as connection:
        return segment_runs.read_newest(connection)


def nothing_yet(shop: ChosenShop) -> MessagePage:
    """Say that nothing was computed yet, and how to get there."""
    if shop.source == "shopify":
        return MessagePage(
            frame=build_frame("Segments", shop, HOME),
            heading="No segments yet",
            sentences=(
                f"The history of {shop.title} is being read from Shopify.",
                "Segments and customers appear here as soon as the last year's orders are in.",
            ),
            links=(Link("See how far it is", url_for("progress.index")),),
        )
    return MessagePage(
        frame=build_frame("Segments", shop, HOME),
        heading="No segments yet",
        sentences=(
            f"{shop.title} has no computed segments. They appear after the first import of an order file.",
        ),
        command=f"kindred import orders.csv --shop {_quoted(shop.domain)}",
        links=(Link("Data health", url_for("data_health.index")),),
    )


def _no_buyer_yet(shop: ChosenShop, summary: Summary) -> MessagePage:
    is_shopify = shop.source == "shopify"
    people = f"{shop.title}: {counted(summary['customer_count'], 'customer')}"
    has_orders = any(row["order_count"] for row in summary["ledger"])
    return MessagePage(
        frame=build_frame("Segments", shop, HOME),
        heading="No order counts yet" if has_orders else "No order yet",
        sentences=(
            f"{people}, and not one order that counts." if has_orders else f"{people}, and no order so far.",
            *(("The data health page says why, order by order.",) if has_orders else ()),
            *(("The first order that counts brings the first segments.",) if is_shopify else ()),
        ),
        command="" if is_shopify else f"kindred import orders.csv --shop {_quoted(shop.domain)}",
        links=(
            Link("See why no order counts", url_for("data_health.index"))
            if has_orders
            else Link("See the customers", url_for("customers.index")),
        ),
    )


def _segments_page(shop: ChosenShop, summary: Summary, view: SegmentsView) -> SegmentsPage:
    formats = shop.formats
    wide, tall = segment_charts.revenue_treemap(summary, formats)
    return SegmentsPage(
        frame=build_frame("Segments", shop, HOME),
        badges=(_as_of_badge(summary, formats),),
        exports=_exports(),
        notices=(
            *reading_notices(shop),
            *_renaming_notices(shop, summary),
            *small_shop_notices(summary),
        ),
        kpis=key_figures(summary, formats),
        treemap_wide=wide,
        treemap_tall=tall,
        treemap_words=f"{formats.short_money(summary['revenue'])} since the first order. "
        "Colour: days since the typical customer's last order.",
        tones=segment_charts.tones(summary),
        shades=_shades(view),
        grid=segment_charts.recency_grid(summary, formats, view.shade),
        grid_words=_grid_words(summary),
        finding=segment_charts.finding(summary, formats),
        cut_offs=all_cut_offs(summary["edges"], formats),
        cut_off_words=summary["edges"]["source_words"],
        table=segment_table(summary, view, formats),
        table_words=f"{counted(summary['customer_count'], 'customer')}, each in exactly one segment",
        search=view.query,
        kept=_kept_fields(shop, view.fields, without="q"),
        vocabularies=_vocabularies(shop),
        footer=_footer(summary, formats),
        footer_links=(Link("Data health", url_for("data_health.index")),),
    )


def _kept_fields(shop: ChosenShop, fields: dict[str, str], *, without: str) -> tuple[Field, ...]:
    """Return what a GET form must carry along, the picked shop among it."""
    kept = {name: value for name, value in fields.items() if name != without}
    if "shop" in request.args:
        kept["shop"] = shop.domain
    return tuple(Field(name, value) for name, value in kept.items())


def _renaming_notices(shop: ChosenShop, summary: Summary) -> tuple[Notice, ...]:
    """Tell that other names were chosen while a worker is still at it, as it is in a large shop."""
    if shop.vocabulary == summary["vocabulary"]:
        return ()
    chosen, shown = VOCABULARIES[shop.vocabulary].name, VOCABULARIES[summary["vocabulary"]].name
    sentence = f"The names below are still {shown}'s. Load this page again in a minute."
    return (Notice("info", f"Names by {chosen} were chosen and are being worked out", (sentence,)),)


def _grid_words(summary: Summary) -> str:
    if VOCABULARIES[summary["vocabulary"]].has_levels:
        return "These groups cross the cells: a cell is named for most of its customers. Select one to see who."
    return "Lines part the segments. Select a cell to see who is in it."


def _as_of_badge(summary: Summary, formats: Formats) -> Notice:
    return Notice("info", f"As of {formats.date(datetime.fromisoformat(summary['as_of']))}", ())


def _shades(view: SegmentsView) -> tuple[Link, ...]:
    return tuple(
        Link(text, replace(view, shade=name).url("grid"), is_current=name == view.shade)
        for name, text in segment_charts.SHADES.items()
    )


def _footer(summary: Summary, formats: Formats) -> tuple[str, ...]:
    known = summary["currency"] != UNKNOWN_CURRENCY
    currency = f"Figures in {summary['currency']}" if known else "Currency unknown"
    return (
        f"Computed {formats.moment(datetime.fromisoformat(summary['computed_at']))}",
        f"{currency}, days in {summary['timezone']}",
    )


def _exports() -> tuple[Link, ...]:
    return (
        Link("Segments (CSV)", url_for("exports.segments"), download="segments.csv"),
        Link("Customers (CSV)", url_for("exports.customers"), download="customers.csv"),
        Link("Ledger: every order (CSV)", url_for("exports.ledger"), download="ledger.csv"),
    )


def _vocabularies(shop: ChosenShop) -> Vocabularies:
    return Vocabularies(
        href=url_for("segments.vocabulary"),
        options=tuple(Option(name, each.name, name == shop.vocabulary) for name, each in VOCABULARIES.items()),
    )


def _quoted(domain: str) -> str:
    return f'"{domain}"' if " " in domain else domain
