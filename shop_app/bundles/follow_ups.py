"""Counting who bought one thing and, some days later, another; as it was, and with the baskets swapped."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

Ints = NDArray[np.int64]
AT_ONCE = 4_000_000
# So many combinations are held at a time: about 150 MB.
_MONDAY = 3
# 1970-01-01 was a Thursday.
_COUNT_BITS = 24


@dataclass(frozen=True)
class Slots:
    """Days on which somebody bought something, by customer and day, and what each held.

    Attributes
    ----------
    customer, day
        Shape ``(slots,)``, ascending by both; customers are numbered from 0.
    until
        Shape ``(slots,)``: where the customer's later slots that follow within the window end; they begin at
        the next slot. A slot whose window is not over yet is followed by none: what may come is not known.
    start
        Shape ``(slots + 1,)``: where a slot's keys begin in ``key``.
    key
        Numbers of keys, ascending inside a slot.
    names
        The key of each number, sorted.
    window_days
        How long a purchase can be followed.
    """

    customer: Ints
    day: Ints
    until: Ints
    start: Ints
    key: Ints
    names: pl.Series
    window_days: int

    @classmethod
    def of(cls, days: pl.DataFrame, window_days: int, last_day: int) -> Self:
        """Read a frame as :func:`~shop_app.bundles.visits.purchase_days` gives it, known up to a day."""
        names = days["key"].unique().sort()
        key = days["key"].cast(pl.Enum(names)).to_physical().cast(pl.Int64).to_numpy()
        customer = days["customer_id"].rank("dense").cast(pl.Int64).to_numpy() - 1
        day = days["day"].cast(pl.Int64).to_numpy()
        begins = np.ones(day.size, dtype=np.bool_)
        begins[1:] = (np.diff(customer) != 0) | (np.diff(day) != 0)
        start = np.flatnonzero(begins)
        customer, day = customer[start], day[start]
        moment = customer * (int(np.ptp(day)) + window_days + 1 if day.size else 1) + day
        until = np.searchsorted(moment, moment + window_days, side="right")
        over = day + window_days <= last_day
        until = np.where(over, until, np.arange(1, day.size + 1))
        return cls(customer, day, until, np.append(start, key.size), key, names, window_days)

    @property
    def key_count(self) -> int:
        """Return how many keys there are, 1 if none: pairs of keys are held as first * key_count + then."""
        return max(len(self.names), 1)

    @cached_property
    def sizes(self) -> Ints:
        """Return how many keys each slot holds."""
        return np.diff(self.start)

    @cached_property
    def slot(self) -> Ints:
        """Return the slot of each entry of ``key``."""
        return np.repeat(np.arange(self.day.size), self.sizes)

    @cached_property
    def follower_counts(self) -> Ints:
        """Return by how many entries of ``key`` each entry is followed within the window."""
        counts: Ints = (self.start[self.until] - self.start[1:])[self.slot]
        return counts

    @property
    def combination_counts(self) -> Ints:
        """Return for each customer how many combinations of a purchase and a later one there are."""
        most = int(self.customer[-1]) + 1 if self.customer.size else 0
        counted = np.bincount(self.customer[self.slot], weights=self.follower_counts, minlength=most)
        return counted.astype(np.int64)

    def swapped(self, generator: np.random.Generator) -> Self:
        """Return the same slots after the baskets have changed hands within each week.

        Every customer keeps the days of the visits, every week keeps its baskets whole: what is sold together,
        what is in season and how often people come stay as they are, who buys what after what does not.
        """
        week = (self.day + _MONDAY) // 7
        gets = np.empty(week.size, dtype=np.int64)
        gets[np.argsort(week, kind="stable")] = np.lexsort((generator.random(week.size), week))
        sizes = self.sizes[gets]
        key = self.key[np.repeat(self.start[gets], sizes) + places(sizes)]
        return replace(self, start=np.append(0, np.cumsum(sizes)), key=key)

    def followed(self) -> Iterator[tuple[Ints, Ints]]:
        """Yield who bought what after what, some customers at a time, each combination of a customer once.

        Yields
        ------
        tuple
            The codes of pairs of keys (``first * key_count + then``), and the gaps in days, each the shortest.
        """
        keys, bits = self.key_count, self.window_days.bit_length()
        counts, slot = self.follower_counts, self.slot
        customer, day = self.customer[slot], self.day[slot]
        begins, later = self.start[1:][slot], (self.key << bits) + day
        for begin, end in self._portions(counts, customer):
            here = slice(begin, end)
            known = ((customer[here] - customer[begin]) * keys + self.key[here]) * keys << bits
            followers = places(counts[here]) + np.repeat(begins[here], counts[here])
            code = np.repeat(known - day[here], counts[here]) + later[followers]
            code.sort()
            pair = code >> bits
            kept = np.ones(pair.size, dtype=np.bool_)
            np.not_equal(pair[1:], pair[:-1], out=kept[1:])
            yield pair[kept] % (keys * keys), code[kept] & ((1 << bits) - 1)

    def _portions(self, counts: Ints, customer: Ints) -> list[tuple[int, int]]:
        """Divide the entries so that no customer is divided and few combinations are made at a time."""
        if not customer.size:
            return []
        begins = np.append(0, np.flatnonzero(np.diff(customer)) + 1)
        full = (np.cumsum(counts) - counts)[begins] // AT_ONCE
        cuts = begins[np.append(0, np.flatnonzero(np.diff(full)) + 1)].tolist()
        return list(zip(cuts, [*cuts[1:], customer.size], strict=True))


def count_pairs_followed(slots: Slots) -> tuple[Ints, Ints]:
    """Return every pair of different keys as a code, ascending, and how many customers did it, however few."""
    parts = [runs(np.sort(code)) for code, _ in slots.followed()]
    packed = np.concatenate([(code << _COUNT_BITS) + count for code, count in parts] or [np.zeros(0, np.int64)])
    packed.sort()
    code, lengths = runs(packed >> _COUNT_BITS)
    count = packed & ((1 << _COUNT_BITS) - 1)
    totals = np.add.reduceat(count, np.cumsum(lengths) - lengths) if code.size else count
    differ = code // slots.key_count != code % slots.key_count
    return code[differ], totals[differ]


def count_these_followed(slots: Slots, wanted: Ints) -> Ints:
    """Count customers as :func:`count_pairs_followed`, of some codes only, which ascend."""
    counts = np.zeros(wanted.size, dtype=np.int64)
    for every, _ in slots.followed():
        code, count = runs(np.sort(every))
        place, there = found_in(wanted, code)
        counts[place[there]] += count[there]
    return counts


def count_gaps(slots: Slots, wanted: Ints) -> Ints:
    """Count customers by gap, shape ``(wanted, window_days + 1)``, of some codes, which ascend."""
    width = slots.window_days + 1
    counts = np.zeros(wanted.size * width, dtype=np.int64)
    for code, gap in slots.followed():
        place, there = found_in(wanted, code)
        counts += np.bincount(place[there] * width + gap[there], minlength=counts.size)
    return counts.reshape(-1, width)


def found_in(ordered: Ints, values: Ints) -> tuple[Ints, NDArray[np.bool_]]:
    """Return where each value stands in an ascending array, and whether it stands there."""
    if not ordered.size:
        return np.zeros(values.size, dtype=np.int64), np.zeros(values.size, dtype=np.bool_)
    place = np.minimum(np.searchsorted(ordered, values), ordered.size - 1)
    return place, ordered[place] == values


def runs(ordered: Ints) -> tuple[Ints, Ints]:
    """Return each value of an ascending array once, and how often it stands there."""
    begins = np.ones(ordered.size, dtype=np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=begins[1:])
    at = np.flatnonzero(begins)
    return ordered[at], np.diff(np.append(at, ordered.size))


def places(counts: Ints) -> Ints:
    """Return 0, 1, 2, … up to each count, one after the other."""
    return np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
