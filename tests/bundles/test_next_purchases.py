import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planted_shop import NAMES, shop, visits

from shop_app.bundles import next_purchases as module
from shop_app.bundles.next_purchases import next_purchases

SCHEMA = {"customer_id": pl.Int64, "day": pl.Int32, "key": pl.String}
SOME_NAMES = pl.DataFrame({"key": ["tea", "tea"], "key_name": ["Tea", "Finest tea"]})


def frame(rows):
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def rows_of(customers, *purchases):
    return [
        (customer, 10 * place, key)
        for customer in customers
        for place, keys in enumerate(purchases)
        for key in keys
    ]


def test_the_second_purchase_is_told_overall_and_after_each_common_first():
    rows = rows_of(range(60), ["tea"], ["cup", "jam"]) + rows_of(range(60, 100), ["jam"], ["tea"])
    told = next_purchases(frame(rows), SOME_NAMES).filter(pl.col("place") == 2)
    by = {(row["after"], row["key"]): row for row in told.iter_rows(named=True)}
    assert list(by) == [
        *((None, "cup"), (None, "jam"), (None, "tea")),
        *(("tea", "cup"), ("tea", "jam"), ("jam", "tea")),
    ]
    overall = by[None, "cup"]
    assert (overall["customers"], overall["of_customers"], overall["share_ratio"]) == (60, 100, 0.6)
    assert overall["store_share_ratio"] == pytest.approx(60 / 200)
    after = by["jam", "tea"]
    assert (after["customers"], after["of_customers"], after["store_share_ratio"]) == (40, 40, 0.4)
    assert after["lift"] == pytest.approx(2.5)
    assert after["lift_low"] < 2.5 < after["lift_high"]
    assert (after["after_name"], after["name"]) == ("jam", "Finest tea")
    assert overall["after_name"] is None


def test_buying_the_same_again_is_a_next_purchase():
    told = next_purchases(frame(rows_of(range(30), ["tea"], ["tea"], ["tea"])), SOME_NAMES)
    assert told.select("place", "after", "key", "customers").rows() == [
        *((2, None, "tea", 30), (2, "tea", "tea", 30)),
        *((3, None, "tea", 30), (3, "tea", "tea", 30)),
    ]


def test_several_orders_on_one_day_are_one_purchase():
    rows = [(customer, day, key) for customer in range(30) for day, key in [(1, "a"), (1, "b"), (2, "c")]]
    told = next_purchases(frame(rows), SOME_NAMES)
    assert set(told["place"]) == {2}
    assert set(told["key"]) == {"c"}


def test_of_few_customers_no_share_is_told():
    few = module.LEAST_CUSTOMERS - 1
    assert next_purchases(frame(rows_of(range(few), ["tea"], ["cup"])), SOME_NAMES).height == 0
    assert next_purchases(frame([]), SOME_NAMES).height == 0


def test_no_more_than_asked_for_are_told_of_each_purchase():
    _, lines = shop()
    told = next_purchases(visits(lines), NAMES, most=4)
    assert told.group_by("place", "after").len()["len"].max() == 4
    assert told.drop_nulls("after").group_by("place").agg(pl.col("after").n_unique())["after"].to_list() == [
        4,
        4,
    ]
    assert told["name"].is_in(NAMES["key_name"].to_list()).all()


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 60), st.integers(1, 9), st.sampled_from("abc")), max_size=300),
    st.randoms(use_true_random=False),
)
def test_the_order_of_rows_does_not_matter_and_shares_are_shares(rows, random):
    told = next_purchases(frame(rows), SOME_NAMES)
    mixed = list(rows)
    random.shuffle(mixed)
    assert next_purchases(frame(mixed), SOME_NAMES).equals(told)
    assert told["share_ratio"].is_between(0, 1).all()
    assert (told["lift_low"] <= told["lift"]).all()
