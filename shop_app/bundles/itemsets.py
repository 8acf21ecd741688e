"""All sets of items that are together in enough baskets, exactly: what FP-growth finds, by lists of baskets.

Sets grow by one item at a time; each keeps the list of its baskets, and a larger set's list is the part of a
smaller one's that holds the added item too (Eclat; M. J. Zaki: Scalable algorithms for association mining. IEEE
TKDE 12 (2000), p. 372). Pairs come from the sparse product, which is quicker.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shop_app.bundles.baskets import Baskets
from shop_app.bundles.counting import count_pairs
from shop_app.errors import InvalidInputError

BASKETS_AT_ONCE = 5_000_000
SETS_AT_ONCE = 1_000_000
PAIR = 2
SCHEMA = pl.Schema(
    {"items": pl.List(pl.String()), "item_count": pl.Int64(), "count": pl.Int64(), "support": pl.Float64()}
)


@dataclass(frozen=True)
class Sets:
    """Sets of equally many items, each with its baskets.

    Attributes
    ----------
    items
        Shape ``(sets, size)``: rows of ``Baskets.keys``, ascending within a set.
    starts, baskets
        Set ``i`` is in ``baskets[starts[i]:starts[i + 1]]``: rows of ``Baskets.orders``, ascending.
    """

    items: NDArray[np.int32]
    starts: NDArray[np.int64]
    baskets: NDArray[np.int32]

    @property
    def counts(self) -> NDArray[np.int64]:
        """In how many baskets each set is."""
        return np.diff(self.starts)

    def only(self, wanted: NDArray[np.int64]) -> "Sets":
        """Return some of the sets, by their places."""
        counts = self.counts[wanted]
        starts = np.concatenate(([0], np.cumsum(counts)))
        return Sets(self.items[wanted], starts, self.baskets[_ranges(self.starts[wanted], counts)])


def single_items(baskets: Baskets) -> Sets:
    """Return every item as a set of one; set ``i`` is item ``i``."""
    starts = np.concatenate(([0], np.cumsum(baskets.item_counts)))
    # One number for both sorts quicker than places by a number.
    both = np.sort(baskets.item.astype(np.int64) * max(baskets.basket_count, 1) + baskets.basket)
    held = both - np.repeat(np.arange(baskets.keys.height) * max(baskets.basket_count, 1), baskets.item_counts)
    return Sets(np.arange(baskets.keys.height, dtype=np.int32)[:, None], starts, held.astype(np.int32))


def extended(singles: Sets, sets: Sets, parents: NDArray[np.int64], added: NDArray[np.int32]) -> Sets:
    """Return larger sets: each is one of ``sets`` with one more item, which comes after its others.

    Parameters
    ----------
    singles
        Every item of the same baskets: :func:`single_items`.
    parents, added
        Shape ``(new sets,)``: the place of the smaller set, and the item that it gets.
    """
    order = np.argsort(added, kind="stable")
    has_item = np.zeros(int(singles.baskets.max(initial=0)) + 1, bool)
    counts, found = [np.empty(0, np.int64)], [np.empty(0, np.int32)]
    for part in _parts(sets.counts[parents[order]], BASKETS_AT_ONCE, added[order]):
        mine = parents[order[part]]
        held = sets.baskets[_ranges(sets.starts[mine], sets.counts[mine])]
        item = int(added[order[part.start]])
        own = singles.baskets[singles.starts[item] : singles.starts[item + 1]]
        has_item[own] = True
        has = has_item[held]
        has_item[own] = False
        owner = np.repeat(np.arange(mine.size), sets.counts[mine])
        counts.append(np.bincount(owner[has], minlength=mine.size))
        found.append(held[has])
    items = np.column_stack((sets.items[parents[order]], added[order])).astype(np.int32)
    starts = np.concatenate(([0], np.cumsum(np.concatenate(counts))))
    return Sets(items, starts, np.concatenate(found)).only(np.argsort(order))


def counts_of_sets(baskets: Baskets, items: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return in how many baskets each set is; ``items`` has shape ``(sets, size)``."""
    sets = singles = single_items(baskets)
    parents = items[:, 0].astype(np.int64)
    for added in items.T[1:]:
        sets, parents = extended(singles, sets, parents, added), np.arange(items.shape[0])
    return sets.counts


def frequent_itemsets(baskets: Baskets, *, least_count: int, most_items: int = 4) -> pl.DataFrame:
    """Find every set of items, up to a size, that is together in so many baskets or more.

    Parameters
    ----------
    baskets
        Any baskets.
    least_count
        The floor, 1 or more. (A least support ``r`` is the count ``ceil(r * baskets)``.)
    most_items
        The largest sets, 1 or more.

    Returns
    -------
    polars.DataFrame
        ``items`` (keys, in the order of ``baskets.keys``), ``item_count``, ``count``, ``support`` (0 to 1); by
        size, then the most frequent first. The same sets and supports as ``mlxtend.frequent_patterns.fpgrowth``
        with ``max_len`` (mlxtend 0.25).

    Raises
    ------
    InvalidInputError
        If a number is below 1.
    """
    for field, value in (("least_count", least_count), ("most_items", most_items)):
        if value < 1:
            raise InvalidInputError(
                f"The {field.replace('_', ' ')} is {value}; it must be 1 or more.", field=field
            )
    frequent = np.flatnonzero(baskets.item_counts >= least_count)
    frames = [_frame(baskets, frequent[:, None], baskets.item_counts[frequent])]
    if most_items > 1:
        a, b, count = count_pairs(baskets, least_count=least_count)
        frames.append(_frame(baskets, np.column_stack((a, b)), count))
    if most_items > PAIR:
        singles = single_items(baskets)
        sets = extended(singles, singles, a.astype(np.int64), b)
        for _ in range(PAIR, most_items):
            sets = _frequent(singles, sets, least_count)
            frames.append(_frame(baskets, sets.items, sets.counts))
    return pl.concat(frames).sort(["item_count", "count"], descending=[False, True], maintain_order=True)


def joined(items: NDArray[np.int32]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int32]]]:
    """Tell which sets could grow by which item: all smaller sets of the new one are there too.

    Parameters
    ----------
    items
        Shape ``(sets, size)``, ascending within a set and in ascending order of sets.

    Yields
    ------
    tuple of numpy.ndarray
        Shape ``(new sets,)`` each: the place of the set, and its new last item; in ascending order of new sets,
        not too many at once.

    References
    ----------
    R. Agrawal, R. Srikant: Fast algorithms for mining association rules. VLDB 1994, p. 490 (apriori-gen).
    """
    same = (items[1:, :-1] == items[:-1, :-1]).all(axis=1)
    group = np.concatenate(([0], np.cumsum(~same)))[: items.shape[0]]
    after = np.cumsum(np.bincount(group))[group] - np.arange(items.shape[0]) - 1
    known = pl.DataFrame(items)
    for part in _parts(after, SETS_AT_ONCE):
        parents = np.repeat(np.arange(part.start, part.stop), after[part])
        added = items[_ranges(np.arange(part.start, part.stop) + 1, after[part]), -1]
        for out in range(items.shape[1] - 1):
            # Without the last or the one before it are the two that were joined; the others are looked up.
            smaller = pl.DataFrame(np.column_stack((np.delete(items[parents], out, axis=1), added)))
            there = smaller.with_row_index().join(known, on=known.columns, how="semi", maintain_order="left")
            kept = there["index"].to_numpy()
            parents, added = parents[kept], added[kept]
        yield parents, added


def _frequent(singles: Sets, sets: Sets, least_count: int) -> Sets:
    """Return the sets of one item more that are in enough baskets."""
    empty = np.empty((0, sets.items.shape[1] + 1), np.int32)
    items, counts, found = [empty], [np.zeros(1, np.int64)], [np.empty(0, np.int32)]
    for parents, added in joined(sets.items):
        grown = extended(singles, sets, parents, added)
        frequent = grown.only(np.flatnonzero(grown.counts >= least_count))
        items.append(frequent.items)
        counts.append(frequent.counts)
        found.append(frequent.baskets)
    return Sets(np.concatenate(items), np.cumsum(np.concatenate(counts)), np.concatenate(found))


def _ranges(starts: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the numbers ``start, start + 1, ...`` of each range, one range after the other."""
    before = np.cumsum(counts) - counts
    numbers: NDArray[np.int64] = np.arange(int(counts.sum())) + np.repeat(starts - before, counts)
    return numbers


def _parts(counts: NDArray[np.int64], most: int, kind: NDArray[np.int32] | None = None) -> list[slice]:
    """Cut into runs of one kind whose counts are not too many together; one entry may be more by itself."""
    ends = np.diff(np.cumsum(counts) // most) != 0
    if kind is not None:
        ends |= np.diff(kind) != 0
    edges = [0, *(np.flatnonzero(ends) + 1).tolist(), counts.size]
    return [slice(first, last) for first, last in pairwise(edges) if last > first]


def _frame(baskets: Baskets, items: NDArray[np.integer], counts: NDArray[np.int64]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "items": keys_of(baskets, items),
            "item_count": np.full(counts.size, items.shape[1], np.int64),
            "count": counts,
            "support": counts / max(baskets.basket_count, 1),
        },
        schema=SCHEMA,
    )


def keys_of(baskets: Baskets, items: NDArray[np.integer], column: str = "key") -> pl.Series:
    """Return the keys (or names) of sets, a list each."""
    words = baskets.keys[column].gather(items.ravel())
    return (
        words.reshape((-1, items.shape[1])).arr.to_list()
        if items.size
        else pl.Series([], dtype=pl.List(pl.String))
    )
