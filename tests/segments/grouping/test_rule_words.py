import pytest

from shop_app.segments.grouping.catalogue import FEATURES
from shop_app.segments.grouping.rules import All, Any_, Condition, operators_for, plain_number, rule_words


def money(minor):
    return f"€{minor / 100:,.2f}"


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (("order_count", "at_least", 3), "ordered at least 3 times"),
        (("order_count", "is", 1), "ordered exactly once"),
        (("order_count", "is", 0), "never ordered"),
        (("order_count", "less_than", 2), "ordered fewer than twice"),
        (("order_count", "one_of", (1, 2)), "ordered 1 or 2 times"),
        (("repeat_count", "is", 0), "never came back on a later day"),
        (("recency_days", "at_least", 60.0), "last ordered 60 days ago or more"),
        (("recency_days", "less_than", 1.0), "last ordered less than 1 day ago"),
        (("recency_days", "at_most", 7.5), "last ordered 7.5 days ago or less"),
        (("total_spent", "at_least", 25_000), "spent at least €250.00"),
        (("average_order_value", "more_than", 5_000), "spends more than €50.00 per order on average"),
        (
            ("cadence_drift_ratio", "less_than", 2.0),
            "has waited less than twice the usual gap since the last order",
        ),
        (
            ("cadence_drift_ratio", "at_least", 1.8),
            "has waited at least 1.8 times the usual gap since the last order",
        ),
        (("discount_share_ratio", "at_least", 0.6), "used a discount on at least 60 % of the orders"),
        (
            ("churn_probability_90d", "at_least", 0.725),
            "has a risk of at least 72.5 % of not ordering in the next 90 days",
        ),
        (("category_count", "is", 1), "bought from exactly 1 category"),
        (("visits_30d", "is", 0), "never visited the shop in the last 30 days"),
        (("top_category", "is", "Tea"), "spends most in Tea"),
        (("top_category", "none_of", ("Tea", "Cups")), "spends most in anything but Tea or Cups"),
        (("usual_hour", "at_least", 14), "has 14:00 or later as the usual hour"),
        (("usual_weekday", "one_of", (6, 7)), "has Saturday or Sunday as the usual weekday"),
        (("is_member", "is", True), "is a member"),
        (("is_member", "is", False), "is not a member"),
        (("is_member", "unknown", None), "has no known value for member"),
    ],
)
def test_a_condition_in_plain_words(condition, words):
    assert rule_words(Condition(*condition), money) == words


OFTEN, AWAY = Condition("order_count", "at_least", 3), Condition("recency_days", "at_least", 60.0)
MEMBER, RICH = Condition("is_member", "is", value=True), Condition("total_spent", "at_least", 100)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (All((OFTEN, AWAY)), "ordered at least 3 times and last ordered 60 days ago or more"),
        (All((OFTEN,)), "ordered at least 3 times"),
        (Any_((OFTEN, MEMBER, RICH)), "ordered at least 3 times, is a member or spent at least €1.00"),
        (All((OFTEN, All((MEMBER, RICH)))), "ordered at least 3 times, is a member and spent at least €1.00"),
        (
            All((OFTEN, Any_((MEMBER, RICH)))),
            "ordered at least 3 times, and either is a member or spent at least €1.00",
        ),
        (
            Any_((OFTEN, All((MEMBER, RICH)))),
            "ordered at least 3 times, or (is a member and spent at least €1.00)",
        ),
    ],
)
def test_joined_rules_leave_no_doubt_what_belongs_together(rule, words):
    assert rule_words(rule, money) == words


@pytest.mark.parametrize("feature", FEATURES.values(), ids=lambda feature: feature.name)
def test_every_condition_that_can_be_written_has_words(feature):
    value = {"text": "x", "yes_no": True, "share": 0.5, "probability": 0.5}.get(feature.unit, 3)
    for operator in operators_for(feature):
        given = {"known": None, "unknown": None, "one_of": (value,), "none_of": (value,)}.get(operator, value)
        words = rule_words(Condition(feature.name, operator, given), money)
        assert "{" not in words
        assert "_" not in words
        assert words == words.strip()


@pytest.mark.parametrize(
    ("number", "words"), [(60.0, "60"), (1.5, "1.5"), (0.333, "0.33"), (0.004, "0.004"), (0, "0"), (100, "100")]
)
def test_numbers_are_written_as_people_do(number, words):
    assert plain_number(number) == words
