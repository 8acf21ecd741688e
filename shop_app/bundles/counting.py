"""In how many baskets two things are together: all pairs, exactly, however wide a basket is.

Items too rare to be in a pair that counts are taken out first, which changes no count. What is left is written
out as couples, one for every two items of a basket, and equal couples are counted; some items at a time, so
that what is held at once is bounded, and each couple once, under the more frequent of its two items.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from shop_app.bundles.baskets import Baskets

MOST_COUPLES = 4_000_000  # written out at once; some 100 MB
MOST_CELLS = 4_000_000  # of a table of items by items

Int32s = NDArray[np.int32]
Int64s = NDArray[np.int64]
Pairs = tuple[Int32s, Int32s, Int64s]


def count_pairs(baskets: Baskets, *, least_count: int) -> Pairs:
    """Count every pair of items that is together in so many baskets or more.

    Parameters
    ----------
    baskets
        Any baskets, of whatever sizes.
    least_count
        The floor, 1 or more.

    Returns
    -------
    tuple of numpy.ndarray
        ``a``, ``b`` (rows of ``baskets.keys``, ``a < b``) and ``count``, each of shape ``(pairs,)``, ascending
        by ``a`` and ``b``.
    """
    least_count = max(least_count, 1)
    lines = _arranged(baskets, np.flatnonzero(baskets.item_counts >= least_count))
    width = lines.items.size
    found = [(np.empty(0, np.int64), np.empty(0, np.int64))]
    for first, last in _slabs(lines.work, MOST_COUPLES, max(1, np.iinfo(np.int32).max // max(width, 1))):
        cells = (last - first) * width
        if cells <= max(MOST_CELLS, width) and cells <= 2 * lines.work[first:last].sum():
            code, count = _counted_in_table(lines, first, last, least_count)
        else:
            code, count = _counted_by_sorting(lines, first, last, least_count)
        found.append((code + first * width, count))
    code, count = (np.concatenate(parts) for parts in zip(*found, strict=True))
    one, other = (lines.items[place] for place in np.divmod(code, max(width, 1)))
    a, b = np.minimum(one, other), np.maximum(one, other)
    order = np.argsort(a.astype(np.int64) * baskets.keys.height + b)
    return a[order], b[order], count[order]


def sum_over_pairs(baskets: Baskets, a: Int32s, b: Int32s, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum a weight of the baskets over those that hold both items of a pair.

    Parameters
    ----------
    a, b
        Shape ``(pairs,)``: rows of ``baskets.keys``, two different ones each, no pair twice.
    weights
        Shape ``(baskets,)``.

    Returns
    -------
    numpy.ndarray
        Shape ``(pairs,)``.
    """
    lines = _arranged(baskets, np.union1d(a, b))
    width = lines.items.size
    place = np.zeros(baskets.keys.height, np.int64)
    place[lines.items] = np.arange(width)
    row, column = np.minimum(place[a], place[b]), np.maximum(place[a], place[b])
    order = np.argsort(row, kind="stable")
    sums = np.zeros(a.size)
    for first, last in _slabs(lines.work, MOST_COUPLES, max(1, MOST_CELLS // max(width, 1))):
        mine = order[slice(*np.searchsorted(row, (first, last), sorter=order))]
        table = np.full((last - first) * width, -1, np.int32)
        table[(row[mine] - first) * width + column[mine]] = np.arange(mine.size, dtype=np.int32)
        for code, line in _couples(lines, first, last):
            pair = table[code]
            known = pair >= 0
            held = lines.basket[line[known]]
            sums[mine] += np.bincount(pair[known], weights=weights[held], minlength=mine.size)
    return sums


@dataclass(frozen=True)
class _Lines:
    """Lines of baskets, arranged so that the couples of an item can be written out in one go.

    ``items`` are rows of ``Baskets.keys``, the most frequent first; everything else speaks of places in it.
    ``item`` and ``basket`` have one entry per line, ascending by basket, then by item; ``after`` is how many
    lines of its basket follow a line. ``order`` names the lines item by item, item ``i`` having those from
    ``starts[i]``; ``work`` is how many couples are written out under each item.
    """

    items: Int32s
    item: Int32s
    basket: Int32s
    after: Int32s
    order: Int32s
    starts: Int64s
    work: Int64s


def _arranged(baskets: Baskets, items: NDArray[np.integer]) -> _Lines:
    frequent: Int32s = items[np.argsort(-baskets.item_counts[items], kind="stable")].astype(np.int32)
    places = np.full(baskets.keys.height, -1, np.int32)
    places[frequent] = np.arange(frequent.size, dtype=np.int32)
    place = places[baskets.item]
    kept = place >= 0
    width = max(frequent.size, 1)
    # Sorting one number is quicker than sorting by two, or than sorting places by a number.
    both = np.sort(baskets.basket[kept].astype(np.int64) * width + place[kept])
    basket = (both // width).astype(np.int32)
    item = (both - basket * np.int64(width)).astype(np.int32)
    ends = np.cumsum(np.bincount(basket, minlength=baskets.basket_count))
    after = (ends[basket] - np.arange(item.size) - 1).astype(np.int32)
    starts = np.concatenate(([0], np.cumsum(np.bincount(item, minlength=frequent.size))))
    by_item = np.sort(item * np.int64(item.size) + np.arange(item.size))
    order = (by_item - np.repeat(np.arange(frequent.size) * item.size, np.diff(starts))).astype(np.int32)
    done = np.concatenate(([0], np.cumsum(after[order], dtype=np.int64)))
    return _Lines(frequent, item, basket, after, order, starts, np.diff(done[starts]))


def _slabs(work: Int64s, most_couples: int, most_items: int) -> Iterator[tuple[int, int]]:
    """Divide the items into runs that are not too much at once, each one item or more."""
    done = np.cumsum(work)
    first = 0
    while first < work.size:
        before = int(done[first - 1]) if first else 0
        last = int(np.searchsorted(done, before + most_couples, side="right"))
        last = min(max(last, first + 1), first + most_items, work.size)
        yield first, last
        first = last


def _couples(lines: _Lines, first: int, last: int) -> Iterator[tuple[Int32s | Int64s, Int32s]]:
    """Write out the couples of some items: a number that stands for the two items, and the other one's line."""
    own = lines.order[lines.starts[first] : lines.starts[last]]
    width = lines.items.size
    for line in _in_parts(own, lines.after[own]):
        after = lines.after[line]
        before = np.cumsum(after, dtype=np.int64) - after
        second = np.arange(int(after.sum()), dtype=np.int32) + np.repeat(
            (line + 1 - before).astype(np.int32), after
        )
        code = np.repeat((lines.item[line] - np.int32(first)) * np.int32(width), after) + lines.item[second]
        yield code, second


def _in_parts(lines: Int32s, after: Int32s) -> Iterator[Int32s]:
    """Cut lines into runs with not too many couples at once; only an item in very many baskets has several."""
    run = np.cumsum(after, dtype=np.int64) // (MOST_COUPLES + 1)
    edges = [0, *(np.flatnonzero(np.diff(run)) + 1).tolist(), lines.size]
    return (lines[start:end] for start, end in pairwise(edges))


def _counted_in_table(lines: _Lines, first: int, last: int, least_count: int) -> tuple[Int64s, Int64s]:
    """Count couples in a table with a cell for each; for frequent items, most of whose cells are used."""
    cells = (last - first) * lines.items.size
    table = np.zeros(cells, np.int64)
    for code, _ in _couples(lines, first, last):
        table += np.bincount(code, minlength=cells)
    kept = np.flatnonzero(table >= least_count)
    return kept, table[kept]


def _counted_by_sorting(lines: _Lines, first: int, last: int, least_count: int) -> tuple[Int64s, Int64s]:
    """Count couples by sorting them; for rare items, most of whose cells would stay empty."""
    code = np.sort(np.concatenate([code for code, _ in _couples(lines, first, last)]))
    starts = np.flatnonzero(np.concatenate(([True], code[1:] != code[:-1])))
    count = np.diff(starts, append=code.size)
    kept = np.flatnonzero(count >= least_count)
    return code[starts[kept]].astype(np.int64), count[kept].astype(np.int64)
