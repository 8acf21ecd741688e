"""``GET /``: the segments page; ``/segments/<slug>``: one segment with its play and its customers."""

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as PlainResponse

from shop_app.clock import utc_now
from shop_app.errors import InvalidInputError, NotFoundError
from shop_app.services.playbook import change_play, reset_play
from shop_app.web.callers import user_id
from shop_app.web.chosen_shop import ChosenShop, chosen_shop
from shop_app.web.play_changes import placed_errors, read_changes, read_day
from shop_app.web.progress import render_progress
from shop_app.web.published_segment import PlayTry, Segment, group_page, read_play
from shop_app.web.rendering import render
from shop_app.web.rfm_group import rfm_group_page
from shop_app.web.segment_table import SegmentsView
from shop_app.web.segments_overview import segments_page
from shop_app.web.summaries import Summary, no_buyer_yet, nothing_yet, read_summary

bp = Blueprint("segments", __name__)


@bp.get("/")
def index() -> Response:
    """Show the shop's segments as of the newest run."""
    shop = chosen_shop()
    summary = read_summary(shop)
    if summary is None:
        return render_progress(shop) if shop.source == "shopify" else render("error.html", nothing_yet(shop))
    if not summary["buyer_count"]:
        return render("error.html", no_buyer_yet(shop, summary))
    view = SegmentsView.from_query(request.args)
    return render("segments/index.html", segments_page(shop, summary, view))


@bp.get("/segments/<slug>")
def show(slug: str) -> PlainResponse:
    """Show what one segment is, how it differs from the store, what to do, and who is in it."""
    shop = chosen_shop()
    summary = read_summary(shop)
    if summary is None:
        return render("error.html", nothing_yet(shop))
    segment = _find(summary, "segments", slug)
    if segment is None and _find(summary, "rfm_groups", slug) is not None:
        return redirect(url_for("rfm.show", slug=slug))
    if segment is None:
        raise NotFoundError(f"There is no segment called {slug} among the names in use.")
    if summary["grouping"] is None:
        return render("segments/show.html", rfm_group_page(shop, summary, segment))
    return render("segments/group.html", group_page(shop, summary, segment))


@bp.post("/segments/<slug>")
def change(slug: str) -> PlainResponse:
    """Change what to do with a segment's customers; what cannot be taken is said beside its field."""
    shop = chosen_shop()
    summary, segment = _published(shop, slug)
    play, fields = read_play(shop, slug), request.form
    try:
        review_at, changes = read_day(fields), read_changes(fields, play)
        change_play(shop.id, slug, changes, review_at=review_at, who=user_id(), at=utc_now())
    except InvalidInputError as error:
        tried = PlayTry(fields, placed_errors(error, fields))
        return render("segments/group.html", group_page(shop, summary, segment, tried), 400)
    return redirect(url_for("segments.show", slug=slug, _anchor="play"), 303)


@bp.post("/segments/<slug>/reset")
def reset(slug: str) -> PlainResponse:
    """Go back to the recommended play."""
    shop = chosen_shop()
    _published(shop, slug)
    reset_play(shop.id, slug, who=user_id(), at=utc_now())
    return redirect(url_for("segments.show", slug=slug, _anchor="play"), 303)


def _published(shop: ChosenShop, slug: str) -> tuple[Summary, Segment]:
    summary = read_summary(shop)
    segment = _find(summary, "segments", slug) if summary and summary["grouping"] else None
    if summary is None or segment is None:
        raise NotFoundError(f"There is no published segment called {slug}.")
    return summary, segment


def _find(summary: Summary, groups: str, slug: str) -> Segment | None:
    return next((each for each in summary[groups] if each["slug"] == slug), None)
