import numpy as np
import polars as pl

from shop_app.segments.grouping.clusters import (
    distances,
    fit_centres,
    margins,
    nearest,
    settled_numbers,
)

DRAW = np.random.default_rng(7)
BLOBS = np.vstack([DRAW.normal(middle, 0.3, (200, 2)) for middle in ((0, 0), (3, 0), (0, 3))])


def test_the_middles_of_clear_groups_are_found():
    assert np.abs(fit_centres(BLOBS, 3) - [[0, 0], [0, 3], [3, 0]]).max() < 0.1


def test_the_seed_and_the_order_of_rows_do_not_matter():
    found = fit_centres(BLOBS, 3)
    for seed in range(20):
        assert fit_centres(BLOBS, 3, seed=seed).tolist() == found.tolist()
    assert np.abs(fit_centres(DRAW.permutation(BLOBS), 3) - found).max() < 1e-5


def test_a_large_shop_is_searched_in_part_and_fitted_in_full():
    many = np.vstack([BLOBS] * 20)
    assert np.abs(fit_centres(many, 3) - fit_centres(BLOBS, 3)).max() < 1e-5


def test_warm_centres_keep_their_order():
    warm = fit_centres(BLOBS, 3)[::-1]
    assert np.abs(fit_centres(BLOBS, 3, warm=warm) - warm).max() < 1e-5


def test_warm_centres_give_way_to_clearly_better_ones():
    stuck = np.array([[0.0, 0.0], [0.1, 0.1], [1.5, 1.5]])
    assert np.abs(fit_centres(BLOBS, 3, warm=stuck) - fit_centres(BLOBS, 3)).max() < 1e-5


def test_fewer_different_customers_than_centres_give_fewer_centres():
    assert fit_centres(np.ones((50, 2)), 3).tolist() == [[1.0, 1.0]]
    assert len(fit_centres(np.array([[0.0], [1.0]]), 5)) == 2


def test_distances_are_plain_ones():
    away = distances([np.array([0.0, 3.0]), np.array([0.0, 4.0])], np.array([[0.0, 0.0], [3.0, 0.0]]))
    assert away.tolist() == [[0.0, 3.0], [5.0, 4.0]]


def test_a_customer_alone_has_the_same_distances_to_the_last_bit():
    columns = [np.ascontiguousarray(column) for column in DRAW.normal(size=(8, 1_003))]
    centres = DRAW.normal(size=(6, 8))
    whole = distances(columns, centres)
    for start, length in ((0, 1), (500, 1), (3, 7), (1, 64), (5, 998)):
        part = distances([column[start : start + length] for column in columns], centres)
        assert part.tobytes() == np.ascontiguousarray(whole[start : start + length]).tobytes()


def test_somebody_settled_moves_only_to_a_centre_that_is_a_tenth_closer():
    away = np.array([[0.95, 1.0], [0.90, 1.0], [0.89, 1.0]])
    assert nearest(away).tolist() == [0, 0, 0]
    assert nearest(away, np.array([1, 1, 1])).tolist() == [1, 0, 0]
    assert nearest(away, np.array([-1, -1, -1])).tolist() == [0, 0, 0]


def test_nobody_stays_where_they_may_not_be():
    assert nearest(np.array([[2.0, np.inf]]), np.array([1])).tolist() == [0]


def test_the_margin_is_one_on_the_centre_and_nought_at_the_border():
    away = np.array([[0.0, 2.0], [1.0, 2.0], [1.0, 1.0], [1.1, 1.0], [0.0, 0.0], [1.0, np.inf]])
    assert margins(away, np.array([0, 0, 0, 0, 0, 0])).tolist() == [1.0, 0.5, 0.0, 0.0, 0.0, 1.0]


def test_a_group_that_is_gone_settles_nobody():
    assert settled_numbers(None, ["a"]) is None
    assert settled_numbers(pl.Series(["b", "a", None, "c"]), ["a", "b"]).tolist() == [1, 0, -1, -1]
