import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from segment_frames import law
from visit_frames import MODELS, made_up_shop, visit_frames, visits

from shop_app.segments.predictions.btyd_scores import expected_orders, order_probability, probability_alive
from shop_app.segments.predictions.purchase_parameters import BuyerKind, PurchaseParameters

models = st.sampled_from(list(MODELS.values()))
kinds = st.builds(
    BuyerKind,
    share_ratio=st.just(1.0),
    r=st.floats(0.01, 20),
    alpha=st.floats(0.5, 2_000),
    a=st.floats(0.01, 20),
    b=st.floats(0.01, 50),
)
horizons = st.sampled_from([1, 30, 90, 365])


def bg_nbd(r=0.24, alpha=30.9, a=0.79, b=2.43, model="bg_nbd", waits=1):
    return PurchaseParameters(model, waits, (BuyerKind(1.0, r, alpha, a, b),), -1.0, 1)


def scores(frame, model, days=90):
    return np.stack(
        [
            expected_orders(frame, model, days),
            order_probability(frame, model, days),
            probability_alive(frame, model),
        ]
    )


@law
@given(visit_frames(max_size=10), models, horizons)
def test_a_customer_has_the_same_scores_alone_as_among_others(frame, model, days):
    everybody = scores(frame, model, days)
    for place, row in enumerate(frame.iter_slices(1)):
        assert scores(row, model, days).tobytes() == everybody[:, [place]].tobytes()


@pytest.mark.parametrize("name", MODELS)
def test_a_batch_of_any_size_and_place_gives_the_same_bits(name):
    frame = made_up_shop(3_000, MODELS[name].kinds[0])
    everybody = scores(frame, MODELS[name])
    for begin, size in ((0, 1), (1, 2), (2, 3), (3, 5), (5, 8), (11, 31), (64, 257), (999, 1_500)):
        some = scores(frame[begin : begin + size], MODELS[name])
        assert some.tobytes() == np.ascontiguousarray(everybody[:, begin : begin + size]).tobytes()


@law
@given(visit_frames(min_size=1), kinds, st.sampled_from([("bg_nbd", 1), ("mbg_cnbd", 1), ("mbg_cnbd", 2)]))
def test_whatever_the_parameters_scores_are_numbers_that_make_sense(frame, kind, which):
    model = PurchaseParameters(*which, (kind,), -1.0, 1)
    expected, chance, there = scores(frame, model)
    assert np.isfinite(expected).all()
    assert ((chance >= 0) & (chance <= there)).all()
    assert ((there >= 0) & (there <= 1)).all()
    assert (expected >= chance * (1 - 1e-7) - 1e-12).all()


@pytest.mark.parametrize("name", MODELS)
def test_seven_hundred_visits_are_not_too_many(name):
    often = visits((700, 700, 700), (700, 700, 1_000), (700, 2_000, 2_001), (1, 3_650, 3_650), (0, 0, 3_650))
    found = scores(often, MODELS[name])
    assert np.isfinite(found).all()
    assert found[0, 0] > 30
    assert found[2, 1] < 1e-6


@law
@given(visit_frames(min_size=1), models)
def test_more_days_bring_more_visits_and_none_bring_none(frame, model):
    for question in (expected_orders, order_probability):
        found = np.stack([question(frame, model, days) for days in (0, 1e-9, 1, 7, 30, 90, 365, 1_000)])
        assert (found[0] == 0).all()
        assert found[1] == pytest.approx(0, abs=1e-7)
        assert (np.diff(found, axis=0) >= -1e-11 * (1 + found[:-1])).all()


@pytest.mark.parametrize("name", MODELS)
def test_who_came_once_is_expected_less_with_every_silent_day(name):
    # With regular gaps a visit is not due in the first days after the last one.
    begin = 0 if MODELS[name].regularity == 1 else 60
    silent = visits(*((0, 0, age) for age in range(begin, 1_000, 7)))
    expected, chance, _ = scores(silent, MODELS[name])
    assert (np.diff(expected) < 0).all()
    assert (np.diff(chance) < 0).all()


def test_bg_nbd_takes_everybody_who_came_once_for_still_there():
    assert (probability_alive(visits((0, 0, 1), (0, 0, 3_000)), MODELS["bg_nbd"]) == 1).all()
    assert (probability_alive(visits((0, 0, 1), (0, 0, 3_000)), MODELS["mbg_nbd"]) < 1).all()


def test_who_never_bought_has_no_scores():
    frame = pl.concat([visits((2, 30, 40)), visits((0, 0, 9)).with_columns(pl.all() * None)])
    found = scores(frame, MODELS["two_kinds"])
    assert np.isnan(found[:, 1]).all()
    assert found[:, :1].tobytes() == scores(visits((2, 30, 40)), MODELS["two_kinds"]).tobytes()
    assert scores(frame.clear(), MODELS["with_in_time"]).shape == (3, 0)


@pytest.mark.parametrize(("a", "b"), [(1.0, 2.43), (0.4, 0.6), (1.0, 1e-3 + 1e-9), (0.7, 0.3 + 1e-12)])
@pytest.mark.parametrize("model", ["bg_nbd", "mbg_cnbd"])
def test_where_the_formula_has_a_hole_its_value_goes_straight_across(a, b, model):
    frame = visits((0, 0, 50), (1, 10, 90), (40, 300, 320))
    across = expected_orders(frame, bg_nbd(a=a, b=b, model=model), 90)
    beside = [
        expected_orders(frame, bg_nbd(a=a * shift, b=b, model=model), 90) for shift in (1 - 3e-4, 1 + 3e-4)
    ]
    assert across == pytest.approx((beside[0] + beside[1]) / 2, rel=1e-6)


def test_expected_visits_are_the_sum_of_the_formula_in_the_paper():
    # Equation 10 of Fader, Hardie, Lee (2005) by its series, for x = 3, t_x = 100, T = 150, 60 days ahead.
    r, alpha, a, b, x, last, age, days = 0.24, 30.9, 0.79, 2.43, 3, 100, 150, 60
    z = days / (alpha + age + days)
    series, term = 0.0, 1.0
    for n in range(400):
        series += term
        term *= (r + x + n) * (b + x + n) / (a + b + x - 1 + n) * z / (n + 1)
    there = 1 / (1 + a / (b + x - 1) * ((alpha + age) / (alpha + last)) ** (r + x))
    ahead = (a + b + x - 1) / (a - 1) * (1 - ((alpha + age) / (alpha + age + days)) ** (r + x) * series)
    found = expected_orders(visits((x, last, age)), bg_nbd(r, alpha, a, b), days)
    assert found[0] == pytest.approx(there * ahead, rel=1e-12)


def test_scores_of_regular_gaps_are_those_of_an_integral_over_the_rates():
    # x = 2, t_x = 40, T = 55, 60 days ahead; two waits to a visit, rate by rate and chance by chance.
    r, alpha, a, b, x, last, age, days = 0.9, 12.0, 1.3, 2.2, 2, 40, 55, 60

    def over_rates(function):
        def density(rate):
            return rate ** (r + 2 * x - 1) * math.exp(-(alpha + last) * rate)

        return quad(lambda rate: density(rate) * function(rate), 0, 3, epsabs=0, epsrel=1e-11, limit=200)[0]

    def over_chances(function, stayed):
        whole = math.gamma(a + b + stayed) / math.gamma(a) / math.gamma(b + stayed)
        beta = lambda p: whole * p ** (a - 1) * (1 - p) ** (b + stayed - 1)  # noqa: E731
        return quad(lambda p: beta(p) * function(p), 0, 1, epsabs=0, epsrel=1e-10, limit=200)[0]

    silence = age - last
    silent = over_rates(lambda rate: math.exp(-rate * silence) * (1 + rate * silence))
    leaves, stays = a / (a + b + x), (b + x) / (a + b + x)
    there = stays * silent / (stays * silent + leaves * over_rates(lambda rate: 1.0))

    def returning(rate):
        none = math.exp(-rate * (silence + days)) * (1 + rate * (silence + days))
        return math.exp(-rate * silence) * (1 + rate * silence) - none

    def coming(rate, p):
        u = math.sqrt(1 - p)
        slow, fast = ((1 - math.exp(-c * rate * days)) / c for c in (p / (1 + u), 1 + u))
        from_start, from_half = (slow - fast) / (2 * u), (slow + fast) / 2
        return math.exp(-rate * silence) * (from_start + rate * silence * from_half)

    ahead = over_chances(lambda p: over_rates(lambda rate: coming(rate, p)), x + 1) / silent
    model = bg_nbd(r, alpha, a, b, "mbg_cnbd", 2)
    expected, chance, is_there = scores(visits((x, last, age)), model, days)[:, 0]
    assert is_there == pytest.approx(there, rel=1e-9)
    assert chance == pytest.approx(there * over_rates(returning) / silent, rel=1e-8)
    assert expected == pytest.approx(there * ahead, rel=1e-8)


@pytest.mark.parametrize(("waits", "early"), [(1, False), (1, True), (2, True)])
def test_what_is_expected_of_a_made_up_shop_happens(waits, early):
    kind = BuyerKind(1.0, 0.8, 25.0, 0.6, 2.2)
    frame = made_up_shop(20_000, kind, waits=waits, early=early, after=180)
    model = PurchaseParameters("mbg_cnbd" if early else "bg_nbd", waits, (kind,), -1.0, 1)
    compared = frame.with_columns(
        expected=pl.Series(expected_orders(frame, model, 180)),
        chance=pl.Series(order_probability(frame, model, 180)),
        returned=pl.col("visits_after") > 0,
        group=pl.col("repeat_count").clip(upper_bound=4),
    )
    for row in compared.group_by("group").agg(pl.len(), pl.exclude("group").mean()).to_dicts():
        assert row["expected"] == pytest.approx(row["visits_after"], rel=0.09, abs=0.02)
        assert row["chance"] == pytest.approx(row["returned"], rel=0.09, abs=0.02)


@pytest.mark.parametrize("row", [(1, 5, 4), (3, 2, 9), (-1, 0, 9)])
def test_visits_that_cannot_be_are_refused(row):
    frame = pl.DataFrame([row], schema=["repeat_count", "t_x_days", "age_days"], orient="row")
    with pytest.raises(ValueError, match="visit"):
        expected_orders(frame, MODELS["bg_nbd"], 90)


def test_looking_back_is_refused():
    with pytest.raises(ValueError, match="days below 0"):
        order_probability(visits((0, 0, 9)), MODELS["bg_nbd"], -1)
    with pytest.raises(ValueError, match="days below 0"):
        order_probability(visits((0, 0, 9)), MODELS["bg_nbd"], math.nan)
