"""Blocks of writes in a stand-in's file: whole or not at all, each for itself."""

import pytest

from sandbox.shopify.state import State


@pytest.fixture
def state(tmp_path):
    made = State(tmp_path / "state.sqlite")
    yield made
    made.close()


def put(state, number):
    state.put("tea.myshopify.com", "customer", {"id": number})


def numbers(state):
    return [each["id"] for each in state.each("tea.myshopify.com", "customer")]


def fail_after_writing(state, number):
    with state.together():
        put(state, number)
        raise ValueError("this block fails")


def test_a_block_that_fails_leaves_nothing_behind(state):
    with pytest.raises(ValueError, match="this block fails"):
        fail_after_writing(state, 1)
    assert numbers(state) == []


def test_a_block_inside_a_block_fails_alone(state):
    with state.together():
        put(state, 1)
        with pytest.raises(ValueError, match="this block fails"):
            fail_after_writing(state, 2)
        put(state, 3)
    assert numbers(state) == [1, 3]


def fail_after_an_inner_block(state, number):
    with state.together():
        with state.together():
            put(state, number)
        raise ValueError("this block fails")


def test_a_block_that_was_kept_goes_with_the_block_around_it(state):
    with pytest.raises(ValueError, match="this block fails"):
        fail_after_an_inner_block(state, 1)
    assert numbers(state) == []
