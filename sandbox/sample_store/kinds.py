"""The hidden kinds of customers: how many there are, when they shop, and what they put in their baskets."""

from enum import IntEnum
from typing import NamedTuple

import numpy as np

from sandbox.sample_store.draws import Ints


class Kind(IntEnum):
    """What a customer is like underneath; no file of the shop says it."""

    ONE_AND_DONE = 0
    HABIT = 1
    GIFT = 2
    BARGAIN = 3
    RISING = 4
    LAPSING = 5
    WHOLESALE = 6
    PROSPECT = 7  # signed up, never bought
    TILL = 8  # nobody: bought at the till and left no name
    STAFF = 9  # the shop itself, trying its checkout

    @property
    def slug(self) -> str:
        """Return the word used in the truth files."""
        return self.name.lower()


class Habits(NamedTuple):
    """What tells one kind from another, as weights."""

    words: str
    share: int  # of 1,000 customers
    lines: tuple[int, ...]  # loose tea, teaware, biscuits, books, candles
    basket: tuple[int, ...]  # one line, two lines, … six lines
    hours: dict[int, int]  # hour of the day, never 1 to 3 (a clock change would swallow or double it)
    weekdays: tuple[int, ...] = ()  # Monday … Sunday; empty: whatever the calendar says


_EVENING = dict(zip(range(8, 23), (2, 3, 4, 4, 6, 5, 4, 4, 4, 5, 6, 9, 11, 9, 4), strict=True))
_MORNING = {5: 3, 6: 14, 7: 20, 8: 16, 9: 6, 12: 3, 17: 2, 19: 3, 20: 3, 21: 2}
_LUNCH = {7: 2, 10: 5, 11: 10, 12: 22, 13: 16, 14: 4, 18: 3, 20: 5, 21: 4, 23: 2}
_OFFICE = {8: 4, 9: 14, 10: 16, 11: 12, 13: 10, 14: 12, 15: 10, 16: 5}
_TILL = {10: 8, 11: 12, 12: 14, 13: 12, 14: 14, 15: 14, 16: 12, 17: 8}
_WORKDAYS = (16, 16, 16, 16, 14, 5, 5)
_WEEKEND = (8, 8, 9, 10, 13, 25, 27)

HABITS: dict[Kind, Habits] = {
    Kind.ONE_AND_DONE: Habits(
        words="one order, then never again",
        share=544,
        lines=(30, 22, 14, 22, 12),
        basket=(50, 28, 13, 6, 2, 1),
        hours=_EVENING,
    ),
    Kind.HABIT: Habits(
        words="reorders every four to nine weeks",
        share=80,
        lines=(62, 6, 22, 7, 3),
        basket=(30, 36, 20, 9, 4, 1),
        weekdays=_WORKDAYS,
        hours=_MORNING,
    ),
    Kind.GIFT: Habits(
        words="buys for others before Christmas and Mother's Day",
        share=104,
        lines=(10, 32, 14, 18, 26),
        basket=(28, 34, 22, 10, 4, 2),
        hours=_EVENING | {20: 22, 21: 24, 22: 14},
    ),
    Kind.BARGAIN: Habits(
        words="orders only with a code or at the sale",
        share=85,
        lines=(28, 24, 20, 16, 12),
        basket=(34, 34, 18, 9, 4, 1),
        hours=_LUNCH,
    ),
    Kind.RISING: Habits(
        words="comes back sooner and with more each time",
        share=50,
        lines=(44, 16, 18, 12, 10),
        basket=(26, 34, 24, 10, 4, 2),
        weekdays=_WEEKEND,
        hours=_EVENING,
    ),
    Kind.LAPSING: Habits(
        words="was regular, then fell silent",
        share=82,
        lines=(54, 8, 22, 11, 5),
        basket=(32, 36, 20, 8, 3, 1),
        weekdays=_WORKDAYS,
        hours=_OFFICE | {19: 10},
    ),
    Kind.WHOLESALE: Habits(
        words="few orders, large quantities, on account",
        share=4,
        lines=(64, 4, 32, 0, 0),
        basket=(6, 20, 30, 26, 12, 6),
        weekdays=(24, 26, 26, 20, 4, 0, 0),
        hours=_OFFICE,
    ),
    Kind.PROSPECT: Habits(
        words="signed up and never bought", share=50, lines=(1, 0, 0, 0, 0), basket=(1,), hours=_EVENING
    ),
    Kind.TILL: Habits(
        words="paid at the till without a name",
        share=0,
        lines=(38, 16, 30, 10, 6),
        basket=(62, 26, 8, 3, 1),
        weekdays=(9, 9, 10, 12, 18, 26, 16),
        hours=_TILL,
    ),
    Kind.STAFF: Habits(
        words="test orders",
        share=0,
        lines=(1, 1, 1, 1, 0),
        basket=(1,),
        weekdays=_WORKDAYS,
        hours=_OFFICE,
    ),
}


def _table(rows: list[dict[int, int]], width: int) -> Ints:
    table = np.zeros((len(rows), width), dtype=np.int64)
    for row, weights in enumerate(rows):
        for position, weight in weights.items():
            table[row, position] = weight
    return table


SHARES: Ints = np.array([HABITS[kind].share for kind in Kind], dtype=np.int64)
HOURS: Ints = _table([HABITS[kind].hours for kind in Kind], 24)
WEEKDAYS: Ints = _table([dict(enumerate(HABITS[kind].weekdays)) or {0: 1} for kind in Kind], 7)
HAS_WEEKDAYS: Ints = np.array([bool(HABITS[kind].weekdays) for kind in Kind], dtype=np.int64)
BASKETS: Ints = _table([dict(enumerate(HABITS[kind].basket)) for kind in Kind], 6)
LINE_TASTES: Ints = np.array([HABITS[kind].lines for kind in Kind], dtype=np.int64)
