import json

import pytest

from shop_app.segments.grouping.catalogue import FEATURES
from shop_app.segments.grouping.goals import (
    GOALS,
    OUTCOMES,
    Goal,
    goal_warnings,
    group_count_for,
    own_goal,
)


def test_there_are_five_goals_each_with_its_own_dimensions():
    assert set(GOALS) == {
        "keep-the-best",
        "repeat-purchase",
        "win-back",
        "raise-order-value",
        "differentiated-pricing",
    }
    assert len({goal.dimensions for goal in GOALS.values()}) == len(GOALS)


@pytest.mark.parametrize("goal", GOALS.values(), ids=lambda goal: goal.slug)
def test_a_goal_can_be_used_as_it_is(goal):
    assert own_goal(goal.name, goal.dimensions, goal.group_count).dimensions == goal.dimensions
    assert 6 <= goal.group_count <= 8
    assert goal.outcome in OUTCOMES
    assert goal.question.endswith("?")
    assert goal.words.endswith(".")
    assert goal_warnings(goal) == ()


def test_pricing_looks_at_prices_and_categories_and_order_value_at_baskets():
    assert {"price_sensitivity_index", "category_diversity_ratio"} <= set(
        GOALS["differentiated-pricing"].dimensions
    )
    assert {"average_order_value", "items_per_order"} <= set(GOALS["raise-order-value"].dimensions)
    assert {"recency_days", "order_count", "total_spent"} <= set(GOALS["repeat-purchase"].dimensions)


def test_a_goal_of_ones_own_says_what_it_compares():
    goal = own_goal(" Tea drinkers ", ["recency_days", "total_spent", "recency_days"], 4, outcome="order_90d")
    assert (goal.slug, goal.name, goal.group_count, goal.outcome) == ("own", "Tea drinkers", 4, "order_90d")
    assert goal.dimensions == ("recency_days", "total_spent")
    assert goal.question == "Who differs in days since the last order, money spent?"


@pytest.mark.parametrize(
    ("name", "dimensions", "groups", "trouble"),
    [
        (" ", ["recency_days", "total_spent"], 4, "name: give the goal a name"),
        ("x", ["recency_days"], 4, "dimensions: choose 2 to 8 different ones, not 1"),
        ("x", ["recency_days"] * 2, 4, "dimensions: choose 2 to 8 different ones, not 1"),
        ("x", [name for name in FEATURES if FEATURES[name].is_numeric][:9], 4, "not 9"),
        ("x", ["recency", "total_spent"], 4, "there is no 'recency'; did you mean recency_days"),
        ("x", ["zzz", "total_spent"], 4, "there are order_count"),
        ("x", ["top_category", "total_spent"], 4, "top_category has no more and less"),
        ("x", ["is_member", "total_spent"], 4, "is_member has no more and less"),
        ("x", ["usual_hour", "total_spent"], 4, "usual_hour has no more and less"),
        ("x", ["recency_days", "total_spent"], 2, "group_count: choose 3 to 10 groups, not 2"),
        ("x", ["recency_days", "total_spent"], 11, "group_count: choose 3 to 10 groups, not 11"),
        ("x", ["recency_days", "total_spent"], True, "group_count"),
    ],
)
def test_a_goal_that_cannot_be_met_is_refused(name, dimensions, groups, trouble):
    with pytest.raises(ValueError, match=trouble):
        own_goal(name, dimensions, groups)


def test_an_unknown_outcome_is_refused():
    with pytest.raises(ValueError, match="outcome: must be one of order_90d"):
        own_goal("x", ["recency_days", "total_spent"], 4, outcome="clicks")


def test_more_than_eight_groups_are_warned_of():
    wide = own_goal("x", ["recency_days", "total_spent"], 9)
    assert goal_warnings(wide)[0].startswith("9 groups are more than most teams can act on")
    assert goal_warnings(own_goal("x", ["recency_days", "total_spent"], 8)) == ()


def test_dimensions_that_tell_of_one_thing_only_are_warned_of():
    narrow = own_goal("x", ["recency_days", "usual_gap_days"], 4)
    assert "tell of the same thing" in goal_warnings(narrow)[0]


@pytest.mark.parametrize(
    ("buyers", "groups"), [(0, 3), (49, 3), (50, 4), (499, 4), (500, 5), (999, 5), (1_000, 8)]
)
def test_small_shops_get_three_to_five_groups(buyers, groups):
    assert group_count_for(GOALS["keep-the-best"], buyers) == groups
    assert group_count_for(own_goal("x", ["recency_days", "total_spent"], 3), buyers) == 3


def test_a_goal_survives_being_stored():
    for goal in GOALS.values():
        assert Goal.from_json(json.loads(json.dumps(goal.to_json()))) == goal
