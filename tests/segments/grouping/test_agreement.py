import numpy as np
import pytest

from shop_app.segments.grouping.agreement import adjusted_rand, cross_table


def labels(*numbers):
    return np.array(numbers, dtype=np.int64)


def test_other_numbers_for_the_same_division_agree_entirely():
    assert adjusted_rand(labels(0, 0, 1, 1, 2), labels(2, 2, 0, 0, 1)) == 1.0


def test_the_worked_example_of_hubert_and_arabie_holds():
    # Two by two, sizes 3/3 against 2/4 with one mistake: by hand (4 - 42/15) / (6.5 - 42/15).
    assert adjusted_rand(labels(0, 0, 0, 1, 1, 1), labels(0, 0, 1, 1, 1, 1)) == pytest.approx(1.2 / 3.7)


def test_unrelated_divisions_agree_by_chance_alone():
    draw = np.random.default_rng(2)
    assert abs(adjusted_rand(draw.integers(0, 4, 5_000), draw.integers(0, 3, 5_000))) < 0.01


@pytest.mark.parametrize("same", [labels(), labels(0), labels(0, 0, 0)])
def test_where_there_is_nothing_to_tell_apart_everybody_agrees(same):
    assert adjusted_rand(same, same) == 1.0


def test_a_cross_table_counts_every_pair_of_labels():
    assert cross_table(labels(0, 1, 1), labels(2, 0, 2)).tolist() == [[0, 0, 1], [1, 0, 1]]
