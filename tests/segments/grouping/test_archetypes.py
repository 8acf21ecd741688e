import json

import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from scored_customers import customers, mixed_shop, scored_frames
from segment_frames import law

from shop_app.segments.grouping.archetype_rules import MIN_BUYERS, MIN_MEMBERS
from shop_app.segments.grouping.archetypes import (
    ARCHETYPES,
    archetype_rules,
    fit_archetypes,
    missing_signals,
)
from shop_app.segments.grouping.rules import matches, rule_from_json, rule_to_json

WANTED = {
    "champions",
    "loyal",
    "at-risk",
    "hibernating",
    "new",
    "potential-loyalist",
    "big-spenders",
    "vip",
    "rising-stars",
    "one-and-done",
    "high-value-active",
    "price-sensitive",
    "dormant",
    "high-intent",
    "outliers",
    "prime-like",
    "habit-buyers",
}
SHOP = mixed_shop(1_000)
OWN = fit_archetypes(SHOP)


def fitting(thresholds=OWN, **row):
    """Which archetypes a customer fits."""
    frame = customers(row)
    return {slug for slug, rule in archetype_rules(thresholds).items() if matches(frame, rule).item()}


def share(slug, frame=SHOP):
    buyers = frame.filter(pl.col("order_count") > 0)
    return matches(buyers, archetype_rules(fit_archetypes(frame))[slug]).mean()


def test_every_name_of_the_field_is_there_with_a_rule_and_words():
    assert set(ARCHETYPES) >= WANTED
    assert set(archetype_rules(OWN)) == set(ARCHETYPES)
    for slug, archetype in ARCHETYPES.items():
        assert archetype.slug == slug
        assert archetype.name
        assert archetype.description.endswith(".")
        assert archetype.rule_words.endswith(".")
    assert len({archetype.name for archetype in ARCHETYPES.values()}) == len(ARCHETYPES)


def test_champions_are_the_top_eighth_by_money_and_still_active():
    spent = SHOP.filter(pl.col("order_count") > 0)["total_spent"]
    assert 0.10 <= (spent >= OWN["champion_spent"]).mean() <= 0.125
    assert share("champions") <= 0.125
    best = {"total_spent": OWN["champion_spent"], "order_count": 9}
    assert "champions" in fitting(**best)
    assert "champions" not in fitting(**best | {"total_spent": OWN["champion_spent"] - 1})
    assert "champions" not in fitting(**best, recency_days=60.0)
    assert "champions" not in fitting(**best | {"repeat_count": 0})


def test_vips_are_high_on_all_three_and_the_top_tenth_by_money():
    spent = SHOP.filter(pl.col("order_count") > 0)["total_spent"]
    assert (spent >= OWN["vip_spent"]).mean() <= 0.1
    best = {"total_spent": OWN["vip_spent"], "order_count": OWN["loyal_orders"]}
    assert "vip" in fitting(**best)
    assert "vip" not in fitting(**best | {"order_count": OWN["loyal_orders"] - 1})
    assert "vip" not in fitting(**best, recency_days=OWN["vip_recency_days"] + 1, usual_gap_days=900.0)


def test_loyal_customers_order_often_for_less_money_than_champions():
    often = {"order_count": OWN["loyal_orders"]}
    assert "loyal" in fitting(**often, total_spent=OWN["champion_spent"] - 1)
    assert "loyal" not in fitting(**often, total_spent=OWN["champion_spent"])
    assert "loyal" not in fitting(**often, total_spent=9_000, recency_days=70.0)
    assert "potential-loyalist" in fitting(order_count=OWN["loyal_orders"] - 1)


def test_hibernating_is_six_months_without_a_purchase_whoever_it_is():
    assert "hibernating" not in fitting(recency_days=182.9)
    assert {"hibernating", "dormant"} <= fitting(recency_days=183.0)
    assert "hibernating" in fitting(order_count=1, recency_days=183.0)


def test_at_risk_is_twice_past_the_own_gap_but_not_half_a_year():
    assert "at-risk" not in fitting(recency_days=59.9)
    assert "at-risk" in fitting(recency_days=60.0)
    assert "at-risk" not in fitting(recency_days=183.0)
    assert "at-risk" not in fitting(order_count=1, recency_days=100.0)
    assert "at-risk" in fitting(recency_days=14.0, usual_gap_days=7.0)


def test_who_bought_once_is_new_or_done():
    new_days = OWN["lifecycle"]["new_days"]
    assert "new" in fitting(order_count=1, recency_days=new_days - 0.1)
    assert "one-and-done" in fitting(order_count=1, recency_days=new_days)
    assert not {"new", "one-and-done"} & fitting(order_count=2)


def test_big_spenders_pay_much_and_order_seldom():
    rich = {"total_spent": 10 * OWN["good_spent"], "order_count": OWN["few_orders"]}
    assert "big-spenders" in fitting(**rich)
    assert "big-spenders" not in fitting(**rich | {"order_count": OWN["few_orders"] + 1})
    assert "big-spenders" not in fitting(**rich | {"total_spent": OWN["good_spent"] - 1})


def test_rising_stars_come_back_sooner_each_time_and_did_so_lately():
    rising = {"order_count": 4, "interval_trend_ratio": 0.67}
    assert "rising-stars" in fitting(**rising)
    assert "rising-stars" not in fitting(**rising | {"order_count": 3})
    assert "rising-stars" not in fitting(**rising | {"interval_trend_ratio": 0.68})
    assert "rising-stars" not in fitting(**rising, recency_days=61.0)


def test_price_sensitive_is_who_comes_back_mostly_at_a_discount():
    assert "price-sensitive" in fitting(discount_share_ratio=0.6)
    assert "price-sensitive" not in fitting(discount_share_ratio=0.59)
    assert "price-sensitive" not in fitting(discount_share_ratio=None)
    assert "price-sensitive" not in fitting(order_count=1, discount_share_ratio=1.0)


def test_high_intent_is_the_third_valuable_cart_left_behind():
    worth = 3 * OWN["high_cart_value"]
    assert "high-intent" in fitting(checkouts_abandoned_90d=3, abandoned_value_90d=worth)
    assert "high-intent" not in fitting(checkouts_abandoned_90d=2, abandoned_value_90d=worth)
    assert "high-intent" not in fitting(checkouts_abandoned_90d=3, abandoned_value_90d=worth - 1)
    assert "high-intent" in fitting(order_count=0, checkouts_abandoned_90d=3, abandoned_value_90d=worth)


def test_quiet_in_orders_but_looking_around_is_interested_and_nothing_worse_alone():
    assert "interested" in fitting(recency_days=125.0, visits_30d=4)
    assert "interested" in fitting(order_count=1, recency_days=125.0, carts_30d=1)
    assert "interested" not in fitting(recency_days=20.0, visits_30d=4)


def test_members_habit_buyers_and_those_who_behave_like_members_are_told_apart():
    members = [{"is_member": True, "order_count": 5, "total_spent": 20_000}] * MIN_MEMBERS
    own = fit_archetypes(customers(*members, *[{"is_member": False}] * 200))
    assert (own["member_orders"], own["member_spent"], own["member_count"]) == (5, 20_000, MIN_MEMBERS)
    alike = {"order_count": 5, "total_spent": 20_000}
    assert {"prime-like", "habit-buyers"} <= fitting(own, **alike, is_member=False)
    assert "members" in fitting(own, **alike, is_member=True)
    assert not {"prime-like", "habit-buyers"} & fitting(own, **alike, is_member=True)
    assert not {"prime-like", "habit-buyers", "members"} & fitting(own, **alike, is_member=None)
    assert "prime-like" not in fitting(own, **alike | {"order_count": 4}, is_member=False)


def test_high_value_is_by_expectation_where_one_is_published():
    shop = SHOP.with_columns(predicted_clv_365d=pl.col("order_count") * 1_000.0)
    own = fit_archetypes(shop)
    assert own["high_clv"] is not None
    assert "high-value-active" in fitting(own, total_spent=0, predicted_clv_365d=float(own["high_clv"]))
    assert OWN["high_clv"] is None
    assert "high-value-active" in fitting(total_spent=OWN["good_spent"])


def test_outliers_are_who_was_found_to_stand_apart():
    assert "outliers" in fitting(is_outlier=True)
    assert "outliers" not in fitting(is_outlier=False)


def test_a_small_shop_goes_by_multiples_of_its_usual_order():
    small = fit_archetypes(customers(*[{"order_count": 1, "total_spent": 4_000}] * (MIN_BUYERS - 1)))
    assert not small["is_own"]
    assert (small["champion_spent"], small["vip_spent"], small["loyal_orders"]) == (32_000, 40_000, 4)


def test_a_shop_without_buyers_or_with_all_alike_has_figures_too():
    nobody = fit_archetypes(customers())
    assert nobody == fit_archetypes(customers({"order_count": 0}))
    assert nobody["champion_spent"] == 40_000
    alike = customers(*[{}] * 200)
    assert fit_archetypes(alike)["is_own"]
    assert share("champions", alike) == 0
    assert share("active", alike) == 1


def test_an_archetype_that_lacks_its_signal_says_so():
    assert "price-sensitive" in missing_signals(customers({"discount_share_ratio": None}))
    missing = missing_signals(customers({}))
    assert set(missing) == {"interested", "high-intent", "habit-buyers", "members", "prime-like", "outliers"}
    assert missing["prime-like"] == (
        "Like members cannot be told yet: this shop does not know who is a member; choose the tag that members "
        "have."
    )
    known = customers({"visits_30d": 1, "is_member": True, "checkouts_abandoned_90d": None})
    assert set(missing_signals(known)) == {"high-intent", "outliers"}


@law
@given(st.integers(0, 1_000))
def test_the_thresholds_of_any_shop_survive_as_plain_values_and_make_the_same_rules(size):
    thresholds = fit_archetypes(mixed_shop(max(size, 1)).head(size))
    kept = json.loads(json.dumps(thresholds, allow_nan=False))
    rules = archetype_rules(kept)
    assert rules == archetype_rules(thresholds)
    assert all(rule_from_json(rule_to_json(rule)) == rule for rule in rules.values())


@law
@given(scored_frames())
def test_a_customer_fits_the_same_archetypes_alone_as_among_others(frame):
    rules = archetype_rules(fit_archetypes(frame))
    for rule in rules.values():
        among = matches(frame, rule).to_list()
        assert [matches(row, rule).item() for row in frame.iter_slices(1)] == among
