"""``/bundles/live``: the bundles that were made; ``/bundles/live/<id>``: one, to approve, pause, take down."""

from collections.abc import Callable

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as PlainResponse

from shop_app.clock import utc_now
from shop_app.errors import InvalidInputError, RefusedError
from shop_app.queueing import TaskName, send
from shop_app.services import decide_bundles as deciding
from shop_app.services.describe_offers import can, describe_offer
from shop_app.services.draft_bundles import change_draft
from shop_app.web.bundles_form import OfferFields, OfferRefusedError
from shop_app.web.bundles_offer import offer_page, retire_page
from shop_app.web.bundles_offers import offers_page
from shop_app.web.callers import user_id
from shop_app.web.chosen_shop import chosen_shop
from shop_app.web.pages import Notice
from shop_app.web.rendering import render

bp = Blueprint("bundles_live", __name__, url_prefix="/bundles/live")

LONGEST_NOTE = 500
_DONE = {
    "drafted": ("Drafted", "It waits for your approval below. Nothing is in Shopify yet."),
    "changed": ("Changed", "It waits for your approval as it stands now."),
    "approved": ("Approved", "Kindred makes it in Shopify now, exactly as it stands here."),
    "discarded": ("Put aside", "The draft is retired; nothing of it ever was in Shopify."),
    "paused": ("Paused", "Kindred takes it out of sight in Shopify. It can go on at any time."),
    "resumed": ("Goes on", "Kindred puts it back in Shopify now."),
    "retired": ("Retired", "Kindred takes everything of it out of Shopify."),
}


@bp.get("")
def index() -> Response:
    """Show every bundle, the newest first."""
    return render("bundles/offers.html", offers_page(chosen_shop(), _said()))


@bp.get("/<int:bundle_id>")
def show(bundle_id: int) -> Response:
    """Show one bundle in full."""
    shop = chosen_shop()
    return render("bundles/offer.html", offer_page(shop, describe_offer(shop.id, bundle_id), _said()))


@bp.post("/<int:bundle_id>/change")
def change(bundle_id: int) -> PlainResponse:
    """Change a draft's terms; what cannot be is said beside its field."""
    shop, fields = chosen_shop(), OfferFields.read(request.form)
    story = describe_offer(shop.id, bundle_id)
    try:
        title, terms = fields.checked(shop, story.bundle.terms, at=utc_now(), bundle_id=bundle_id)
        before = {"title": story.bundle.title, **story.bundle.terms.to_json()}
        after = {"title": title, **terms.to_json()}
        changes = {name: value for name, value in after.items() if value != before[name]}
        change_draft(shop.id, bundle_id, changes, who=user_id(), at=utc_now())
    except OfferRefusedError as error:
        page = offer_page(shop, story, (_not_done("The fields below say why."),), fields, error.errors)
        return render("bundles/offer.html", page, 400)
    except InvalidInputError as error:
        errors = {error.field: str(error)} if error.field else {}
        page = offer_page(shop, story, (_not_done(str(error)),), fields, errors)
        return render("bundles/offer.html", page, 400)
    except RefusedError as error:
        return _refused(bundle_id, error)
    return _shown(bundle_id, "changed")


@bp.post("/<int:bundle_id>/approve")
def approve(bundle_id: int) -> PlainResponse:
    """Let it be made exactly as it was shown."""

    def decide() -> None:
        deciding.approve_bundle(
            chosen_shop().id,
            bundle_id,
            who=user_id(),
            at=utc_now(),
            fingerprint=request.form.get("fingerprint", ""),
            note=_note(),
        )

    return _decided(bundle_id, decide, "approved")


@bp.post("/<int:bundle_id>/discard")
def discard(bundle_id: int) -> PlainResponse:
    """Put a draft aside."""
    return _decided(bundle_id, lambda: _do(deciding.discard_draft, bundle_id), "discarded")


@bp.post("/<int:bundle_id>/pause")
def pause(bundle_id: int) -> PlainResponse:
    """Take it out of sight for a while."""
    return _decided(bundle_id, lambda: _do(deciding.pause_bundle, bundle_id), "paused")


@bp.post("/<int:bundle_id>/resume")
def resume(bundle_id: int) -> PlainResponse:
    """Let it go on."""
    return _decided(bundle_id, lambda: _do(deciding.resume_bundle, bundle_id), "resumed")


@bp.get("/<int:bundle_id>/retire")
def ask_retire(bundle_id: int) -> Response:
    """Say what retiring means, before it is done."""
    shop = chosen_shop()
    story = describe_offer(shop.id, bundle_id)
    if not can(story.bundle)["retire"]:
        said = (Notice("warning", "There is nothing to take down", ("It was never made, or it is retired.",)),)
        return render("bundles/offer.html", offer_page(shop, story, said))
    return render("destinations/confirm.html", retire_page(shop, story))


@bp.post("/<int:bundle_id>/retire")
def retire(bundle_id: int) -> PlainResponse:
    """Take it down for good."""
    return _decided(bundle_id, lambda: _do(deciding.retire_bundle, bundle_id), "retired")


def _do(deed: Callable[..., object], bundle_id: int) -> None:
    deed(chosen_shop().id, bundle_id, who=user_id(), at=utc_now(), note=_note())


def _decided(bundle_id: int, decide: Callable[[], None], done: str) -> PlainResponse:
    """Decide, and show what came of it; or why that cannot be."""
    try:
        decide()
    except (RefusedError, InvalidInputError) as error:
        return _refused(bundle_id, error)
    send(TaskName.KEEP_BUNDLES, chosen_shop().id)
    return _shown(bundle_id, done)


def _refused(bundle_id: int, error: RefusedError | InvalidInputError) -> Response:
    shop = chosen_shop()
    page = offer_page(shop, describe_offer(shop.id, bundle_id), (_not_done(str(error)),))
    return render("bundles/offer.html", page, 409)


def _shown(bundle_id: int, done: str) -> PlainResponse:
    return redirect(url_for("bundles_live.show", bundle_id=bundle_id, done=done, _anchor="said"), 303)


def _not_done(words: str) -> Notice:
    return Notice("critical", "Not done", (words,))


def _said() -> tuple[Notice, ...]:
    heading, words = _DONE.get(request.args.get("done", ""), ("", ""))
    return (Notice("success", heading, (words,)),) if words else ()


def _note() -> str:
    return " ".join(request.form.get("note", "").split())[:LONGEST_NOTE]
