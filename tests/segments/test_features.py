"""Features by hand, and the laws that the webhook path and the nightly run stand on."""

import math
from datetime import UTC, datetime, timedelta
from random import Random

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from segment_frames import (
    AS_OF,
    CATEGORY_SCHEMA,
    LOOSE_SCHEMA,
    NO_CATEGORIES,
    NO_LOOSE,
    category_frames,
    counted,
    customers,
    day,
    law,
    moments,
    order_frames,
    refund_frames,
)

from shop_app.segments.features import FEATURE_SCHEMA, build_features
from shop_app.segments.ledger import LedgerRules, judge_orders, loose_refunds

RULES = LedgerRules("EUR", rates={"USD": "0.9", "JPY": "0.0061"})


def build(orders, categories=NO_CATEGORIES, loose=NO_LOOSE, people=None, *, as_of=AS_OF, timezone="UTC"):
    people = customers(1) if people is None else people
    return build_features(orders, categories, loose, people, as_of=as_of, timezone=timezone)


def feature(name, *rows, **others):
    return build(counted(*rows), **others)[name].item()


def test_a_customer_worked_out_by_hand():
    orders = counted(
        {"processed_at": day(1, 9), "net_revenue": 2_000, "discount": 200, "item_count": 1.0},
        {"processed_at": day(11, 9), "net_revenue": 4_000, "refunded": 1_000, "channel": "pos"},
        {"processed_at": day(31, 20), "net_revenue": 9_000, "discount": None, "item_count": 2.5},
    )
    categories = pl.DataFrame(
        {
            "order_id": [1, 2, 3, 3],
            "category": ["tea", "cups", "tea", None],
            "amount": [2_000, 5_000, 3_000, 90],
        },
        schema=CATEGORY_SCHEMA,
    )
    loose = pl.DataFrame({"customer_id": [1], "amount": [600]}, schema=LOOSE_SCHEMA)
    as_of = day(41, 20)

    row = build(orders, categories, loose, as_of=as_of).row(0, named=True)

    assert row == {
        "customer_id": 1,
        "order_count": 3,
        "total_spent": 14_400,
        "first_order_at": day(1, 9),
        "last_order_at": day(31, 20),
        "recency_days": 10.0,
        "tenure_days": pytest.approx(40 + 11 / 24),
        "average_order_value": 4_800.0,
        # Around the mean of 5,000: (9 + 1 + 16) million over 2.
        "order_value_deviation": pytest.approx(13_000_000**0.5),
        "repeat_count": 2,
        "t_x_days": 30,
        "age_days": 40,
        "log_gap_sum": pytest.approx(math.log(10) + math.log(20), abs=1e-9),
        "spend_per_visit": 4_800.0,
        "interval_mean_days": 15.0,
        "interval_median_days": 15.0,
        "interval_trend_ratio": 2.0,
        "discount_share_ratio": 0.5,
        # 2 % off the first order, nothing off the second; the third is not known.
        "discount_depth_ratio": 0.01,
        # 1,000 from an order and 600 loose, of 16,000 paid.
        "refund_rate_ratio": 0.1,
        "items_per_order": 1.5,
        "category_count": 2,
        # Half tea, half cups.
        "category_diversity_ratio": 1.0,
        "top_category": "cups",
        "top_category_share_ratio": 0.5,
        "usual_hour": 9,
        "usual_hour_count": 2,
        # Thursday, Sunday, Saturday: of three the last.
        "usual_weekday": 6,
        "usual_weekday_count": 1,
        "first_product_id": 7,
        "channel": "web",
        "signup_source": "shop",
    }


def test_a_prospect_has_a_row_that_knows_nothing_yet():
    row = build(counted(), people=customers(5)).row(0, named=True)
    known = {name: value for name, value in row.items() if value is not None}
    assert known == {"customer_id": 5, "order_count": 0, "total_spent": 0, "signup_source": "shop"}


def test_empty_frames_give_an_empty_frame_of_the_right_kinds():
    features = build(counted(), people=customers())
    assert features.is_empty()
    assert dict(features.schema) == FEATURE_SCHEMA
    assert dict(build(counted({})).schema) == FEATURE_SCHEMA


def test_whoever_ordered_or_sent_back_has_a_row_even_without_a_customer():
    loose = pl.DataFrame({"customer_id": [9], "amount": [500]}, schema=LOOSE_SCHEMA)
    features = build(counted({"customer_id": 4}), loose=loose, people=customers(7))
    assert features.select("customer_id", "order_count", "total_spent").rows() == [
        (4, 1, 10_000),
        (7, 0, 0),
        (9, 0, -500),
    ]


def test_orders_on_one_day_of_the_shop_are_one_occasion():
    twice = [{"processed_at": day(1, 9)}, {"processed_at": day(1, 18)}]
    assert feature("interval_mean_days", *twice) is None
    assert feature("interval_mean_days", *twice, {"processed_at": day(8)}) == 7.0
    assert feature("order_count", *twice) == 2


def test_visits_are_days_and_ages_are_counted_from_the_first_of_them():
    rows = [{"processed_at": day(1, 9)}, {"processed_at": day(1, 18)}, {"processed_at": day(8, 1)}]
    row = build(counted(*rows), as_of=day(15, 0)).row(0, named=True)
    assert (row["order_count"], row["repeat_count"], row["t_x_days"], row["age_days"]) == (3, 1, 7, 14)
    assert row["spend_per_visit"] == 15_000.0
    assert row["log_gap_sum"] == pytest.approx(math.log(7), abs=1e-9)


def test_one_visit_has_no_gap_to_take_the_logarithm_of():
    row = build(counted({}), as_of=day(1, 23)).row(0, named=True)
    assert (row["repeat_count"], row["t_x_days"], row["age_days"], row["log_gap_sum"]) == (0, 0, 0, None)


def test_ages_are_days_of_the_shops_own_calendar():
    late = counted({"processed_at": day(1, 22, 30)}, {"processed_at": day(1, 23, 30)})
    row = build(late, as_of=day(2, 12), timezone="Europe/Berlin").row(0, named=True)
    assert (row["repeat_count"], row["t_x_days"], row["age_days"]) == (1, 1, 1)


@pytest.mark.parametrize(
    ("order", "depth"),
    [
        ({"goods_total": 8_000, "discount": 2_000, "net_revenue": 8_000}, 0.2),  # off the line
        ({"goods_total": 10_000, "discount": 2_000, "net_revenue": 8_000}, 0.2),  # off the whole order
        ({"goods_total": 8_000, "discount": 2_000, "net_revenue": 9_500}, 0.2),  # 15.00 of it shipping
        ({"goods_total": 10_000, "discount": 2_000, "net_revenue": 8_500}, 2 / 10.5),
        ({"goods_total": 10_000, "discount": 12_000, "net_revenue": 10}, 12_000 / 12_010),  # shipping taken off
        ({"goods_total": 0, "discount": 2_000}, None),
        ({"discount": None}, None),
        ({"discount": 0}, 0.0),
    ],
)
def test_a_discount_is_as_deep_as_the_part_of_the_goods_that_it_took_off(order, depth):
    found = feature("discount_depth_ratio", order)
    assert found == (None if depth is None else pytest.approx(depth, abs=1e-9))


def test_depth_is_that_of_the_mean_order_and_needs_the_goods():
    half, none = {"goods_total": 5_000, "discount": 5_000, "net_revenue": 5_000}, {"net_revenue": 90_000}
    assert feature("discount_depth_ratio", half, none) == 0.25
    assert build(counted(half).drop("goods_total"))["discount_depth_ratio"].item() is None


@pytest.mark.parametrize(("hours", "usual", "count"), [([9, 9, 8], 9, 2), ([9, 8], 8, 1)])
def test_a_usual_hour_says_how_often_it_was_chosen(hours, usual, count):
    row = build(counted(*({"processed_at": day(place, hour)} for place, hour in enumerate(hours, start=1))))
    assert row.select("usual_hour", "usual_hour_count").row(0) == (usual, count)


def test_the_shops_own_midnight_parts_the_days():
    around = [{"processed_at": day(1, 22, 30)}, {"processed_at": day(1, 23, 30)}]
    assert feature("interval_mean_days", *around) is None
    assert feature("interval_mean_days", *around, timezone="Europe/Berlin") == 1.0


def test_hours_and_weekdays_are_the_shops_own_through_the_change_of_clocks():
    summer = {"processed_at": datetime(2026, 6, 1, 23, 15, tzinfo=UTC)}
    assert feature("usual_hour", summer, timezone="Europe/Berlin") == 1
    assert feature("usual_weekday", summer, timezone="Europe/Berlin") == 2
    winter = {"processed_at": datetime(2026, 1, 1, 23, 15, tzinfo=UTC)}
    assert feature("usual_hour", winter, timezone="Europe/Berlin") == 0


@pytest.mark.parametrize(
    ("channels", "usual"),
    [
        (["web", "web", "pos"], "web"),
        (["web", "pos"], "pos"),
        (["pos", "web", "web", "pos", "app"], "pos"),
        ([None, None, "app"], "app"),
        ([None], None),
    ],
)
def test_the_usual_channel_is_the_most_frequent_and_of_two_the_last(channels, usual):
    assert feature("channel", *({"channel": channel} for channel in channels)) == usual


@pytest.mark.parametrize(
    ("days", "ratio"),
    [
        ([1], None),
        ([1, 11], None),
        ([1, 11, 31], 2.0),
        ([1, 11, 99, 119], 2.0),  # gaps 10, 88, 20: the middle one belongs to neither half
        ([1, 21, 41, 51, 61], 0.5),
    ],
)
def test_the_trend_compares_the_later_half_of_the_gaps_with_the_earlier(days, ratio):
    assert feature("interval_trend_ratio", *({"processed_at": day(number)} for number in days)) == ratio


@pytest.mark.parametrize(
    ("amounts", "diversity", "share"),
    [
        ({"tea": 100}, 0.0, 1.0),
        ({"tea": 100, "cups": 100}, 1.0, 0.5),
        ({"tea": 300, "cups": 100}, 0.75, 0.75),  # 1 - (9 + 1) / 16 is 6/16, of at most 1/2
        ({"tea": 100, "cups": 0}, 0.0, 1.0),
        ({"tea": 0}, None, None),
    ],
)
def test_diversity_runs_from_one_category_to_all_alike(amounts, diversity, share):
    rows = {"order_id": [1] * len(amounts), "category": list(amounts), "amount": list(amounts.values())}
    row = build(counted({}), pl.DataFrame(rows, schema=CATEGORY_SCHEMA)).row(0, named=True)
    assert row["category_diversity_ratio"] == diversity
    assert row["top_category_share_ratio"] == share
    assert row["category_count"] == len(amounts)


def test_categories_of_orders_that_do_not_count_are_left_out():
    stray = pl.DataFrame({"order_id": [99], "category": ["tea"], "amount": [5]}, schema=CATEGORY_SCHEMA)
    assert build(counted({}), stray)["category_count"].item() is None


def test_all_orders_alike_deviate_by_exactly_nothing():
    assert feature("order_value_deviation", {}, {}, {}) == 0.0
    assert feature("order_value_deviation", {}) is None


def test_amounts_too_large_for_a_float_still_deviate_exactly():
    large = 90_071_992_547_409_93
    assert feature("order_value_deviation", {"net_revenue": large}, {"net_revenue": large + 2}) == 2**0.5


def test_a_discount_that_no_order_knows_is_unknown_and_not_none():
    assert feature("discount_share_ratio", {"discount": None}, {"discount": None}) is None
    assert feature("discount_share_ratio", {"discount": None}, {"discount": 0}) == 0.0


def test_more_sent_back_than_bought_is_a_rate_of_one():
    loose = pl.DataFrame({"customer_id": [1], "amount": [50_000]}, schema=LOOSE_SCHEMA)
    row = build(counted({}), loose=loose).row(0, named=True)
    assert (row["refund_rate_ratio"], row["total_spent"]) == (1.0, -40_000)


def test_free_orders_have_no_refund_rate():
    assert feature("refund_rate_ratio", {"net_revenue": 0}) is None


def test_the_first_product_is_that_of_the_first_order_in_time():
    later_first = [
        {"processed_at": day(9), "first_product_id": 1},
        {"processed_at": day(2), "first_product_id": 2},
    ]
    assert feature("first_product_id", *later_first) == 2
    assert feature("first_product_id", {"first_product_id": None}, {}) is None


def test_an_order_at_the_very_moment_has_no_days_behind_it():
    assert feature("recency_days", {"processed_at": AS_OF}) == 0.0


def test_days_are_divided_properly_in_every_batch():
    # Through the reciprocal of a day the last bit of every fourth of these would be another one.
    moments = [AS_OF - timedelta(microseconds=7**number) for number in range(1, 16)]
    rows = [{"customer_id": number, "processed_at": moment} for number, moment in enumerate(moments, start=1)]
    exact = [7**number / 86_400_000_000 for number in range(1, 16)]
    assert build(counted(*rows))["recency_days"].to_list() == exact
    assert [build(counted(row), people=customers())["recency_days"].item() for row in rows] == exact


def test_looking_from_before_an_order_is_refused():
    with pytest.raises(ValueError, match="before an order"):
        build(counted({"processed_at": AS_OF + timedelta(microseconds=1)}))
    with pytest.raises(ValueError, match="time zone"):
        build(counted({}), as_of=datetime(2026, 6, 1))  # noqa: DTZ001


def from_facts(placed, sent_back, categories, as_of, only=None):
    """Judge and build, for one customer where asked, as storage would read that customer's facts alone."""
    if only is not None:
        placed, sent_back = (frame.filter(customer_id=only) for frame in (placed, sent_back))
    judged = judge_orders(placed, sent_back, RULES, as_of=as_of)
    orders = judged.hstack(placed.drop("customer_id", "processed_at", "order_id", "cancelled_at", "test"))
    return build_features(
        orders.filter(pl.col("verdict") == "counts"),
        categories,
        loose_refunds(sent_back, RULES, as_of=as_of),
        customers(1, 2, 3, 4) if only is None else customers(only),
        as_of=as_of,
        timezone="America/New_York",
    )


@st.composite
def facts(draw):
    """Orders and refunds that agree on whose they are."""
    placed = draw(order_frames())
    owners = placed.select("order_id", owner="customer_id")
    sent_back = draw(refund_frames()).join(owners, on="order_id", how="left")
    known = pl.col("order_id").is_in(placed["order_id"].implode())
    return placed, sent_back.with_columns(
        order_id=pl.when(known).then("order_id"),
        customer_id=pl.when(known).then("owner").otherwise("customer_id"),
    ).drop("owner")


@law
@given(facts(), category_frames(), moments)
def test_a_customer_has_the_same_features_alone_as_among_others(known, categories, as_of):
    everybody = from_facts(*known, categories, as_of)
    alone = [from_facts(*known, categories, as_of, only=number) for number in (1, 2, 3, 4)]
    assert_frame_equal(pl.concat(alone), everybody, check_exact=True)


def test_a_batch_of_any_size_gives_the_same_bits():
    chance = Random(7)
    rows = [
        {
            "customer_id": chance.randint(1, 400),
            "processed_at": AS_OF - timedelta(microseconds=chance.randint(0, 10**14)),
            "net_revenue": chance.randint(0, 10**7),
            "refunded": chance.randint(0, 10**4),
            "discount": chance.choice([None, 0, 700]),
            "goods_total": chance.randint(0, 10**5),
            "item_count": chance.randint(1, 70) / 10,
            "channel": chance.choice(["web", "pos", None]),
        }
        for _ in range(1_500)
    ]
    orders = counted(*rows)
    kinds = [chance.choice(["tea", "cups", "honey"]) for _ in rows]
    categories = pl.DataFrame(
        {"order_id": orders["order_id"], "category": kinds, "amount": orders["net_revenue"]}
    )
    everybody = build(orders, categories, people=customers(*range(1, 401)))

    for size in (1, 7, 150):
        first = chance.randint(1, 400 - size)
        ids = list(range(first, first + size))
        some = build(orders.filter(pl.col("customer_id").is_in(ids)), categories, people=customers(*ids))
        assert_frame_equal(some, everybody.filter(pl.col("customer_id").is_in(ids)), check_exact=True)
    for number in range(1, 401, 13):
        one = build(orders.filter(customer_id=number), categories, people=customers(number))
        assert_frame_equal(one, everybody.filter(customer_id=number), check_exact=True)


@law
@given(facts(), category_frames(), moments, st.randoms())
def test_the_order_of_rows_does_not_matter(known, categories, as_of, random):
    placed, sent_back = known
    shuffled = list(range(placed.height))
    random.shuffle(shuffled)
    again = from_facts(placed[shuffled], sent_back.reverse(), categories.reverse(), as_of)
    assert_frame_equal(again, from_facts(placed, sent_back, categories, as_of), check_exact=True)


@law
@given(facts(), category_frames(), moments)
def test_what_happens_later_does_not_change_what_was_known(known, categories, as_of):
    placed, sent_back = known
    late = pl.lit(as_of)
    earlier = placed.filter(pl.col("processed_at") <= late).with_columns(
        cancelled_at=pl.when(pl.col("cancelled_at") <= late).then("cancelled_at")
    )
    settled = sent_back.filter((pl.col("refunded_at") <= late).fill_null(value=True))
    then = from_facts(earlier, settled, categories, as_of)
    assert_frame_equal(from_facts(placed, sent_back, categories, as_of), then, check_exact=True)


@law
@given(facts(), category_frames())
def test_ratios_are_ratios_and_days_are_not_negative(known, categories):
    features = from_facts(*known, categories, datetime(2028, 1, 1, tzinfo=UTC))
    for name in ("discount_share", "discount_depth", "refund_rate", "category_diversity", "top_category_share"):
        assert features[f"{name}_ratio"].drop_nulls().is_between(0, 1).all()
    for name in ("recency_days", "tenure_days", "order_value_deviation", "items_per_order"):
        assert (features[name].drop_nulls() >= 0).all()
    assert (features["recency_days"].drop_nulls() <= features["tenure_days"].drop_nulls()).all()
    assert (features["repeat_count"].drop_nulls() <= features["t_x_days"].drop_nulls()).all()
    assert (features["t_x_days"].drop_nulls() <= features["age_days"].drop_nulls()).all()
