import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from segment_frames import law

from shop_app.segments.predictions import pairs
from shop_app.segments.predictions.one_by_one import exp, log
from shop_app.segments.predictions.pairs import once_a_pair


@law
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 4_000)), max_size=60))
def test_a_pair_gets_what_the_function_gives_it(rows):
    first, second = (np.array([row[side] for row in rows], dtype=np.int64) for side in (0, 1))
    found = once_a_pair(first, second, lambda one, other: one * 10_000.0 + other)
    assert found.tolist() == [one * 10_000.0 + other for one, other in rows]


def test_each_pair_is_worked_out_once():
    asked = []
    first, second = np.array([3, 1, 3, 3]), np.array([5, 5, 5, 0])
    once_a_pair(first, second, lambda one, other: asked.append(one.size) or np.zeros(one.size))
    assert asked == [3]


def test_few_customers_with_large_numbers_are_taken_as_they_are(monkeypatch):
    monkeypatch.setattr(pairs, "_SPARSE", 10)
    first, second = np.array([700, 0]), np.array([3_650, 3_650])
    assert once_a_pair(first, second, lambda one, other: one + other * 1.0).tolist() == [4_350.0, 3_650.0]


def test_exponentials_and_logarithms_are_right_to_the_last_digits_and_the_same_anywhere():
    values = np.linspace(-40.0, 40.0, 4_001)
    assert exp(values) == pytest.approx(np.exp(values), rel=1e-14)
    assert log(exp(values)) == pytest.approx(values, abs=1e-13)
    for place in range(0, 4_001, 97):
        assert exp(values[place : place + 1])[0] == exp(values)[place]
        assert log(exp(values[place : place + 3]))[0] == log(exp(values))[place]
