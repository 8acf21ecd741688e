"""Shops whose customers can be made to change."""

import numpy as np
import polars as pl


def shop(count=2_000, *, seed=0, away=60.0, unknown=0.3):
    """Buyers whose recency is about ``away`` days, some without a known gap."""
    chance = np.random.default_rng(seed)
    gaps = np.where(chance.random(count) < unknown, np.nan, chance.gamma(2, 15, count))
    return pl.DataFrame(
        {
            "customer_id": np.arange(count),
            "order_count": chance.geometric(0.6, count),
            "recency_days": chance.gamma(1.5, away / 1.5, count),
            "usual_gap_days": gaps,
            "expected_orders_90d": chance.gamma(1.0, 0.4, count),
        }
    ).with_columns(pl.col("usual_gap_days").fill_nan(None))
