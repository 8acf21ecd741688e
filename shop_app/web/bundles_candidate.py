"""``/bundles/candidate``: one offer that could be made, its arithmetic, what speaks for it, and its terms."""

from collections.abc import Mapping
from typing import Any

from flask import url_for

from shop_app.bundles.terms import Form
from shop_app.clock import utc_now
from shop_app.services.bundle_evidence import evidence_words
from shop_app.services.bundle_goods import Good, Goods, read_goods_of
from shop_app.services.bundle_words import FORMS, what_words, whom_words
from shop_app.services.describe_bundles import Candidate, Overview, other_forms, read_overview
from shop_app.web.bundles_candidates import PLACE
from shop_app.web.bundles_form import OfferFields, offer_form
from shop_app.web.bundles_look import first_of
from shop_app.web.bundles_pages import CandidatePage, Cell, OfferForm, Table, Way
from shop_app.web.bundles_tables import number_words, plain_headings
from shop_app.web.chosen_shop import ChosenShop
from shop_app.web.formats import NOTHING, Formats, count, counted, percent
from shop_app.web.pages import Fact, Field, Link, Notice
from shop_app.web.rendering import build_frame

_WAYS = {
    "pure": "All in one set (pure)",
    "mixed": "Single, cheaper together (mixed)",
}
_PARTS_SHOWN = 12
_MARGIN_STEPS_WORDS = "Every line follows from those above it. What is assumed is called so."


def candidate_page(
    shop: ChosenShop,
    candidate: Candidate,
    fields: OfferFields | None = None,
    errors: Mapping[str, str] | None = None,
) -> CandidatePage:
    """Write the page of one candidate, with what was tried on its terms in vain."""
    overview, goods, formats = (
        read_overview(shop.id, now=utc_now()),
        read_goods_of(shop.id, candidate.terms),
        shop.formats,
    )
    wording = goods.wording(overview.segments, money=formats.money, moment=formats.moment)
    terms = candidate.terms
    wrong = errors or {}
    said = (Notice("critical", "No draft was made", ("The fields below say why.",)),) if wrong else ()
    return CandidatePage(
        frame=build_frame(candidate.title, shop, PLACE),
        back=Link("Bundles", url_for(PLACE)),
        heading=candidate.title,
        badges=(Notice("info", FORMS[terms.form], ()),),
        said=said,
        lead=f"{what_words(terms, wording)} {whom_words(terms, wording)}",
        figures=_figures(candidate, formats),
        evidence=evidence_words(candidate.facts.get("evidence", {})),
        anyway=tuple(
            candidate.facts[name]["words"] for name in ("anyway", "cannibalised") if candidate.facts.get(name)
        ),
        steps=_steps(candidate, formats),
        parts=_parts(candidate, goods, formats),
        stock_words=_stock_words(candidate),
        ways=_ways(shop, candidate, formats),
        form=_form(candidate, fields or OfferFields.of(candidate.title, terms, formats), overview, wrong),
    )


def figure_words(value: float | None, unit: str, formats: Formats) -> str:
    """Write a figure of an arithmetic in its unit."""
    if value is None:
        return NOTHING
    if unit == "money":
        return formats.money(value)
    if unit == "ratio":
        return percent(value)
    if unit == "days":
        return counted(round(value), "day")
    return number_words(value)


def _figures(candidate: Candidate, formats: Formats) -> tuple[Fact, ...]:
    facts = candidate.facts
    low, high = (formats.money(facts.get(f"extra_margin_{end}")) for end in ("low", "high"))
    days = facts.get("horizon_days", 90)
    return (
        Fact("Extra margin", formats.money(candidate.extra_margin), f"{low} to {high} in {days} days"),
        Fact(
            "Sales expected",
            figure_words(facts.get("uses_expected"), "count", formats),
            f"{figure_words(facts.get('would_have_bought'), 'count', formats)} would have bought it all anyway",
        ),
        Fact(
            "Price",
            formats.money(candidate.price),
            f"{formats.money(candidate.list_price)} without the offer",
        ),
        Fact(
            "Margin a sale",
            formats.money(candidate.margin),
            f"{percent(candidate.margin_ratio)} of the price, after cost",
        ),
        Fact(
            "Deepest discount",
            f"{facts.get('most_discount_percent', candidate.terms.discount_percent)} %",
            "that keeps your margin floor",
        ),
    )


def _steps(candidate: Candidate, formats: Formats) -> Table:
    return Table(
        name="Arithmetic",
        caption="How the expected extra margin is worked out, step by step",
        headings=plain_headings("Step", "Figure"),
        rows=tuple(
            (Cell(step["label"]), Cell(figure_words(step["value"], step["unit"], formats)))
            for step in candidate.facts.get("steps", ())
        ),
        nothing="",
        words=_MARGIN_STEPS_WORDS,
    )


def _parts(candidate: Candidate, goods: Goods, formats: Formats) -> Table:
    """Tell price, cost, margin and stock of each thing that the offer speaks of."""
    quantities = {part.item_id: part.quantity for part in candidate.terms.parts}
    known = [item_id for item_id in candidate.terms.item_ids if item_id in goods.items]
    return Table(
        name="Parts",
        caption="Price, cost and stock of each part",
        headings=plain_headings("Part", "Price", "Cost", "Margin", "Stock now"),
        rows=tuple(
            _part(goods.items[item_id], quantities.get(item_id, 1), formats) for item_id in known[:_PARTS_SHOWN]
        ),
        nothing="None of its parts is sold any more.",
        words=first_of(min(len(known), _PARTS_SHOWN), len(known), ""),
    )


def _part(good: Good, many: int, formats: Formats) -> tuple[Cell, ...]:
    is_assumed = good.cost is None and good.price is not None
    return (
        Cell(f"{many} \u00d7 {good.name}" if many > 1 else good.name),
        Cell(formats.money(good.price)),
        Cell(formats.money(good.cost), "assumed by your rules" if is_assumed else ""),
        Cell(formats.money(good.margin)),
        Cell(NOTHING if good.stock is None else count(good.stock), "not counted" if good.stock is None else ""),
    )


def _stock_words(candidate: Candidate) -> tuple[str, ...]:
    """Say for how many sales the stock of each side is enough; nothing of what is not counted."""
    return tuple(
        f"{each['name']}: {count(each['stock'])} in stock, of which {count(each['kept_back'])} are kept back; "
        f"enough for {counted(each['uses'], 'sale')}."
        for each in candidate.facts.get("stock", ())
        if each["stock"] is not None
    )


def _ways(shop: ChosenShop, candidate: Candidate, formats: Formats) -> tuple[Way, ...]:
    """Set the two ways of offering the same things side by side, each with what its buyer pays."""
    others = other_forms(shop.id, candidate)
    ways = []
    for preview in candidate.facts.get("previews", ()):
        is_pure = preview["kind"] == "pure"
        is_this = is_pure == (candidate.terms.form is Form.FIXED)
        other = next((each for each in others if is_pure == (each.terms.form is Form.FIXED)), None)
        ways.append(
            Way(
                heading=_WAYS.get(preview["kind"], preview["kind"]),
                words=preview["words"],
                facts=_way_facts(preview["figures"], formats),
                link=None
                if is_this or other is None
                else Link(
                    f"Look at it: {other.title}",
                    url_for("bundles.candidate", key=other.key, segment=other.segment or None),
                ),
            )
        )
    return tuple(ways)


def _way_facts(figures: Mapping[str, Any], formats: Formats) -> tuple[Fact, ...]:
    margin = figures["price"] - figures["cost"]
    ratio = margin / figures["price"] if figures["price"] else None
    return (
        Fact("Paid", formats.money(figures["price"]), f"instead of {formats.money(figures['list_price'])}"),
        Fact("Given away", formats.money(figures["discount"])),
        Fact("Margin", formats.money(margin), f"{percent(ratio)} of the price"),
    )


def _form(
    candidate: Candidate, fields: OfferFields, overview: Overview, errors: Mapping[str, str]
) -> OfferForm:
    deepest = candidate.facts.get("most_discount_percent")
    words = "" if deepest is None else f"{deepest} % is the most that keeps your margin floor."
    return offer_form(
        fields,
        candidate.terms,
        overview,
        address=url_for("bundles.draft"),
        submit="Make a draft",
        kept=(Field("key", candidate.key), Field("found_in", candidate.segment)),
        errors=errors,
        discount_words=words,
    )
