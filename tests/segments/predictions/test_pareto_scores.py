import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.integrate import quad
from segment_frames import law

from shop_app.segments.predictions.pareto_scores import return_in_time, still_there, visits_in_time
from shop_app.segments.predictions.purchase_parameters import ParetoParameters

MODEL = ParetoParameters(0.55, 74.0, 0.61, 81.7, -1.0, 1)
SLOW = ParetoParameters(1.4, 20.0, 3.3, 6.0, -1.0, 1)
FAR = ParetoParameters(19.6, 1509.0, 22.8, 4.5, -1.0, 1)  # where SciPy's hypergeometric function is of no use


def scores(x, last, age, model, days):
    repeats, last, age = (np.array([value]) for value in (x, last, age))
    there = still_there(repeats, last, age, model)
    found = (
        there,
        visits_in_time(there, repeats, age, model, days),
        return_in_time(there, repeats, age, model, days),
    )
    return [float(each[0]) for each in found]


@pytest.mark.parametrize("model", [MODEL, SLOW, FAR])
@pytest.mark.parametrize(
    ("x", "last", "age"),
    [(0, 0, 0), (0, 0, 300), (3, 100, 160), (12, 300, 300), (40, 200, 260), (50, 690, 701)],
)
def test_scores_are_those_of_the_integrals(model, x, last, age):
    days, shape = 90, model.r + x

    def silent(day):
        return ((model.alpha + last) / (model.alpha + day)) ** shape

    def stays(day):
        return ((model.beta + last) / (model.beta + day)) ** model.s

    gone = quad(lambda day: silent(day) * stays(day) * model.s / (model.beta + day), last, age, epsrel=1e-12)[0]
    there = silent(age) * stays(age) / (silent(age) * stays(age) + gone)
    rate = shape / (model.alpha + age)
    staying = lambda day: ((model.beta + age) / (model.beta + age + day)) ** model.s  # noqa: E731
    first = lambda day: rate * ((model.alpha + age) / (model.alpha + age + day)) ** (shape + 1)  # noqa: E731
    expected = there * rate * quad(staying, 0, days, epsrel=1e-12)[0]
    chance = there * quad(lambda day: first(day) * staying(day), 0, days, epsrel=1e-12)[0]
    assert scores(x, last, age, model, days) == pytest.approx([there, expected, chance], rel=1e-9)


@law
@given(
    st.floats(0.01, 20),
    st.floats(0.5, 2_000),
    st.floats(0.01, 25) | st.just(1.0),
    st.floats(0.5, 5_000),
    st.sampled_from(
        [(0, 0, 0), (0, 0, 3_650), (1, 1, 2), (700, 700, 701), (700, 3_000, 3_650), (3, 3_650, 3_650)]
    ),
)
@example(1.0, 1404.0, 1.5, 1.0, (700, 700, 701))
@example(14.9, 127.0, 24.6, 0.8, (700, 3_000, 3_650))
def test_whatever_the_parameters_scores_are_numbers_that_make_sense(r, alpha, s, beta, visits):
    there, expected, chance = scores(*visits, ParetoParameters(r, alpha, s, beta, -1.0, 1), 90)
    assert 0 <= there <= 1
    assert 0 <= chance <= there
    assert chance * (1 - 1e-9) <= expected < np.inf


def test_who_bought_today_is_there():
    assert scores(5, 100, 100, MODEL, 90)[0] == 1.0
