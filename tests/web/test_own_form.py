import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from shop_app.segments.grouping.catalogue import FEATURES
from shop_app.segments.grouping.rules import rule_from_json, rule_to_json
from shop_app.web.own_form import OwnForm
from shop_app.web.own_values import read_value, value_text


def stored(*conditions, join="all"):
    return rule_to_json(rule_from_json({join: list(conditions)}))


@pytest.mark.parametrize(
    ("feature", "text", "value"),
    [
        ("order_count", "3", 3),
        ("order_count", "1,234", 1234),
        ("total_spent", "\u20ac1,250.50", 1250.5),
        ("total_spent", "12,5", 12.5),
        ("recency_days", "60", 60),
        ("refund_rate_ratio", "35 %", 0.35),
        ("churn_probability_90d", "7", 0.07),
        ("usual_hour", "14:00", 14),
        ("usual_weekday", "tue", 2),
        ("usual_weekday", "7", 7),
        ("is_member", "Yes", True),
        ("top_category", "Tea, loose", "Tea, loose"),
    ],
)
def test_values_are_read_as_people_type_them(feature, text, value):
    assert read_value(text, FEATURES[feature]) == value


@given(st.sampled_from([each for each in FEATURES.values() if each.unit == "share"]), st.integers(0, 1000))
def test_a_share_is_written_as_it_is_read(feature, thousandths):
    value = thousandths / 1000
    assert read_value(value_text(value, feature), feature) == value


def test_a_stored_rule_fills_the_fields_and_they_give_it_back():
    rule = stored(
        {"feature": "total_spent", "at_least": 1250},
        {"feature": "top_category", "one_of": ["Tea", "Teaware"]},
        {"feature": "usual_weekday", "is": 1},
        {"feature": "is_member", "is": False},
        {"feature": "recency_days", "unknown": True},
        join="any",
    )
    form = OwnForm.of("Name", "Why", rule, money_digits=2)
    assert [row.value for row in form.rows] == ["12.5", "Tea, Teaware", "Monday", "no", "", ""]
    sent = OwnForm.read(MultiDict(form.fields()))
    assert rule_to_json(rule_from_json(sent.segment("name")["when"], money_digits=2)) == rule


@pytest.mark.parametrize(
    "rule",
    [
        stored(*[{"feature": "order_count", "at_least": 1}] * 7),
        stored({"any": [{"feature": "order_count", "at_least": 1}]}),
        stored({"feature": "recency_days", "at_least": 60, "slack_ratio": 0.1}),
        stored({"feature": "top_category", "one_of": ["Tea, loose"]}),
    ],
)
def test_a_rule_that_the_fields_cannot_hold_is_not_bent_into_them(rule):
    assert OwnForm.of("Name", "", rule, money_digits=2) is None
