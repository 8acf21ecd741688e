"""Which predictions may be shown as such, and what is missing for the others, in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

from shop_app.segments.data_tier import MIN_REPEAT_BUYERS, MIN_WEEKS

LEAST_POSITIVES = 50
"""Customers expected to order within 90 days, below which their number is mostly chance."""

MOST_WEEKS = 104
"""How far ahead a pace is trusted."""

WEEKS_OF_WINDOW = 90 / 7

LEAST_SKILL = 0.03
"""By which share of its errors a prediction must beat the best rule of thumb. With CDNOW's orders shuffled in
time, so that nothing but each customer's number of them is left to know, it did so by 1 %."""

GATED = {
    "order_probability_90d": ("order_probability_90d", "churn_probability_90d"),
    "expected_orders_90d": ("expected_orders_90d",),
    "predicted_clv_365d": ("predicted_clv_365d", "predicted_clv_365d_low", "predicted_clv_365d_high"),
    "next_order": ("next_order_from", "next_order_to"),
}
"""Each part of the report card, and the columns that stand or fall with it."""

DESCRIPTIONS = (
    *("send_hour", "send_weekday", "price_sensitivity_index", "usual_gap_days", "cadence_drift_ratio"),
    *("affinity_category", "affinity_ratio"),
)
"""Columns that describe what was, not what will be: shown wherever there are orders."""

_NAMES = {
    "order_probability_90d": "The chance of an order",
    "expected_orders_90d": "The number of orders",
    "predicted_clv_365d": "The value in a year",
    "next_order": "The day of the next order",
}


@dataclass(frozen=True, slots=True)
class ShopFacts:
    """How much past a shop has.

    Attributes
    ----------
    buyers, repeat_buyers
        Customers with an order, and with purchases on two days or more.
    weeks
        From the first order to today.
    expected_positives
        Customers who will order within 90 days if as many do as did of late.
    repeat_buyers_per_week
        How many came back for the first time in a week of late; ``None`` where unknown.
    """

    buyers: int
    repeat_buyers: int
    weeks: float
    expected_positives: float
    repeat_buyers_per_week: float | None

    def to_json(self) -> dict[str, Any]:
        """Give plain values, rounded to what is read."""
        pace = self.repeat_buyers_per_week
        return {
            "buyers": self.buyers,
            "repeat_buyers": self.repeat_buyers,
            "weeks": round(self.weeks, 1),
            "expected_positives": round(self.expected_positives, 1),
            "repeat_buyers_per_week": None if pace is None else round(pace, 2),
        }


def missing(facts: ShopFacts) -> list[str]:
    """Say in a sentence each what is missing for predictions, and when it will be there if that is known."""
    sentences = []
    lacks = MIN_REPEAT_BUYERS - facts.repeat_buyers
    if lacks > 0:
        when = _at_pace(lacks, facts.repeat_buyers_per_week)
        there = f"{facts.repeat_buyers:,} of {MIN_REPEAT_BUYERS:,}"
        more = "1 more customer" if lacks == 1 else f"{lacks:,} more customers"
        sentences.append(f"{more} with a second purchase {_are(lacks)} needed ({there}){when}.")
    if facts.weeks < MIN_WEEKS:
        weeks = ceil(MIN_WEEKS - facts.weeks)
        more = "1 more week" if weeks == 1 else f"{weeks} more weeks"
        sentences.append(f"{more} of orders {_are(weeks)} needed ({int(facts.weeks)} of {MIN_WEEKS}).")
    if facts.expected_positives < LEAST_POSITIVES:
        count = int(facts.expected_positives)
        sentences.append(
            f"About {count} customers are expected to order in 90 days; {LEAST_POSITIVES} are needed."
        )
    return sentences


def published(facts: ShopFacts, report: Mapping[str, Any] | None) -> dict[str, str]:
    """Say of every column why it is not shown as a prediction; nothing where it is.

    Parameters
    ----------
    facts
        How much past the shop has.
    report
        The report card's parts by the keys of :data:`GATED`; ``None`` where none was asked for, and only the
        shop's past decides.

    Returns
    -------
    dict
        One sentence or more a column, empty text for what is published.
    """
    lacking = " ".join(missing(facts))
    reasons = {part: lacking or _without_skill(part, report) for part in GATED}
    gated = {column: reasons[part] for part, columns in GATED.items() for column in columns}
    return gated | dict.fromkeys(DESCRIPTIONS, "")


def _without_skill(part: str, report: Mapping[str, Any] | None) -> str:
    if report is None:
        return ""
    card = report.get(part) or {}
    skill, name = card.get("skill"), _NAMES[part]
    if skill is None:
        weeks = ceil(2 * WEEKS_OF_WINDOW)
        return f"{name} could not be tried on this shop's own past yet; in about {weeks} weeks it can."
    if has_skill(skill):
        return ""
    rule = card["best_baseline_words"]
    if skill["low"] <= 0:
        return f"{name} was not surely better than going by {rule}, on this shop's own past."
    return (
        f"{name} was only {100 * skill['ratio']:.0f} % better than going by {rule}, on this shop's own past; "
        f"{100 * LEAST_SKILL:.0f} % is the least worth showing."
    )


def has_skill(skill: Mapping[str, float]) -> bool:
    """Tell whether a prediction beats the best rule of thumb beyond chance, and by enough to show."""
    return skill["low"] > 0 and skill["ratio"] >= LEAST_SKILL


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _at_pace(lacks: int, per_week: float | None) -> str:
    if not per_week or per_week <= 0:
        return ""
    weeks = ceil(lacks / per_week)
    if weeks > MOST_WEEKS:
        return "; at the present pace not within two years"
    return f"; at the present pace in about {weeks:,} week{'s' * (weeks != 1)}"
