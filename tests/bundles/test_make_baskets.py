import numpy as np
import polars as pl
import pytest

from shop_app.bundles.baskets import baskets_of, make_baskets
from shop_app.errors import InvalidInputError

LINES = {
    "order_id": pl.Int64,
    "customer_id": pl.Int64,
    "day": pl.Int32,
    "item_id": pl.Int64,
    "quantity": pl.Int64,
    "bought": pl.Int64,
}
KEYS = pl.DataFrame(
    {
        "item_id": [1, 2, 3, 4, 4],
        "key": ["p1", "p1", "p2", "p3", "p0"],
        "key_name": ["Tea", "Tea", "Cup", "Pot", "All"],
    }
)


def lines(*rows):
    return pl.DataFrame(rows, schema=LINES, orient="row")


def held(baskets):
    keys, orders = baskets.keys["key"].to_list(), baskets.orders["order_id"].to_list()
    found = {order: [] for order in orders}
    for basket, item in zip(baskets.basket, baskets.item, strict=True):
        found[orders[basket]].append(keys[item])
    return found


def test_a_basket_holds_each_key_once_and_knows_its_day_and_its_customer():
    baskets = make_baskets(
        lines((9, None, 21, 3, 1, 1), (7, 5, 20, 1, 2, 2), (7, 5, 20, 2, 1, 1), (7, 5, 20, 3, 1, 1)), KEYS
    )
    assert held(baskets) == {7: ["p1", "p2"], 9: ["p2"]}
    assert baskets.orders.rows() == [(7, 5, 20), (9, None, 21)]
    assert baskets.keys.rows() == [("p1", "Tea", 20), ("p2", "Cup", 20)]
    assert baskets.sizes.tolist() == [2, 1]
    assert baskets.item_counts.tolist() == [1, 2]
    assert baskets.popular_keys() == ["p2", "p1"]


def test_an_item_may_be_several_things_or_none():
    baskets = make_baskets(lines((1, 1, 1, 4, 1, 1), (1, 1, 1, 99, 1, 1), (2, 1, 1, 99, 1, 1)), KEYS)
    assert held(baskets) == {1: ["p0", "p3"]}


def test_what_was_taken_back_is_in_no_basket_yet_it_was_on_sale():
    baskets = make_baskets(lines((1, 1, 10, 1, 0, 2), (1, 1, 10, 3, 1, 1), (2, 1, 15, 1, 1, 1)), KEYS)
    assert held(baskets) == {1: ["p2"], 2: ["p1"]}
    assert dict(baskets.keys.select("key", "first_day").iter_rows()) == {"p1": 10, "p2": 10}


def test_some_of_the_baskets_keep_the_items_numbers_and_their_launch():
    whole = make_baskets(lines((1, 1, 10, 1, 1, 1), (2, 1, 20, 1, 1, 1), (3, 1, 30, 3, 1, 1)), KEYS)
    baskets = whole.only(np.array([False, True, False]))
    assert held(baskets) == {2: ["p1"]}
    assert baskets.keys.equals(whole.keys)


def test_a_table_of_baskets_needs_no_more_than_two_columns():
    baskets = baskets_of(pl.DataFrame({"basket": ["x", "x", "a", "x", None], "item": [3, 10, 3, 3, 3]}))
    assert held(baskets) == {0: ["3"], 1: ["10", "3"]}
    assert baskets.days is None
    assert baskets.first_days is None
    with_days = baskets_of(pl.DataFrame({"basket": [1, 2], "item": ["a", "a"], "day": [4, 3]}))
    assert with_days.days.tolist() == [4, 3]
    assert with_days.first_days.tolist() == [3]


def test_a_table_that_is_no_table_of_baskets_is_refused_by_the_name_of_the_column():
    with pytest.raises(InvalidInputError, match="no column “item”") as refused:
        baskets_of(pl.DataFrame({"basket": [1]}))
    assert refused.value.field == "item"
    with pytest.raises(InvalidInputError, match="others none"):
        baskets_of(pl.DataFrame({"basket": [1, 2], "item": ["a", "b"], "day": [1, None]}))
