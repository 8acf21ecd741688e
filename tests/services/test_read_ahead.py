"""Reading ahead changes when things are read, and nothing else."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop_app.services.read_ahead import read_ahead


@given(items=st.lists(st.integers()), ahead=st.integers(1, 3))
def test_the_same_items_come_in_the_same_order(items, ahead):
    assert list(read_ahead(iter(items), ahead=ahead)) == items


def test_an_error_comes_after_the_items_before_it():
    def broken():
        yield 1
        raise ValueError("broken")

    seen = []
    with pytest.raises(ValueError, match="broken"):
        seen.extend(read_ahead(broken()))
    assert seen in ([], [1])


def test_whoever_stops_early_leaves_no_thread_behind():
    def endless():
        while True:
            yield 1

    ahead = read_ahead(endless())
    assert next(ahead) == 1
    ahead.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "read-ahead"]


def test_no_more_is_read_ahead_than_was_said():
    read = []

    def counted():
        for number in range(100):
            read.append(number)
            yield number

    ahead = read_ahead(counted(), ahead=2)
    next(ahead)
    threading.Event().wait(0.3)
    assert read == [0, 1, 2]
    ahead.close()
