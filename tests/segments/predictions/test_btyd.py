import json
import math
from dataclasses import replace
from random import Random

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import approx_fprime
from segment_frames import law
from visit_frames import FEW, SCHEMA, SOME, made_up_shop, visit_frames, visits

from shop_app.segments.predictions import btyd
from shop_app.segments.predictions.btyd import fit_bg_nbd, fit_mbg_nbd, fit_purchases
from shop_app.segments.predictions.btyd_kinds import TwoKinds
from shop_app.segments.predictions.btyd_likelihood import likelihood
from shop_app.segments.predictions.btyd_scores import expected_orders, order_probability
from shop_app.segments.predictions.btyd_table import thinned, visit_table
from shop_app.segments.predictions.pareto_nbd import ParetoLikelihood, fit_pareto_nbd
from shop_app.segments.predictions.purchase_parameters import BuyerKind, PurchaseParameters

KIND = BuyerKind(1.0, 0.6, 30.0, 0.7, 2.4)
ONE_MODEL = [btyd.BG_NBD, btyd.MBG_NBD, btyd.MBG_CNBD_2]


@pytest.fixture(scope="module")
def shop():
    return made_up_shop(3_000, KIND)


def test_a_table_holds_each_combination_once_with_its_customers():
    table = visit_table(visits((1, 5, 9), (0, 0, 9), (1, 5, 9), (1, 4, 9), (0, 0, 3)))
    rows = zip(table.repeats, table.last, table.age, table.customers, strict=True)
    assert [tuple(row) for row in rows] == [(0, 0, 3, 0.2), (0, 0, 9, 0.2), (1, 4, 9, 0.2), (1, 5, 9, 0.4)]
    assert table.customer_count == 5
    assert table.log_gap_sum == pytest.approx((2 * math.log(5) + math.log(4)) / 5)


def test_a_thinner_table_has_the_same_mixture_of_customers(shop):
    table = visit_table(shop)
    few = thinned(table, 500)
    assert few.customer_count == 500
    assert few.customers.sum() == pytest.approx(1.0)
    for name in ("repeats", "age"):
        whole, part = (np.sum(each.customers * getattr(each, name)) for each in (table, few))
        assert part == pytest.approx(whole, rel=0.05)


@pytest.mark.parametrize("model", ONE_MODEL)
def test_slopes_are_those_of_the_likelihood(shop, model):
    ready = likelihood(visit_table(shop), model)
    for place in ([-0.5, 3.0, -0.2, 0.9], [1.2, 5.0, 1.5, -0.7]):
        numeric = approx_fprime(place, lambda logs: ready.at(logs)[0], 1e-7)
        assert ready.at(np.array(place))[1] == pytest.approx(numeric, abs=1e-5)


@pytest.mark.parametrize("model", ONE_MODEL)
def test_slopes_of_two_kinds_are_those_of_their_likelihood(shop, model):
    ready = TwoKinds(model, visit_table(shop))
    place = np.array([-0.5, 3.0, -0.2, 0.9, 0.4, 1.0, -1.0, 0.3, 0.8])
    numeric = approx_fprime(place, lambda numbers: ready.at(numbers)[0], 1e-7)
    assert ready.at(place)[1] == pytest.approx(numeric, abs=1e-5)


@pytest.mark.parametrize("model", ONE_MODEL)
def test_two_kinds_that_are_alike_are_one(shop, model):
    table, logs = visit_table(shop), np.array([-0.5, 3.0, -0.2, 0.9])
    alike = TwoKinds(model, table).at(np.concatenate([logs, logs, [0.3]]))
    assert alike[0] == pytest.approx(likelihood(table, model).at(logs)[0], rel=1e-12)


def test_slopes_of_pareto_nbd_are_those_of_its_likelihood(shop):
    ready, place = ParetoLikelihood(visit_table(shop)), np.array([-0.6, 4.3, -0.5, 4.4])
    numeric = approx_fprime(place, lambda logs: ready.at(logs)[0], 1e-7)
    assert ready.at(place)[1] == pytest.approx(numeric, abs=1e-5)


@pytest.mark.parametrize(
    ("model", "waits", "early"), [(btyd.BG_NBD, 1, False), (btyd.MBG_NBD, 1, True), (btyd.MBG_CNBD_2, 2, True)]
)
def test_the_numbers_behind_a_made_up_shop_are_found(model, waits, early):
    kind = BuyerKind(1.0, 0.9, 120.0 / waits, 0.7, 2.4)
    table = visit_table(made_up_shop(30_000, kind, waits=waits, early=early, days=1_500))
    found = np.exp(btyd._one_kind(table, model))
    assert found == pytest.approx([kind.r, kind.alpha, kind.a, kind.b], rel=0.12)


@pytest.mark.parametrize(("waits", "regularity"), [(1, 1), (2, 2)])
def test_regular_gaps_are_told_from_chance(waits, regularity):
    frame = made_up_shop(600, KIND, waits=waits, early=True)
    assert fit_purchases(frame).regularity == regularity
    assert fit_purchases(frame.drop("log_gap_sum")).regularity == 1


def test_two_kinds_of_buyers_are_told_from_one():
    kinds = [made_up_shop(3_000, SOME, seed=1), made_up_shop(150, FEW, seed=2)]
    fitted = fit_purchases(pl.concat(kinds))
    assert [kind.share_ratio > 0.5 for kind in fitted.kinds] == [True, False]
    assert fitted.kinds[0].alpha / fitted.kinds[0].r > 4 * fitted.kinds[1].alpha / fitted.kinds[1].r
    assert fitted.log_likelihood > fit_bg_nbd(pl.concat(kinds)).log_likelihood + 5


def test_a_small_shop_gets_one_kind_and_one_model():
    fitted = fit_purchases(made_up_shop(300, KIND))
    assert (len(fitted.kinds), fitted.in_time) == (1, None)


def test_the_last_steps_with_all_lead_where_all_would_have_led():
    table = visit_table(made_up_shop(30_000, KIND))
    alone = btyd.lowest(
        likelihood(table, btyd.BG_NBD).at, [btyd._start(table, btyd.BG_NBD)], (btyd.LEAST, btyd.MOST)
    )
    assert btyd._one_kind(table, btyd.BG_NBD) == pytest.approx(alone, abs=1e-5)


def test_the_order_of_rows_does_not_matter(shop):
    some = shop[:1_000]
    order = list(range(some.height))
    Random(3).shuffle(order)
    assert fit_purchases(some[order]) == fit_purchases(some)


def test_twice_the_shop_has_the_same_parameters_and_twice_the_likelihood(shop):
    once, twice = fit_bg_nbd(shop), fit_bg_nbd(pl.concat([shop, shop]))
    assert twice.kinds == once.kinds
    assert twice.log_likelihood == pytest.approx(2 * once.log_likelihood, rel=1e-12)


def test_who_never_bought_is_left_out(shop):
    strangers = pl.DataFrame({name: [None] * 50 for name in SCHEMA}, schema=SCHEMA)
    together = pl.concat([strangers, shop.select(*SCHEMA)])
    assert fit_bg_nbd(together) == fit_bg_nbd(shop)


SHOPS = {
    "nobody": [],
    "one who came once": [(0, 0, 30)],
    "one who came today": [(0, 0, 0)],
    "one who came often": [(12, 360, 365)],
    "nobody came back": [(0, 0, age) for age in range(100)],
    "all alike": [(3, 90, 100)] * 40,
    "everybody every day": [(200, 200, 200)] * 30,
    "nobody leaves": [(10, 300, 300)] * 200 + [(0, 0, 30)] * 200,
    "seven hundred visits": [(700, 720, 730)] + [(0, 0, 400)] * 50,
    "ten years": [(1, 3_600, 3_650), (0, 0, 3_650), (2, 20, 3_000)] * 9,
}


@pytest.mark.parametrize("rows", SHOPS.values(), ids=SHOPS.keys())
def test_shops_that_teach_little_give_numbers_all_the_same(rows):
    frame = visits(*rows)
    fitted = fit_purchases(frame)
    for each in (fitted, fit_pareto_nbd(frame)):
        stored = json.loads(json.dumps(each.to_json(), allow_nan=False))
        assert type(each).from_json(stored) == each
    assert np.isfinite(expected_orders(frame, fitted, 90)).all()
    assert np.isfinite(order_probability(frame, fitted, 90)).all()
    assert fitted.customer_count == frame.height


def test_where_nobody_came_back_hardly_anybody_is_expected():
    frame = visits(*SHOPS["nobody came back"])
    assert (expected_orders(frame, fit_purchases(frame), 90) < 0.05).all()


@law
@given(visit_frames(), st.sampled_from(ONE_MODEL))
def test_every_shop_has_parameters_within_bounds(frame, model):
    found = btyd._one_kind(visit_table(frame), model)
    assert ((found >= btyd.LEAST) & (found <= btyd.MOST)).all()


def test_visits_that_cannot_be_are_refused():
    for row in ((1, 5, 4), (3, 2, 9), (-1, 0, 9)):
        with pytest.raises(ValueError, match="visit"):
            fit_bg_nbd(pl.DataFrame([row], schema=list(SCHEMA)[:3], orient="row"))


def test_what_was_stored_reads_back_as_an_equal_object(shop):
    fitted = replace(fit_bg_nbd(shop), kinds=(SOME, FEW), in_time=fit_pareto_nbd(shop))
    assert PurchaseParameters.from_json(json.loads(json.dumps(fitted.to_json()))) == fitted


def test_the_model_says_whether_the_first_visit_can_be_the_last_by_choice(shop):
    assert not fit_bg_nbd(shop).may_leave_at_once
    assert fit_mbg_nbd(shop).may_leave_at_once
