import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from segment_frames import law

from shop_app.segments.predictions.next_order import (
    DAYS,
    UNKNOWN,
    NextOrder,
    Waited,
    day_of_share,
    fit_next_order,
    mixed,
)


def curve_of(waits):
    """Which share of these waits is over by each day, as one row."""
    return np.array([[np.mean(np.asarray(waits) <= day) for day in DAYS]])


def even(rows):
    """Orders that are as likely on each of the days."""
    return np.tile(np.array(DAYS) / DAYS[-1], (rows, 1))


def test_the_day_of_a_share_lies_on_the_curve():
    assert day_of_share(even(1), 0.5)[0] == pytest.approx(90)
    assert day_of_share(even(1), 0.0)[0] == 0
    assert day_of_share(even(1), 1.0)[0] == pytest.approx(180)


@law
@given(st.lists(st.floats(0.5, 180), min_size=1, max_size=30), st.floats(0.01, 0.49))
def test_a_larger_share_never_comes_earlier(waits, share):
    curve = curve_of([*waits, 180.0])
    assert 0 <= day_of_share(curve, share)[0] <= day_of_share(curve, 1 - share)[0] <= DAYS[-1]


def test_the_band_holds_four_of_five_orders_also_where_the_curve_is_wrong():
    chance = np.random.default_rng(1)
    # The curve expects even days; the orders come early.
    past = Waited(even(800), even(800), 180 * chance.beta(1, 4, 800))
    fitted = fit_next_order([past])
    waits = 180 * chance.beta(1, 4, 4_000)
    low, high = (day_of_share(even(1), share)[0] for share in (fitted.low, fitted.high))
    assert np.mean((waits >= low) & (waits <= high)) == pytest.approx(0.8, abs=0.03)


def test_usual_gaps_decide_where_they_are_right():
    chance = np.random.default_rng(1)
    waits = np.clip(chance.normal(40, 4, 500), 1, 180)
    punctual = np.repeat(curve_of(waits), 500, axis=0)
    assert fit_next_order([Waited(even(500), punctual, waits)]).own_gap_weight == 1
    assert fit_next_order([Waited(punctual, even(500), waits)]).own_gap_weight == 0


def test_who_has_not_come_is_no_reason_to_move_the_band():
    chance = np.random.default_rng(1)
    waits = 180 * chance.beta(1, 4, 400)
    with_silent = np.concatenate([waits, np.full(300, np.nan)])
    assert fit_next_order([Waited(even(700), even(700), with_silent)]) == fit_next_order(
        [Waited(even(400), even(400), waits)]
    )


def test_few_orders_teach_nothing():
    assert fit_next_order([]) == UNKNOWN
    assert fit_next_order([Waited(even(20), even(20), np.full(20, 9.0))]) == UNKNOWN


def test_curves_are_weighed():
    assert mixed(np.array([[0.2, 1.0]]), np.array([[0.6, 1.0]]), 0.25).tolist() == [[pytest.approx(0.3), 1.0]]


def test_stored_and_read_back_it_is_equal():
    assert NextOrder.from_json(UNKNOWN.to_json()) == UNKNOWN
