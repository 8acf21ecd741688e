from math import isclose

import numpy as np
import polars as pl
import pytest
from dealt_baskets import as_baskets, dealt, put_together, wholesale_sizes
from hypothesis import given, settings
from hypothesis import strategies as st

from shop_app.bundles.associations import AssociationRules, find_associations
from shop_app.bundles.counting import count_pairs
from shop_app.bundles.evidence import learn_chance
from shop_app.errors import InvalidInputError

YEAR = 365


def pair_of(found, a, b):
    """The row of two items, whichever comes first."""
    rows = found.pairs.filter(pl.col("a").is_in([a, b]) & pl.col("b").is_in([a, b]))
    return rows.row(0, named=True)


def found_pairs(found):
    return {(int(a), int(b)) for a, b in found.pairs.filter("is_found").select("a", "b").iter_rows()}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.frozensets(st.integers(0, 5), min_size=1), min_size=1, max_size=40))
def test_without_days_the_usual_figures_are_the_textbooks(sets):
    found = find_associations(as_baskets(sets), AssociationRules(least_count=1))
    for row in found.pairs.iter_rows(named=True):
        a, b = int(row["a"]), int(row["b"])
        both = sum({a, b} <= held for held in sets)
        with_a, with_b = sum(a in held for held in sets), sum(b in held for held in sets)
        assert (row["count"], row["a_count"], row["b_count"]) == (both, with_a, with_b)
        assert row["support"] == both / len(sets)
        assert row["confidence_ab"] == both / with_a
        assert row["confidence_ba"] == both / with_b
        assert isclose(row["lift"], both * len(sets) / (with_a * with_b))
        weight = sum(1 / (len(held) - 1) for held in sets if {a, b} <= held)
        assert isclose(row["weighted_confidence_ab"], weight / with_a)
        assert isclose(row["weighted_confidence_ba"], weight / with_b)


def test_the_grocers_figures_are_those_that_are_published(groceries):
    # M. Hahsler et al., arules: 9,835 baskets, 169 items, whole milk in 2,513 of them.
    assert (groceries.basket_count, groceries.keys.height) == (9_835, 169)
    milk = groceries.keys["key"].to_list().index("whole milk")
    assert round(groceries.item_counts[milk] / 9_835, 4) == 0.2555
    found = find_associations(groceries)
    roots = pair_of(found, "other vegetables", "root vegetables")
    assert round(roots["support"], 4) == 0.0474
    assert (found.pairs["q_value"] <= 0.05).sum() == 174
    assert found.pairs["is_found"].sum() == 148
    assert found.pairs["is_found"].to_list() == sorted(found.pairs["is_found"], reverse=True)
    assert found.pairs.filter("is_found")["g"].is_sorted(descending=True)


def test_where_the_grocers_lines_are_shuffled_next_to_nothing_is_found(groceries):
    names = groceries.item
    for seed in range(3):
        shuffled = np.random.default_rng(seed).permutation(names)
        sets = [set(part.tolist()) for part in np.split(shuffled, np.cumsum(groceries.sizes)[:-1])]
        assert find_associations(as_baskets(sets)).pairs["is_found"].sum() <= 1


def test_pairs_planted_at_three_times_chance_are_found_and_hardly_another():
    rng = np.random.default_rng(5)
    sets = dealt(rng, wholesale_sizes(rng, 12_000), 400)
    noise = as_baskets(sets)
    assert find_associations(noise).pairs["is_found"].sum() == 0
    a, b, count = count_pairs(noise, least_count=6)
    expected = learn_chance(noise).expected(a, b)
    fit = np.flatnonzero((expected > 4) & (expected < 20))
    chosen = rng.choice(fit, 60, replace=False)
    names, planted = [int(key) for key in noise.keys["key"]], set()
    for pair in chosen:
        first, second = names[a[pair]], names[b[pair]]
        planted.add((first, second))
        put_together(rng, sets, first, second, round(3 * expected[pair] - count[pair]))
    found = found_pairs(find_associations(as_baskets(sets)))
    assert len(found & planted) >= 30
    assert len(found - planted) <= 2


def test_two_products_that_only_share_the_season_are_not_found():
    rng = np.random.default_rng(6)
    days = np.sort(rng.integers(0, YEAR, 8_000))
    sets = dealt(rng, rng.integers(1, 5, days.size), 80)
    for basket in np.flatnonzero(days >= 335):
        sets[basket] |= {item for item in (900, 901) if rng.random() < 0.25}
    found = find_associations(as_baskets(sets, days))
    both = pair_of(found, "00900", "00901")
    assert both["count"] > 20
    assert both["is_found"] is False
    assert both["adjusted_lift_low"] < 1.3
    without_days = pair_of(find_associations(as_baskets(sets)), "00900", "00901")
    assert without_days["lift"] > 5
    assert without_days["is_found"] is True


def test_a_product_launched_late_is_not_punished_for_the_time_before_it():
    rng = np.random.default_rng(7)
    days = np.sort(rng.integers(0, YEAR, 8_000))
    sets = dealt(rng, rng.integers(1, 5, days.size), 80)
    for basket in np.flatnonzero(days >= 330):
        if rng.random() < 0.06:
            sets[basket] |= {950} | ({5} if rng.random() < 0.5 else set())
        if rng.random() < 0.06:
            sets[basket] |= {951}
    found = find_associations(as_baskets(sets, days))
    both = pair_of(found, "00005", "00950")
    since = [held for held, day in zip(sets, days, strict=True) if day >= both["first_day"]]
    assert both["first_day"] >= 330
    assert both["basket_count"] == len(since)
    assert both["a_count"] == sum(5 in held for held in since)
    assert both["support"] == sum({5, 950} <= held for held in since) / len(since)
    assert both["is_found"] is True
    assert {950, 951} not in [set(pair) for pair in found_pairs(found)]


def test_the_widest_baskets_count_for_support_and_not_as_evidence():
    rng = np.random.default_rng(8)
    sets = dealt(rng, rng.integers(1, 4, 2_000), 60) + [set(range(100, 170))] * 12
    found = find_associations(as_baskets(sets))
    stock_list = pair_of(found, "00100", "00101")
    assert (stock_list["count"], stock_list["mined_count"], stock_list["is_found"]) == (12, 0, False)
    assert stock_list["support"] == 12 / 2_012
    assert (stock_list["adjusted_lift"], stock_list["adjusted_lift_high"]) == (None, None)
    assert (found.basket_count, found.wide_basket_count) == (2_012, 12)
    wider = find_associations(as_baskets(sets), AssociationRules(widest_basket=70, most_pairs_for_sets=50))
    assert pair_of(wider, "00100", "00101")["is_found"] is True


def shop_with(rng, wholes, times):
    """Baskets of chance, into some of which one of ``wholes`` is put as a whole."""
    sets = dealt(rng, rng.integers(1, 5, 8_000), 120)
    for whole in wholes:
        for basket in rng.choice(len(sets), times, replace=False):
            sets[basket] |= set(whole)
    return sets


@pytest.mark.parametrize("whole", [(30, 31, 32), (30, 31, 32, 33)])
def test_a_set_that_is_bought_as_a_whole_is_found(whole):
    sets = shop_with(np.random.default_rng(9), [whole], 80)
    found = find_associations(as_baskets(sets)).sets.filter("is_found")
    keys = [f"{item:05d}" for item in whole]
    assert keys in found["items"].to_list()
    assert all(set(items) <= set(keys) for items in found["items"])


def test_a_set_is_not_found_where_its_pairs_explain_it():
    sets = shop_with(
        np.random.default_rng(10), [(30, 31), (31, 32), (30, 32), (30, 33), (31, 33), (32, 33)], 200
    )
    found = find_associations(as_baskets(sets), AssociationRules(least_count=3))
    assert {(30, 31), (31, 32), (30, 32)} <= found_pairs(found)
    assert ["00030", "00031", "00032"] in found.sets["items"].to_list()
    assert found.sets["is_found"].sum() == 0


def test_counts_of_sets_include_the_widest_baskets():
    sets = [*shop_with(np.random.default_rng(9), [(30, 31, 32)], 80), *[set(range(120))] * 3]
    row = find_associations(as_baskets(sets)).sets.filter(pl.col("item_count") == 3).row(0, named=True)
    assert row["items"] == ["00030", "00031", "00032"]
    assert row["count"] == row["mined_count"] + 3 == sum({30, 31, 32} <= held for held in sets)


def test_too_small_a_share_of_the_baskets_is_not_looked_at():
    sets = [{0, 1}] * 12 + [{2, 3}] * 30 + [{4}] * 58
    found = find_associations(as_baskets(sets), AssociationRules(least_support_ratio=0.2))
    assert found.pairs.select("a", "b").rows() == [("00002", "00003")]


def test_a_shop_without_orders_has_no_pairs_and_no_sets():
    nothing = as_baskets([{0, 1}]).only(np.array([False]))
    found = find_associations(nothing)
    assert (found.pairs.height, found.sets.height, found.popular) == (0, 0, ())
    some = find_associations(as_baskets([{0, 1}] * 20))
    assert some.pairs.schema == found.pairs.schema
    assert some.sets.schema == found.sets.schema


@pytest.mark.parametrize(
    ("field", "value"),
    [("least_support_ratio", 1.5), ("least_count", 0), ("false_discovery_ratio", 0.0), ("widest_basket", 1)],
)
def test_a_rule_that_cannot_be_meant_is_refused_by_name(field, value):
    with pytest.raises(InvalidInputError, match="it must be") as refused:
        AssociationRules(**{field: value})
    assert refused.value.field == field
