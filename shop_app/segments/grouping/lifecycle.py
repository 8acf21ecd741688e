"""Where customers stand with the shop: new, active, slipping, lapsed, or quiet and still interested."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import ceil
from typing import Any, Self

import numpy as np
import polars as pl

from shop_app.segments.division import divide
from shop_app.segments.grouping.partition import SLACK_RATIO, Cell, Partition, divide_up
from shop_app.segments.grouping.rule_tree import All, Any_, Condition, Rule

STATES = {
    "prospect": "is in the books and has no order yet",
    "new": "bought for the first time not long ago",
    "active": "came back, and is within the usual gap or not far past it",
    "slipping": "came back before, and is well past the usual gap",
    "lapsed": "came back before, and has been away so long that most never return",
    "one_time": "bought on one day only, and the usual time for a second order has passed",
    "interested": "has not ordered for long, but visits the shop, fills carts or clicks in e-mails",
}
"""Every state, in words to go behind "the customer"."""

SLIP_RATIO = 2.0
LAPSE_RATIO = 4.0
# Of a customer who orders at random times, one gap in seven is twice the usual one and one in fifty four times
# it; Thirdshelf calls customers slipping and dormant at the same multiples.
LAPSE_DAYS = 183.0
# Half a year without an order is lapsed, however slow the rhythm was.
MIN_REPEAT_BUYERS = 50
# With fewer, a shop's own gaps say little and the fixed figures stand.
USUAL_GAP_DAYS = 60.0
NEW_DAYS = (30.0, 90.0)
A_WEEK = 7.0
LOW_CHANCE = (0.02, 0.15)


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """The borders between the states in one shop.

    Attributes
    ----------
    usual_gap_days
        The shop's: half of its repeat buyers have shorter gaps.
    new_days
        Up to here a first order is new: the usual gap, 30 to 90 days.
    quiet_days
        Below it nobody is slipping, however fast the rhythm was: a week where one of ten repeat buyers comes
        so often that a week would be twice the usual gap, and 0 elsewhere.
    slip_ratio, lapse_ratio
        Silence against the customer's own usual gap from which on they are slipping, and lapsed.
    lapse_days
        From here on everybody who came back before is lapsed.
    lapse_probability
        Who is slipping and has a lower chance of an order in 90 days is lapsed: a quarter of what active
        customers have. ``None`` where the shop publishes no such chance.
    is_own
        Whether the figures come from the shop's own gaps.
    """

    usual_gap_days: float = USUAL_GAP_DAYS
    new_days: float = USUAL_GAP_DAYS
    quiet_days: float = 0.0
    slip_ratio: float = SLIP_RATIO
    lapse_ratio: float = LAPSE_RATIO
    lapse_days: float = LAPSE_DAYS
    lapse_probability: float | None = None
    is_own: bool = False

    def to_json(self) -> dict[str, Any]:
        """Give plain values that :meth:`from_json` reads back as an equal object."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_json` gave."""
        return cls(**stored)


def fit_lifecycle(scored: pl.DataFrame) -> Lifecycle:
    """Find the borders from the gaps of the shop's repeat buyers.

    Parameters
    ----------
    scored
        One row a customer, in any order: ``repeat_count``, ``usual_gap_days``, ``cadence_drift_ratio``, and
        ``order_probability_90d`` where there is one.

    Returns
    -------
    Lifecycle
        Fixed figures, with ``is_own`` false, for a shop of fewer than :data:`MIN_REPEAT_BUYERS` repeat buyers.
    """
    repeat = scored.filter(pl.col("repeat_count") >= 1)
    gaps = _known(repeat, "usual_gap_days")
    if gaps.size < MIN_REPEAT_BUYERS:
        return Lifecycle()
    fastest, usual = _quantile(gaps, 0.1), _quantile(gaps, 0.5)
    return Lifecycle(
        usual_gap_days=usual,
        new_days=float(ceil(_within(usual, *NEW_DAYS))),
        quiet_days=A_WEEK if SLIP_RATIO * fastest < A_WEEK else 0.0,
        lapse_probability=_low_chance(repeat),
        is_own=True,
    )


def score_lifecycle(scored: pl.DataFrame, lifecycle: Lifecycle, settled: pl.Series | None = None) -> pl.Series:
    """Tell each customer's state.

    Parameters
    ----------
    scored
        One row a customer: ``order_count``, ``repeat_count``, ``recency_days``, ``cadence_drift_ratio``; the
        chance of an order and behaviour signals where the shop has them.
    lifecycle
        The shop's borders.
    settled
        Each customer's state at the last midnight, null or ``None`` without one: borders of days and ratios
        give way by a tenth to those inside, counts of orders do not.

    Returns
    -------
    polars.Series
        String, a key of :data:`STATES`, never null, in the order of ``scored``.
    """
    states = divide_up(with_drift(scored, lifecycle), lifecycle_partition(lifecycle), settled)
    bought = pl.when(pl.col("order_count") > 0).then("lifecycle")
    return scored.with_columns(lifecycle=states).select(bought.fill_null("prospect"))["lifecycle"]


def with_drift(scored: pl.DataFrame, lifecycle: Lifecycle) -> pl.DataFrame:
    """Measure the silence by the shop's usual gap where a customer's own is not known."""
    by_shop = divide(pl.col("recency_days"), pl.lit(lifecycle.usual_gap_days))
    if "cadence_drift_ratio" not in scored.columns:
        return scored.with_columns(cadence_drift_ratio=by_shop)
    return scored.with_columns(pl.coalesce("cadence_drift_ratio", by_shop).alias("cadence_drift_ratio"))


def lifecycle_partition(lifecycle: Lifecycle) -> Partition:
    """Put the states into rules, in the order in which they are asked."""
    rules = lifecycle_rules(lifecycle)
    return Partition(tuple(Cell(state, rule, state) for state, rule in rules.items()))


def lifecycle_rules(lifecycle: Lifecycle) -> dict[str, Rule]:
    """Return the rule of every state but ``prospect``; whoever fits several is in the first of them.

    The new and the active are asked first, so that signs of interest count only of those who are quiet.
    """
    once, back = Condition("repeat_count", "is", 0), Condition("repeat_count", "at_least", 1)
    waited = Condition("recency_days", "at_least", lifecycle.new_days, SLACK_RATIO)
    slipping, lapsed = is_slipping(lifecycle), is_lapsed(lifecycle)
    return {
        "new": All((once, Condition("recency_days", "less_than", lifecycle.new_days, SLACK_RATIO))),
        "active": All((back, is_active(lifecycle))),
        "interested": IS_INTERESTED,
        "one_time": All((once, waited)),
        "lapsed": All((back, lapsed)),
        "slipping": All((back, slipping)),
    }


IS_INTERESTED: Rule = Any_(
    (
        Condition("visits_30d", "at_least", 2),
        Condition("carts_30d", "at_least", 1),
        Condition("email_clicks_30d", "at_least", 2),
        Condition("last_checkout_days", "at_most", 30.0, SLACK_RATIO),
    )
)
"""Quiet in orders is not gone: two visits or clicks in a month, or a cart, tell of somebody who still looks."""


def is_slipping(lifecycle: Lifecycle) -> Rule:
    """Return the rule of being well past one's own usual gap."""
    drifted = Condition("cadence_drift_ratio", "at_least", lifecycle.slip_ratio, SLACK_RATIO)
    return _not_before(lifecycle, drifted)


def is_active(lifecycle: Lifecycle) -> Rule:
    """Return the rule of not slipping and not lapsed."""
    within: Rule = Condition("cadence_drift_ratio", "less_than", lifecycle.slip_ratio, SLACK_RATIO)
    if lifecycle.quiet_days:
        within = Any_((within, Condition("recency_days", "less_than", lifecycle.quiet_days, SLACK_RATIO)))
    return All((within, Condition("recency_days", "less_than", lifecycle.lapse_days, SLACK_RATIO)))


def is_lapsed(lifecycle: Lifecycle) -> Rule:
    """Return the rule of having been away too long, by one's own rhythm or by anybody's."""
    far_past = Condition("cadence_drift_ratio", "at_least", lifecycle.lapse_ratio, SLACK_RATIO)
    long_ago = Condition("recency_days", "at_least", lifecycle.lapse_days, SLACK_RATIO)
    if lifecycle.lapse_probability is None:
        return Any_((long_ago, _not_before(lifecycle, far_past)))
    drifted = Condition("cadence_drift_ratio", "at_least", lifecycle.slip_ratio, SLACK_RATIO)
    unlikely = Condition("order_probability_90d", "less_than", lifecycle.lapse_probability, SLACK_RATIO)
    return Any_((long_ago, _not_before(lifecycle, far_past), _not_before(lifecycle, drifted, unlikely)))


def _not_before(lifecycle: Lifecycle, *conditions: Rule) -> Rule:
    """Join conditions, and let nobody be called quiet within the days that are nothing in any rhythm."""
    if lifecycle.quiet_days:
        conditions = (*conditions, Condition("recency_days", "at_least", lifecycle.quiet_days, SLACK_RATIO))
    return conditions[0] if len(conditions) == 1 else All(conditions)


def _low_chance(repeat: pl.DataFrame) -> float | None:
    if "order_probability_90d" not in repeat.columns or "cadence_drift_ratio" not in repeat.columns:
        return None
    chances = _known(repeat.filter(pl.col("cadence_drift_ratio") < 1), "order_probability_90d")
    if chances.size < MIN_REPEAT_BUYERS:
        return None
    return _within(_quantile(chances, 0.5) / 4, *LOW_CHANCE)


def _known(frame: pl.DataFrame, name: str) -> np.ndarray:
    if name not in frame.columns:
        return np.zeros(0)
    return frame[name].fill_nan(None).drop_nulls().sort().to_numpy()


def _quantile(ascending: np.ndarray, share: float) -> float:
    """Take the observed value with this share below it; no arithmetic that could depend on the machine."""
    return float(ascending[min(int(share * ascending.size), ascending.size - 1)])


def _within(value: float, low: float, high: float) -> float:
    return float(min(max(value, low), high))
