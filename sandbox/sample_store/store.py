"""The store as it is held: a few numbers for each customer and each order, everything else told from them.

An order is 26 bytes here. Baskets, money, names and addresses are drawn again, block by block, whenever
somebody asks for them; so a store of five million orders fits where one of ten thousand does.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sandbox.sample_store.catalogue import TIMEZONE
from sandbox.sample_store.draws import Draws, Ints
from sandbox.sample_store.kinds import HOURS, SHARES, Kind
from sandbox.sample_store.people import People
from sandbox.sample_store.seasons import Calendar, first_day_of, make_calendar
from sandbox.sample_store.visits import Visits, on_weekday, visits_of

if TYPE_CHECKING:
    from sandbox.sample_store.truth import Truth

FIRST_ORDER_NUMBER = 1001
BLOCK_ORDERS = 40_000
_PEOPLE_AT_ONCE = 100_000
_TILL_KEYS = 1 << 40  # keys of orders that belong to no customer
_STAFF_KEYS = 1 << 41
NOBODY, STAFF = -1, -2
Column = NDArray[np.signedinteger]


class Orders(NamedTuple):
    """All orders of a store, oldest first."""

    key: Column  # 64 bits; what everything about the order is drawn by
    person: Column  # 32 bits; NOBODY at the till, STAFF for tests
    kind: Column  # 8 bits
    ordinal: Column  # 16 bits; the how-manieth visit of the person
    day: Column  # 16 bits; in the shop's own time, from the first day
    created: Column  # 64 bits; seconds since 1970, UTC
    marks: Column  # 8 bits; see Visits


class Block(NamedTuple):
    """Some neighbouring orders, newest first, with what is needed to tell the rest."""

    number: Ints  # 0 for the store's first order
    key: Ints
    person: Ints
    kind: Ints
    ordinal: Ints
    day: Ints
    created: Ints
    marks: Ints

    def __len__(self) -> int:
        """Return how many orders there are."""
        return int(self.number.size)


@dataclass(frozen=True)
class SampleStore:
    """A shop that never was."""

    customers: int
    seed: int
    until: date
    calendar: Calendar
    kinds: Ints
    orders: Orders

    @cached_property
    def draws(self) -> Draws:
        """Return the store's chances."""
        return Draws(self.seed)

    @cached_property
    def people(self) -> People:
        """Return the store's people."""
        return People(self.draws, self.kinds)

    @cached_property
    def ends_at(self) -> int:
        """Return the first second after the last day, since 1970, UTC."""
        day = np.array([self.calendar.day_of(self.until) + 1], dtype=np.int64)
        return int(_instants(self.calendar, day, np.zeros_like(day))[0])

    @cached_property
    def truth(self) -> "Truth":
        """Return what the files do not say."""
        from sandbox.sample_store.truth import Truth

        return Truth(self)

    def as_at(self, until: date) -> "SampleStore":
        """Return the same store at the end of an earlier day.

        Later orders are gone, and later refunds, cancellations and deliveries have not happened yet; all that
        is left has the same numbers, names and amounts.
        """
        if not self.calendar.start <= until <= self.until:
            raise ValueError(f"until: the store runs from {self.calendar.start} to {self.until}, not {until}")
        kept = int(np.searchsorted(self.orders.day, self.calendar.day_of(until), side="right"))
        return replace(self, until=until, orders=Orders(*(column[:kept] for column in self.orders)))

    def blocks(self, size: int = BLOCK_ORDERS) -> Iterator[Block]:
        """Yield all orders, newest first, as Shopify lists them."""
        for end in range(self.orders.key.size, 0, -size):
            begin = max(end - size, 0)
            columns = (column[begin:end][::-1].astype(np.int64) for column in self.orders)
            yield Block(np.arange(begin, end, dtype=np.int64)[::-1], *columns)


def make_store(*, customers: int = 5000, seed: int = 7, until: date, months: int = 30) -> SampleStore:
    """Make a store that ends with the day ``until`` (in its own time) after so many months.

    Equal arguments give an equal store. ``customers`` counts people: those who are in the shop's books twice
    count once, those who pay at the till without a name not at all.
    """
    if customers < 0 or not 1 <= months <= 120:
        raise ValueError(f"customers must be 0 or more and months 1 to 120, not {customers} and {months}")
    draws, calendar = Draws(seed), make_calendar(first_day_of(until, months), until)
    everybody = np.arange(customers, dtype=np.int64)
    kinds = draws.pick("kind", everybody, SHARES)
    parts = [
        _orders_of(draws, everybody[begin : begin + _PEOPLE_AT_ONCE], kinds, calendar)
        for begin in range(0, customers, _PEOPLE_AT_ONCE)
    ]
    tests = 2 + customers // 800 if customers >= 100 else 0
    parts.append(_nameless(draws, calendar, customers // 10, Kind.TILL))
    parts.append(_nameless(draws, calendar, tests, Kind.STAFF))
    return SampleStore(customers, seed, until, calendar, kinds, _sorted(parts))


def _orders_of(draws: Draws, people: Ints, kinds: Ints, calendar: Calendar) -> Orders:
    visits = visits_of(draws, people, kinds[people], calendar)
    return _dated(draws, visits, visits.key, kinds[visits.person], calendar)


def _nameless(draws: Draws, calendar: Calendar, count: int, kind: Kind) -> Orders:
    keys = np.arange(count, dtype=np.int64) + (_TILL_KEYS if kind == Kind.TILL else _STAFF_KEYS)
    kinds = np.full(count, kind, dtype=np.int64)
    busy = draws.below("first day", keys, int(calendar.busy[-1]))
    day = on_weekday(draws, keys, np.searchsorted(calendar.busy, busy, side="right"), kinds, calendar)
    nothing = np.zeros(count, dtype=np.int64)
    person = np.full(count, NOBODY if kind == Kind.TILL else STAFF, dtype=np.int64)
    return _dated(draws, Visits(person, nothing, day, nothing), keys, kinds, calendar)


def _dated(draws: Draws, visits: Visits, keys: Ints, kinds: Ints, calendar: Calendar) -> Orders:
    """Give each visit its second."""
    hour = draws.pick_by_row("hour", keys, HOURS, kinds)
    second = hour * 3600 + draws.below("second", keys, 3600)
    return Orders(
        keys,
        visits.person.astype(np.int32),
        kinds.astype(np.int8),
        visits.ordinal.astype(np.int16),
        visits.day.astype(np.int16),
        _instants(calendar, visits.day, second),
        visits.marks.astype(np.int8),
    )


def _instants(calendar: Calendar, day: Ints, second: Ints) -> Ints:
    """Turn the shop's own days and seconds into seconds since 1970, UTC."""
    begin = (calendar.start - date(1970, 1, 1)) // timedelta(days=1)
    wall = pl.Series((begin + day) * 86_400 + second).cast(pl.Int64) * 1_000
    local = wall.cast(pl.Datetime("ms")).dt.replace_time_zone(TIMEZONE)
    return (local.dt.epoch("ms") // 1_000).to_numpy().astype(np.int64)


def _sorted(parts: list[Orders]) -> Orders:
    orders = Orders(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
    by_time = np.lexsort((orders.key, orders.created))
    return Orders(*(column[by_time] for column in orders))
