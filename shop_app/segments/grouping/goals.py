"""What the groups are wanted for: the goals a merchant may choose, and goals of their own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from shop_app.segments.grouping.catalogue import FEATURES, nearest_features

OUTCOMES = {
    "order_90d": "an order in the following 90 days",
    "revenue_90d": "the money of the following 90 days",
    "order_value_90d": "the value of an order in the following 90 days",
    "full_price_order_90d": "an order without a discount in the following 90 days",
}

FEWEST_DIMENSIONS, MOST_DIMENSIONS = 2, 8
FEWEST_GROUPS, MOST_GROUPS = 3, 10
MOST_USABLE_GROUPS = 8
# Beyond eight groups nobody remembers what to do with which.

SMALL_SHOPS = ((50, 3), (500, 4), (1_000, 5))
# Buyers below which a shop gets so many groups; a group should be more than a handful of people.


@dataclass(frozen=True, slots=True)
class Goal:
    """What a merchant wants the groups for.

    Attributes
    ----------
    slug
        Short name for addresses and files; never translated.
    name
        What a screen calls it.
    question
        The question that the groups answer.
    dimensions
        Names of features that customers are compared by, the most telling first.
    group_count
        How many groups a shop of a thousand buyers or more gets.
    outcome
        A key of :data:`OUTCOMES`: what good groups tell apart.
    words
        Why these dimensions, and what to do with the groups.
    """

    slug: str
    name: str
    question: str
    dimensions: tuple[str, ...]
    group_count: int
    outcome: str
    words: str

    def to_json(self) -> dict[str, Any]:
        """Give plain values that :meth:`from_json` reads back as an equal goal."""
        plain = {field: getattr(self, field) for field in self.__slots__}
        return plain | {"dimensions": list(self.dimensions)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_json` gave."""
        return cls(**{**stored, "dimensions": tuple(stored["dimensions"])})


_GOALS = (
    Goal(
        slug="keep-the-best",
        name="Keep the best",
        question="Who brings the most, and who of them is slipping away?",
        dimensions=(
            *("total_spent", "order_count", "cadence_drift_ratio", "usual_gap_days"),
            *("interval_trend_ratio", "discount_share_ratio", "average_order_value"),
        ),
        group_count=8,
        outcome="revenue_90d",
        words="Compares what customers have brought, how regularly they come and whether they still do, so "
        "that the best are thanked and not paid to stay, and those who slip hear from you first.",
    ),
    Goal(
        slug="repeat-purchase",
        name="Bring buyers back for the next order",
        question="Who is due for another order, and who needs a reason for the second one?",
        dimensions=("recency_days", "order_count", "total_spent", "cadence_drift_ratio", "usual_gap_days"),
        group_count=7,
        outcome="order_90d",
        words="Compares how recently, how often and for how much customers bought, and where they are in their "
        "own rhythm, so that reminders come when the next order is due.",
    ),
    Goal(
        slug="win-back",
        name="Win back the quiet ones",
        question="Who has gone quiet, who of them is worth an offer, and who should be left in peace?",
        dimensions=("recency_days", "cadence_drift_ratio", "order_count", "total_spent", "refund_rate_ratio"),
        group_count=7,
        outcome="order_90d",
        words="Compares the silence with what was usual before it and with what was spent, so that offers go "
        "to those who may return and not to those who are merely between two orders.",
    ),
    Goal(
        slug="raise-order-value",
        name="Raise the value of an order",
        question="Who could put more into a basket, and what would go in?",
        dimensions=(
            *("average_order_value", "items_per_order", "category_count", "order_count"),
            *("top_category_share_ratio", "recency_days"),
        ),
        group_count=6,
        outcome="order_value_90d",
        words="Compares what goes into an order: its value, how many pieces and from how many categories, so "
        "that bundles and complements are shown to those who buy narrowly.",
    ),
    Goal(
        slug="differentiated-pricing",
        name="Offer the right price to each",
        question="Who waits for a discount, and who buys at full price anyway?",
        dimensions=(
            *("price_sensitivity_index", "discount_share_ratio", "discount_depth_ratio"),
            *("average_order_value", "category_diversity_ratio", "order_count", "recency_days"),
        ),
        group_count=6,
        outcome="full_price_order_90d",
        words="Compares how customers answer to prices and which categories they prefer, so that discounts go "
        "where they bring an order and are saved where they do not.",
    ),
)

GOALS: dict[str, Goal] = {goal.slug: goal for goal in _GOALS}


def own_goal(name: str, dimensions: Sequence[str], group_count: int, *, outcome: str = "revenue_90d") -> Goal:
    """Make a goal of the merchant's own.

    Parameters
    ----------
    name
        What the merchant calls it.
    dimensions
        Two to eight names of features that have a more and a less.
    group_count
        Three to ten.
    outcome
        A key of :data:`OUTCOMES`.

    Raises
    ------
    ValueError
        One of these does not hold; the message says which, and what would.
    """
    if not name.strip():
        raise ValueError("name: give the goal a name")
    chosen = tuple(dict.fromkeys(dimensions))
    for dimension in chosen:
        _check_dimension(dimension)
    if not FEWEST_DIMENSIONS <= len(chosen) <= MOST_DIMENSIONS:
        raise ValueError(
            f"dimensions: choose {FEWEST_DIMENSIONS} to {MOST_DIMENSIONS} different ones, not {len(chosen)}"
        )
    if isinstance(group_count, bool) or not FEWEST_GROUPS <= group_count <= MOST_GROUPS:
        raise ValueError(f"group_count: choose {FEWEST_GROUPS} to {MOST_GROUPS} groups, not {group_count}")
    if outcome not in OUTCOMES:
        raise ValueError(f"outcome: must be one of {', '.join(OUTCOMES)}, not {outcome!r}")
    labels = ", ".join(FEATURES[dimension].label for dimension in chosen)
    return Goal(
        slug="own",
        name=name.strip(),
        question=f"Who differs in {labels}?",
        dimensions=chosen,
        group_count=group_count,
        outcome=outcome,
        words=f"Compares {labels}, as chosen by you.",
    )


def goal_warnings(goal: Goal) -> tuple[str, ...]:
    """Say what speaks against a goal that is allowed all the same."""
    warnings = []
    if goal.group_count > MOST_USABLE_GROUPS:
        warnings.append(
            f"{goal.group_count} groups are more than most teams can act on. Begin with six to eight; each "
            "group needs something of its own to do."
        )
    families = {FEATURES[dimension].family for dimension in goal.dimensions}
    if goal.slug == "own" and len(families) == 1:
        warnings.append("All dimensions tell of the same thing, so the groups will differ in little else.")
    return tuple(warnings)


def group_count_for(goal: Goal, buyer_count: int) -> int:
    """Return how many groups a shop of so many buyers gets for a goal: three to five below a thousand."""
    fitting = (groups for below, groups in SMALL_SHOPS if buyer_count < below)
    return min(goal.group_count, next(fitting, goal.group_count))


def _check_dimension(name: str) -> None:
    if name not in FEATURES:
        near = nearest_features(name)
        hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(FEATURES)}"
        raise ValueError(f"dimensions: there is no {name!r}; {hint}")
    if not FEATURES[name].is_numeric:
        raise ValueError(f"dimensions: {name} has no more and less, so customers cannot be compared by it")
