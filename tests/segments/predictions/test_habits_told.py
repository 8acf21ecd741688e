"""Usual gaps, times to write, price and taste: what customers' pasts say of them."""

import json
from datetime import timedelta

import numpy as np
import polars as pl
import pytest
from past_shops import TODAY, history_of

from shop_app.segments.predictions.affinity import Affinity, fit_affinity, score_affinity
from shop_app.segments.predictions.cadence import Cadence, fit_cadence, score_cadence
from shop_app.segments.predictions.price_sensitivity import (
    PriceHabits,
    fit_price_sensitivity,
    score_price_sensitivity,
)
from shop_app.segments.predictions.timing import Timing, fit_timing, score_timing


def gaps_frame(*rows):
    """``(repeats, usual days, days since the last order)``; every gap is of the usual length."""
    logs = [repeats * np.log(days) if repeats else None for repeats, days, _ in rows]
    return pl.DataFrame(
        {
            "repeat_count": [row[0] for row in rows],
            "log_gap_sum": logs,
            "interval_mean_days": [float(row[1]) if row[0] else None for row in rows],
            "recency_days": [None if row[2] is None else float(row[2]) for row in rows],
        },
        schema={
            "repeat_count": pl.Int64,
            "log_gap_sum": pl.Float64,
            "interval_mean_days": pl.Float64,
            "recency_days": pl.Float64,
        },
    )


def test_many_own_gaps_count_more_than_few():
    shop = gaps_frame(*[(3, 30, 10)] * 50, *[(3, 60, 10)] * 50)
    cadence = fit_cadence(shop)
    once, few, many = score_cadence(gaps_frame((0, 0, 10), (1, 120, 10), (30, 120, 10)), cadence)[
        "usual_gap_days"
    ]
    assert once == pytest.approx(np.sqrt(30 * 60))
    assert once < few < many <= 120 + 1e-9


def test_drift_says_how_many_usual_gaps_have_passed():
    cadence = Cadence(float(np.log(30)), 0.25, 0.5)
    drift = score_cadence(gaps_frame((8, 30, 54.0)), cadence)["cadence_drift_ratio"].item()
    assert drift == pytest.approx(1.8)


def test_nobody_came_back_so_no_gap_is_usual():
    shop = gaps_frame((0, 0, 5), (None, 0, None))
    cadence = fit_cadence(shop)
    assert cadence.mean_log_days is None
    assert score_cadence(shop, cadence).null_count().row(0) == (2, 2)


def test_without_an_order_there_is_no_gap():
    cadence = fit_cadence(gaps_frame((3, 30, 10)))
    assert score_cadence(gaps_frame((None, 0, None)), cadence).null_count().row(0) == (1, 1)


def times_frame(*rows):
    """``(orders, usual hour, orders at it)``, all on Tuesdays."""
    return pl.DataFrame(
        {
            "order_count": [row[0] for row in rows],
            "usual_hour": [row[1] for row in rows],
            "usual_hour_count": [row[2] for row in rows],
            "usual_weekday": [None if row[1] is None else 2 for row in rows],
            "usual_weekday_count": [row[0] if row[1] is not None else None for row in rows],
        },
        schema={
            "order_count": pl.Int64,
            "usual_hour": pl.Int16,
            "usual_hour_count": pl.Int64,
            "usual_weekday": pl.Int16,
            "usual_weekday_count": pl.Int64,
        },
    )


def test_where_customers_keep_to_their_hour_they_are_written_to_then():
    shop = times_frame(*[(2, 20, 2)] * 60, *[(2, 7, 2)] * 40)
    told = score_timing(times_frame((5, 7, 5), (1, 7, 1)), fit_timing(shop))
    assert told["send_hour"].to_list() == [7, 7]
    assert told["send_weekday"].to_list() == [2, 2]


def test_where_hours_are_chance_few_orders_do_not_speak_against_the_shops_busiest():
    shop = times_frame(*[(1, 20, 1)] * 60, *[(1, 7, 1)] * 20, *[(2, 20, 1)] * 60)
    timing = fit_timing(shop)
    assert timing.hour.pull == 20
    assert score_timing(times_frame((1, 7, 1), (40, 7, 40)), timing)["send_hour"].to_list() == [20, 7]


def test_without_an_order_nobody_is_written_to():
    timing = fit_timing(times_frame())
    told = score_timing(times_frame((0, None, None)), timing)
    assert told.row(0) == (None, None)
    assert sum(timing.weekday.shares) == pytest.approx(1)


def prices_frame(*rows):
    """``(orders, share discounted, share of the price taken off)``."""
    return pl.DataFrame(
        rows,
        orient="row",
        schema={
            "order_count": pl.Int64,
            "discount_share_ratio": pl.Float64,
            "discount_depth_ratio": pl.Float64,
        },
    )


def index(shop, *rows):
    return score_price_sensitivity(prices_frame(*rows), fit_price_sensitivity(prices_frame(*shop)))[
        "price_sensitivity_index"
    ].to_list()


MIXED = [(4, 0.0, 0.0)] * 60 + [(4, 1.0, 0.2)] * 20 + [(1, 0.0, 0.0)] * 20


def test_who_buys_like_the_shop_stands_in_the_middle():
    habits = fit_price_sensitivity(prices_frame(*MIXED))
    like = prices_frame((100, habits.share, habits.depth))
    assert score_price_sensitivity(like, habits).item() == pytest.approx(0.5)


def test_more_orders_at_a_discount_and_deeper_ones_raise_the_index():
    never, at_times, always, deeper = index(MIXED, (4, 0.0, 0.0), (4, 0.5, 0.1), (4, 1.0, 0.2), (4, 1.0, 0.4))
    assert 0 <= never < at_times < always < deeper <= 1
    assert index(MIXED, (1, 1.0, 0.2))[0] < index(MIXED, (9, 1.0, 0.2))[0]


def test_unknown_discounts_stay_unknown():
    assert index(MIXED, (3, None, None)) == [None]


def test_in_a_shop_without_discounts_nobody_stands_out():
    assert all(value <= 0.5 for value in index([(2, 0.0, 0.0)] * 10, (1, 0.0, 0.0), (9, 0.0, 0.0)))


def test_a_shop_of_nobody_has_defined_habits():
    habits = fit_price_sensitivity(prices_frame())
    assert 0 < habits.share < 1
    assert fit_price_sensitivity(prices_frame((1, 1.0, 1.0))).share < 1


def test_a_category_counts_against_what_the_shop_sells():
    orders = pl.DataFrame(
        {"customer_id": [1, 2], "processed_at": [TODAY - timedelta(days=3)] * 2, "total": [10, 10]}
    )
    categories = pl.DataFrame({"order_id": [0, 1], "category": ["tea", "cups"], "amount": [900, 100]})
    affinity = fit_affinity(history_of(orders, categories=categories), as_of=TODAY)
    assert affinity.shares == {"cups": 0.1, "tea": 0.9}
    people = pl.DataFrame(
        {"top_category": ["tea", "cups", "cups", None], "top_category_share_ratio": [1.0, 1.0, 1.0, None]}
    ).with_columns(order_count=pl.Series([8, 1, 8, 3]))
    told = score_affinity(people, affinity)
    assert told["affinity_category"].to_list() == ["tea", "cups", "cups", None]
    tea, once, often, unknown = told["affinity_ratio"]
    assert 1 < tea < 1.12
    assert tea < once < often < 10
    assert unknown is None


def test_orders_after_the_day_do_not_change_the_shops_shares():
    orders = pl.DataFrame(
        {
            "customer_id": [1, 1],
            "processed_at": [TODAY - timedelta(days=9), TODAY - timedelta(days=1)],
            "total": [1, 1],
        }
    )
    categories = pl.DataFrame({"order_id": [0, 1], "category": ["tea", "cups"], "amount": [5, 5]})
    shop = history_of(orders, categories=categories)
    assert fit_affinity(shop, as_of=TODAY - timedelta(days=5)).shares == {"tea": 1.0}


def test_stored_and_read_back_all_are_equal():
    for kind, made in (
        (Cadence, fit_cadence(gaps_frame((2, 30, 1)))),
        (Timing, fit_timing(times_frame((2, 20, 2)))),
        (PriceHabits, fit_price_sensitivity(prices_frame(*MIXED))),
        (Affinity, Affinity({"tea": 1.0})),
    ):
        assert kind.from_json(json.loads(json.dumps(made.to_json()))) == made
