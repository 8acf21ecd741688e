import polars as pl
import pytest
from hypothesis import given
from scored_customers import customers, mixed_shop, scored_frames
from segment_frames import law

from shop_app.segments.grouping.outliers import Outliers, fit_outliers, score_outliers
from shop_app.segments.grouping.space import Space, fit_space

DIMENSIONS = ("total_spent", "order_count", "usual_gap_days")
SHOP = mixed_shop(1_000).filter(pl.col("order_count") > 0)
FOUND = fit_outliers(SHOP, fit_space(SHOP, DIMENSIONS[:2]))


@pytest.fixture(scope="module")
def everybody(buyers):
    strange = buyers.head(3).with_columns(
        customer_id=pl.col("customer_id") + 9_000_000,
        order_count=pl.lit(70, pl.Int64),
        total_spent=pl.lit(40_000_000, pl.Int64),
    )
    return pl.concat([buyers, strange])


def test_who_is_unlike_everybody_else_stands_apart(everybody):
    for seed in range(5):
        found = fit_outliers(everybody, fit_space(everybody, DIMENSIONS), seed=seed)
        assert score_outliers(everybody, found).tail(3).all()
        assert 0 < found.noise_ratio < 0.05
        assert score_outliers(everybody, found).mean() < 0.05
        assert "are unlike everybody else and fit into no group" in found.words


def test_distance_repeats_what_density_decided(buyers):
    found = fit_outliers(buyers, fit_space(buyers, DIMENSIONS))
    assert found.agreement_ratio > 0.7


def test_where_everybody_is_alike_nobody_stands_apart():
    found = fit_outliers(SHOP, fit_space(SHOP, ("order_count",)))
    assert not score_outliers(SHOP, found).any()


def test_a_small_shop_has_no_outliers():
    few = SHOP.head(100)
    assert not score_outliers(few, fit_outliers(few, FOUND.space)).any()
    assert not score_outliers(few, fit_outliers(SHOP, Space((), {}))).any()


def test_people_without_an_order_stand_in_no_group_and_so_not_apart():
    assert not score_outliers(customers({"order_count": 0}), FOUND).item()


def test_outliers_are_stored_as_plain_values():
    assert Outliers.from_json(FOUND.to_json()) == FOUND


@law
@given(scored_frames(min_size=1))
def test_everybody_stands_apart_alone_as_among_others(frame):
    alone = [score_outliers(row, FOUND).item() for row in frame.iter_slices(1)]
    assert alone == score_outliers(frame, FOUND).to_list()
