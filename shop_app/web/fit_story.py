"""One version of the groups in full, from what was stored with it."""

from typing import Any

from flask import url_for

from shop_app.segments.grouping.catalogue import FEATURES
from shop_app.services.describe_fit import FitOverview, FitStory
from shop_app.storage.decisions import Decision
from shop_app.storage.model_fits import FitCard
from shop_app.web.chosen_shop import ChosenShop
from shop_app.web.fit_checks import check_rows
from shop_app.web.fit_contest import count_tables, way_rows
from shop_app.web.fit_words import goal_name, method_name, person_name, state_badge, state_words
from shop_app.web.fits_page import DecisionRow, Deed, FitPage, GroupRow
from shop_app.web.formats import Formats, capital, count, counted, percent
from shop_app.web.pages import Fact, Link, Notice
from shop_app.web.rendering import build_frame

Group = dict[str, Any]

_USUAL_WEIGHT = 1.0


def fit_page(shop: ChosenShop, overview: FitOverview, story: FitStory, *, said: tuple[Notice, ...]) -> FitPage:
    """Tell everything of one version."""
    card, measures = story.card, story.measures
    heading = f"Version {card.version}"
    return FitPage(
        frame=build_frame(heading, shop, "fits.index"),
        back=Link("Versions", url_for("fits.index")),
        heading=heading,
        badges=(state_badge(card, overview.waiting),),
        said=said,
        words=" ".join(dict.fromkeys(words for words in (card.reason, card.note) if words)),
        facts=_facts(overview, story, shop.formats),
        deeds=_deeds(card, overview),
        checks=check_rows(measures),
        ways_words=measures.get("choice", ""),
        ways=way_rows(measures),
        groups=tuple(_group_row(group, story) for group in story.groups),
        dimensions=_dimensions(measures),
        left_out=tuple(
            Fact(_label(name), "", reason)
            for name, reason in measures.get("space", {}).get("left_out", {}).items()
        ),
        counts=count_tables(measures),
        steadiness=tuple(measures.get("stability", {}).get("words", ())),
        outliers=measures.get("outliers", {}).get("words", ""),
        missing=tuple(measures.get("missing", {}).values()),
        decisions=tuple(_decision_row(line, shop.formats) for line in story.decisions),
    )


def _facts(overview: FitOverview, story: FitStory, formats: Formats) -> tuple[Fact, ...]:
    card = story.card
    facts = [
        Fact("Goal", goal_name(story.goal, overview.choices)),
        Fact("Way of grouping", method_name(story.method)),
        Fact(
            "Groups", count(len(story.groups)), f"of {counted(card.customer_count, 'customer')} with an order"
        ),
        Fact("Learned", formats.date(card.fitted_at), f"from orders until {formats.date(card.as_of)}"),
    ]
    if card.live_from is not None:
        facts.append(Fact("Live from", formats.date(card.live_from)))
    if card.owner:
        facts.append(Fact("Owner", card.owner))
    return tuple(facts)


def _deeds(card: FitCard, overview: FitOverview) -> tuple[Deed, ...]:
    deeds, waiting = [], overview.waiting
    if card.state == "live" and overview.review_due:
        deeds.append(
            Deed(
                url_for("fits.review"),
                "Time to look at it",
                "Do these groups still fit what you know of your customers?",
                "I have looked at it",
                "primary",
            )
        )
    if waiting is not None and waiting.id == card.id:
        deeds.append(
            Deed(
                url_for("fits.approve", fit_id=card.id),
                "Approve",
                "These groups become the ones in use; everybody is labelled by them. Nothing leaves Kindred.",
                "Approve",
                "primary",
            )
        )
    if card.state in ("draft", "validated"):
        deeds.append(
            Deed(
                url_for("fits.reject", fit_id=card.id),
                "Put aside",
                "The groups in use stay as they are.",
                "Put aside",
            )
        )
    if card.state == "retired" and card.live_from is not None:
        deeds.append(
            Deed(
                url_for("fits.restore", fit_id=card.id),
                "Go back to this version",
                "The same groups become the ones in use again, as a version of their own.",
                "Go back",
            )
        )
    return tuple(deeds)


def _group_row(group: Group, story: FitStory) -> GroupRow:
    slug, is_live = group["slug"], story.card.state == "live"
    people, money = percent(group["size_ratio"]), percent(group["revenue_ratio"])
    return GroupRow(
        name=group["name"],
        link=Link(group["name"], url_for("segments.show", slug=slug)) if is_live else None,
        sizes=f"{counted(group['customer_count'], 'customer')}: {people} of the buyers, {money} of the money",
        description=group["description"],
        definition=tuple(group["definition"]),
        drivers=tuple(driver["words"] for driver in group["drivers"]),
        fit_words=group["fit_words"],
        micro_segments=tuple(
            f"{each['words']} {counted(each['customer_count'], 'customer')} now."
            for each in story.measures.get("micro_segments", ())
            if each["group"] == slug
        ),
    )


def _dimensions(measures: dict[str, Any]) -> tuple[str, ...]:
    """Name what customers are compared by; a weight only where it is not the usual one."""
    return tuple(
        _label(each["feature"]) + (f" (weight {each['weight']:g})" if each["weight"] != _USUAL_WEIGHT else "")
        for each in measures.get("space", {}).get("dimensions", ())
    )


def _label(name: str) -> str:
    return capital(FEATURES[name].label) if name in FEATURES else name


def _decision_row(line: Decision, formats: Formats) -> DecisionRow:
    is_look = line.from_state == line.to_state
    return DecisionRow(
        at=formats.moment(line.at),
        who=person_name(line.who),
        what="looked at" if is_look else state_words(line.to_state),
        note=line.note,
    )
