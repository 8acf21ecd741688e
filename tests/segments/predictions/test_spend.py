import json
from random import Random

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import approx_fprime
from segment_frames import law

from shop_app.segments.predictions import spend
from shop_app.segments.predictions.spend import SpendParameters, expected_spend, fit_spend

FITTED = SpendParameters(p=6.0, q=4.0, v=1_500.0, mean=3_000.0, customer_count=9, log_likelihood=-1.0)


def spenders(*rows):
    schema = {"repeat_count": pl.Int64, "spend_per_visit": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def made_up_spenders(count, p=6.0, q=4.0, v=1_500.0, seed=1):
    chance = np.random.default_rng(seed)
    visits = chance.geometric(0.4, count)
    rates = chance.gamma(q, 1 / v, count)
    return spenders(*zip(visits - 1, chance.gamma(p * visits, 1 / rates) / visits, strict=True))


def test_the_numbers_behind_made_up_spenders_are_found():
    fitted = fit_spend(made_up_spenders(30_000))
    assert (fitted.p, fitted.q, fitted.v) == pytest.approx((6.0, 4.0, 1_500.0), rel=0.08)
    assert fitted.mean == pytest.approx(6 * 1_500 / 3, rel=0.03)
    assert fitted.customer_count == 30_000


def test_slopes_are_those_of_the_likelihood():
    sums = spend._sums(np.array([1.0, 2.0, 3.0, 1.0]), np.array([0.5, 3.0, 2.0, 7.0]))
    place = np.array([0.3, 0.6, 0.2])
    assert sums.at(place)[1] == pytest.approx(approx_fprime(place, lambda at: sums.at(at)[0], 1e-7), abs=1e-5)


def test_the_more_visits_the_more_the_own_mean_counts():
    shop_mean = 6 * 1_500 / 3
    expected = expected_spend(spenders((0, 9_000), (4, 9_000), (400, 9_000)), FITTED)
    assert (np.diff(expected) > 0).all()
    assert shop_mean < expected[0] < 9_000
    assert expected[2] == pytest.approx(9_000, rel=0.01)


def test_who_has_nothing_left_after_refunds_gets_less_than_the_shops_mean_and_never_below_none():
    expected = expected_spend(spenders((0, 0), (0, -5_000), (30, -5_000)), FITTED)
    assert expected[0] == expected[1] == pytest.approx(6 * 1_500 / 9)
    assert 0 < expected[2] < expected[1]


def test_who_has_nothing_left_is_left_out_of_the_fit():
    shop = made_up_spenders(500)
    assert fit_spend(pl.concat([shop, spenders((0, 0), (2, -90), (0, None))])) == fit_spend(shop)


def test_who_never_bought_has_no_expectation():
    frame = spenders((0, 100), (None, None))
    assert np.isnan(expected_spend(frame, FITTED)).tolist() == [False, True]


def test_the_order_of_rows_does_not_matter():
    # More than are asked at first, and many of them alike.
    shop = made_up_spenders(21_000).with_columns((pl.col("spend_per_visit") / 1_000).ceil() * 1_000)
    order = list(range(shop.height))
    Random(3).shuffle(order)
    assert fit_spend(shop[order]) == fit_spend(shop)


def test_the_last_steps_with_all_lead_where_all_would_have_led(monkeypatch):
    shop = made_up_spenders(30_000)
    few_first = fit_spend(shop)
    monkeypatch.setattr(spend, "ENOUGH", 30_000)
    all_along = fit_spend(shop)
    assert (few_first.p, few_first.q, few_first.v) == pytest.approx(
        (all_along.p, all_along.q, all_along.v), rel=1e-5
    )


@law
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(-9_999, 10**9) | st.just(2_500)), max_size=12))
def test_every_shop_has_parameters_and_expectations(rows):
    frame = spenders(*rows)
    fitted = fit_spend(frame)
    assert SpendParameters.from_json(json.loads(json.dumps(fitted.to_json(), allow_nan=False))) == fitted
    expected = expected_spend(frame, fitted)
    assert np.isfinite(expected).all()
    assert (expected >= 0).all()


@pytest.mark.parametrize("money", [1.0, 2_500.0, 1e9])
def test_where_all_spend_alike_that_is_expected(money):
    frame = spenders(*[(0, money)] * 30)
    assert expected_spend(frame, fit_spend(frame)) == pytest.approx([money] * 30, rel=0.01)


def test_a_customer_has_the_same_expectation_alone_as_among_others():
    shop = made_up_spenders(500)
    everybody = expected_spend(shop, FITTED)
    alone = [expected_spend(row, FITTED) for row in shop.iter_slices(1)]
    assert np.concatenate(alone).tobytes() == everybody.tobytes()
