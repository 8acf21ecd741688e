"""The rules behind the names, with the figures of one shop."""

from collections.abc import Mapping
from math import ceil, floor
from typing import Any, Final

import polars as pl

from shop_app.segments.grouping.lifecycle import (
    IS_INTERESTED,
    LAPSE_DAYS,
    Lifecycle,
    fit_lifecycle,
    is_active,
    is_lapsed,
    is_slipping,
)
from shop_app.segments.grouping.partition import SLACK_RATIO
from shop_app.segments.grouping.rule_tree import All, Any_, Condition, Rule

Thresholds = dict[str, Any]

MIN_BUYERS = 100
# Below this a tenth is fewer than ten people: multiples of the usual order stand in for the shop's own shares.

CHAMPION_RATIO: Final = 0.125
VIP_RATIO: Final = 0.1
TOP_FIFTH: Final = 0.2
TOP_QUARTER: Final = 0.25
VIP_RECENCY_RATIO: Final = 0.4
FEWEST_LOYAL_ORDERS: Final = 3
RISING_RETURNS: Final = 3
RISING_TREND_RATIO: Final = 0.67
DISCOUNT_SHARE_RATIO: Final = 0.6
ABANDONED_CHECKOUTS: Final = 3
MIN_MEMBERS: Final = 30
USUAL_ORDER_VALUE: Final = 5_000
# Minor units, for a shop that has not sold anything yet.

_FIXED_ORDERS = {"loyal_orders": 4, "few_orders": 2}
_FIXED_MULTIPLES = {
    "champion_spent": 8,
    "vip_spent": 10,
    "good_spent": 5,
    "big_order_value": 2,
    "high_cart_value": 2,
}


def fit_archetypes(scored: pl.DataFrame) -> Thresholds:
    """Find the figures that the rules need from the customers who have bought.

    Parameters
    ----------
    scored
        One row a customer, in any order: the features, with predictions and signals where there are some.

    Returns
    -------
    dict
        Plain values. Money is in minor units; ``high_clv`` is ``None`` where the shop publishes no
        expectation of money. ``is_own`` tells whether shares of this shop's buyers could be taken, which needs
        a hundred of them, or multiples of its usual order stand in.
    """
    buyers = scored.filter(pl.col("order_count") > 0)
    is_own = buyers.height >= MIN_BUYERS
    figures = _of_this_shop(buyers) if is_own else _fixed(buyers)
    return {
        "buyer_count": buyers.height,
        "is_own": is_own,
        "lifecycle": fit_lifecycle(scored).to_json(),
        **figures,
        "high_clv": _top(buyers, "predicted_clv_365d", TOP_FIFTH) if is_own else None,
        **_of_members(buyers),
    }


def archetype_rules(thresholds: Mapping[str, Any]) -> dict[str, Rule]:
    """Put the figures into rules.

    Parameters
    ----------
    thresholds
        From :func:`fit_archetypes`.

    Returns
    -------
    dict
        Slug to rule, for every archetype. The rules overlap: a customer may be loyal and price-sensitive.
    """
    lifecycle = Lifecycle.from_json(thresholds["lifecycle"])
    return {
        **_buying(thresholds, lifecycle),
        **_once_or_away(thresholds, lifecycle),
        **_by_signals(thresholds, lifecycle),
        "prospects": Condition("order_count", "is", 0),
    }


def _buying(figures: Mapping[str, Any], lifecycle: Lifecycle) -> dict[str, Rule]:
    active, back, often = is_active(lifecycle), _came_back(1), _ordered(figures["loyal_orders"])
    return {
        "champions": All((_spent(figures["champion_spent"]), back, active)),
        "vip": All(
            (
                _spent(figures["vip_spent"]),
                often,
                Condition("recency_days", "at_most", figures["vip_recency_days"], SLACK_RATIO),
                active,
            )
        ),
        "high-value-active": All((_worth_much(figures), active)),
        "loyal": All(
            (often, Condition("total_spent", "less_than", figures["champion_spent"], SLACK_RATIO), active)
        ),
        "rising-stars": All(
            (
                _came_back(RISING_RETURNS),
                Condition("interval_trend_ratio", "at_most", RISING_TREND_RATIO, SLACK_RATIO),
                active,
            )
        ),
        "potential-loyalist": All(
            (back, Condition("order_count", "less_than", figures["loyal_orders"]), active)
        ),
        "active": All((back, active)),
        "big-spenders": All(
            (
                _spent(figures["good_spent"]),
                Condition("order_count", "at_most", figures["few_orders"]),
                Condition("average_order_value", "at_least", figures["big_order_value"], SLACK_RATIO),
            )
        ),
        "price-sensitive": All(
            (back, Condition("discount_share_ratio", "at_least", DISCOUNT_SHARE_RATIO, SLACK_RATIO))
        ),
    }


def _once_or_away(figures: Mapping[str, Any], lifecycle: Lifecycle) -> dict[str, Rule]:
    once, back = Condition("repeat_count", "is", 0), _came_back(1)
    half_a_year = Condition("recency_days", "at_least", LAPSE_DAYS, SLACK_RATIO)
    within_half_a_year = Condition("recency_days", "less_than", LAPSE_DAYS, SLACK_RATIO)
    waited = Condition("recency_days", "at_least", lifecycle.new_days, SLACK_RATIO)
    was_among_the_best = Any_((_ordered(figures["loyal_orders"]), _spent(figures["champion_spent"])))
    slipping = is_slipping(lifecycle)
    return {
        "new": All((once, Condition("recency_days", "less_than", lifecycle.new_days, SLACK_RATIO))),
        "one-and-done": All((once, waited)),
        "at-risk": All((back, slipping, within_half_a_year)),
        "previously-loyal": All((was_among_the_best, half_a_year)),
        "dormant": All((back, is_lapsed(lifecycle))),
        "hibernating": half_a_year,
        "interested": All((Any_((slipping, All((once, waited)))), IS_INTERESTED)),
    }


def _by_signals(figures: Mapping[str, Any], lifecycle: Lifecycle) -> dict[str, Rule]:
    active, often = is_active(lifecycle), _ordered(figures["loyal_orders"])
    member, stranger = Condition("is_member", "is", value=True), Condition("is_member", "is", value=False)
    carts_worth = ABANDONED_CHECKOUTS * figures["high_cart_value"]
    return {
        "high-intent": All(
            (
                Condition("checkouts_abandoned_90d", "at_least", ABANDONED_CHECKOUTS),
                Condition("abandoned_value_90d", "at_least", carts_worth, SLACK_RATIO),
            )
        ),
        "habit-buyers": All((stranger, often, active)),
        "members": All((member, active)),
        "prime-like": All(
            (stranger, _ordered(figures["member_orders"]), _spent(figures["member_spent"]), active)
        ),
        "outliers": Condition("is_outlier", "is", value=True),
    }


def _came_back(times: int) -> Condition:
    return Condition("repeat_count", "at_least", times)


def _ordered(times: int) -> Condition:
    return Condition("order_count", "at_least", times)


def _spent(minor: int) -> Condition:
    return Condition("total_spent", "at_least", minor, SLACK_RATIO)


def _worth_much(figures: Mapping[str, Any]) -> Condition:
    if figures["high_clv"] is None:
        return _spent(figures["good_spent"])
    return Condition("predicted_clv_365d", "at_least", figures["high_clv"], SLACK_RATIO)


def _of_this_shop(buyers: pl.DataFrame) -> Thresholds:
    repeat = buyers.filter(pl.col("repeat_count") >= 1)
    middle = repeat["order_count"].sort()[repeat.height // 2] if repeat.height else 0
    return {
        "champion_spent": _top(buyers, "total_spent", CHAMPION_RATIO),
        "vip_spent": _top(buyers, "total_spent", VIP_RATIO),
        "good_spent": _top(buyers, "total_spent", TOP_FIFTH),
        "big_order_value": _top(buyers, "average_order_value", TOP_FIFTH),
        "high_cart_value": _top(buyers, "average_order_value", TOP_QUARTER),
        "loyal_orders": max(FEWEST_LOYAL_ORDERS, _top(buyers, "order_count", TOP_FIFTH) or 0),
        "few_orders": max(_FIXED_ORDERS["few_orders"], int(middle)),
        "vip_recency_days": float(ceil(buyers["recency_days"].sort()[int(VIP_RECENCY_RATIO * buyers.height)])),
    }


def _fixed(buyers: pl.DataFrame) -> Thresholds:
    middle = buyers["average_order_value"].median()
    usual = max(int(middle), 1) if isinstance(middle, float) else USUAL_ORDER_VALUE
    multiples = {name: usual * times for name, times in _FIXED_MULTIPLES.items()}
    return {**multiples, **_FIXED_ORDERS, "vip_recency_days": 60.0}


def _of_members(buyers: pl.DataFrame) -> Thresholds:
    nobody = {"member_orders": FEWEST_LOYAL_ORDERS, "member_spent": 0, "member_count": 0}
    if "is_member" not in buyers.columns:
        return nobody
    members = buyers.filter(pl.col("is_member"))
    if members.height < MIN_MEMBERS:
        return nobody | {"member_count": members.height}
    half = members.height // 2
    return {
        "member_orders": max(2, int(members["order_count"].sort()[half])),
        "member_spent": int(members["total_spent"].sort()[half]),
        "member_count": members.height,
    }


def _top(buyers: pl.DataFrame, name: str, ratio: float) -> int | None:
    """Take the smallest value, in whole units, that at most this share of buyers reach; ties stay together."""
    if name not in buyers.columns:
        return None
    values = buyers[name].fill_nan(None) if buyers[name].dtype.is_float() else buyers[name]
    ascending = values.drop_nulls().sort()
    if ascending.is_empty():
        return None
    reached_by = ascending.len() - ascending.search_sorted(ascending, side="left")
    fitting = ascending.filter(reached_by <= ratio * ascending.len())
    smallest, largest = (float(fitting[0]) if fitting.len() else None), float(ascending[-1])
    return floor(largest) + 1 if smallest is None else ceil(smallest)
