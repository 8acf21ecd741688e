"""CDNOW against the papers: Fader, Hardie, Lee (2005) for visits, Fader and Hardie (2013) for spend.

Parameters and likelihoods are theirs, in weeks; those of MBG/NBD, and the figures of the holdout, were worked
out with other people's implementations on the same file.
"""

import numpy as np
import polars as pl
import pytest
from cdnow import HOLDOUT_DAYS, read_days, visits_by
from scipy.stats import rankdata

from shop_app.segments.predictions.btyd import fit_bg_nbd, fit_mbg_nbd, fit_purchases
from shop_app.segments.predictions.btyd_scores import expected_orders, order_probability, probability_alive
from shop_app.segments.predictions.pareto_nbd import fit_pareto_nbd
from shop_app.segments.predictions.pareto_scores import still_there, visits_in_time
from shop_app.segments.predictions.spend import expected_spend, fit_spend

WEEK = 7.0
FIRST_OF_THE_FILE = {"repeat_count": 2, "t_x_days": 213, "age_days": 272}
CAME_ONCE = {"repeat_count": 0, "t_x_days": 0, "age_days": 272}


@pytest.fixture(scope="module")
def visits(reference):
    return visits_by(read_days(reference, "sample"))


@pytest.fixture(scope="module")
def bg_nbd(visits):
    return fit_bg_nbd(visits)


@pytest.fixture(scope="module")
def mbg_nbd(visits):
    return fit_mbg_nbd(visits)


@pytest.fixture(scope="module")
def pareto_nbd(visits):
    return fit_pareto_nbd(visits)


@pytest.fixture(scope="module")
def chosen(visits):
    return fit_purchases(visits)


def in_weeks(visits, fitted):
    """Give the likelihood of times in weeks: each repeat visit's density is seven times that by the day."""
    return fitted.log_likelihood + visits["repeat_count"].sum() * np.log(WEEK)


def in_time(visits, model, days):
    repeats, last, age = (visits[name].to_numpy() for name in ("repeat_count", "t_x_days", "age_days"))
    there = still_there(repeats, last, age, model)
    return there, visits_in_time(there, repeats, age, model, days)


def errors(visits, expected):
    """Give what the holdout is judged by: error of the sum, root mean square error, correlation."""
    actual = visits["visits_after"].to_numpy()
    off = expected.sum() / actual.sum() - 1.0
    return off, np.sqrt(np.mean((expected - actual) ** 2)), np.corrcoef(expected, actual)[0, 1]


def test_the_sample_has_the_customers_and_repeats_of_the_papers(visits):
    assert (visits.height, visits["repeat_count"].sum()) == (2_357, 2_457)
    assert (visits["repeat_count"] > 0).sum() == 946


def test_bg_nbd_has_the_published_parameters_and_likelihood(visits, bg_nbd):
    found = (bg_nbd.r, bg_nbd.alpha / WEEK, bg_nbd.a, bg_nbd.b)
    assert found == pytest.approx((0.243, 4.414, 0.793, 2.426), abs=5e-4)
    assert in_weeks(visits, bg_nbd) == pytest.approx(-9_582.4, abs=0.1)


def test_mbg_nbd_has_the_parameters_that_others_find(visits, mbg_nbd):
    found = (mbg_nbd.r, mbg_nbd.alpha / WEEK, mbg_nbd.a, mbg_nbd.b)
    assert found == pytest.approx((0.5248, 6.1830, 0.8914, 1.6140), rel=1e-3)
    assert in_weeks(visits, mbg_nbd) == pytest.approx(-9_582.13, abs=0.1)


def test_pareto_nbd_has_the_published_parameters_and_likelihood(visits, pareto_nbd):
    found = (pareto_nbd.r, pareto_nbd.alpha / WEEK, pareto_nbd.s, pareto_nbd.beta / WEEK)
    assert found == pytest.approx((0.553, 10.578, 0.606, 11.669), rel=1e-3)
    assert in_weeks(visits, pareto_nbd) == pytest.approx(-9_595.0, abs=0.1)


def test_gamma_gamma_of_repeat_visits_has_the_published_parameters(reference):
    path = reference / "data" / "cdnow" / "cdnow_customers_summary_with_transactions.csv"
    summary = pl.read_csv(path, infer_schema_length=None).filter(pl.col("x") > 0)
    fitted = fit_spend(summary.select(repeat_count=pl.col("x") - 1, spend_per_visit="zbar"))
    assert (fitted.p, fitted.q, fitted.v) == pytest.approx((6.25, 3.74, 15.44), abs=0.01)
    assert fitted.log_likelihood == pytest.approx(-4_055.92, abs=0.1)
    # The paper's customer of two repeat visits of 22.35, and one of none.
    two = pl.DataFrame({"repeat_count": [1, -1], "spend_per_visit": [22.35, 0.0]})
    assert expected_spend(two, fitted) == pytest.approx([24.659, 35.171], abs=2e-3)


def test_two_customers_have_the_published_expectations(bg_nbd, mbg_nbd, pareto_nbd):
    two = pl.DataFrame([FIRST_OF_THE_FILE, CAME_ONCE])
    assert expected_orders(two, bg_nbd, HOLDOUT_DAYS) == pytest.approx([1.2259, 0.1948], abs=1e-4)
    assert expected_orders(two, mbg_nbd, HOLDOUT_DAYS) == pytest.approx([1.2627, 0.1540], abs=1e-4)
    assert probability_alive(two, bg_nbd) == pytest.approx([0.7266, 1.0], abs=1e-4)
    assert probability_alive(two, mbg_nbd)[0] == pytest.approx(0.7061, abs=1e-4)
    there, expected = in_time(two, pareto_nbd, HOLDOUT_DAYS)
    assert expected == pytest.approx([1.4551, 0.1071], abs=2e-4)
    assert there[0] == pytest.approx(0.8691, abs=1e-4)


def test_repeat_orders_over_78_weeks_are_those_of_the_paper(visits, bg_nbd):
    newcomer = pl.DataFrame({"repeat_count": [0], "t_x_days": [0], "age_days": [0]})
    ages = visits.group_by("age_days").len()

    def repeats(later):
        expected = [expected_orders(newcomer, bg_nbd, age + later)[0] for age in ages["age_days"]]
        return np.sum(np.array(expected) * ages["len"].to_numpy())

    assert repeats(0) == pytest.approx(2_494, abs=1)
    assert repeats(HOLDOUT_DAYS) == pytest.approx(4_161, abs=1)


@pytest.mark.parametrize(
    ("which", "means"),
    [
        ("bg_nbd", [0.2251, 0.5231, 1.0441, 1.5203, 2.1639, 2.6538, 3.5040, 6.1572]),
        ("pareto_nbd", [0.1384, 0.5995, 1.1958, 1.7138, 2.3983, 2.9072, 3.8186, 6.4031]),
    ],
)
def test_visits_of_the_holdout_by_repeats_before_are_those_of_the_paper(visits, which, means, request):
    model = request.getfixturevalue(which)
    expected = (
        expected_orders(visits, model, HOLDOUT_DAYS) if which == "bg_nbd" else in_time(visits, model, 273)[1]
    )
    by_repeats = (
        visits.select(repeats=pl.col("repeat_count").clip(upper_bound=7), expected=pl.Series(expected))
        .group_by("repeats")
        .agg(pl.col("expected").mean())
        .sort("repeats")
    )
    assert by_repeats["expected"].to_list() == pytest.approx(means, abs=5e-4)


def test_single_models_err_in_the_holdout_as_others_implementations_do(visits, bg_nbd, pareto_nbd):
    bg_nbd_errors = errors(visits, expected_orders(visits, bg_nbd, HOLDOUT_DAYS))
    assert bg_nbd_errors == pytest.approx((-0.121, 1.608, 0.626), abs=1e-3)
    assert errors(visits, in_time(visits, pareto_nbd, HOLDOUT_DAYS)[1]) == pytest.approx(
        (-0.115, 1.603, 0.630), abs=1e-3
    )


def test_the_chosen_model_errs_less_than_each_single_one(visits, chosen, bg_nbd, mbg_nbd, pareto_nbd):
    _, error, correlation = errors(visits, expected_orders(visits, chosen, HOLDOUT_DAYS))
    assert error <= 1.602
    assert correlation >= 0.63 - 1e-4
    assert error < errors(visits, in_time(visits, pareto_nbd, HOLDOUT_DAYS)[1])[1]
    assert error < errors(visits, expected_orders(visits, mbg_nbd, HOLDOUT_DAYS))[1]
    assert error < errors(visits, expected_orders(visits, bg_nbd, HOLDOUT_DAYS))[1]


def test_the_chosen_model_errs_less_on_all_customers_as_well(reference):
    days = read_days(reference, "master")
    visits = visits_by(days)
    fitted = fit_purchases(visits)
    off, error, correlation = errors(visits, expected_orders(visits, fitted, HOLDOUT_DAYS))
    assert visits.height == 23_570
    assert error <= 1.715  # Pareto/NBD, the best single model: 1.726
    assert correlation >= 0.677  # 0.671
    assert abs(off) <= 0.16

    came = (visits_by(days, horizon=90)["visits_after"] > 0).to_numpy()
    chance = order_probability(visits, fitted, 90)
    assert (chance <= expected_orders(visits, fitted, 90)).all()
    assert concordance(chance, came) >= 0.7695  # BG/NBD: 0.764
    assert np.mean((chance - came) ** 2) <= 0.1173  # 0.1174


def concordance(chance, came):
    """Give how often who came had the higher chance than who did not (the area under the ROC curve)."""
    ranks, positives = rankdata(chance), came.sum()
    return (ranks[came].sum() - positives * (positives + 1) / 2) / (positives * (came.size - positives))
