from dataclasses import replace

import polars as pl
import pytest
from scored_customers import customers, mixed_shop

from shop_app.segments.grouping.goals import own_goal
from shop_app.segments.grouping.ways import Brief, fit_way, label, numbers_of, refit

SHOP = mixed_shop(1_500).filter(pl.col("order_count") > 0)
TEA = own_goal("Tea", ("order_count", "recency_days", "average_order_value"), 4)


def test_the_merchants_goal_weights_and_number_of_clusters_are_taken():
    brief = Brief(TEA, 4, wished_count=4, weights={"recency_days": 3.0}, bootstraps=1)
    way = fit_way("clusters", SHOP, brief, ())
    weights = {one.feature: one.weight for one in way.groups.space.dimensions}
    assert weights == {"order_count": 1.0, "recency_days": 3.0, "average_order_value": 1.0}
    assert len(way.groups.slugs) == 4
    assert [row["count"] for row in way.tried if row["is_chosen"]] == [4]


def test_clusters_learn_their_weights_from_the_past_where_the_merchant_has_none(buyers, pasts, brief):
    way = fit_way("clusters", buyers, replace(brief, cluster_count=5), pasts[:1])
    weights = {one.feature: one.weight for one in way.groups.space.dimensions}
    assert max(weights.values()) > 1 > min(weights.values()) > 0


def test_even_sizes_give_clusters_of_about_the_same_size():
    brief = Brief(TEA, 4, cluster_count=4, even_sizes=True)
    sizes = label(SHOP, fit_way("clusters", SHOP, brief, ()).groups)["segment"].value_counts()["count"]
    assert sizes.min() > SHOP.height / 8


def test_each_way_is_found_again_on_other_customers():
    for method in ("rules", "clusters", "hybrid"):
        brief = Brief(TEA, 4, cluster_count=4, bootstraps=1)
        way = fit_way(method, SHOP, brief, ())
        again = refit(way, SHOP.filter(pl.col("customer_id") % 5 > 0), brief)
        assert again.slugs == way.groups.slugs
        assert (numbers_of(SHOP, again) == numbers_of(SHOP, way.groups)).mean() > 0.9


def test_what_cannot_be_told_apart_is_refused():
    same = customers(*({} for _ in range(50)))
    with pytest.raises(ValueError, match="None of the goal's features"):
        fit_way("clusters", same, Brief(TEA, 4), ())
    with pytest.raises(ValueError, match="method must be one of rules, clusters, hybrid"):
        fit_way("stars", SHOP, Brief(TEA, 4), ())
