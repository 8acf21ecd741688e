"""Who would have bought it anyway: a share with its interval, said so that a person understands it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop_app.bundles.cannibalisation import anyway_among_users, bought_anyway


@given(st.integers(0, 5_000), st.integers(0, 5_000))
def test_the_share_lies_in_its_interval_and_that_within_zero_and_one(both, first):
    found = bought_anyway(both, first)
    assert 0 <= found.low <= found.ratio <= found.high <= 1


@pytest.mark.parametrize("share", [0.02, 0.1, 0.5])
def test_the_interval_holds_the_truth_19_times_in_20(share):
    draws = np.random.default_rng(5).binomial(400, share, 2_000)
    found = [bought_anyway(int(hits), 400) for hits in draws]
    held = [each.low <= share <= each.high for each in found]
    assert np.mean(held) >= 0.93


def test_the_words_say_how_many_in_100_and_of_how_many():
    assert bought_anyway(60, 500).words.startswith("12 in 100 who buy the first")
    assert "60 of 500" in bought_anyway(60, 500).words
    assert "not known" in bought_anyway(0, 0).words


def test_the_stronger_a_habit_the_more_of_an_offers_users_had_it():
    weak, strong = (anyway_among_users(bought_anyway(n, 1_000), 0.05) for n in (50, 500))
    assert weak.ratio == pytest.approx(0.5)
    assert strong.ratio == pytest.approx(0.5 / 0.55)
    assert weak.low < weak.ratio < weak.high
    assert anyway_among_users(bought_anyway(0, 0), 0.0).ratio == 0
