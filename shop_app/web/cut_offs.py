"""What the marks 1 to 5 mean in days, orders and money, read from a run's stored edges."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from shop_app.segments.edge_words import describe_marks
from shop_app.segments.rfm_edges import MeasureEdges
from shop_app.web.formats import Formats, count
from shop_app.web.pages import CutOff

Summary = dict[str, Any]

MARKS = (5, 4, 3, 2, 1)


def all_cut_offs(edges: dict[str, Any], formats: Formats) -> tuple[CutOff, ...]:
    """Return the three measures' limits for every mark (or Klaviyo's three levels), the best first."""
    words = describe_marks(MeasureEdges.from_json(edges), formats.short_money)
    return tuple(
        CutOff(mark, recency, words["order_count"][mark], words["total_spent"][mark])
        for mark, recency in sorted(words["recency_days"].items(), reverse=True)
    )


def recency_words(summary: Summary, formats: Formats) -> dict[int, str]:
    """Return the days of every recency mark: ``30 to less than 60 days ago``."""
    return {each.mark: each.recency for each in all_cut_offs(summary["edges"], formats)}


def recency_labels(edges: Sequence[float]) -> dict[int, str]:
    """Return the days of every recency mark in whole days, short enough for the head of a row."""
    middle = [f"{count(low)}\u2013{count(high)}" for low, high in pairwise(edges)]
    labels = [f"under {count(edges[0])}", *middle, f"{count(edges[-1])}+"]
    return dict(zip(MARKS, labels, strict=True))


def segment_tones(summary: Summary, groups: str = "segments") -> dict[str, int]:
    """Return each segment's colour, the same on every page: how recently its typical customer ordered.

    1 stands for the most recent days, 5 for the longest ago, 0 where nobody has ordered. ``rfm_groups`` asks
    for those of the RFM groups.
    """
    edges = summary["edges"]["recency_days"]
    return {group["slug"]: _tone(edges, group["median_recency_days"]) for group in summary[groups]}


def _tone(edges: Sequence[float], recency_days: float | None) -> int:
    if recency_days is None:
        return 0
    return 1 + sum(recency_days >= edge for edge in edges)
