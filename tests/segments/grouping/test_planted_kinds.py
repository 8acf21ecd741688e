"""The rules against a store whose customers are of known hidden kinds."""

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from segment_frames import CUSTOMER_SCHEMA, NO_CATEGORIES, NO_LOOSE

from sandbox.sample_store import make_store
from shop_app.segments.features import build_features
from shop_app.segments.grouping.agreement import adjusted_rand
from shop_app.segments.grouping.goals import GOALS
from shop_app.segments.grouping.rule_groups import fit_rule_groups, score_rule_groups

BEST = GOALS["keep-the-best"]
END = datetime(2026, 11, 1, 3, 59, tzinfo=UTC)


@pytest.fixture(scope="module")
def store():
    return make_store(customers=2_500, seed=7, until=date(2026, 10, 31)).truth


def scored_at(store, as_of):
    """The features, and a plain stand-in for the rhythm: own gaps, and one of the shop's usual ones."""
    counts = pl.col("verdict") == "counts"
    orders = store.orders.filter(counts, pl.col("created_at") <= as_of).select(
        *("order_id", "discount", "refunded", "channel"),
        customer_id="person",
        processed_at="created_at",
        net_revenue=pl.col("total") - pl.col("refunded"),
        paid="total",
        goods_total=pl.col("total") + pl.col("discount"),
        item_count=pl.lit(1.0),
        first_product_id=pl.lit(None, pl.Int64),
    )
    people = pl.DataFrame(schema=CUSTOMER_SCHEMA)
    features = build_features(orders, NO_CATEGORIES, NO_LOOSE, people, as_of=as_of, timezone="America/New_York")
    returns, own = pl.col("repeat_count"), pl.col("interval_mean_days")
    gap = (returns * own.fill_null(0) + own.median()) / (returns + 1)
    return features.with_columns(usual_gap_days=gap, cadence_drift_ratio=pl.col("recency_days") / gap)


def codes(names):
    return names.rank("dense").cast(pl.Int64).to_numpy()


def test_planted_kinds_are_found_again(store):
    scored = scored_at(store, END)
    groups = score_rule_groups(scored, fit_rule_groups(scored, BEST, group_count=8))
    kinds = store.customers.select(customer_id="person", kind="kind")
    both = groups.join(kinds, on="customer_id")
    assert adjusted_rand(codes(both["kind"]), codes(both["segment"])) >= 0.7
    most = both.group_by("kind").agg(pl.col("segment").mode().first())
    assert dict(most.iter_rows()) == {
        "one_and_done": "one-and-done",
        "lapsing": "hibernating",
        "habit": "champions",
        "wholesale": "champions",
        "rising": "rising-stars",
        "bargain": "price-sensitive",
        "gift": "hibernating",
    }


def test_a_week_later_and_fitted_anew_nearly_everybody_without_an_order_keeps_the_group(store):
    before, after = (scored_at(store, END - timedelta(days=days)) for days in (7, 0))
    first = fit_rule_groups(before, BEST, group_count=8)
    anew = fit_rule_groups(after, BEST, group_count=8)
    was = score_rule_groups(before, first).select("customer_id", settled="segment")
    settled = after.select("customer_id").join(was, on="customer_id", how="left", maintain_order="left")[
        "settled"
    ]
    kept = score_rule_groups(after, anew, settled)["segment"] == settled
    assert first.slugs == anew.slugs
    assert kept.filter(settled.is_not_null()).mean() >= 0.95
    assert kept.filter(after["recency_days"] > 7).mean() >= 0.98
