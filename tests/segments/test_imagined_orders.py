from datetime import timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from segment_frames import AS_OF, COUNTED_SCHEMA, counted, day, law

from shop_app.segments.imagined_orders import (
    PAIR_DAYS,
    Change,
    imagine,
    rounded_up,
    usual_amount,
    usual_discount,
)

ORDERS = counted(
    {"customer_id": 7, "order_id": 31, "processed_at": day(90), "channel": "pos", "first_product_id": 2},
    {"customer_id": 7, "order_id": 30, "processed_at": day(60), "net_revenue": 4_000},
)


def imagined(*changes, orders=ORDERS):
    return imagine(orders, changes, as_of=AS_OF).partition_by("customer_id", maintain_order=True)


def test_nothing_changed_is_the_same_orders_of_another_customer():
    (same,) = imagined(Change("none"))
    assert_frame_equal(
        same.sort("order_id", descending=True), ORDERS.with_columns(customer_id=pl.lit(1, pl.Int64))
    )


def test_each_change_is_a_customer_of_its_own():
    frame = imagine(ORDERS, [Change("order", 5_000), Change("none"), Change("pair", 5_000)], as_of=AS_OF)
    assert frame.group_by("customer_id").len().sort("customer_id").rows() == [(1, 3), (2, 2), (3, 4)]
    assert frame.schema == pl.Schema(COUNTED_SCHEMA)


def test_a_new_order_is_like_the_last_one_but_for_day_and_amount():
    (found,) = imagined(Change("order", 5_000, discount=500))
    new = found.filter(pl.col("order_id") < 0).row(0, named=True)
    assert (new["processed_at"], new["net_revenue"], new["paid"], new["refunded"]) == (AS_OF, 5_000, 5_000, 0)
    assert (new["discount"], new["goods_total"]) == (500, 5_500)
    assert (new["channel"], new["first_product_id"]) == ("pos", 2)


def test_silence_moves_all_orders_back_and_keeps_their_weekdays():
    (found,) = imagined(Change("silence", wait_days=21))
    moved = found.sort("processed_at")["processed_at"]
    assert moved.to_list() == [day(60) - timedelta(days=21), day(90) - timedelta(days=21)]
    assert moved.dt.weekday().to_list() == ORDERS.sort("processed_at")["processed_at"].dt.weekday().to_list()


def test_two_orders_lie_two_weeks_apart_and_the_second_is_of_now():
    (found,) = imagined(Change("pair", 5_000, wait_days=7))
    days = found.sort("processed_at")["processed_at"].to_list()
    assert days[2:] == [AS_OF - timedelta(days=PAIR_DAYS), AS_OF]
    assert days[0] == day(60) - timedelta(days=PAIR_DAYS + 7)


def test_a_refund_takes_the_last_order_away():
    (found,) = imagined(Change("refund"))
    assert found["order_id"].to_list() == [30]
    assert imagined(Change("refund"), orders=ORDERS.head(1)) == []


def test_somebody_without_an_order_can_be_imagined_to_have_one():
    (found,) = imagined(Change("first_order", 3_000), orders=ORDERS.clear())
    assert found["net_revenue"].to_list() == [3_000]
    assert found["customer_id"].to_list() == [1]


@pytest.mark.parametrize(
    ("amount", "rounded"), [(1, 1), (99, 99), (100, 100), (101, 110), (3_999, 4_000), (12_345, 13_000)]
)
def test_amounts_are_rounded_up_as_people_say_them(amount, rounded):
    assert rounded_up(amount) == rounded


def test_the_usual_amount_is_the_middle_one_of_what_was_paid():
    assert usual_amount(counted({"net_revenue": 100}, {"net_revenue": 900}, {"net_revenue": 500})) == 500
    assert usual_amount(counted({"net_revenue": -5}, {"net_revenue": 0}, {"net_revenue": 700})) == 700
    assert usual_amount(counted({"net_revenue": 0})) == 1


def test_who_mostly_buys_with_a_discount_is_imagined_to_go_on_so():
    half_off = {"discount": 5_000, "goods_total": 10_000}
    assert usual_discount(counted(half_off, half_off, {}), 2_000) == 2_000
    assert usual_discount(counted(half_off, {}), 2_000) == 0
    assert usual_discount(counted({"discount": None}), 2_000) == 0
    assert usual_discount(counted({"discount": 10_000}), 2_000) == 0


changes = st.builds(
    Change,
    st.sampled_from(["none", "order", "pair", "full_price", "silence", "refund"]),
    amount=st.integers(1, 9_999),
    wait_days=st.integers(0, 20).map(lambda weeks: 7 * weeks),
)


@law
@given(st.lists(changes, min_size=1, max_size=6))
def test_changes_do_not_touch_one_another_and_nothing_lies_ahead(several):
    together = imagine(ORDERS, several, as_of=AS_OF)
    for number, change in enumerate(several, start=1):
        own = together.filter(pl.col("customer_id") == number).drop("customer_id")
        alone = imagine(ORDERS, [change], as_of=AS_OF).drop("customer_id")
        by = ["processed_at", "order_id"]
        assert_frame_equal(own.sort(by), alone.sort(by))
    assert (together["processed_at"] <= AS_OF).all()
