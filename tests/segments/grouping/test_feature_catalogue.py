import pytest

from shop_app.segments.features import FEATURE_SCHEMA
from shop_app.segments.grouping.catalogue import FEATURES, nearest_features
from shop_app.segments.grouping.feature_table import WHOLE

UNITS = {
    "days",
    "orders",
    "money",
    "share",
    "probability",
    "count",
    "ratio",
    "text",
    "yes_no",
    "hour",
    "weekday",
}
FAMILIES = {"orders", "money", "rhythm", "taste", "price", "predictions", "signals"}
NOT_NAMED = {"customer_id", "first_order_at", "last_order_at", "first_product_id", "log_gap_sum"}


def test_every_feature_of_a_customer_can_be_named():
    assert set(FEATURE_SCHEMA) - NOT_NAMED <= set(FEATURES)


def test_units_families_and_transforms_are_known_ones():
    assert {feature.unit for feature in FEATURES.values()} == UNITS
    assert {feature.family for feature in FEATURES.values()} == FAMILIES
    assert {feature.transform for feature in FEATURES.values()} <= {"log1p", "logit", "none"}
    assert set(FEATURES) >= WHOLE


def test_whole_features_are_stored_as_integers():
    for name in WHOLE & set(FEATURE_SCHEMA):
        assert FEATURE_SCHEMA[name].is_integer(), name


@pytest.mark.parametrize("feature", FEATURES.values(), ids=lambda feature: feature.name)
def test_a_feature_has_all_its_words(feature):
    assert feature.label
    assert bool(feature.more_words) == bool(feature.less_words) == feature.is_numeric
    assert feature.phrase.count("{}") == (0 if feature.unit == "yes_no" else 1)
    assert ("|" in feature.phrase) == (feature.unit == "yes_no")


def test_labels_are_all_different():
    assert len({feature.label for feature in FEATURES.values()}) == len(FEATURES)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("orders_count", "order_count"),
        ("recency", "recency_days"),
        ("money spent", "total_spent"),
        ("Average Order Value", "average_order_value"),
        ("churn_probability", "churn_probability_90d"),
    ],
)
def test_what_was_meant_is_found(written, meant):
    assert nearest_features(written)[0] == meant


def test_nothing_is_suggested_for_what_is_far_from_everything():
    assert nearest_features("zzz") == []


def test_only_counts_of_orders_have_hard_borders():
    assert {name for name, feature in FEATURES.items() if feature.counts_orders} == {
        "order_count",
        "repeat_count",
    }
