from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from segment_frames import law
from sklearn.metrics import average_precision_score, roc_auc_score

from shop_app.segments.predictions.measures import (
    auc,
    average_precision,
    brier,
    calibration,
    concordance,
    correlation,
    level_shift,
    population_stability,
    rank_correlation,
    skill,
    top_capture,
)

forecasts = st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=1, max_size=40)


@law
@given(forecasts)
def test_discrimination_is_that_of_scikit_learn(pairs):
    happened, score = (np.array(part, dtype=float) for part in zip(*pairs, strict=True))
    if 0 < happened.sum() < happened.size:
        assert auc(happened, score) == pytest.approx(roc_auc_score(happened, score))
    else:
        assert auc(happened, score) is None
    if happened.sum():
        assert average_precision(happened, score) == pytest.approx(average_precision_score(happened, score))
    else:
        assert average_precision(happened, score) is None


@law
@given(st.lists(st.tuples(st.integers(1, 6), st.booleans(), st.integers(0, 4)), min_size=1, max_size=25))
def test_concordance_is_what_counting_every_pair_gives(rows):
    better = pairs = 0.0
    for one, other in combinations(rows, 2):
        (days, came, score), (later_days, later_came, later_score) = sorted(
            [one, other], key=lambda row: row[:2]
        )
        if days == later_days and came and later_came:
            continue
        if days == later_days:
            # Who did not come by that day waits longer than who came on it.
            (days, came, score), (later_score) = (one, other[2]) if one[1] else (other, one[2])
        if came:
            pairs += 1
            better += (score > later_score) + (score == later_score) / 2
    days, came, score = (np.array(part) for part in zip(*rows, strict=True))
    found = concordance(days.astype(float), came, score.astype(float))
    assert found == (pytest.approx(better / pairs) if pairs else None)


def test_chances_that_come_true_have_a_slope_of_one_and_no_error():
    chance = np.random.default_rng(3).beta(1, 3, 40_000)
    happened = (np.random.default_rng(4).uniform(size=chance.size) < chance).astype(float)
    found = calibration(happened, chance)
    assert found["slope"] == pytest.approx(1, abs=0.05)
    assert found["intercept"] == pytest.approx(0, abs=0.05)
    assert found["error"] < 0.01
    assert [part["count"] for part in found["bins"]] == [4_000] * 10


def test_timid_chances_have_a_slope_above_one_and_bold_ones_below():
    true = np.random.default_rng(3).beta(1, 1, 40_000)
    happened = (np.random.default_rng(4).uniform(size=true.size) < true).astype(float)
    timid, bold = 0.25 + true / 2, np.clip(2 * true - 0.5, 0.001, 0.999)
    assert calibration(happened, timid)["slope"] > 1.3
    assert calibration(happened, bold)["slope"] < 0.8


@pytest.mark.parametrize("happened", [[], [0.0], [1.0, 1.0]])
def test_nothing_to_tell_apart_gives_no_slope(happened):
    found = calibration(np.array(happened), np.full(len(happened), 0.3))
    assert found["slope"] is None


def test_equal_chances_for_all_give_a_level_and_no_slope():
    found = calibration(np.array([0.0, 1.0]), np.array([0.5, 0.5]))
    assert (found["slope"], found["intercept"]) == (None, 0.0)


def test_a_better_forecast_has_skill_and_an_interval_around_it():
    happened = (np.random.default_rng(1).uniform(size=2_000) < 0.3).astype(float)
    customers = np.arange(2_000)
    good, constant = brier(happened, 0.2 + 0.3 * happened), brier(happened, np.full(2_000, 0.3))
    found = skill(good, constant, customers)
    assert found.low < found.ratio < found.high
    assert found.low > 0
    assert skill(constant, constant, customers).ratio == 0


def test_the_same_customer_twice_is_no_second_witness():
    chance = np.random.default_rng(1)
    ours, others = chance.uniform(size=500), chance.uniform(size=500) + 0.05
    once = skill(ours, others, np.arange(500))
    twice = skill(np.tile(ours, 2), np.tile(others, 2), np.tile(np.arange(500), 2))
    assert twice.ratio == pytest.approx(once.ratio)
    assert twice.high - twice.low == pytest.approx(once.high - once.low)


def test_without_forecasts_or_without_a_loss_there_is_no_skill_to_speak_of():
    nothing = np.zeros(0)
    assert skill(nothing, nothing, np.zeros(0, dtype=np.int64)) is None
    assert skill(np.ones(2), np.zeros(2), np.arange(2)) is None


def test_the_same_distribution_is_stable_and_another_is_not():
    before = np.array([100.0, 50.0, 25.0])
    assert population_stability(before, before) == 0
    assert population_stability(before, before[::-1]) > 0.25
    assert np.isfinite(population_stability(before, np.array([175.0, 0.0, 0.0])))


def test_what_never_varies_correlates_with_nothing():
    assert correlation(np.ones(3), np.arange(3.0)) is None
    assert rank_correlation(np.arange(3.0), np.array([1.0, 10.0, 100.0])) == pytest.approx(1)


def test_the_best_share_is_caught_or_missed():
    actual = np.array([10.0, 0.0, 0.0, 0.0, 0.0])
    assert top_capture(actual, actual, 0.2) == 1
    assert top_capture(actual, -actual, 0.2) == 0
    assert top_capture(np.zeros(5), actual, 0.2) is None


@law
@given(st.lists(st.floats(-5, 5), min_size=2, max_size=30), st.floats(0, 1))
def test_the_level_found_makes_chances_add_up(scores, share):
    scores = np.array(scores)
    wanted = share * scores.size
    total = np.sum(1 / (1 + np.exp(-(scores + level_shift(scores, wanted)))))
    assert total == pytest.approx(min(max(wanted, 0.5), scores.size - 0.5), abs=1e-6)
