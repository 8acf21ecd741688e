"""Why somebody is in their segment, in words against the shop's own edges."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from shop_app.segments.edge_words import describe_marks
from shop_app.segments.rfm import LEVELS, MARKS, RfmEdges, score_levels
from shop_app.segments.vocabularies import VOCABULARIES, Group, ladder_for
from shop_app.services.customer_story import MarkStory
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


def reason(scores: Mapping[str, Any], edges: RfmEdges, shop: ShopSettings, *, order_total: int) -> str:
    """Say in one sentence why this person is in this segment."""
    group = find_group(scores["segment"], shop.vocabulary, edges)
    if scores["order_count"] == 0:
        return f"{group.name}: {_no_orders(order_total)}"
    names, of = (MARKS, 5)
    marks: Mapping[str, Any] = scores
    if VOCABULARIES[shop.vocabulary].has_levels:
        names, of = (LEVELS, 3)
        marks = score_levels(pl.DataFrame([dict(scores)], infer_schema_length=None), edges).row(0, named=True)
    figures = figure_words(scores, shop.currency)
    parts = [
        f"{figures[measure]} ({measure} {marks[name]} of {of})"
        for measure, name in zip(_MEASURES, names, strict=True)
    ]
    return f"{group.name}: {', '.join(parts)}."


def find_group(slug: str, vocabulary: str, edges: RfmEdges) -> Group:
    """Return a group by its slug: the shop's own, else one of another vocabulary or of a smaller shop."""
    groups = _known_groups()
    own = VOCABULARIES[vocabulary].groups_at(ladder_for(edges.buyer_count))
    return next((group for group in own if group.slug == slug), None) or groups[slug]


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


def _no_orders(order_total: int) -> str:
    if order_total == 0:
        return "no order so far."
    return "the one order does not count." if order_total == 1 else f"none of {order_total:,} orders counts."
