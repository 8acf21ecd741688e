import numpy as np
import pytest

from shop_app.segments.grouping.cluster_count import TriedCount, choose_count, try_counts

DRAW = np.random.default_rng(5)


def blobs(*middles, size=200, spread=0.3):
    return np.vstack([DRAW.normal(middle, spread, (size, 2)) for middle in middles])


CORNERS = ((0, 0), (4, 0), (0, 4), (4, 4))


def test_as_many_clusters_as_come_back_are_taken():
    tried = choose_count(try_counts(blobs(*CORNERS), range(3, 7)))
    assert [one.count for one in tried if one.is_chosen] == [4]
    four = next(one for one in tried if one.count == 4)
    assert four.bootstrap_agreement > 0.99
    assert four.is_good
    assert four.words == "Comes back from other customers and other days."
    assert [one.is_good for one in tried if one.count > 4] == [False, False]


def test_clusters_that_were_not_there_before_are_not_taken():
    earlier = blobs((0, 0), (4, 4))
    tried = try_counts(blobs(*CORNERS), [4], earlier=earlier)
    assert tried[0].time_agreement < 0.7
    assert "an earlier day would have divided them differently" in tried[0].words


def test_a_handful_of_whales_is_no_cluster():
    points = np.vstack([blobs(*CORNERS[:3]), np.full((5, 2), 40.0)])
    tried = try_counts(points, [4])
    assert tried[0].smallest_ratio < 0.01
    assert not tried[0].is_good
    assert "the smallest has 0.8 % of the customers" in tried[0].words


def test_noise_has_no_number_that_is_good():
    tried = choose_count(try_counts(DRAW.normal(size=(1_500, 4)), range(3, 7)))
    assert not any(one.is_good for one in tried)
    assert sum(one.is_chosen for one in tried) == 1


def test_the_merchants_number_is_taken():
    tried = choose_count(try_counts(blobs(*CORNERS), range(3, 7)), 5)
    assert [one.count for one in tried if one.is_chosen] == [5]


@pytest.mark.parametrize("points", [np.zeros((0, 2)), np.ones((10, 2))])
def test_customers_who_are_all_the_same_have_no_clusters(points):
    assert choose_count(try_counts(points, range(3, 7))) == ()


def test_the_table_is_stored_as_plain_values():
    for row in choose_count(try_counts(blobs(*CORNERS), [3, 4])):
        assert TriedCount.from_json(row.to_json()) == row
