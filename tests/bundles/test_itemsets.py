from collections import Counter
from itertools import combinations

import numpy as np
import pytest
from dealt_baskets import as_baskets, dealt, wholesale_sizes
from hypothesis import given, settings
from hypothesis import strategies as st

from shop_app.bundles import itemsets
from shop_app.bundles.itemsets import counts_of_sets, frequent_itemsets
from shop_app.errors import InvalidInputError


def by_hand(sets, least_count, most_items=4):
    counts = Counter(
        part for held in sets for size in range(1, most_items + 1) for part in combinations(sorted(held), size)
    )
    return {part: count for part, count in counts.items() if count >= least_count}


def found(frame):
    return {tuple(int(key) for key in row["items"]): row["count"] for row in frame.iter_rows(named=True)}


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.frozensets(st.integers(0, 7), min_size=1), min_size=1, max_size=40),
    st.integers(1, 4),
    st.integers(1, 5),
)
def test_sets_are_those_that_are_counted_by_hand(sets, least_count, most_items):
    frame = frequent_itemsets(as_baskets(sets), least_count=least_count, most_items=most_items)
    assert found(frame) == by_hand(sets, least_count, most_items)
    assert frame["support"].to_list() == [count / len(sets) for count in frame["count"]]


def test_how_much_is_held_at_once_changes_no_set(monkeypatch):
    monkeypatch.setattr(itemsets, "BASKETS_AT_ONCE", 5)
    monkeypatch.setattr(itemsets, "SETS_AT_ONCE", 7)
    rng = np.random.default_rng(4)
    sets = dealt(rng, np.minimum(wholesale_sizes(rng, 200), 12), 30)
    assert found(frequent_itemsets(as_baskets(sets), least_count=3)) == by_hand(sets, 3)


def test_smaller_sets_come_first_and_frequent_ones_before_rare_ones():
    frame = frequent_itemsets(as_baskets([{0, 1, 2}, {0, 1}, {0}]), least_count=1)
    assert frame["item_count"].to_list() == [1, 1, 1, 2, 2, 2, 3]
    assert frame["count"].to_list() == [3, 2, 1, 2, 1, 1, 1]


def test_sets_of_the_grocers_are_those_that_are_published(groceries):
    # M. Hahsler et al., arules: 333 itemsets at a support of 1 %; and the rule with the highest lift at .1 %
    # support and 80 % confidence, {liquor, red/blush wine} => {bottled beer}: .00193, .905.
    frame = frequent_itemsets(groceries, least_count=99)
    assert frame["item_count"].value_counts(sort=True)["count"].to_list() == [213, 88, 32]
    keys = groceries.keys["key"].to_list()
    beer, liquor, wine = (keys.index(name) for name in ("bottled beer", "liquor", "red/blush wine"))
    three = counts_of_sets(groceries, np.array([[beer, liquor, wine]], np.int32))[0]
    two = counts_of_sets(groceries, np.array([[liquor, wine]], np.int32))[0]
    assert round(three / 9835, 5) == 0.00193
    assert round(three / two, 3) == 0.905


@pytest.mark.parametrize("field", ["least_count", "most_items"])
def test_a_floor_below_one_is_refused_by_name(field):
    with pytest.raises(InvalidInputError, match="must be 1 or more") as refused:
        frequent_itemsets(as_baskets([{0}]), **({"least_count": 1, "most_items": 1} | {field: 0}))
    assert refused.value.field == field
