import json

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from segment_frames import law

from shop_app.segments.fact_words import amount_words, border_words, distance_words, fact_words
from shop_app.segments.grouping.catalogue import FEATURES
from shop_app.segments.grouping.partition import Cell, Partition
from shop_app.segments.grouping.rule_matching import holds
from shop_app.segments.grouping.rules import All, Any_, Condition
from shop_app.segments.segment_story import (
    fulfils,
    nearness_words,
    partition_facts,
    rule_facts,
    segment_story,
)

ROW = {
    "customer_id": 1,
    "order_count": 3,
    "recency_days": 45.6,
    "total_spent": 40_000,
    "discount_share_ratio": 1 / 3,
    "cadence_drift_ratio": None,
    "churn_probability_90d": 0.344,
    "top_category": "Tea",
    "is_member": True,
}


def money(minor):
    return f"${minor / 100:,.2f}"


def told(rule, **row):
    return [fact.words for fact in rule_facts(ROW | row, rule, money=money)]


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("recency_days", 45.6, "last ordered 45 days ago"),
        ("recency_days", 0.4, "last ordered today"),
        ("recency_days", 1.9, "last ordered 1 day ago"),
        ("order_count", 1, "ordered once"),
        ("order_count", 2, "ordered twice"),
        ("order_count", 12, "ordered 12 times"),
        ("expected_orders_90d", 0.12, "is expected to order 0.1 times in the next 90 days"),
        ("cadence_drift_ratio", 0.1, "has waited 0.1 times the usual gap since the last order"),
        ("total_spent", 40_050, "spent $400.50"),
        ("discount_share_ratio", 1 / 3, "used a discount on 33 % of the orders"),
        ("top_category", "Tea", "spends most in Tea"),
        ("is_member", False, "is not a member"),
        ("usual_weekday", 5, "has Friday as the usual weekday"),
    ],
)
def test_a_fact_is_said_of_the_customer(name, value, words):
    assert fact_words(name, value, money) == words


@pytest.mark.parametrize(
    ("name", "value", "border", "words"),
    [
        ("recency_days", 45.6, 60.0, "15 days below the border of 60 days"),
        ("recency_days", 60.3, 60.0, "less than a day above the border of 60 days"),
        ("recency_days", 61.0, 60.0, "1 day above the border of 60 days"),
        ("expected_orders_90d", 3.02, 2, "1 order above the border of 2 orders"),
        ("expected_orders_90d", 1.0, 1, "right at the border of 1 order"),
        ("total_spent", 40_000, 42_600.0, "$26.00 below the border of $426.00"),
        ("discount_share_ratio", 0.33, 0.5, "17 points below the border of 50 %"),
        ("discount_share_ratio", 0.499, 0.5, "less than a point below the border of 50 %"),
        ("cadence_drift_ratio", 1.8, 2.0, "0.2 times below the border of 2 times"),
        ("items_per_order", 5.5, 3, "2.5 above the border of 3"),
        ("items_per_order", 3.01, 3, "very little above the border of 3"),
    ],
)
def test_a_distance_is_in_the_features_own_unit(name, value, border, words):
    assert border_words(value, border, FEATURES[name], money) == words


@pytest.mark.parametrize("feature", FEATURES.values(), ids=FEATURES)
def test_every_numeric_feature_can_be_told(feature):
    if feature.is_numeric:
        said = [fact_words(feature.name, 0.5, money), amount_words(0.5, feature, money)]
        said.append(distance_words(0.5, 2.1, feature, money))
        assert all(line and "{" not in line and "exactly" not in line for line in said)


def test_each_condition_is_told_with_its_border():
    rule = All((Condition("order_count", "at_least", 2), Condition("recency_days", "less_than", 60)))
    assert told(rule) == [
        "Ordered 3 times; asked for: at least 2, 1 more than that.",
        "Last ordered 45 days ago, 15 days below the border of 60 days.",
    ]


@pytest.mark.parametrize(
    ("operator", "border", "words"),
    [
        ("at_least", 3, "asked for: at least 3"),
        ("at_least", 2.5, "asked for: at least 3"),
        ("more_than", 1, "asked for: at least 2, 1 more than that"),
        ("at_least", 5, "asked for: at least 5, 2 missing"),
        ("at_most", 4, "asked for: at most 4, 1 fewer than that"),
        ("less_than", 4, "asked for: at most 3"),
        ("less_than", 3, "asked for: at most 2, 1 too many"),
    ],
)
def test_of_a_count_it_is_said_what_is_asked_for(operator, border, words):
    assert told(Condition("order_count", operator, border)) == [f"Ordered 3 times; {words}."]


def test_what_has_no_border_is_told_plainly():
    rule = All(
        (
            Condition("top_category", "one_of", ("Tea", "Cups")),
            Condition("is_member", "is", value=True),
            Condition("churn_probability_90d", "known"),
            Condition("cadence_drift_ratio", "at_most", 2.0),
        )
    )
    assert told(rule) == [
        "Spends most in Tea.",
        "Is a member.",
        "Has a known value for risk of no order in 90 days.",
        "Silence against the usual gap: not known.",
    ]


def test_of_alternatives_the_one_that_holds_is_told():
    few = Condition("order_count", "at_most", 1)
    dear = All((Condition("total_spent", "at_least", 30_000), Condition("recency_days", "at_most", 90)))
    assert told(Any_((few, dear))) == [
        "Spent $400.00, $100.00 above the border of $300.00.",
        "Last ordered 45 days ago, 45 days below the border of 90 days.",
    ]
    assert told(Any_((few, dear)), total_spent=0) == ["Ordered 3 times; asked for: at most 1, 2 too many."]


def test_who_only_stays_by_the_slack_is_told_so():
    rule = Condition("recency_days", "at_most", 42, slack_ratio=0.1)
    (words,) = told(rule)
    assert words == (
        "Last ordered 45 days ago, 3 days above the border of 42 days "
        "(inside by the 10 % that the border gives way)."
    )


def test_a_group_is_told_by_the_one_of_its_rules_that_holds():
    cells = (
        Cell("vip", Condition("total_spent", "at_least", 90_000), "vip"),
        Cell("new", Condition("order_count", "at_most", 1), "active"),
        Cell("active", Condition("recency_days", "at_most", 42, slack_ratio=0.1), "active"),
    )
    (fact,) = partition_facts(ROW, Partition(cells), "active", money=money)
    assert (fact.feature, fact.border) == ("recency_days", 42.0)
    assert fact.distance == pytest.approx(3.6)
    (first,) = partition_facts(ROW | {"recency_days": 400.0}, Partition(cells), "active", money=money)
    assert first.feature == "order_count"
    assert partition_facts(ROW, Partition(cells), "gone", money=money) == ()


def test_a_story_reads_from_the_segment_to_the_border():
    facts = rule_facts(ROW, Condition("order_count", "at_least", 2), money=money)
    story = segment_story(ROW, "Loyal", facts, margin=0.12, money=money)
    assert story.sentences == (
        "Loyal: last ordered 45 days ago, ordered 3 times, spent $400.00.",
        "Ordered 3 times; asked for: at least 2, 1 more than that.",
        "They are near the border to another segment.",
    )
    assert json.loads(json.dumps(story.to_json()))["sentences"] == list(story.sentences)


def test_somebody_without_an_order_has_a_short_story():
    nobody = {"order_count": 0, "total_spent": 0, "recency_days": None}
    assert segment_story(nobody, "Prospects", (), margin=None, money=money).sentences == (
        "Prospects: no order that counts.",
    )


def test_nearness_is_said_in_three_steps():
    said = [nearness_words(margin) for margin in (0.0, 0.1, 0.9)]
    assert [words.split(" to another")[0] for words in said] == [
        "They are right at the border",
        "They are near the border",
        "They are well inside their segment.",
    ]


single = st.one_of(
    st.builds(
        Condition,
        st.sampled_from(["order_count", "recency_days", "total_spent", "visits_30d"]),
        st.sampled_from(["at_least", "more_than", "at_most", "less_than", "is", "is_not"]),
        st.integers(-2, 6).map(lambda half: half / 2),
        st.sampled_from([0.0, 0.1, 0.5]),
    ),
    st.builds(
        Condition, st.sampled_from(["order_count", "recency_days"]), st.sampled_from(["known", "unknown"])
    ),
    st.builds(
        Condition, st.just("top_category"), st.sampled_from(["one_of", "none_of"]), st.just(("Tea", "Cups"))
    ),
    st.builds(Condition, st.just("is_member"), st.just("is"), st.booleans()),
)
rules = st.recursive(
    single,
    lambda parts: st.builds(
        lambda kind, several: kind(tuple(several)),
        st.sampled_from([All, Any_]),
        st.lists(parts, min_size=1, max_size=3),
    ),
    max_leaves=6,
)
rows = st.fixed_dictionaries(
    {
        "order_count": st.none() | st.integers(0, 4),
        "recency_days": st.none() | st.just(float("nan")) | st.integers(-1, 6).map(lambda half: half / 2),
        "total_spent": st.integers(-2, 4),
        "top_category": st.sampled_from([None, "Tea", "Cups", "Honey"]),
        "is_member": st.none() | st.booleans(),
    }
)
SCHEMA = {
    "order_count": pl.Int64,
    "recency_days": pl.Float64,
    "total_spent": pl.Int64,
    "top_category": pl.String,
    "is_member": pl.Boolean,
}


@law
@given(
    st.lists(rows, min_size=1, max_size=8),
    st.lists(rules, min_size=1, max_size=5),
    st.sampled_from([-1.0, 0.0, 1.0]),
)
def test_one_row_is_told_what_the_whole_frame_is_told(people, several, give):
    frame = pl.DataFrame(people, schema=SCHEMA)
    for rule in several:
        assert [fulfils(row, rule, give=give) for row in people] == holds(frame, rule, give=give).to_list()


@law
@given(rows, rules)
def test_every_rule_can_be_told_of_everybody(row, rule):
    facts = rule_facts(row, rule, money=money)
    assert facts
    for fact in facts:
        assert fact.words[0].isupper()
        assert fact.words.endswith(".")
        assert fact.distance is None or fact.distance >= 0
