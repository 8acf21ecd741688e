"""``/pushes``: what was and will be sent; ``/pushes/<id>``: one push, to approve, turn down or undo."""

from collections.abc import Callable

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as PlainResponse

from shop_app.clock import utc_now
from shop_app.errors import RefusedError
from shop_app.services.decide_pushes import approve_push, plan_again, reject_push, undo_push
from shop_app.services.describe_pushes import describe_push
from shop_app.services.note_access import note_access
from shop_app.web.callers import download_route, user_id
from shop_app.web.chosen_shop import chosen_shop
from shop_app.web.exports import csv_download, csv_name
from shop_app.web.pages import Notice
from shop_app.web.push_detail import push_page, push_progress, undo_page
from shop_app.web.push_list import pushes_page
from shop_app.web.push_pages import PushProgressPage
from shop_app.web.push_rows import file_rows, rows_page
from shop_app.web.rendering import render

bp = Blueprint("pushes", __name__, url_prefix="/pushes")

LONGEST_NOTE = 500
_NO_SEGMENT = "none"

_DONE = {
    "approved": "It is being sent. Whoever has changed since it was planned is planned again.",
    "rejected": "It is turned down and nothing of it is sent. The destination is paused.",
    "again": "This plan is made of what is true now.",
    "undone": "What was sent is being taken back, and the destination is paused.",
    "taken-back": "Everything that Kindred wrote there is being taken back, and the destination is paused.",
    "nothing": "Nothing differs any more: there is nothing to plan.",
}


@bp.get("")
def index() -> Response:
    """Show every push, first of all the plans that wait."""
    return render("pushes/index.html", pushes_page(chosen_shop(), _said()))


@bp.get("/<int:push_id>")
def show(push_id: int) -> Response:
    """Show one push in full."""
    return _shown(push_id, _said())


@bp.get("/<int:push_id>/live")
def live(push_id: int) -> Response:
    """Return the part of the page that changes while it is being sent."""
    shop = chosen_shop()
    progress = push_progress(shop, describe_push(shop.id, push_id).card)
    return render("pushes/_live.html", PushProgressPage(progress))


@bp.get("/<int:push_id>/rows")
def rows(push_id: int) -> Response:
    """Show its customers, page by page."""
    shop = chosen_shop()
    page = rows_page(shop, describe_push(shop.id, push_id))
    note_access(shop.id, "customers of a push", user_id=user_id(), at=utc_now())
    return render("pushes/rows.html", page)


@bp.get("/<int:push_id>/rows.csv")
@download_route
def file(push_id: int) -> Response:
    """Send its customers as a file."""
    shop = chosen_shop()
    card = describe_push(shop.id, push_id).card
    note_access(shop.id, "export of a push", user_id=user_id(), at=utc_now())
    return csv_download(file_rows(shop, push_id), csv_name(shop, f"push {push_id}", card.made_at))


@bp.post("/<int:push_id>/approve")
def approve(push_id: int) -> PlainResponse:
    """Let a plan be sent: all of it, or customers who come to the segments that are ticked."""
    segments = None
    if "choose" in request.form:
        ticked = request.form.getlist("segments")
        if not ticked:
            said = (Notice("critical", "Nothing was approved", ("Tick at least one segment.",)),)
            return _shown(push_id, said, 400, "Tick at least one segment.")
        segments = ["" if each == _NO_SEGMENT else each for each in ticked]

    def decide() -> int:
        shop_id = chosen_shop().id
        approve_push(shop_id, push_id, who=user_id(), at=utc_now(), segments=segments, note=_note())
        return push_id

    return _decided(push_id, decide, "approved")


@bp.post("/<int:push_id>/reject")
def reject(push_id: int) -> PlainResponse:
    """Turn a plan down."""

    def decide() -> int:
        return reject_push(chosen_shop().id, push_id, who=user_id(), at=utc_now(), note=_note()).id

    return _decided(push_id, decide, "rejected")


@bp.post("/<int:push_id>/again")
def again(push_id: int) -> PlainResponse:
    """Make a plan anew, with what is true now."""
    shop = chosen_shop()
    made = plan_again(shop.id, describe_push(shop.id, push_id).card.destination, at=utc_now())
    if made is None:
        return redirect(url_for("pushes.index", done="nothing", _anchor="said"), 303)
    return redirect(url_for("pushes.show", push_id=made, done="again", _anchor="said"), 303)


@bp.get("/<int:push_id>/undo")
def ask_undo(push_id: int) -> Response:
    """Say what undoing means, before it is done."""
    shop = chosen_shop()
    card = describe_push(shop.id, push_id).card
    if not card.can_undo:
        said = (Notice("warning", "There is nothing to undo", ("Nothing of it was sent, or it is undone.",)),)
        return _shown(push_id, said)
    return render("destinations/confirm.html", undo_page(shop, card))


@bp.post("/<int:push_id>/undo")
def undo(push_id: int) -> PlainResponse:
    """Take back what a push changed; show how far that is."""

    def decide() -> int:
        return undo_push(chosen_shop().id, push_id, who=user_id(), at=utc_now(), note=_note()).push.id

    return _decided(push_id, decide, "undone")


def _decided(push_id: int, decide: Callable[[], int], done: str) -> PlainResponse:
    """Decide, and show the push that came of it; or why that cannot be."""
    try:
        shown = decide()
    except RefusedError as error:
        return _shown(push_id, (Notice("critical", "Not done", (str(error),)),), 409)
    return redirect(url_for("pushes.show", push_id=shown, done=done, _anchor="said"), 303)


def _shown(push_id: int, said: tuple[Notice, ...], status: int = 200, segments_error: str = "") -> Response:
    shop = chosen_shop()
    page = push_page(shop, describe_push(shop.id, push_id), said, segments_error)
    if page.rows:
        note_access(shop.id, "customers of a push", user_id=user_id(), at=utc_now())
    return render("pushes/show.html", page, status)


def _said() -> tuple[Notice, ...]:
    words = _DONE.get(request.args.get("done", ""))
    return (Notice("success", "Done", (words,)),) if words else ()


def _note() -> str:
    return " ".join(request.form.get("note", "").split())[:LONGEST_NOTE]
