import json

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_series_equal
from scored_customers import customers, scored_frames
from segment_frames import law

from shop_app.segments.grouping.lifecycle import (
    MIN_REPEAT_BUYERS,
    STATES,
    Lifecycle,
    fit_lifecycle,
    score_lifecycle,
)

FIXED = fit_lifecycle(customers())


def state(settled=None, lifecycle=FIXED, **row):
    before = None if settled is None else pl.Series([settled])
    return score_lifecycle(customers(row), lifecycle, before).item()


def repeat_buyers(gaps, **row):
    return customers(*(row | {"usual_gap_days": float(gap)} for gap in gaps))


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"order_count": 0}, "prospect"),
        ({"order_count": 1, "recency_days": 59.9}, "new"),
        ({"order_count": 1, "recency_days": 60.0}, "one_time"),
        ({"order_count": 1, "recency_days": 900.0}, "one_time"),
        ({"order_count": 2, "repeat_count": 0, "recency_days": 3.0}, "new"),
        ({"order_count": 2, "recency_days": 59.9}, "active"),
        ({"order_count": 2, "recency_days": 60.0}, "slipping"),
        ({"order_count": 2, "recency_days": 119.9}, "slipping"),
        ({"order_count": 2, "recency_days": 120.0}, "lapsed"),
        ({"order_count": 9, "recency_days": 182.9, "usual_gap_days": 300.0}, "active"),
        ({"order_count": 9, "recency_days": 183.0, "usual_gap_days": 300.0}, "lapsed"),
    ],
)
def test_states_follow_the_customers_own_rhythm(row, expected):
    assert state(**row) == expected


@pytest.mark.parametrize(
    "signal",
    [{"visits_30d": 2}, {"carts_30d": 1}, {"email_clicks_30d": 2}, {"last_checkout_days": 30.0}],
)
def test_three_orders_last_year_and_browsing_every_week_is_not_lost(signal):
    quiet = {"order_count": 3, "recency_days": 125.0}
    assert state(**quiet) == "lapsed"
    assert state(**quiet, **signal) == "interested"
    assert state(order_count=1, recency_days=125.0, **signal) == "interested"
    assert state(order_count=3, recency_days=70.0, **signal) == "interested"


@pytest.mark.parametrize(
    "signal",
    [
        {"visits_30d": 1},
        {"visits_30d": None},
        {"carts_30d": 0},
        {"email_clicks_30d": 1},
        {"last_checkout_days": 30.1},
    ],
)
def test_signals_that_are_few_or_unknown_say_nothing(signal):
    assert state(order_count=3, recency_days=125.0, **signal) == "lapsed"


def test_signals_change_nothing_about_who_buys_or_never_bought():
    assert state(visits_30d=9) == "active"
    assert state(order_count=1, visits_30d=9) == "new"
    assert state(order_count=0, visits_30d=9) == "prospect"


@pytest.mark.parametrize(
    ("days", "settled", "expected"),
    [
        (60.0, "active", "active"),
        (65.9, "active", "active"),
        (66.0, "active", "slipping"),
        (120.0, "slipping", "slipping"),
        (132.0, "slipping", "lapsed"),
        (59.0, "slipping", "slipping"),
        (10.0, "slipping", "active"),
    ],
)
def test_a_state_is_kept_up_to_a_tenth_behind_its_border(days, settled, expected):
    assert state(settled, recency_days=days) == expected


def test_a_second_order_ends_being_new_at_once():
    assert state("new", order_count=2) == "active"
    assert state("one_time", order_count=2) == "active"


def test_a_shop_with_few_repeat_buyers_has_fixed_borders():
    assert Lifecycle() == FIXED
    assert not fit_lifecycle(repeat_buyers([9.0] * (MIN_REPEAT_BUYERS - 1))).is_own
    assert fit_lifecycle(repeat_buyers([9.0] * MIN_REPEAT_BUYERS)).is_own
    assert fit_lifecycle(repeat_buyers([9.0] * 60, order_count=1)) == Lifecycle()
    assert fit_lifecycle(repeat_buyers([9.0] * 60).drop("usual_gap_days")) == Lifecycle()


@pytest.mark.parametrize(("gap", "new_days"), [(5.0, 30.0), (44.2, 45.0), (200.0, 90.0)])
def test_new_lasts_as_long_as_the_shops_usual_gap_within_bounds(gap, new_days):
    own = fit_lifecycle(repeat_buyers([gap] * 60))
    assert (own.usual_gap_days, own.new_days) == (gap, new_days)


def test_nobody_slips_within_a_week():
    fast = fit_lifecycle(repeat_buyers([2.0] * 60))
    assert fast.quiet_days == 7.0
    assert state(lifecycle=fast, usual_gap_days=2.0, recency_days=6.9) == "active"
    assert state(lifecycle=fast, usual_gap_days=2.0, recency_days=7.0) == "slipping"
    assert state(lifecycle=fast, usual_gap_days=1.0, recency_days=7.0) == "lapsed"
    assert fit_lifecycle(repeat_buyers([4.0] * 60)).quiet_days == 0.0


def test_a_low_chance_of_an_order_makes_the_slipping_lapsed_where_it_is_published():
    published = repeat_buyers([30.0] * 60, order_probability_90d=0.4)
    own = fit_lifecycle(published)
    assert own.lapse_probability == pytest.approx(0.1)
    slipping = {"recency_days": 70.0, "lifecycle": own}
    assert state(**slipping, order_probability_90d=0.09) == "lapsed"
    assert state(**slipping, order_probability_90d=0.11) == "slipping"
    assert state(**slipping, order_probability_90d=None) == "slipping"
    assert state(lifecycle=own, order_probability_90d=0.01) == "active"
    assert fit_lifecycle(published.with_columns(order_probability_90d=None)).lapse_probability is None


def test_the_shops_usual_gap_stands_in_for_one_that_is_unknown():
    assert state(recency_days=119.0, usual_gap_days=None) == "active"
    assert state(recency_days=120.0, usual_gap_days=None) == "slipping"
    without = customers({"recency_days": 120.0}).drop("cadence_drift_ratio")
    assert score_lifecycle(without, FIXED).to_list() == ["slipping"]


def test_a_shop_without_customers_has_no_states():
    assert score_lifecycle(customers(), FIXED).to_list() == []


@law
@given(scored_frames())
def test_everybody_has_one_state_alone_as_among_others(frame):
    own = fit_lifecycle(frame)
    states = score_lifecycle(frame, own)
    assert set(states) <= set(STATES)
    assert (states == "prospect").to_list() == (frame["order_count"] == 0).to_list()
    alone = [score_lifecycle(row, own) for row in frame.iter_slices(1)]
    if alone:
        assert_series_equal(pl.concat(alone), states)
    assert_series_equal(score_lifecycle(frame, own, states), states)


@law
@given(st.lists(st.floats(0.5, 500), min_size=40, max_size=80))
def test_borders_do_not_depend_on_the_order_of_customers_and_survive_being_stored(gaps):
    own = fit_lifecycle(repeat_buyers(gaps))
    assert fit_lifecycle(repeat_buyers(gaps[::-1])) == own
    assert Lifecycle.from_json(json.loads(json.dumps(own.to_json()))) == own
