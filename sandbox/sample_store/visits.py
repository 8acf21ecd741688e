"""When everybody orders: each hidden kind by its own clock.

A visit is one order to be: who, the how-manieth of theirs, on which day. A larger store has the same first
customers with the same visits.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from sandbox.sample_store.draws import Draws, Ints
from sandbox.sample_store.kinds import HAS_WEEKDAYS, WEEKDAYS, Kind
from sandbox.sample_store.planted import SEQUENCE_BUYERS, SEQUENCES
from sandbox.sample_store.seasons import SALE_PERCENT, Calendar

VISITS_PER_PERSON = 1024  # room for the numbers of one person's visits
_FOLLOW_UP = 1000  # the numbers from here on belong to planted sequences
_MOST_VISITS = 400
_SUMMER = (7, 8)


class Visits(NamedTuple):
    """Columns of equal length."""

    person: Ints
    ordinal: Ints
    day: Ints
    marks: Ints  # bit 2s: holds the first product of sequence s; bit 2s+1: the one that follows

    @property
    def key(self) -> Ints:
        """Return what everything about a visit is drawn by."""
        return visit_key(self.person, self.ordinal)


Clock = Callable[[Draws, Ints, Calendar], Iterator[Visits]]
Gap = Callable[[Ints, int, Ints], Ints]  # people, the number and day of their visit: days to the next


def visit_key(person: Ints, ordinal: Ints | int) -> Ints:
    """Return the key of somebody's visit."""
    return person * VISITS_PER_PERSON + ordinal


def visits_of(draws: Draws, people: Ints, kinds: Ints, calendar: Calendar) -> Visits:
    """Return every visit of these people up to the calendar's end."""
    parts = [part for kind, clock in _CLOCKS.items() for part in clock(draws, people[kinds == kind], calendar)]
    visits = _join(parts)
    kind = kinds[np.searchsorted(people, visits.person)]
    visits = visits._replace(day=on_weekday(draws, visits.key, visits.day, kind, calendar))
    return _with_sequences(draws, visits, kind, calendar)


def on_weekday(draws: Draws, keys: Ints, day: Ints, kind: Ints, calendar: Calendar) -> Ints:
    """Move each day inside its week to a weekday that the kind likes."""
    wanted = draws.pick_by_row("weekday", keys, WEEKDAYS, kind)
    moved = day + (wanted - calendar.weekdays[day]) * HAS_WEEKDAYS[kind]
    return np.where((moved >= 0) & (moved < calendar.days), moved, day)


def _visits(people: Ints, ordinal: int, day: Ints) -> Visits:
    return Visits(people, np.full_like(people, ordinal), day, np.zeros_like(people))


def _join(parts: list[Visits]) -> Visits:
    if not parts:
        nothing = np.zeros(0, dtype=np.int64)
        return Visits(nothing, nothing, nothing, nothing)
    return Visits(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def _begin(draws: Draws, people: Ints, calendar: Calendar, earliest: int, latest: int) -> Ints:
    """Return first days between two days counted back from the calendar's end, if it is long enough."""
    first = max(calendar.days - earliest, 0)
    last = calendar.days - latest
    if last <= first:
        last = min(first + calendar.days // 2, calendar.days - 1)
    return draws.between("first day", people, first, last)


def _steady(people: Ints, calendar: Calendar, day: Ints, gap: Gap, most: Ints) -> Iterator[Visits]:
    """Yield visit after visit, ``gap`` days apart, until the calendar ends or the person has had enough."""
    for ordinal in range(_MOST_VISITS):
        going = (day < calendar.days) & (ordinal < most)
        people, day, most = people[going], day[going], most[going]
        if not people.size:
            return
        yield _visits(people, ordinal, day)
        day = day + gap(people, ordinal, day)


def _cadence_gap(draws: Draws, calendar: Calendar, low: int, high: int) -> Gap:
    """Return a person's own cadence with some play, a forgotten time now and then, and a longer summer."""

    def gap(people: Ints, ordinal: int, day: Ints) -> Ints:
        cadence = draws.between("cadence", people, low, high)
        keys = visit_key(people, ordinal)
        days = cadence * draws.between("play", keys, 82, 118) // 100
        days += np.where(draws.chance("forgotten", keys, 500), cadence, 0)
        lands = np.minimum(day + days, calendar.days - 1)
        return days + np.where(np.isin(calendar.months[lands], _SUMMER), cadence // 3, 0)

    return gap


def _habit(draws: Draws, people: Ints, calendar: Calendar) -> Iterator[Visits]:
    """Yield visits to the end of those who found the shop, most of them early."""
    late = _begin(draws, people, calendar, calendar.days, 90)
    day = np.minimum(late, draws.between("found early", people, 0, max(calendar.days - 90, 1)))
    most = np.full_like(people, _MOST_VISITS)
    return _steady(people, calendar, day, _cadence_gap(draws, calendar, 28, 63), most)


def _lapsing(draws: Draws, people: Ints, calendar: Calendar) -> Iterator[Visits]:
    """Yield four to nine visits, early enough that the silence after them says something."""
    cadence = draws.between("cadence", people, 26, 52)
    most = draws.between("enough", people, 4, 9)
    most = np.minimum(most, np.maximum(calendar.days // cadence - 3, 1))
    room = np.maximum(calendar.days - (most + 4) * cadence, 1)
    day = draws.below("first day", people, room)
    return _steady(people, calendar, day, _cadence_gap(draws, calendar, 26, 52), most)


def _rising(draws: Draws, people: Ints, calendar: Calendar) -> Iterator[Visits]:
    """Yield visits whose gaps shrink by a third each time, down to about two weeks."""

    def gap(people: Ints, ordinal: int, _day: Ints) -> Ints:
        first = draws.between("first gap", people, 80, 130)
        floor = draws.between("last gap", people, 14, 21)
        shrinks = min(ordinal, 6)
        days = np.maximum(first * 68**shrinks // 100**shrinks, floor)
        days *= draws.between("play", visit_key(people, ordinal), 88, 112)
        shortened: Ints = days // 100
        return shortened

    day = _begin(draws, people, calendar, 430, 230)
    return _steady(people, calendar, day, gap, np.full_like(people, _MOST_VISITS))


def _wholesale(draws: Draws, people: Ints, calendar: Calendar) -> Iterator[Visits]:
    day = _begin(draws, people, calendar, calendar.days, 240)
    most = np.full_like(people, _MOST_VISITS)
    return _steady(people, calendar, day, _cadence_gap(draws, calendar, 55, 100), most)


def _once(draws: Draws, people: Ints, calendar: Calendar) -> Iterator[Visits]:
    """Yield one visit each, more of them on busy days."""
    day = np.searchsorted(calendar.busy, draws.below("first day", people, int(calendar.busy[-1])), side="right")
    yield _visits(people, 0, day.astype(np.int64))


def _gift(draws: Draws, people: Ints, calendar: Calendar) -> Iterator[Visits]:
    """Yield visits before most of the feasts since the person found the shop, two at some of them."""
    found = _begin(draws, people, calendar, calendar.days, 200)
    came = np.zeros(people.size, dtype=np.bool_)
    for number, season in enumerate(calendar.gift_seasons):
        keys = visit_key(people, 2 * number)
        chance = 9000 if season.name == "christmas" else 7000
        goes = (found <= season.last_day) & draws.chance("comes for the feast", keys, chance)
        again = goes & draws.chance("second present", keys, 2500)
        for ordinal, who in ((2 * number, goes), (2 * number + 1, again)):
            day = draws.between("feast day", visit_key(people, ordinal), season.first_day, season.last_day)
            yield _visits(people[who], ordinal, day[who])
        came |= goes
    yield from _once(draws, people[~came], calendar)


def _bargain(draws: Draws, people: Ints, calendar: Calendar) -> Iterator[Visits]:
    """Yield visits only while there is a sale or a newsletter code."""
    found = _begin(draws, people, calendar, calendar.days, 120)
    came = np.zeros(people.size, dtype=np.bool_)
    for number, offer in enumerate(calendar.offers):
        keys = visit_key(people, number)
        chance = 8000 if offer.percent == SALE_PERCENT else 3800
        goes = (found <= offer.last_day) & draws.chance("takes the offer", keys, chance)
        day = draws.between("offer day", keys, offer.first_day, offer.last_day)
        yield _visits(people[goes], number, day[goes])
        came |= goes
    late = people[~came]
    if calendar.offers:
        last = calendar.offers[-1]
        yield _visits(late, 0, draws.between("offer day", late, last.first_day, last.last_day))
    else:
        yield from _once(draws, late, calendar)


def _with_sequences(draws: Draws, visits: Visits, kinds: Ints, calendar: Calendar) -> Visits:
    """Mark who buys the first product of a sequence, and add the visits that follow from it."""
    parts = []
    for number, sequence in enumerate(SEQUENCES):
        buyer = np.isin(kinds, sequence.kinds) & draws.chance(
            f"sequence {number}", visits.person, SEQUENCE_BUYERS
        )
        starts = buyer & (visits.ordinal == draws.below(f"sequence {number} begins", visits.person, 4))
        visits.marks[starts] |= 1 << (2 * number)
        follows = starts & draws.chance(f"sequence {number} follows", visits.person, sequence.myriadths)
        person = visits.person[follows]
        days = draws.between(f"sequence {number} days", person, 2, sequence.within_days - 1)
        one = Visits(
            *(person, np.full_like(person, _FOLLOW_UP + number), visits.day[follows] + days),
            marks=np.full_like(person, 2 << (2 * number)),
        )
        parts.append(Visits(*(column[one.day < calendar.days] for column in one)))
    return _join([visits, *parts])


_CLOCKS: dict[Kind, Clock] = {
    Kind.ONE_AND_DONE: _once,
    Kind.HABIT: _habit,
    Kind.GIFT: _gift,
    Kind.BARGAIN: _bargain,
    Kind.RISING: _rising,
    Kind.LAPSING: _lapsing,
    Kind.WHOLESALE: _wholesale,
}
