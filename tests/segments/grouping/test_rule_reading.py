import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rule_strategies import rules
from segment_frames import law

from shop_app.segments.grouping.catalogue import FEATURES
from shop_app.segments.grouping.rules import (
    OPERATORS,
    All,
    Any_,
    Condition,
    RuleError,
    conditions,
    features_of,
    operators_for,
    rule_from_json,
    rule_to_json,
)

OFTEN = {"feature": "order_count", "at_least": 3}


def refusal(data, **options):
    with pytest.raises(RuleError) as refused:
        rule_from_json(data, place="when", **options)
    return str(refused.value)


def nested(depth):
    return OFTEN if depth == 1 else {"all": [nested(depth - 1)]}


def test_a_condition_is_read_as_it_is_written():
    assert rule_from_json(OFTEN) == Condition("order_count", "at_least", 3)
    assert rule_from_json({"feature": "is_member", "known": True}) == Condition("is_member", "known")
    assert rule_from_json({"feature": "top_category", "one_of": ["tea", "cups", "tea"]}).value == (
        "tea",
        "cups",
    )
    soft = rule_from_json({"feature": "recency_days", "less_than": 60, "slack_ratio": 0.1})
    assert soft == Condition("recency_days", "less_than", 60.0, 0.1)


def test_all_and_any_may_stand_in_each_other():
    rule = rule_from_json({"all": [OFTEN, {"any": [{"feature": "carts_30d", "at_least": 1}, OFTEN]}]})
    assert rule == All(
        (
            Condition("order_count", "at_least", 3),
            Any_((Condition("carts_30d", "at_least", 1), Condition("order_count", "at_least", 3))),
        )
    )
    assert features_of(rule) == ("order_count", "carts_30d")
    assert len(list(conditions(rule))) == 3


def test_an_unknown_feature_is_refused_with_the_likeliest_ones():
    data = {"all": [OFTEN, {"any": [OFTEN, {"feature": "orders_count", "at_least": 1}]}]}
    assert refusal(data).startswith(
        "when.all[1].any[1].feature: there is no 'orders_count'; did you mean order_count"
    )
    assert "there are order_count, repeat_count" in refusal({"feature": "zzz", "at_least": 1})


@pytest.mark.parametrize(
    ("data", "trouble"),
    [
        (None, "when: must be a condition"),
        ([OFTEN], "when: must be a condition"),
        ({}, "when.feature: is missing"),
        ({"feature": 3}, "when.feature: is missing"),
        ({"feature": "order_count"}, "when: asks nothing; with order_count go at_least"),
        (OFTEN | {"at_most": 9}, "when: has at_least and at_most; make it two conditions"),
        ({"feature": "order_count", "over": 9}, "when.over: is no operator that goes with order_count"),
        (
            {"feature": "top_category", "at_least": "tea"},
            "when.at_least: does not fit top_category; is, is_not",
        ),
        ({"feature": "recency_days", "is": 5}, "when.is: does not fit recency_days"),
        ({"feature": "is_member", "one_of": [True]}, "when.one_of: does not fit is_member"),
        ({"all": []}, "when.all: is empty"),
        ({"any": [OFTEN, {"all": []}]}, "when.any[1].all: is empty"),
        ({"any": "tea"}, "when.any: must be a list"),
        ({"all": [OFTEN], "any": [OFTEN]}, "when.all: stands beside any"),
        ({"all": [OFTEN], "feature": "order_count"}, "when.all: stands beside feature"),
    ],
)
def test_what_makes_no_rule_is_refused_with_its_place(data, trouble):
    assert trouble in refusal(data)


@pytest.mark.parametrize(
    ("feature", "operator", "value", "trouble"),
    [
        ("order_count", "at_least", "3", "must be a number, not '3'"),
        ("order_count", "at_least", True, "must be a number, not True"),
        ("order_count", "at_least", 3.5, "must be a whole number"),
        ("order_count", "at_least", -1, "orders must be 0 or more, not -1"),
        ("order_count", "at_least", float("nan"), "must be a number"),
        ("order_count", "at_least", float("inf"), "must be a number"),
        ("order_count", "at_least", 10**16, "must be a number"),
        ("order_count", "at_least", None, "must be a number, not None"),
        ("recency_days", "at_most", date(2026, 1, 1), "must be a number"),
        ("discount_share_ratio", "at_least", 60, "a share lies between 0 and 1: write 0.6 for 60 %"),
        ("churn_probability_90d", "at_least", 1.5, "a probability lies between 0 and 1"),
        ("churn_probability_90d", "at_least", -0.1, "must be between 0 and 1"),
        ("usual_hour", "at_least", 24, "usual hour must be between 0 and 23, not 24"),
        ("usual_weekday", "one_of", [0], "when.one_of[0]: usual weekday must be between 1 and 7"),
        ("total_spent", "at_least", 2.5, "is an amount of money and has no fraction"),
        ("top_category", "is", 3, "must be a text"),
        ("top_category", "is", " ", "must be a text"),
        ("top_category", "is", "x" * 201, "is longer than 200 characters"),
        ("top_category", "one_of", [], "must be a list of at least one value"),
        ("top_category", "one_of", "tea", "must be a list of at least one value"),
        ("top_category", "one_of", ["t"] * 101, "lists 101 values"),
        ("is_member", "is", 1, "must be true or false, not 1"),
        ("is_member", "known", False, "takes only true; for the opposite write unknown: true"),
    ],
)
def test_a_value_that_does_not_fit_its_feature_is_refused(feature, operator, value, trouble):
    message = refusal({"feature": feature, operator: value})
    assert message.startswith(f"when.{operator}")
    assert trouble in message


@pytest.mark.parametrize("slack", [-0.1, 0.6, "0.1", True, float("nan")])
def test_slack_is_a_share_up_to_a_half(slack):
    assert "when.slack_ratio" in refusal({"feature": "recency_days", "at_least": 3, "slack_ratio": slack})


def test_borders_of_orders_and_questions_without_a_border_have_no_slack():
    assert "not with counts of orders" in refusal(OFTEN | {"slack_ratio": 0.1})
    assert "only goes with borders" in refusal({"feature": "visits_30d", "is": 3, "slack_ratio": 0.1})


def test_a_rule_is_at_most_five_deep_and_fifty_long():
    assert rule_from_json(nested(5))
    assert "more than 5 levels deep" in refusal(nested(6))
    assert rule_from_json({"any": [OFTEN] * 50})
    assert "more than 50 conditions" in refusal({"any": [OFTEN] * 51})
    bomb = OFTEN
    for _ in range(4):
        bomb = {"all": [bomb] * 1_000}
    assert "more than 50 conditions" in refusal(bomb)


def test_money_is_written_in_whole_units_by_people_and_stored_in_minor_ones():
    written = {"feature": "total_spent", "at_least": 250.5}
    rule = rule_from_json(written, money_digits=2)
    assert rule.value == 25_050
    assert rule_to_json(rule, money_digits=2) == written
    assert rule_to_json(rule) == {"feature": "total_spent", "at_least": 25_050}
    assert rule_from_json({"feature": "total_spent", "at_least": 250}, money_digits=0).value == 250
    assert rule_from_json({"feature": "total_spent", "at_least": 0.005}, money_digits=3).value == 5
    assert "at most 2 digits behind the point" in refusal(
        {"feature": "total_spent", "at_least": 1.005}, money_digits=2
    )
    assert "is an amount of money" in refusal({"feature": "total_spent", "at_least": 10**15}, money_digits=2)


def test_a_message_stays_short_whatever_was_written():
    assert len(refusal({"feature": "order_count", "at_least": "9" * 100_000})) < 200
    assert len(refusal({"feature": "zz" * 100_000, "at_least": 1}).split("; ")[0]) < 200


def test_only_money_is_turned_into_minor_units():
    assert rule_from_json({"feature": "recency_days", "at_least": 60}, money_digits=2).value == 60.0


def test_every_feature_has_operators_and_every_operator_a_feature():
    assert {operator for feature in FEATURES.values() for operator in operators_for(feature)} == set(OPERATORS)


@law
@given(rules(), st.sampled_from([0, 2, 3]))
def test_a_rule_survives_being_written_and_read(rule, digits):
    written = json.loads(json.dumps(rule_to_json(rule, money_digits=digits)))
    assert rule_from_json(written, money_digits=digits) == rule
