"""How much a customer buys for the price, beside the shop's other customers."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
import polars as pl

from shop_app.segments.predictions.btyd_table import Real
from shop_app.segments.predictions.columns import column, numbers, ratio

LEAST_PULL, MOST_PULL = 0.5, 50.0
"""Bounds of the shop's say, in orders of the customer's own."""


@dataclass(frozen=True, slots=True)
class PriceHabits:
    """What discounts are like in this shop.

    Attributes
    ----------
    share
        Of the orders that had a discount, above 0 and below 1.
    depth
        The share of the goods' price taken off over all orders, full prices among them; above 0, below 1.
    pull
        How many orders of a customer's own the shop's share weighs as much as.
    """

    share: float
    depth: float
    pull: float

    def to_json(self) -> dict[str, Any]:
        """Give plain values that :meth:`from_json` reads back as an equal object."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_json` gave."""
        return cls(**stored)


def fit_price_sensitivity(features: pl.DataFrame) -> PriceHabits:
    """Learn how many orders had a discount, how deep it was, and how different customers are in it.

    Parameters
    ----------
    features
        ``order_count``, ``discount_share_ratio`` and ``discount_depth_ratio`` (null unknown), one row a
        customer. Half an order with and without a discount is added, so that no shop has a share of 0.

    Notes
    -----
    Customers' own shares are taken as drawn around the shop's (beta-binomial), the pull from their spread
    beyond chance (Kleinman, Proportions with extraneous variance, JASA 68 (1973), 46-54).
    """
    known = features.filter(pl.col("discount_share_ratio").is_not_null()).sort(
        "order_count", "discount_share_ratio", "discount_depth_ratio"
    )
    orders, shares = numbers(known, "order_count"), numbers(known, "discount_share_ratio")
    depths = np.nan_to_num(numbers(known, "discount_depth_ratio"))
    total = float(orders.sum())
    share = (float(np.sum(orders * shares)) + 0.5) / (total + 1.0)
    depth = (float(np.sum(orders * depths)) + 0.5 * share) / (total + 1.0)
    return PriceHabits(share, max(depth, 1e-6), _pull(orders, shares, share))


def score_price_sensitivity(features: pl.DataFrame, habits: PriceHabits) -> pl.DataFrame:
    """Set each customer's odds of buying at a discount, and its depth, against the shop's.

    Returns
    -------
    polars.DataFrame
        ``price_sensitivity_index``, 0 to 1, in the order of ``features``: .5 is like the shop as a whole, .9
        nine times its odds. Null where it is unknown whether any order had a discount.
    """
    orders, own = numbers(features, "order_count"), numbers(features, "discount_share_ratio")
    depth = numbers(features, "discount_depth_ratio")
    share = _shrunk(own, orders, habits.share, habits.pull)
    deep = _shrunk(np.where(np.isnan(depth), habits.depth, depth), orders, habits.depth, habits.pull)
    times = (share / (1.0 - share)) / (habits.share / (1.0 - habits.share)) * (deep / habits.depth)
    return pl.DataFrame([column("price_sensitivity_index", ratio(times, 1.0 + times))])


def _shrunk(own: Real, orders: Real, shop: float, pull: float) -> Real:
    return np.asarray((orders * own + pull * shop) / (orders + pull))


def _pull(orders: Real, shares: Real, share: float) -> float:
    several = orders > 1
    if not several.any():
        return MOST_PULL
    count, own = orders[several], shares[several]
    chance = share * (1.0 - share)
    # The spread of shares over orders is chance * (1 + (n - 1) * alike) / n, with alike = 1 / (1 + pull).
    alike = float(np.sum((own - share) ** 2 - chance / count) / np.sum(chance * (count - 1.0) / count))
    return float(np.clip(1.0 / alike - 1.0, LEAST_PULL, MOST_PULL)) if alike > 0 else MOST_PULL
