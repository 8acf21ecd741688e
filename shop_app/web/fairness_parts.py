"""The audit of whom offers and errors fall on, as tables: each group beside all others."""

from collections.abc import Mapping
from typing import Any

from shop_app.segments.fairness import DIMENSIONS
from shop_app.web.formats import capital, count, percent, points
from shop_app.web.report_pages import FairnessPart, FairnessRow

_PARTS = {
    "offer_ratio": ("Who gets an offer", "The share who are in segments whose play has an offer."),
    "depth_ratio": ("How deep offers go", "The deepest discount of those who may be offered one, on average."),
    "calibration": (
        "Predicted and come true",
        "How much more, or less, often they ordered in 90 days than was predicted 90 days ago.",
    ),
    "error": ("Error of the predictions", "The mean squared error: 0 is perfect, 0.25 is as good as a coin."),
}
_DIMENSIONS = {
    "country": "Country",
    "language": "Language",
    "channel": "Channel",
    "is_b2b": "Business or private",
    "is_new": "New or older",
}


def fairness_parts(audit: Mapping[str, Any]) -> tuple[FairnessPart, ...]:
    """Return the comparisons by measure, those that stand out first."""
    parts = []
    for measure, (heading, words) in _PARTS.items():
        rows = [row for row in audit.get("rows", ()) if row["measure"] == measure]
        if rows:
            rows.sort(key=lambda row: not row["is_flagged"])
            parts.append(FairnessPart(heading, words, tuple(_row(row) for row in rows)))
    return tuple(parts)


def _row(row: Mapping[str, Any]) -> FairnessRow:
    state, tone = ("Stands out", "warning") if row["is_flagged"] else ("As others", "neutral")
    return FairnessRow(
        group=_group(row),
        people=count(row["group_count"]),
        here=_figure(row["measure"], row["value"]),
        others=_figure(row["measure"], row["others_value"]),
        state=state,
        tone=tone,
    )


def _group(row: Mapping[str, Any]) -> str:
    """Name a group; the two of a yes-or-no question speak for themselves."""
    group = str(row["group"])
    if group in DIMENSIONS[row["dimension"]].values():
        return capital(group)
    return f"{_DIMENSIONS[row['dimension']]}: {group}"


def _figure(measure: str, value: float) -> str:
    if measure == "calibration":
        return points(value)
    return f"{value:.3f}" if measure == "error" else percent(value)
