import json

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from shop_app.segments.predictions.logistic import Logistic, fit_logistic, fit_weights, score_logistic


def customers(count=3_000, seed=1):
    chance = np.random.default_rng(seed)
    columns = {"a": chance.normal(5, 2, count), "b": chance.gamma(2, 3, count)}
    true = -1 + 0.6 * (columns["a"] - 5) - 0.2 * columns["b"]
    return columns, (chance.uniform(size=count) < 1 / (1 + np.exp(-true))).astype(float)


def test_the_weights_are_those_of_scikit_learn():
    columns, happened = customers()
    model = fit_logistic(columns, happened)
    spread = np.column_stack([(columns[name] - columns[name].mean()) / columns[name].std() for name in "ab"])
    theirs = LogisticRegression(C=1.0, tol=1e-10, max_iter=1_000).fit(spread, happened)
    assert model.weights == pytest.approx(theirs.coef_[0], abs=1e-5)
    assert model.intercept == pytest.approx(theirs.intercept_[0], abs=1e-5)


def test_what_is_unknown_counts_as_the_mean():
    columns, happened = customers()
    model = fit_logistic(columns, happened)
    unknown = {"a": np.array([np.nan, model.means[0]]), "b": np.array([np.nan, model.means[1]])}
    scores = score_logistic(unknown, model)
    assert scores[0] == scores[1] == model.intercept


def test_a_column_that_never_varies_and_one_that_nobody_has_weigh_nothing():
    columns, happened = customers()
    columns |= {"same": np.full(happened.size, 7.0), "nobody": np.full(happened.size, np.nan)}
    weights = dict(
        zip(
            *(fit_logistic(columns, happened).__getattribute__(part) for part in ("names", "weights")),
            strict=True,
        )
    )
    assert weights["same"] == weights["nobody"] == 0


def test_perfect_separation_stays_finite():
    happened = np.repeat([0.0, 1.0], 50)
    model = fit_logistic({"it": happened * 2 - 1}, happened)
    assert np.isfinite([*model.weights, model.intercept]).all()


def test_weights_are_drawn_home():
    columns, happened = customers(200)
    matrix = np.column_stack([columns["a"], columns["b"]])
    home = np.array([0.3, -0.1])
    assert fit_weights(matrix, happened, np.full(2, 1e9), home) == pytest.approx(home, abs=1e-5)


def test_stored_and_read_back_it_is_equal():
    model = fit_logistic(*customers(100))
    assert Logistic.from_json(json.loads(json.dumps(model.to_json()))) == model


def test_a_customer_alone_scores_as_among_others():
    columns, happened = customers()
    model = fit_logistic(columns, happened)
    whole = score_logistic(columns, model)
    for begin, end in ((0, 1), (17, 18), (5, 12), (100, 1_133)):
        part = score_logistic({name: values[begin:end] for name, values in columns.items()}, model)
        assert part.tobytes() == whole[begin:end].tobytes()
