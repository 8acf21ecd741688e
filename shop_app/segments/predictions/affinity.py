"""Which category a customer leans to, beyond what the shop sells anyway."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Self

import numpy as np
import polars as pl

from shop_app.segments.history import History
from shop_app.segments.predictions.columns import column, numbers, ratio

PULL = 2.0
"""How many orders of a customer's own the shop's shares weigh as much as."""


@dataclass(frozen=True, slots=True)
class Affinity:
    """Each category's share of what the shop's known customers have spent, above 0 and up to 1."""

    shares: Mapping[str, float]

    def to_json(self) -> dict[str, Any]:
        """Give plain values that :meth:`from_json` reads back as an equal object."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_json` gave."""
        return cls(dict(stored["shares"]))


def fit_affinity(history: History, *, as_of: datetime) -> Affinity:
    """Add up what went to each category in the orders of known customers until ``as_of``.

    Orders that were taken back later are in it: what somebody wanted does not change by that.
    """
    placed = history.orders.filter(pl.col("processed_at") <= as_of, pl.col("customer_id").is_not_null())
    sums = (
        history.categories.lazy()
        .drop_nulls("category")
        .join(placed.lazy().select("order_id"), on="order_id", how="semi")
        .group_by("category")
        .agg(pl.col("amount").clip(lower_bound=0).sum())
        .filter(pl.col("amount") > 0)
        .sort("category")
        .collect()
    )
    whole = sums["amount"].sum()
    return Affinity({name: amount / whole for name, amount in sums.iter_rows()})


def score_affinity(features: pl.DataFrame, affinity: Affinity) -> pl.DataFrame:
    """Set a customer's share for their largest category against the shop's.

    Returns
    -------
    polars.DataFrame
        ``affinity_category`` (the ``top_category``) and ``affinity_ratio`` (their share of it over the shop's,
        drawn towards 1 while orders are few; 2.4 means 2.4 times as much of it as the shop's customers buy), in
        the order of ``features``; null where nothing was paid for a known category, and the ratio for one that
        the shop did not have yet.
    """
    names = list(affinity.shares)
    store = features.select(
        pl.col("top_category")
        .replace_strict(names, [affinity.shares[name] for name in names], default=None, return_dtype=pl.Float64)
        .alias("share")
        if names
        else pl.lit(None, pl.Float64).alias("share")
    )
    shop, orders = numbers(store, "share"), numbers(features, "order_count")
    own = numbers(features, "top_category_share_ratio")
    shrunk = (orders * own + PULL * shop) / (orders + PULL)
    chosen = pl.Series(~np.isnan(own))
    category = features.select(pl.when(chosen).then(pl.col("top_category"))).to_series()
    return pl.DataFrame([category.alias("affinity_category"), column("affinity_ratio", ratio(shrunk, shop))])
