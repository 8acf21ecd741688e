"""The merchant's limits: read with care, and meant for an item by whatever name it is known."""

import json
from datetime import date

import pytest
from small_shelf import item, items_frame, keys_frame

from shop_app.bundles.brand_rules import BrandRules, conflict, names_of_items
from shop_app.errors import InvalidInputError

RULES = BrandRules(
    never_together=(("Tea", "Coffee"),),
    never_discounted=("12", "p900"),
    seasons=(("Candles", (10, 11, 12)),),
    assumed_cost_ratio=0.5,
)


def test_rules_survive_being_kept():
    assert BrandRules.from_json(json.loads(json.dumps(RULES.to_json()))) == RULES


def test_what_is_not_given_keeps_its_default():
    assert BrandRules.from_json({"least_stock": 3}) == BrandRules(least_stock=3)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("never_together", [["Tea"]]),
        ("never_together", "Tea"),
        ("never_discounted", [""]),
        ("never_discounted", [12]),
        ("seasons", {"Tea": []}),
        ("seasons", {"Tea": [13]}),
        ("seasons", {"Tea": [True]}),
        ("seasons", ["Tea"]),
        ("most_discount_percent", 101),
        ("most_discount_percent", 12.5),
        ("margin_floor_ratio", -0.1),
        ("margin_floor_ratio", float("nan")),
        ("assumed_cost_ratio", "half"),
        ("least_stock", -1),
        ("needs_known_stock", "yes"),
        ("colour", "blue"),
    ],
)
def test_what_is_no_rule_is_refused_with_its_field(field, value):
    with pytest.raises(InvalidInputError) as refusal:
        BrandRules.from_json({field: value})
    assert refusal.value.field == field


def test_an_item_answers_to_its_number_product_category_and_collection():
    items = items_frame(item(1, category="Green Tea", product_number=77))
    collections = (
        keys_frame(items)
        .with_columns(key_name=items["name"])
        .clear()
        .vstack(
            keys_frame(items).with_columns(
                key=items["category"] + " gifts", key_name=items["category"] + " gifts"
            )
        )
    )
    assert names_of_items(items, collections)[1] == {"1", "p77", "green tea", "green tea gifts"}


def test_a_pair_is_forbidden_whichever_way_round_and_however_it_is_written():
    tea, coffee = frozenset({"1", "tea"}), frozenset({"2", "coffee"})
    assert conflict(RULES, [[tea], [coffee]])
    assert conflict(RULES, [[coffee], [tea]])
    assert not conflict(RULES, [[tea, coffee]])  # within one side only one of them is bought
    assert not conflict(RULES, [[tea], [frozenset({"3", "cups"})]])


def test_a_season_is_counted_in_days_from_today_on():
    candle = frozenset({"5", "candles"})
    assert RULES.days_in_season(candle, date(2026, 9, 30), 90) == 0
    assert RULES.days_in_season(candle, date(2026, 12, 30), 90) == 2
    assert RULES.days_in_season(candle, date(2026, 10, 1), 90) == 90
    assert RULES.days_in_season(frozenset({"6"}), date(2026, 9, 30), 90) == 90


def test_where_two_seasons_fit_an_item_both_hold():
    rules = BrandRules(seasons=(("Candles", (11, 12)), ("7", (12, 1))))
    assert rules.days_in_season(frozenset({"7", "candles"}), date(2026, 12, 20), 90) == 12
