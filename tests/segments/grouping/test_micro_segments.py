import numpy as np
import polars as pl
import pytest

from shop_app.segments.grouping.micro_segments import find_micro_segments
from shop_app.segments.grouping.past import Past
from shop_app.segments.grouping.rules import Condition, features_of, matches

DRAW = np.random.default_rng(6)
SIZE = 3_000
MEMBERS = pl.DataFrame(
    {
        "customer_id": range(SIZE),
        "recency_days": DRAW.uniform(100, 500, SIZE),
        "order_count": DRAW.integers(2, 9, SIZE),
        "discount_share_ratio": DRAW.uniform(0, 1, SIZE),
        "interval_trend_ratio": np.where(DRAW.random(SIZE) < 0.3, np.nan, DRAW.uniform(0.2, 2, SIZE)),
    }
).with_columns(pl.col("interval_trend_ratio").fill_nan(None))
GROUP = pl.Series(["dormant"] * SIZE)


def find(chance):
    outcome = (DRAW.random(SIZE) < chance).astype(float)
    return find_micro_segments(Past(None, MEMBERS, outcome), GROUP, MEMBERS, GROUP, str)


def test_a_few_who_order_far_more_often_are_found():
    likely = (MEMBERS["recency_days"] <= 180).to_numpy()
    found = find(np.where(likely, 0.4, 0.04))
    best = found[0]
    assert "recency_days" in features_of(best.rule)
    assert best.order_ratio > 2 * best.group_ratio
    assert (matches(MEMBERS, best.rule).to_numpy() & likely).sum() > 0.8 * best.customer_count
    assert "of them ordered within 90 days, against" in best.words
    assert best.to_json()["rule"]


def test_two_borders_are_found_where_both_matter():
    likely = (MEMBERS["recency_days"] <= 200) & (MEMBERS["order_count"] >= 6)
    found = find(np.where(likely.to_numpy(), 0.6, 0.04))
    assert set(features_of(found[0].rule)) == {"recency_days", "order_count"}


@pytest.mark.parametrize("attempt", range(5))
def test_noise_has_no_micro_segments(attempt):
    assert find(np.full(SIZE, 0.1 + attempt / 100)) == ()


def test_the_unknown_are_meant_by_no_border():
    speeding_up = (MEMBERS["interval_trend_ratio"] < 0.6).fill_null(value=False).to_numpy()
    found = find(np.where(speeding_up, 0.5, 0.03))
    assert found[0].rule == Condition("interval_trend_ratio", "at_most", found[0].rule.value)
    assert found[0].customer_count == (MEMBERS["interval_trend_ratio"] <= found[0].rule.value).sum()


def test_a_small_group_is_left_whole():
    few = MEMBERS.head(100)
    outcome = (few["recency_days"] < 200).cast(pl.Float64).to_numpy()
    assert find_micro_segments(Past(None, few, outcome), GROUP.head(100), few, GROUP.head(100), str) == ()
