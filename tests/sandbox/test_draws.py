from hashlib import blake2b

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.sample_store.draws import Draws

KEYS = np.arange(100_000, dtype=np.int64)
keys = st.lists(st.integers(0, 2**50), min_size=1, max_size=20).map(lambda one: np.array(one, dtype=np.int64))


def test_draws_are_the_same_for_ever():
    """The first four were written down once; the rule is SplitMix64's, in Python's own unbounded numbers."""
    drawn = Draws(7).bits("kind", np.array([0, 1, 2, 2**41], dtype=np.int64))
    assert drawn.tolist() == [3883950986, 3406605524, 2139013098, 1288553596]

    salt = int.from_bytes(blake2b(b"7:kind", digest_size=8).digest(), "little")
    mixed = (2**41 * 0x9E3779B97F4A7C15 + salt) % 2**64
    mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9 % 2**64
    mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB % 2**64
    assert drawn[3] == (mixed ^ mixed >> 31) >> 32


@given(keys, st.integers(0, 2**31), st.text(max_size=12))
def test_a_thing_draws_the_same_alone_as_among_others(things, seed, purpose):
    draws = Draws(seed)
    alone = [draws.bits(purpose, things[place : place + 1])[0] for place in range(things.size)]
    assert alone == draws.bits(purpose, things).tolist()


@given(keys, st.integers(-1000, 1000), st.integers(0, 10**6))
def test_a_draw_stays_between_its_ends(things, low, width):
    drawn = Draws(1).between("ends", things, low, low + width)
    assert ((drawn >= low) & (drawn <= low + width)).all()


def test_every_share_is_met():
    draws = Draws(3)
    assert abs(draws.chance("coin", KEYS, 2500).mean() - 0.25) < 0.01
    shares = np.bincount(draws.pick("mix", KEYS, (1, 0, 3, 6)), minlength=4) / KEYS.size
    assert shares == pytest.approx([0.1, 0, 0.3, 0.6], abs=0.01)


def test_a_table_is_drawn_from_row_by_row():
    table = np.array([[0, 5, 5], [9, 0, 1]], dtype=np.int64)
    rows = KEYS % 2
    drawn = Draws(3).pick_by_row("table", KEYS, table, rows)
    first, second = (np.bincount(drawn[rows == row], minlength=3) / 50_000 for row in (0, 1))
    assert first == pytest.approx([0, 0.5, 0.5], abs=0.01)
    assert second == pytest.approx([0.9, 0, 0.1], abs=0.01)


def test_purposes_and_seeds_do_not_follow_each_other():
    one, other, elsewhere = Draws(1).bits("a", KEYS), Draws(1).bits("b", KEYS), Draws(2).bits("a", KEYS)
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.01
    assert abs(np.corrcoef(one, elsewhere)[0, 1]) < 0.01
    assert abs(np.corrcoef(one[1:], one[:-1])[0, 1]) < 0.01


def test_a_limit_that_32_bits_cannot_reach_is_refused():
    assert Draws(1).below("days", KEYS, 1 << 31).max() < 1 << 31
    with pytest.raises(ValueError, match="days: a limit is past"):
        Draws(1).below("days", KEYS, (1 << 31) + 1)
