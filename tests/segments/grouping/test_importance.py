from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from shop_app.segments.grouping.importance import feature_worth, learned_weights
from shop_app.segments.grouping.past import Past

DRAW = np.random.default_rng(4)
SIZE = 2_000
TELLS = DRAW.integers(1, 12, SIZE)


@pytest.fixture
def planted():
    """A day on which money followed from the orders, and from nothing else."""
    scored = pl.DataFrame(
        {
            "customer_id": range(SIZE),
            "order_count": TELLS,
            "recency_days": DRAW.uniform(0, 300, SIZE),
            "discount_share_ratio": DRAW.uniform(0, 1, SIZE),
        }
    )
    return Past(None, scored, TELLS * 100.0 + DRAW.normal(0, 100, SIZE))


def worth(past, **options):
    wanted = {"outcome": "revenue_90d", "used": ("order_count", "recency_days")} | options
    return feature_worth((past,), **wanted)


def test_what_tells_most_comes_first(planted):
    first = worth(planted)[0]
    assert (first.feature, first.is_used) == ("order_count", True)
    assert first.explained_ratio > 0.85
    assert first.words == "Orders: alone it explains 91 % of the money of the following 90 days."


def test_what_tells_nothing_is_only_shown_where_it_is_used_or_switched_off(planted):
    assert [row.feature for row in worth(planted)] == ["order_count", "recency_days"]
    shown = {row.feature: row for row in worth(planted, switched_off=("discount_share_ratio",))}
    assert shown["discount_share_ratio"].is_switched_off
    assert shown["discount_share_ratio"].words.endswith("You have switched it off.")


def test_labels_that_rest_on_a_feature_lose_by_its_absence(planted):
    rows = worth(planted, labels_of=lambda frame: (frame["order_count"] > 6).cast(pl.Int64).to_numpy())
    lost = {row.feature: row.lost_ratio for row in rows}
    assert lost["order_count"] > 0.5
    assert lost["recency_days"] == pytest.approx(0.0, abs=1e-9)


def test_when_what_followed_was_by_lot_nothing_tells(planted):
    by_lot = replace(planted, outcome=DRAW.permutation(planted.outcome))
    assert max(row.explained_ratio for row in worth(by_lot)) < 0.01


def test_weights_follow_what_each_dimension_tells_within_bounds(planted):
    assert learned_weights((planted,), ("order_count", "recency_days", "not_there")) == {
        "order_count": 2.0,
        "recency_days": 0.25,
    }


def test_without_a_past_nothing_is_claimed(planted):
    assert feature_worth((), outcome="revenue_90d", used=("order_count",)) == ()
    assert learned_weights((), ("order_count",)) == {}


def test_in_the_sample_store_rhythm_and_money_tell_most(pasts):
    rows = feature_worth(pasts, outcome="revenue_90d", used=("total_spent",))
    assert {"recency_days", "cadence_drift_ratio", "total_spent"} <= {row.feature for row in rows[:8]}
    assert all(row.to_json()["explained_ratio"] >= 0 for row in rows)
