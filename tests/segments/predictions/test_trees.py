import json

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from shop_app.segments.predictions.trees import Trees, fit_trees, score_trees


def crossed(count=4_000, seed=1):
    """Something that happens where exactly one of two numbers is high; a third tells nothing."""
    chance = np.random.default_rng(seed)
    columns = {name: chance.normal(size=count).round(2) for name in ("one", "other", "third")}
    columns["third"][chance.uniform(size=count) < 0.4] = np.nan
    likely = np.where((columns["one"] > 0) != (columns["other"] > 0), 0.8, 0.1)
    return columns, (chance.uniform(size=count) < likely).astype(float)


@pytest.fixture(scope="module")
def grown():
    columns, happened = crossed()
    return columns, happened, fit_trees(columns, happened)


def test_trees_find_what_no_straight_line_does(grown):
    _, _, trees = grown
    later, happened = crossed(seed=2)
    assert roc_auc_score(happened, score_trees(later, trees)) > 0.8


def test_scores_are_logits_at_the_right_level(grown):
    columns, happened, trees = grown
    chances = 1 / (1 + np.exp(-score_trees(columns, trees)))
    assert chances.mean() == pytest.approx(happened.mean(), abs=0.01)


def test_unknown_is_an_answer_of_its_own():
    chance = np.random.default_rng(1)
    known = chance.uniform(size=2_000) < 0.5
    column = np.where(known, chance.normal(size=2_000), np.nan)
    happened = (chance.uniform(size=2_000) < np.where(known, 0.2, 0.7)).astype(float)
    trees = fit_trees({"it": column}, happened)
    told, untold = score_trees({"it": np.array([0.0, np.nan])}, trees)
    assert told < 0 < untold


def test_where_nothing_can_be_told_everybody_scores_the_same():
    happened = np.repeat([0.0, 1.0], [300, 100])
    trees = fit_trees({"same": np.ones(400), "nobody": np.full(400, np.nan)}, happened)
    assert np.ptp(score_trees({"same": np.ones(3), "nobody": np.full(3, np.nan)}, trees)) == 0


def test_the_same_customers_give_the_same_trees(grown):
    columns, happened, trees = grown
    assert fit_trees(columns, happened) == trees


def test_stored_and_read_back_it_is_equal(grown):
    trees = grown[2]
    assert Trees.from_json(json.loads(json.dumps(trees.to_json()))) == trees


def test_a_customer_alone_scores_as_among_others(grown):
    columns, _, trees = grown
    many = {name: np.tile(values, 18) for name, values in columns.items()}
    whole = score_trees(many, trees)
    for begin, end in ((0, 1), (65_535, 65_538), (4_001, 4_010), (60_000, 70_001)):
        part = score_trees({name: values[begin:end] for name, values in many.items()}, trees)
        assert part.tobytes() == whole[begin:end].tobytes()
