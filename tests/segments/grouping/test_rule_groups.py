import json

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from scored_customers import customers, mixed_shop, scored_frames
from segment_frames import law

from shop_app.segments.grouping.archetypes import ARCHETYPES, archetype_rules
from shop_app.segments.grouping.goals import GOALS, own_goal
from shop_app.segments.grouping.group_plans import COVERED, EVERYBODY, plan_for
from shop_app.segments.grouping.rule_groups import RuleGroups, fit_rule_groups, score_rule_groups
from shop_app.segments.grouping.rules import matches

BEST = GOALS["keep-the-best"]
SHOP = mixed_shop(1_000)
GROUPS = fit_rule_groups(SHOP, BEST, group_count=8)

goals = st.sampled_from(list(GOALS.values()))


def money(minor):
    return f"€{minor / 100:,.2f}"


def segment(settled=None, groups=GROUPS, **row):
    before = None if settled is None else pl.Series([settled])
    return score_rule_groups(customers(row), groups, before)["segment"].item()


def test_keeping_the_best_tells_who_they_are_and_who_slips_away():
    assert set(GROUPS.slugs) == {
        *("new", "one-and-done", "hibernating", "price-sensitive"),
        *("rising-stars", "champions", "at-risk", "active"),
    }
    assert segment(order_count=0) == "prospects"
    assert segment(order_count=1) == "new"
    assert segment(order_count=1, recency_days=400.0) == "one-and-done"
    assert segment(order_count=12, total_spent=90_000) == "champions"
    assert segment(order_count=12, total_spent=90_000, recency_days=90.0) == "at-risk"
    assert segment(order_count=12, total_spent=90_000, recency_days=400.0) == "hibernating"
    assert segment(order_count=6, interval_trend_ratio=0.3) == "rising-stars"


def test_much_money_at_a_discount_makes_no_champion():
    assert segment(order_count=12, total_spent=90_000, discount_share_ratio=1.0) == "price-sensitive"


@pytest.mark.parametrize("goal", GOALS.values(), ids=lambda goal: goal.slug)
@pytest.mark.parametrize("count", [3, 4, 5, 6, 7, 8, 10])
def test_there_are_at_most_as_many_groups_as_wanted_and_each_has_people(goal, count):
    groups = fit_rule_groups(SHOP, goal, group_count=count)
    assert len(groups.slugs) <= count
    assert len(groups.slugs) >= min(count, 6) - 1
    assert set(groups.slugs) <= set(ARCHETYPES)
    scored = score_rule_groups(SHOP, groups)
    counts = dict(scored["segment"].value_counts().iter_rows())
    assert set(counts) == {*groups.slugs, "prospects"}
    assert min(counts.values()) >= 5


def test_fewer_than_three_groups_are_refused():
    with pytest.raises(ValueError, match="group_count must be 3 or more, not 2"):
        fit_rule_groups(SHOP, BEST, group_count=2)


def test_folded_groups_say_whom_they_hold():
    three = fit_rule_groups(SHOP, BEST, group_count=3)
    assert three.slugs == ("active", "at-risk", "champions")
    assert "Counted with them: One-and-done, Hibernating." in three.description("at-risk")
    assert GROUPS.description("champions") == ARCHETYPES["champions"].description


def test_a_group_is_defined_in_sentences_with_the_shops_own_figures():
    champions = GROUPS.definition("champions", money)
    assert champions[0].startswith(
        f"Spent at least {money(GROUPS.thresholds['champion_spent'])}, came back at least once"
    )
    assert len(champions) == 1
    assert GROUPS.definition("active", money)[1] == "Everybody with an order who fits no other group."
    assert GROUPS.definition("hibernating", money) == (
        "Last ordered 183 days ago or more.",
        "Who fits one of these as well is counted there: One-and-done.",
    )


def test_signals_make_a_group_of_the_quiet_but_interested():
    browsing = SHOP.with_columns(
        visits_30d=pl.when(pl.col("recency_days") > 200).then(pl.col("customer_id") % 4)
    )
    groups = fit_rule_groups(browsing, BEST, group_count=8)
    assert "interested" in groups.slugs
    assert segment(groups=groups, recency_days=400.0, visits_30d=3) == "interested"
    assert segment(groups=groups, recency_days=400.0, visits_30d=None) != "interested"
    assert "interested" not in GROUPS.slugs


def test_a_goal_of_ones_own_gets_the_widest_choice_of_names():
    goal = own_goal("x", ["recency_days", "total_spent"], 10)
    assert {"vip", "loyal", "potential-loyalist"} & set(fit_rule_groups(SHOP, goal, group_count=10).slugs)


@pytest.mark.parametrize("goal", GOALS)
def test_a_plan_folds_into_places_of_its_own_and_ends_with_everybody(goal):
    plan = plan_for(goal)
    slugs = [place.slug for place in plan]
    assert slugs[-1] == EVERYBODY
    assert set(slugs) - {EVERYBODY} <= set(ARCHETYPES)
    assert len(set(slugs)) == len(slugs)
    assert all(set(place.into) <= set(slugs) for place in plan)
    assert [place.slug for place in plan if place.rank == 0] == [slugs[-2]]


def test_a_place_that_need_not_be_asked_holds_nobody_whom_its_group_does_not():
    rules = archetype_rules(GROUPS.thresholds)
    for folded, group in COVERED:
        inside = matches(SHOP, rules[group])
        assert (inside | ~matches(SHOP, rules[folded])).all(), folded


@pytest.mark.parametrize(
    ("days", "settled", "expected"),
    [
        (60.0, "champions", "champions"),
        (66.0, "champions", "at-risk"),
        (59.0, "at-risk", "at-risk"),
        (53.0, "at-risk", "champions"),
    ],
)
def test_borders_give_way_by_a_tenth_to_who_is_settled(days, settled, expected):
    assert segment(settled, order_count=12, total_spent=90_000, recency_days=days) == expected


def test_a_second_order_moves_at_once():
    assert segment("new", order_count=2) == "active"
    assert segment("prospects", order_count=1) == "new"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], "active"),
        ([{"order_count": 0}], "active"),
        ([{}], "potential-loyalist"),
        ([{"order_count": 1}], "new"),
        ([{}] * 300, "potential-loyalist"),
        ([{"order_count": 1, "recency_days": 400.0}] * 300, "one-and-done"),
    ],
)
def test_shops_of_nobody_of_one_and_of_equals_have_one_group(rows, expected):
    shop = customers(*rows)
    groups = fit_rule_groups(shop, BEST, group_count=3)
    scored = score_rule_groups(shop, groups)
    assert scored.height == shop.height
    assert scored["segment"].n_unique() <= 1
    assert groups.slugs == (expected,)


@law
@given(scored_frames(max_size=60), goals, st.integers(3, 10))
def test_everybody_with_an_order_is_in_exactly_one_group_alone_as_among_others(shop, goal, count):
    groups = fit_rule_groups(shop, goal, group_count=count)
    scored = score_rule_groups(shop, groups)
    bought = shop["order_count"] > 0
    assert scored.filter(~bought)["segment"].to_list() == ["prospects"] * (~bought).sum()
    assert scored.filter(~bought)["margin"].null_count() == (~bought).sum()
    assert set(scored.filter(bought)["segment"]) <= set(groups.slugs)
    assert scored.filter(bought)["margin"].is_between(0, 1).all()
    alone = [score_rule_groups(row, groups) for row in shop.iter_slices(1)]
    if alone:
        assert_frame_equal(pl.concat(alone), scored, check_exact=True)
    assert_frame_equal(score_rule_groups(shop, groups, scored["segment"]), scored)


@law
@given(scored_frames(min_size=1, max_size=60), goals)
def test_groups_do_not_depend_on_the_order_of_customers_and_survive_being_stored(shop, goal):
    groups = fit_rule_groups(shop, goal, group_count=7)
    assert fit_rule_groups(shop.reverse(), goal, group_count=7) == groups
    assert RuleGroups.from_json(json.loads(json.dumps(groups.to_json(), allow_nan=False))) == groups
