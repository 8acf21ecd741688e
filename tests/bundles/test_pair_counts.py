from collections import Counter
from itertools import combinations

import numpy as np
import pytest
from dealt_baskets import as_baskets, dealt, wholesale_sizes
from hypothesis import given, settings
from hypothesis import strategies as st

from shop_app.bundles import counting
from shop_app.bundles.counting import count_pairs, sum_over_pairs

SETS = st.lists(st.frozensets(st.integers(0, 9), min_size=1), min_size=1, max_size=40)


def by_hand(sets, least_count):
    """Count by writing out every pair of every basket."""
    counts = Counter(pair for held in sets for pair in combinations(sorted(held), 2))
    return {pair: count for pair, count in counts.items() if count >= least_count}


def by_key(baskets, counted):
    keys = [int(key) for key in baskets.keys["key"]]
    return {(keys[a], keys[b]): int(count) for a, b, count in zip(*counted, strict=True)}


@settings(max_examples=60, deadline=None)
@given(SETS, st.integers(1, 4))
def test_pairs_are_those_that_are_counted_by_hand(sets, least_count):
    baskets = as_baskets(sets)
    assert by_key(baskets, count_pairs(baskets, least_count=least_count)) == by_hand(sets, least_count)


@pytest.mark.parametrize("at_once", [1, 7, 100, 4_000_000])
def test_how_much_is_held_at_once_changes_no_count(monkeypatch, at_once):
    monkeypatch.setattr(counting, "MOST_COUPLES", at_once)
    monkeypatch.setattr(counting, "MOST_CELLS", at_once)
    rng = np.random.default_rng(3)
    sets = dealt(rng, wholesale_sizes(rng, 300), 60)
    baskets = as_baskets(sets)
    a, b, count = count_pairs(baskets, least_count=2)
    assert by_key(baskets, (a, b, count)) == by_hand(sets, 2)
    assert (a < b).all()
    assert (np.diff(a.astype(np.int64) * 1000 + b) > 0).all()
    assert sum_over_pairs(baskets, a, b, np.ones(baskets.basket_count)).tolist() == count.tolist()


def test_a_basket_of_two_thousand_items_is_counted_like_any_other():
    wide = set(range(2_000))
    baskets = as_baskets([wide, wide, {1, 2}, {3}])
    a, b, count = count_pairs(baskets, least_count=2)
    assert count.size == 2_000 * 1_999 // 2
    assert count[(a == 1) & (b == 2)].tolist() == [3]


def test_a_weight_is_summed_over_the_baskets_that_hold_both():
    sets = [{0, 1}, {0, 1, 2}, {1, 2}, {0}]
    baskets = as_baskets(sets)
    a, b = np.array([0, 0, 1], np.int32), np.array([1, 2, 2], np.int32)
    assert sum_over_pairs(baskets, a, b, np.array([1.0, 10.0, 100.0, 1000.0])).tolist() == [11.0, 10.0, 110.0]


def test_without_a_pair_there_are_none():
    for sets in ([{0}, {1}], [{0, 1}]):
        assert [part.size for part in count_pairs(as_baskets(sets), least_count=2)] == [0, 0, 0]
    nothing = as_baskets([{0}]).only(np.array([False]))
    assert [part.size for part in count_pairs(nothing, least_count=1)] == [0, 0, 0]


def test_of_some_baskets_only_those_are_counted():
    baskets = as_baskets([{0, 1}, {0, 1}, {1, 2}, {0, 1, 2}])
    some = baskets.only(np.array([True, False, True, True]))
    assert by_key(some, count_pairs(some, least_count=1)) == {(0, 1): 2, (1, 2): 2, (0, 2): 1}
    assert some.orders["order_id"].to_list() == [0, 2, 3]
    assert some.keys.equals(baskets.keys)
