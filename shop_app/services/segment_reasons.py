"""Why somebody is in their segment, in words against the shop's own edges."""

from collections.abc import Callable, Mapping
from typing import Any

import polars as pl

from shop_app.segments.edge_words import describe_marks
from shop_app.segments.group_story import group_facts
from shop_app.segments.rfm import LEVELS, MARKS, RfmEdges, score_levels
from shop_app.segments.segment_story import nearness_words, segment_story
from shop_app.segments.vocabularies import VOCABULARIES, Group, ladder_for
from shop_app.services.customer_story import MarkStory
from shop_app.services.live_models import LiveModels
from shop_app.services.money_words import money_words
from shop_app.storage.shop_settings import ShopSettings

_MEASURES = {"recency": "recency_days", "frequency": "order_count", "monetary": "total_spent"}


def mark_stories(scores: Mapping[str, Any], edges: RfmEdges, currency: str) -> tuple[MarkStory, ...]:
    """Say of each mark what it rests on; nothing for somebody without an order that counts."""
    if scores["order_count"] == 0:
        return ()
    spans = describe_marks(edges, lambda amount: money_words(amount, currency))
    figures = figure_words(scores, currency)
    return tuple(
        MarkStory(measure, scores[mark], _words(figures[measure], spans[column][scores[mark]], scores[mark]))
        for (measure, column), mark in zip(_MEASURES.items(), MARKS, strict=True)
    )


def reason(
    scores: Mapping[str, Any], models: LiveModels, shop: ShopSettings, *, order_total: int | None = None
) -> str:
    """Say in one sentence why this person is in this segment."""
    group = find_group(scores["segment"], shop, models)
    if scores["order_count"] == 0:
        return f"{group.name}: {_no_orders(order_total)}"
    if models.segmentation is not None:
        return segment_story(scores, group.name, (), margin=None, money=_money(shop)).summary
    names, of = (MARKS, 5)
    marks: Mapping[str, Any] = scores
    if VOCABULARIES[shop.vocabulary].has_levels:
        names, of = (LEVELS, 3)
        marks = _levels(scores, models.edges)
    figures = figure_words(scores, shop.currency)
    parts = [
        f"{figures[measure]} ({measure} {marks[name]} of {of})"
        for measure, name in zip(_MEASURES, names, strict=True)
    ]
    return f"{group.name}: {', '.join(parts)}."


def _levels(scores: Mapping[str, Any], edges: RfmEdges) -> dict[str, Any]:
    """Return somebody's marks on Klaviyo's scale of three."""
    needed = ("customer_id", "order_count", "recency_days", "total_spent")
    own = pl.DataFrame({name: [scores[name]] for name in needed})
    return score_levels(own, edges).row(0, named=True)


def why_words(scores: Mapping[str, Any], models: LiveModels, shop: ShopSettings) -> tuple[str, ...]:
    """Say what holds this person in their segment, with borders and distances, and how near to another it is.

    Empty where the RFM groups are the segments: there the marks say it.
    """
    if models.segmentation is None or scores["order_count"] == 0:
        return ()
    money = _money(shop)
    facts = group_facts(
        scores,
        models.segmentation.grouping.parameters,
        scores["segment"],
        names=segment_names(shop, models),
        money=money,
    )
    return (*(fact.words for fact in facts), nearness_words(scores["margin"]))


def _money(shop: ShopSettings) -> Callable[[float], str]:
    return lambda amount: money_words(amount, shop.currency)


def find_group(slug: str, shop: ShopSettings, models: LiveModels) -> Group:
    """Return a group by its slug: a published one, else the shop's own RFM group, else any that is known.

    A group that no fit and no vocabulary knows any more is called by its slug.
    """
    published = models.segmentation.published if models.segmentation else ()
    own = VOCABULARIES[shop.vocabulary].groups_at(ladder_for(models.edges.buyer_count))
    found = next((group for group in (*published, *own) if group.slug == slug), None)
    return found or _known_groups().get(slug) or Group(slug, slug.replace("-", " ").capitalize(), "", "")


def segment_names(shop: ShopSettings, models: LiveModels) -> dict[str, str]:
    """Return what the segments are called, by slug, whichever way they are made."""
    own = VOCABULARIES[shop.vocabulary].groups_at(ladder_for(models.edges.buyer_count))
    published = models.segmentation.published if models.segmentation else ()
    return {group.slug: group.name for group in (*own, *published)}


def figure_words(scores: Mapping[str, Any], currency: str) -> dict[str, str]:
    """Say the three figures that marks are given for."""
    count = scores["order_count"]
    return {
        "recency": f"last order {_days_ago(scores['recency_days'])}",
        "frequency": f"{count:,} {'order' if count == 1 else 'orders'}",
        "monetary": f"{money_words(scores['total_spent'], currency)} spent",
    }


def _words(figure: str, span: str, mark: int) -> str:
    said = figure[0].upper() + figure[1:]
    return f"{said}: mark {mark} of 5." if span == figure else f"{said}: mark {mark} of 5 ({span})."


def _known_groups() -> dict[str, Group]:
    return {
        group.slug: group
        for vocabulary in reversed(VOCABULARIES.values())
        for ladder in ("three", "five", "all")
        for group in vocabulary.groups_at(ladder)
    }


def _days_ago(days: float) -> str:
    """Count the days that are over, as people do: 12.6 days are 12."""
    if days < 1:
        return "today"
    return f"{int(days):,} days ago" if int(days) != 1 else "1 day ago"


def _no_orders(order_total: int | None) -> str:
    """Say why there is nothing to go by; ``None`` where the orders that do not count were not looked at."""
    if order_total is None:
        return "no order that counts."
    if order_total == 0:
        return "no order so far."
    return "the one order does not count." if order_total == 1 else f"none of {order_total:,} orders counts."
