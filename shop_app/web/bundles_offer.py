"""``/bundles/live/<id>``: one bundle: its terms, how it stands, what was decided, what came of it."""

from collections.abc import Mapping
from itertools import chain

from flask import url_for

from shop_app.bundles.terms import Form
from shop_app.clock import utc_now
from shop_app.services.bundle_goods import read_goods_of
from shop_app.services.bundle_words import terms_words
from shop_app.services.check_terms import check_terms
from shop_app.services.describe_bundles import Overview, read_overview
from shop_app.services.describe_offers import OfferStory, can
from shop_app.services.foresee_effect import foresight_words
from shop_app.shopify.scopes import missing_scopes, offer_scopes
from shop_app.storage.bundles import Bundle
from shop_app.web.bundles_form import OfferFields, offer_form
from shop_app.web.bundles_offers import PLACE, offer_badge
from shop_app.web.bundles_pages import Approval, Cell, OfferPage, Table
from shop_app.web.bundles_result import result_of
from shop_app.web.bundles_tables import plain_headings
from shop_app.web.chosen_shop import ChosenShop
from shop_app.web.destination_pages import ConfirmPage, Deed
from shop_app.web.fit_words import person_name
from shop_app.web.formats import NOTHING, Formats
from shop_app.web.pages import Link, Notice
from shop_app.web.rendering import build_frame

_STEP_STATES = {
    "sent": ("on the way", "info"),
    "done": ("done", "success"),
    "refused": ("refused", "critical"),
    "unknown": ("not known yet", "warning"),
}
_MADE = {
    Form.FIXED: "a product that holds all parts, with its price",
    Form.BUY_GET: "a discount on the one with the other",
    Form.MIXED: "a discount on the optional ones with the mandatory one",
    Form.THIRD: "a discount on the third of the line",
}


def offer_page(
    shop: ChosenShop,
    story: OfferStory,
    said: tuple[Notice, ...] = (),
    fields: OfferFields | None = None,
    errors: Mapping[str, str] | None = None,
) -> OfferPage:
    """Write the page of one bundle, with what was tried on its terms in vain."""
    bundle, formats = story.bundle, shop.formats
    overview, goods = read_overview(shop.id, now=utc_now()), read_goods_of(shop.id, bundle.terms)
    wording = goods.wording(overview.segments, money=formats.money, moment=formats.moment)
    possible = can(bundle)
    return OfferPage(
        frame=build_frame(bundle.title, shop, PLACE),
        back=Link("Live bundles", url_for(PLACE)),
        heading=bundle.title,
        badge=offer_badge(bundle),
        said=said,
        state_words=(*_state_words(bundle, formats), *_foresight(bundle, overview)),
        terms=terms_words(bundle.terms, wording),
        terms_words="This is what is approved, word for word; what Shopify is told says the same.",
        approval=_approval(shop, bundle, fields, overview, errors) if possible["approve"] else None,
        scopes=" ".join(missing_scopes(shop.connection.scopes, chain(*offer_scopes(bundle.terms.form)))),
        deeds=_deeds(bundle, possible),
        retire=Link("Take it down", url_for("bundles_live.ask_retire", bundle_id=bundle.id))
        if possible["retire"]
        else None,
        result=result_of(shop, bundle, overview),
        steps=_steps(story, formats),
        decisions=_decisions(story, formats),
    )


def retire_page(shop: ChosenShop, story: OfferStory) -> ConfirmPage:
    """Write the step before a bundle is taken down."""
    bundle = story.bundle
    here = url_for("bundles_live.show", bundle_id=bundle.id)
    return ConfirmPage(
        frame=build_frame(f"Take down {bundle.title}", shop, PLACE),
        back=Link(bundle.title, here),
        heading=f"Take “{bundle.title}” down?",
        sentences=(
            "Everything that Kindred made for it in Shopify is removed: product, discount, notes on products.",
            "Orders that used it stay as they are, and what came of it stays here.",
            "A retired bundle does not come back; a new one can be drafted from its candidate at any time.",
        ),
        deed=Deed(
            url_for("bundles_live.retire", bundle_id=bundle.id),
            "Take it down",
            f"Take down {bundle.title}",
            "primary",
        ),
        others=(Link("Leave it as it is", here),),
    )


def _foresight(bundle: Bundle, overview: Overview) -> tuple[str, ...]:
    """Say before an offer begins what could be told of its effect."""
    segment = bundle.terms.segment
    if bundle.state != "draft":
        return ()
    if not segment:
        return ("It is for everybody, so nobody is left out and its effect cannot be told from chance.",)
    facts = overview.facts.get("segments", {}).get(segment, {})
    words = foresight_words(facts, overview.segments.get(segment, segment))
    return (words,) if words else ()


def _state_words(bundle: Bundle, formats: Formats) -> tuple[str, ...]:
    lines = [_state_sentence(bundle, formats)]
    if bundle.reason and (bundle.paused_for or bundle.trouble):
        lines.append(bundle.reason)
    if bundle.trouble:
        lines.append(bundle.trouble)
    elif not bundle.settled and bundle.state != "draft":
        lines.append("Kindred is bringing Shopify in step with it.")
    if bundle.decided_at is not None:
        lines.append(
            f"Last decided by {person_name(bundle.decided_by)}, {formats.moment(bundle.decided_at)}."
            + (f" Note: {bundle.note}" if bundle.note else "")
        )
    return tuple(lines)


def _state_sentence(bundle: Bundle, formats: Formats) -> str:
    drafted = f"Drafted by {person_name(bundle.drafted_by)}, {formats.moment(bundle.drafted_at)}."
    live = f"Live since {formats.moment(bundle.live_from)}."
    return {
        "draft": f"It waits for your approval; nothing of it is in Shopify. {drafted}",
        "approved": "It is approved and not in sight yet.",
        "live": live if bundle.live_from else "It is live.",
        "paused": f"It is out of sight. {live if bundle.live_from else ''}".strip(),
        "retired": f"It is over. {live if bundle.live_from else 'It never was live.'}",
    }[bundle.state]


def _approval(
    shop: ChosenShop,
    bundle: Bundle,
    fields: OfferFields | None,
    overview: Overview,
    errors: Mapping[str, str] | None,
) -> Approval:
    deepest = bundle.facts.get("most_discount_percent")
    problems = check_terms(shop.id, bundle.title, bundle.terms, at=utc_now(), bundle_id=bundle.id)
    return Approval(
        problems=tuple(each.words for each in problems),
        words=(
            f"Kindred makes {_MADE[bundle.terms.form]} in Shopify, exactly by the terms above.",
            "It pauses by itself when stock runs low, when the margin falls below your floor, and at its end.",
            "Taking it down removes all of it again.",
        ),
        address=url_for("bundles_live.approve", bundle_id=bundle.id),
        fingerprint=bundle.fingerprint,
        label=f"Approve {bundle.title}",
        discard=Deed(
            url_for("bundles_live.discard", bundle_id=bundle.id),
            "Put the draft aside",
            f"Put {bundle.title} aside",
        ),
        change=offer_form(
            fields or OfferFields.of(bundle.title, bundle.terms, shop.formats),
            bundle.terms,
            overview,
            address=url_for("bundles_live.change", bundle_id=bundle.id),
            submit="Change the draft",
            errors=errors,
            discount_words="" if deepest is None else f"{deepest} % is the most that keeps your margin floor.",
        ),
    )


def _deeds(bundle: Bundle, possible: Mapping[str, bool]) -> tuple[Deed, ...]:
    found = []
    if possible["pause"]:
        address = url_for("bundles_live.pause", bundle_id=bundle.id)
        found.append(Deed(address, "Pause", f"Pause {bundle.title}"))
    if possible["resume"]:
        words = "Let it go on" if bundle.state == "paused" else "Try again"
        address = url_for("bundles_live.resume", bundle_id=bundle.id)
        found.append(Deed(address, words, f"{words}: {bundle.title}", "primary"))
    return tuple(found)


def _steps(story: OfferStory, formats: Formats) -> Table:
    return Table(
        name="Steps",
        caption="Every call to Shopify for this bundle, the oldest first",
        headings=plain_headings("Step", "Outcome*", "When*"),
        rows=tuple(
            (
                Cell(step.deed.replace("_", " ").replace("-", " ").capitalize(), step.words),
                Cell(_STEP_STATES[step.state][0], tone=_STEP_STATES[step.state][1]),
                Cell(formats.moment(step.at)),
            )
            for step in story.steps
        ),
        nothing="Nothing was sent to Shopify for it.",
    )


def _decisions(story: OfferStory, formats: Formats) -> Table:
    return Table(
        name="Decisions",
        caption="What was decided about this bundle, by whom and when",
        headings=plain_headings("Decision", "By*", "When*"),
        rows=tuple(
            (
                Cell(each.to_state or NOTHING, each.note),
                Cell(person_name(each.who)),
                Cell(formats.moment(each.at)),
            )
            for each in story.decisions
        ),
        nothing="Nothing was decided about it yet.",
    )
