"""``/bundles``: what could be offered, the largest expected extra margin first, and what could not and why."""

from collections.abc import Mapping
from typing import Any

from flask import request, url_for

from shop_app.bundles.terms import Form
from shop_app.clock import utc_now
from shop_app.services.bundle_evidence import times_words
from shop_app.services.bundle_words import FORMS
from shop_app.services.describe_bundles import (
    Candidate,
    Overview,
    count_candidates,
    list_candidates,
    list_rows,
    read_overview,
)
from shop_app.web.bundles_look import EVERYBODY, first_of, look_of, nothing_words, segment_options
from shop_app.web.bundles_pages import Cell, Filters, FindingsPage, Table
from shop_app.web.bundles_tables import SHOWN, interval_note, picked_fields, plain_headings
from shop_app.web.chosen_shop import ChosenShop
from shop_app.web.formats import NOTHING, Formats, count, percent
from shop_app.web.pages import Link, Notice, Option, SortHeading
from shop_app.web.rendering import build_frame

PLACE = "bundles.index"
_ALL = "all"
_EVERYBODY = "everybody"
_LEFT_OUT = "left-out"
_RATIOS = {
    "segment": "lift_over_store",
    "pair": "adjusted_lift",
    "set": "adjusted_lift",
    "sequence": "ratio",
}
"""What each finding is measured by; the first that an offer rests on is shown."""
_LEAD = (
    "What could be offered together, by the margin that it is expected to bring more within 90 days. Each was "
    "checked against your floor, your stock and your rules. Nothing is offered before you approve it."
)
_BLOCKED_WORDS = "These sell together, and are not offered for the reason beside them."
_GOODS_WORDS = "What is no merchandise counts in no basket."


def candidates_page(shop: ChosenShop, said: tuple[Notice, ...]) -> FindingsPage:
    """Write the page for whom and in which form the address says."""
    overview = read_overview(shop.id, now=utc_now())
    chosen, form = _chosen(overview), _form()
    is_left_out = request.args.get("show") == _LEFT_OUT
    return FindingsPage(
        frame=build_frame("Bundles", shop, PLACE),
        heading="Bundles",
        said=said,
        look=look_of(shop, overview),
        lead=_LEAD,
        tabs=(
            Link("Can be offered", url_for(PLACE), is_current=not is_left_out),
            Link("Left out, and why", url_for(PLACE, show=_LEFT_OUT), is_current=is_left_out),
        ),
        filters=None if is_left_out else _filters(overview, chosen, form),
        downloads=(),
        tables=_left_out(shop, overview) if is_left_out else _offered(shop, overview, chosen, form),
    )


def _offered(
    shop: ChosenShop, overview: Overview, chosen: str, form: str | None
) -> tuple[tuple[str, str, Table], ...]:
    segment = None if chosen == _ALL else "" if chosen == _EVERYBODY else chosen
    found = list_candidates(shop.id, segment=segment, form=form, limit=SHOWN)
    otherwise = "Nothing of this kind can be offered. “Left out, and why” says what keeps the others back."
    table = Table(
        name="Candidates",
        caption="What could be offered, the largest expected extra margin first",
        headings=(
            SortHeading("Offer", "", "", is_number=False),
            SortHeading("For", "", "", is_number=False),
            SortHeading("Extra margin, 90 days", "", "descending"),
            SortHeading("Margin a sale", "", ""),
            SortHeading("Discount", "", ""),
            SortHeading("Stock for", "", ""),
            SortHeading("Evidence", "", ""),
        ),
        rows=tuple(_row(each, overview, shop.formats) for each in found),
        nothing=nothing_words(overview, otherwise),
        words=first_of(len(found), count_candidates(shop.id, segment=segment, form=form), ""),
    )
    return (("What could be offered", "", table),)


def _row(candidate: Candidate, overview: Overview, formats: Formats) -> tuple[Cell, ...]:
    facts, terms = candidate.facts, candidate.terms
    uses = facts.get("uses_by_stock")
    return (
        Cell(
            candidate.title,
            FORMS[terms.form],
            url_for("bundles.candidate", key=candidate.key, segment=candidate.segment or None),
        ),
        Cell(overview.segments.get(terms.segment, terms.segment) if terms.segment else EVERYBODY),
        Cell(
            formats.money(candidate.extra_margin),
            _range(facts, formats),
        ),
        Cell(formats.money(candidate.margin), f"{percent(candidate.margin_ratio)} of the price"),
        Cell(f"{terms.discount_percent} %", f"{formats.money(candidate.price)} paid"),
        Cell(NOTHING if uses is None else count(uses), "not counted" if uses is None else "sales"),
        _evidence_cell(candidate),
    )


def _range(facts: Mapping[str, Any], formats: Formats) -> str:
    return " to ".join(formats.money(facts.get(f"extra_margin_{end}")) for end in ("low", "high"))


def _evidence_cell(candidate: Candidate) -> Cell:
    evidence = candidate.facts.get("evidence", {})
    for kind, name in _RATIOS.items():
        found = evidence.get(kind)
        if found and found.get(f"{name}_low") is not None:
            low, high = found[f"{name}_low"], found.get(f"{name}_high")
            return Cell(times_words(found.get(name), low), interval_note(low, high))
    third = evidence.get("third")
    return Cell(count(third["two_count"]), "orders with two") if third else Cell(NOTHING)


def _left_out(shop: ChosenShop, overview: Overview) -> tuple[tuple[str, str, Table], ...]:
    blocked = list_rows(shop.id, "blocked")
    goods = list_rows(shop.id, "left_out")
    return (
        (
            "Not offered, and why",
            _BLOCKED_WORDS if blocked else "",
            _reasons(
                "Not offered", "Offer", "title", blocked, nothing_words(overview, "Nothing was held back.")
            ),
        ),
        (
            "Goods that are left out",
            _GOODS_WORDS,
            _reasons("Goods left out", "Item", "name", goods, "Everything that is sold is merchandise."),
        ),
    )


def _reasons(name: str, heading: str, key: str, rows: list[dict[str, object]], nothing: str) -> Table:
    return Table(
        name=name,
        caption=f"{name}, with the reason",
        headings=plain_headings(heading, "Why*"),
        rows=tuple(
            (Cell(str(row[key])), Cell(str(row.get("reason_words") or row["reason"])))
            for row in rows[: 2 * SHOWN]
        ),
        nothing=nothing,
        words=first_of(min(len(rows), 2 * SHOWN), len(rows), ""),
    )


def _filters(overview: Overview, chosen: str, form: str | None) -> Filters:
    first = [(_ALL, "Everybody and each segment"), (_EVERYBODY, EVERYBODY)]
    return Filters(
        address=url_for(PLACE),
        kept=picked_fields(),
        selects=(
            ("segment", "For", segment_options(overview, chosen, "candidate", first=first)),
            (
                "form",
                "Form",
                (
                    Option("", "Every form", form is None),
                    *(Option(each.value, text, each.value == form) for each, text in FORMS.items()),
                ),
            ),
        ),
    )


def _chosen(overview: Overview) -> str:
    given = request.args.get("segment", _ALL)
    return given if given == _EVERYBODY or given in overview.with_kind("candidate") else _ALL


def _form() -> str | None:
    given = request.args.get("form", "")
    return given if given in list(Form) else None
