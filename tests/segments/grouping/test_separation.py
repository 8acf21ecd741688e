import numpy as np
import polars as pl
import pytest

from shop_app.segments.grouping.separation import separation

DRAW = np.random.default_rng(3)
IDS = pl.Series(range(3_000))
KIND = DRAW.integers(0, 3, 3_000)


def test_a_division_explains_the_share_of_variance_that_lies_between_its_groups():
    outcome = KIND + DRAW.normal(0, np.sqrt(2 / 3), 3_000)
    found = separation(KIND, outcome, IDS)
    assert found.explained_ratio == pytest.approx(0.5, abs=0.03)
    assert found.gains.mean() == pytest.approx(found.explained_ratio)
    assert found.auc is None


def test_a_division_by_lot_explains_nothing_however_many_groups_it_has():
    outcome = KIND + DRAW.normal(size=3_000)
    for count in (2, 20, 200):
        assert separation(DRAW.integers(0, count, 3_000), outcome, IDS).explained_ratio < 0.005


def test_of_yes_and_no_the_chance_of_the_right_order_is_told():
    outcome = (DRAW.random(3_000) < np.array([0.1, 0.5, 0.9])[KIND]).astype(float)
    assert separation(KIND, outcome, IDS).auc == pytest.approx(0.86, abs=0.03)
    assert separation(np.zeros(3_000, dtype=np.int64), outcome, IDS).auc == pytest.approx(0.5, abs=0.1)


def test_who_is_not_asked_is_left_out():
    outcome = np.where(KIND == 2, np.nan, KIND.astype(float))
    found = separation(KIND, outcome, IDS)
    assert found.explained_ratio == pytest.approx(1.0)
    assert np.isfinite(found.gains).all()


@pytest.mark.parametrize("outcome", [np.zeros(3_000), np.full(3_000, np.nan), np.ones(3_000)])
def test_where_everybody_did_the_same_nothing_is_explained(outcome):
    found = separation(KIND, outcome, IDS)
    assert found.explained_ratio == 0.0
    assert found.auc is None
