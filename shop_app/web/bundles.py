"""``/bundles``: what sells together, what could be offered of it, and the draft that is made of one."""

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as PlainResponse

from shop_app.clock import utc_now
from shop_app.services.describe_bundles import find_candidate, look_again_soon
from shop_app.services.draft_bundles import draft_bundle
from shop_app.web.bundles_candidate import candidate_page
from shop_app.web.bundles_candidates import candidates_page
from shop_app.web.bundles_findings import pairs_page
from shop_app.web.bundles_form import OfferFields, OfferRefusedError
from shop_app.web.bundles_look import SAID
from shop_app.web.bundles_sequences import sequences_page
from shop_app.web.callers import user_id
from shop_app.web.chosen_shop import chosen_shop
from shop_app.web.pages import Notice
from shop_app.web.rendering import render

bp = Blueprint("bundles", __name__, url_prefix="/bundles")

_TEMPLATE = "bundles/index.html"


@bp.get("")
def index() -> Response:
    """Show what could be offered."""
    return render(_TEMPLATE, candidates_page(chosen_shop(), _said()))


@bp.post("/look-again")
def look_again() -> PlainResponse:
    """Ask for a new look at all baskets."""
    look_again_soon(chosen_shop().id, now=utc_now())
    return redirect(url_for("bundles.index", done="asked", _anchor="said"), 303)


@bp.get("/pairs")
def pairs() -> Response:
    """Show what sells together."""
    return render(_TEMPLATE, pairs_page(chosen_shop(), _said()))


@bp.get("/sequences")
def sequences() -> Response:
    """Show what is bought after what."""
    return render(_TEMPLATE, sequences_page(chosen_shop(), _said()))


@bp.get("/candidate")
def candidate() -> Response:
    """Show one offer that could be made, with its arithmetic."""
    shop = chosen_shop()
    found = find_candidate(shop.id, request.args.get("key", ""), segment=request.args.get("segment", ""))
    return render("bundles/candidate.html", candidate_page(shop, found))


@bp.post("/candidate")
def draft() -> PlainResponse:
    """Make a draft of it; nothing is offered yet. What cannot be is said beside its field."""
    shop, fields = chosen_shop(), OfferFields.read(request.form)
    found = find_candidate(shop.id, request.form.get("key", ""), segment=request.form.get("found_in", ""))
    try:
        title, terms = fields.checked(shop, found.terms, at=utc_now())
        facts = {**found.facts, "key": found.key, "segment": found.segment}
        made = draft_bundle(shop.id, terms, title=title, facts=facts, who=user_id(), at=utc_now())
    except OfferRefusedError as error:
        return render("bundles/candidate.html", candidate_page(shop, found, fields, error.errors), 400)
    return redirect(url_for("bundles_live.show", bundle_id=made.id, done="drafted", _anchor="said"), 303)


def _said() -> tuple[Notice, ...]:
    notice = SAID.get(request.args.get("done", ""))
    return (notice,) if notice else ()
