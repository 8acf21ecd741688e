"""``/fits``: every version of the groups; ``/fits/<id>``: one in full, to approve, put aside or go back to."""

from collections.abc import Callable
from datetime import date

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as PlainResponse

from shop_app.clock import utc_now
from shop_app.errors import RefusedError
from shop_app.services.describe_fit import FitOverview, FitStory, describe_fit, fit_overview
from shop_app.services.fit_states import approve_fit, reject_fit, restore_fit, review_segments
from shop_app.services.segment_choices import SegmentChoices
from shop_app.storage.model_fits import FitCard
from shop_app.web.callers import user_id
from shop_app.web.chosen_shop import ChosenShop, chosen_shop
from shop_app.web.fit_checks import check_rows, moved_words, open_rows
from shop_app.web.fit_story import fit_page
from shop_app.web.fit_words import goal_name, method_name, state_badge
from shop_app.web.fits_page import FitsPage, VersionRow, Waiting
from shop_app.web.formats import NOTHING, Formats, count, counted, day_words
from shop_app.web.pages import Link, Notice
from shop_app.web.rendering import build_frame, render

bp = Blueprint("fits", __name__, url_prefix="/fits")

LONGEST_NOTE = 500

_DONE = {
    "approved": "It is live. Everybody is labelled by it within a minute or so.",
    "rejected": "It is put aside. Nothing changes for anybody.",
    "restored": "It is live again, as a version of its own. Everybody is labelled by it within a minute or so.",
    "reviewed": "Noted down. You are reminded again when the next look is due.",
}

Decide = Callable[..., FitCard]


@bp.get("")
def index() -> Response:
    """Show every version, first of all the one that waits."""
    shop = chosen_shop()
    return render("fits/index.html", _page(shop, fit_overview(shop.id, today=_today(shop)), _said()))


@bp.get("/<int:fit_id>")
def show(fit_id: int) -> Response:
    """Show one version in full."""
    return render("fits/show.html", fit_page(*_story(fit_id), said=_said()))


@bp.post("/review")
def review() -> PlainResponse:
    """Note down that somebody has looked at the live segments."""
    review_segments(chosen_shop().id, who=user_id(), at=utc_now(), note=_note())
    return redirect(url_for("fits.index", done="reviewed", _anchor="said"), 303)


@bp.post("/<int:fit_id>/approve")
def approve(fit_id: int) -> PlainResponse:
    """Let a version that waits go live."""
    return _answer(fit_id, approve_fit, "approved")


@bp.post("/<int:fit_id>/reject")
def reject(fit_id: int) -> PlainResponse:
    """Put a version aside."""
    return _answer(fit_id, reject_fit, "rejected")


@bp.post("/<int:fit_id>/restore")
def restore(fit_id: int) -> PlainResponse:
    """Go back to a version that was live."""
    return _answer(fit_id, restore_fit, "restored")


def _answer(fit_id: int, decide: Decide, done: str) -> PlainResponse:
    try:
        card = decide(chosen_shop().id, fit_id, who=user_id(), at=utc_now(), note=_note())
    except RefusedError as error:
        said = (Notice("critical", "Not done", (str(error),)),)
        return render("fits/show.html", fit_page(*_story(fit_id), said=said), 409)
    return redirect(url_for("fits.show", fit_id=card.id, done=done, _anchor="said"), 303)


def _story(fit_id: int) -> tuple[ChosenShop, FitOverview, FitStory]:
    shop = chosen_shop()
    return shop, fit_overview(shop.id, today=_today(shop)), describe_fit(shop.id, fit_id)


def _page(shop: ChosenShop, overview: FitOverview, said: tuple[Notice, ...]) -> FitsPage:
    live = overview.live
    return FitsPage(
        frame=build_frame("Versions", shop, "fits.index"),
        said=said,
        review_words=_review_words(overview),
        review_url=url_for("fits.review") if live and overview.review_due else "",
        waiting=_waiting(shop, overview.waiting, overview.choices) if overview.waiting else None,
        rows=tuple(_version_row(card, overview.waiting, shop.formats) for card in overview.history),
        nothing_words="Nothing was learned yet. The first version comes by itself once customers have ordered.",
        nothing_link=Link("Choose a goal for it", url_for("goals.index")),
    )


def _waiting(shop: ChosenShop, card: FitCard, choices: SegmentChoices) -> Waiting:
    story = describe_fit(shop.id, card.id)
    rows = check_rows(story.measures)
    asking = open_rows(rows)
    return Waiting(
        heading=f"Version {card.version} waits for you",
        words=f"{goal_name(story.goal, choices)}, by {method_name(story.method).lower()}, "
        f"{counted(len(story.groups), 'group')}; learned {shop.formats.date(card.fitted_at)}.",
        moved=moved_words(story.measures),
        checks=asking,
        passed=f"{counted(len(rows) - len(asking), 'other check')} passed."
        if asking
        else "Every check passed.",
        link=Link("Look closer and decide", url_for("fits.show", fit_id=card.id)),
    )


def _version_row(card: FitCard, waiting: FitCard | None, formats: Formats) -> VersionRow:
    return VersionRow(
        link=Link(f"Version {card.version}", url_for("fits.show", fit_id=card.id)),
        badge=state_badge(card, waiting),
        learned=formats.date(card.fitted_at),
        live_from=formats.date(card.live_from),
        customers=count(card.customer_count),
        owner=card.owner or NOTHING,
        note=card.note or card.reason or NOTHING,
    )


def _review_words(overview: FitOverview) -> str:
    live = overview.live
    if live is None or live.review_at is None:
        return ""
    day = day_words(live.review_at)
    if overview.review_due:
        return f"Version {live.version} was to be looked at by {day}: do its groups still fit what you know?"
    return f"The next look at the live segments is due on {day}."


def _said() -> tuple[Notice, ...]:
    words = _DONE.get(request.args.get("done", ""))
    return (Notice("success", "Done", (words,)),) if words else ()


def _note() -> str:
    return " ".join(request.form.get("note", "").split())[:LONGEST_NOTE]


def _today(shop: ChosenShop) -> date:
    return shop.formats.local(utc_now()).date()
