"""``/rfm``: the grid, its cut-offs and the RFM groups by the names chosen; ``/rfm/<slug>``: one of them."""

from dataclasses import replace

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as PlainResponse

from shop_app.clock import utc_now
from shop_app.errors import NotFoundError
from shop_app.segments.vocabularies import VOCABULARIES
from shop_app.services.choose_vocabulary import choose_vocabulary
from shop_app.services.shop_clock import default_as_of
from shop_app.web import segment_charts
from shop_app.web.chosen_shop import ChosenShop, chosen_shop
from shop_app.web.cut_offs import all_cut_offs
from shop_app.web.formats import counted
from shop_app.web.pages import Link, Notice, Option
from shop_app.web.rendering import build_frame, render
from shop_app.web.rfm_group import rfm_group_page
from shop_app.web.segment_pages import RfmPage, Vocabularies
from shop_app.web.segment_table import RFM_GROUPS, SEGMENTS, SegmentsView, segment_table
from shop_app.web.small_shop import small_shop_notices
from shop_app.web.summaries import HOME, Summary, as_of_badge, no_buyer_yet, nothing_yet, read_summary

bp = Blueprint("rfm", __name__)


@bp.get("/rfm")
def index() -> Response:
    """Show the grid and the RFM groups as of the newest run."""
    shop = chosen_shop()
    summary = read_summary(shop)
    if summary is None:
        return render("error.html", nothing_yet(shop))
    if not summary["buyer_count"]:
        return render("error.html", no_buyer_yet(shop, summary))
    view = SegmentsView.from_query(request.args, RFM_GROUPS)
    return render("rfm/index.html", _page(shop, summary, replace(view, query="")))


@bp.get("/rfm/<slug>")
def show(slug: str) -> Response:
    """Show one RFM group and who is in it."""
    shop = chosen_shop()
    summary = read_summary(shop)
    if summary is None:
        return render("error.html", nothing_yet(shop))
    group = next((each for each in summary["rfm_groups"] if each["slug"] == slug), None)
    if group is None:
        raise NotFoundError(f"There is no RFM group called {slug} among the names in use.")
    return render("segments/show.html", rfm_group_page(shop, summary, group))


@bp.post("/vocabulary")
def vocabulary() -> PlainResponse:
    """Call the RFM groups by other names from now on."""
    shop = chosen_shop()
    as_of = default_as_of(shop.id, utc_now())
    choose_vocabulary(shop.id, request.form.get("vocabulary", ""), as_of=as_of)
    summary = read_summary(shop)
    listing = RFM_GROUPS if summary is not None and summary["grouping"] else SEGMENTS
    return redirect(url_for(listing.home, _anchor=listing.anchor), 303)


def vocabularies(shop: ChosenShop) -> Vocabularies:
    """Return the names that the RFM groups can go by."""
    return Vocabularies(
        href=url_for("rfm.vocabulary"),
        options=tuple(Option(name, each.name, name == shop.vocabulary) for name, each in VOCABULARIES.items()),
    )


def renaming_notices(shop: ChosenShop, summary: Summary) -> tuple[Notice, ...]:
    """Tell that other names were chosen while a worker is still at it, as it is in a large shop."""
    if shop.vocabulary == summary["vocabulary"]:
        return ()
    chosen, shown = VOCABULARIES[shop.vocabulary].name, VOCABULARIES[summary["vocabulary"]].name
    sentence = f"The names below are still {shown}'s. Load this page again in a minute."
    return (Notice("info", f"Names by {chosen} were chosen and are being worked out", (sentence,)),)


def shades(view: SegmentsView) -> tuple[Link, ...]:
    """Return what the grid's colour can stand for, as links to the same view."""
    return tuple(
        Link(text, replace(view, shade=name).url("grid"), is_current=name == view.shade)
        for name, text in segment_charts.SHADES.items()
    )


def _page(shop: ChosenShop, summary: Summary, view: SegmentsView) -> RfmPage:
    formats = shop.formats
    return RfmPage(
        frame=build_frame("RFM groups", shop, "rfm.index"),
        back=Link("Segments", url_for(HOME)),
        badges=(as_of_badge(summary, formats),),
        notices=(*renaming_notices(shop, summary), *small_shop_notices(summary)),
        words=_words(summary),
        shades=shades(view),
        grid=segment_charts.recency_grid(summary, formats, view.shade),
        grid_words=segment_charts.grid_words(summary),
        finding=segment_charts.finding(summary, formats),
        cut_offs=all_cut_offs(summary["edges"], formats),
        cut_off_words=summary["edges"]["source_words"],
        table=segment_table(summary, view, formats),
        table_words=f"{counted(summary['customer_count'], 'customer')}, each in exactly one RFM group",
        vocabularies=vocabularies(shop),
    )


def _words(summary: Summary) -> str:
    plain = "Recency, frequency and money alone: when somebody last ordered, how often, and for how much."
    if summary["grouping"] is None:
        return f"{plain} These groups are this shop's segments."
    return f"{plain} Every customer has an RFM group beside the segment, as a plain measure to compare with."
