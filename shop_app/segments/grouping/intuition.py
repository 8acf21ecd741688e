"""What a merchant would expect of a group by its name, asked of its members."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from shop_app.segments.grouping.agreement import Labels
from shop_app.segments.grouping.archetypes import ARCHETYPES
from shop_app.segments.grouping.catalogue import FEATURES


@dataclass(frozen=True, slots=True)
class Expectation:
    """Of these archetypes, members should have more (or less) of a feature than the rest of the buyers."""

    archetypes: tuple[str, ...]
    feature: str
    more: bool
    words: str


EXPECTATIONS = (
    Expectation(
        ("champions", "vip", "high-value-active", "big-spenders", "previously-loyal"),
        "total_spent",
        more=True,
        words="spent more than the average buyer",
    ),
    Expectation(
        ("vip", "loyal", "habit-buyers", "prime-like"),
        "order_count",
        more=True,
        words="ordered more often than the average buyer",
    ),
    Expectation(("big-spenders",), "average_order_value", more=True, words="spend more per order than others"),
    Expectation(
        (
            "champions",
            "vip",
            "high-value-active",
            "loyal",
            "rising-stars",
            "active",
            "potential-loyalist",
            "new",
        ),
        "recency_days",
        more=False,
        words="ordered more recently than the average buyer",
    ),
    Expectation(
        ("at-risk", "dormant", "hibernating", "previously-loyal"),
        "cadence_drift_ratio",
        more=True,
        words="have not ordered for longer than their usual gap",
    ),
    Expectation(("rising-stars",), "interval_trend_ratio", more=False, words="come back sooner than before"),
    Expectation(
        ("price-sensitive",), "discount_share_ratio", more=True, words="use discounts more often than others"
    ),
    Expectation(("new", "one-and-done"), "order_count", more=False, words="have fewer orders than others"),
)
_FIXED = {"cadence_drift_ratio": 1.0, "interval_trend_ratio": 1.0}
"""Features with a natural middle: one usual gap, gaps that stay as they are."""


def intuition(
    buyers: pl.DataFrame, labels: Labels, archetypes: Sequence[str]
) -> Iterator[tuple[bool, str, Mapping[str, Any]]]:
    """Ask of every group what its name promises.

    Parameters
    ----------
    buyers
        Customers with an order, a row each.
    labels
        Everybody's group as a number from 0.
    archetypes
        One a group.

    Yields
    ------
    tuple
        Whether it holds, the sentence, and the two medians compared. What nobody knows is not asked.
    """
    for number, slug in enumerate(archetypes):
        inside = labels == number
        for expected in EXPECTATIONS:
            if slug in expected.archetypes and expected.feature in buyers.columns:
                found = _compared(buyers[expected.feature], inside, expected)
                if found is not None:
                    yield _told(slug, expected, *found)


def _compared(column: pl.Series, inside: np.ndarray, expected: Expectation) -> tuple[float, float] | None:
    values = np.asarray(column.cast(pl.Float64).to_numpy(), dtype=np.float64)
    known = np.isfinite(values)
    own, others = values[known & inside], values[known & ~inside]
    if not own.size or not (others.size or expected.feature in _FIXED):
        return None
    usual = _FIXED.get(expected.feature)
    return float(np.median(own)), float(others.mean()) if usual is None else usual


def _told(slug: str, expected: Expectation, own: float, usual: float) -> tuple[bool, str, Mapping[str, Any]]:
    passed = own > usual if expected.more else own < usual
    name = ARCHETYPES[slug].name
    label = FEATURES[expected.feature].label
    words = f"{name} {expected.words}."
    if not passed:
        words = f"You would expect this, and it is not so: {words[:-1]} ({label} {own:.2f}, not {usual:.2f})."
    return (
        passed,
        words,
        {"group": slug, "feature": expected.feature, "label": label, "own": own, "others": usual},
    )
