import numpy as np
import pytest
from dealt_baskets import as_baskets, dealt, wholesale_sizes
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from shop_app.bundles.evidence import (
    chance_of_so_many,
    false_discovery,
    learn_chance,
    ratio_interval,
    strength,
)


def test_without_days_a_pair_is_expected_as_often_as_lines_dealt_anew_would_bring_it_about():
    sets = [{0, 1, 2}, {0, 1}, {2}, {0, 3}, {1, 2, 3}]
    chance = learn_chance(as_baskets(sets))
    sizes = np.array([3, 2, 1, 2, 3])
    by_hand = 3 * 3 * (sizes * (sizes - 1)).sum() / (11 * 10)
    assert chance.expected(np.array([0]), np.array([1])) == pytest.approx([by_hand])


def test_what_is_expected_is_what_dealing_lines_anew_gives_on_average():
    rng = np.random.default_rng(1)
    sizes = np.minimum(wholesale_sizes(rng, 400), 15)
    lines = np.repeat(np.arange(60), rng.integers(5, 60, 60))[: sizes.sum()]
    sizes = sizes[np.cumsum(sizes) <= lines.size]
    lines, counts = lines[: sizes.sum()], []
    edges = np.cumsum(sizes)[:-1]
    for _ in range(400):
        held = [set(part.tolist()) for part in np.split(rng.permutation(lines), edges)]
        counts.append(sum({lines[0], lines[-1]} <= each for each in held))
    whole = as_baskets(held)
    first, last = (whole.keys["key"].to_list().index(f"{item:05d}") for item in (lines[0], lines[-1]))
    expected = learn_chance(whole).expected(np.array([first]), np.array([last]))[0]
    assert expected == pytest.approx(np.mean(counts), rel=0.15)


def test_two_products_of_different_months_are_never_expected_together():
    sets, days = [{0}] * 150 + [{1, 2}] * 150, [1] * 150 + [40] * 150
    chance = learn_chance(as_baskets(sets, days))
    assert chance.line_counts.tolist() == [150, 300]
    assert chance.expected(np.array([0]), np.array([1])).tolist() == [0.0]


def test_stretches_of_days_hold_about_equally_many_baskets_and_end_with_a_day():
    rng = np.random.default_rng(2)
    days = np.sort(np.concatenate((rng.integers(0, 365, 3_000), np.full(500, 330))))
    baskets = as_baskets([{0, 1}] * days.size, days)
    chance = learn_chance(baskets, fewest_baskets=100)
    counts = np.bincount(chance.stretch)
    assert counts.min() >= 100
    assert sorted(counts.tolist())[-2] < 250  # all but the stretch of the day of 500
    assert all(np.unique(chance.stretch[days == day]).size == 1 for day in np.unique(days))
    assert learn_chance(baskets, fewest_baskets=1, most_stretches=10).line_counts.size <= 10


@given(
    st.lists(st.tuples(st.integers(0, 60), st.floats(0.01, 40)), min_size=1, max_size=30),
)
def test_the_chance_of_so_many_is_the_tail_of_poissons_law(rows):
    counts = np.array([count for count, _ in rows])
    expected = np.array([chance for _, chance in rows])
    by_scipy = stats.poisson.sf(counts - 1, expected)
    assert chance_of_so_many(counts, expected) == pytest.approx(by_scipy, rel=1e-6, abs=1e-300)


@given(st.lists(st.floats(1e-12, 1), min_size=1, max_size=30), st.integers(0, 40))
def test_false_discovery_is_benjamini_hochbergs_with_unseen_tests_at_one(p_values, unseen):
    whole = np.array([*p_values, *[1.0] * unseen])
    by_scipy = stats.false_discovery_control(whole, method="bh")[: len(p_values)]
    assert false_discovery(np.array(p_values), whole.size) == pytest.approx(by_scipy)


def test_the_interval_of_a_ratio_is_the_exact_one_of_a_count():
    # F. Garwood's table (Biometrika 1936): ten seen, 4.795 to 18.39; none seen, 0 to 3.689.
    ratio, low, high = ratio_interval(np.array([10, 0]), np.array([2.0, 1.0]))
    assert ratio.tolist() == [5.0, 0.0]
    assert low == pytest.approx([4.795 / 2, 0.0], abs=1e-3)
    assert high == pytest.approx([18.39 / 2, 3.689], abs=3e-3)


def test_much_to_go_by_is_more_evidence_than_a_high_ratio():
    few, many, fewer_than_expected = strength(np.array([12, 600, 100]), np.array([2.0, 200.0, 200.0]))
    assert many > few > 0 > fewer_than_expected
    assert few == pytest.approx(2 * (12 * np.log(6) - 10))


def test_of_pure_noise_fishers_test_passes_hundreds_of_pairs_and_dealing_anew_none():
    rng = np.random.default_rng(5)
    baskets = as_baskets(dealt(rng, wholesale_sizes(rng, 4_000), 300))
    joint = np.zeros((baskets.basket_count, baskets.keys.height), np.float32)
    joint[baskets.basket, baskets.item] = 1
    a, b = np.triu_indices(baskets.keys.height, 1)
    together, counts = (joint.T @ joint)[a, b].astype(np.int64), baskets.item_counts
    fisher = stats.hypergeom.sf(together - 1, baskets.basket_count, counts[a], counts[b])
    dealt_anew = chance_of_so_many(together, learn_chance(baskets).expected(a, b))
    assert (false_discovery(fisher, a.size) <= 0.05).sum() > 500
    assert (false_discovery(dealt_anew, a.size) <= 0.05).sum() == 0
