"""Which sets of three and four belong together beyond what their pairs already explain.

Three things that are liked in pairs are together now and then for that alone. So a set is held against the best
explanation that its parts give: take one item out, look at the baskets with the rest, and ask how often the
item would have joined them if each of the others drew it as it does elsewhere, independently of one another.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shop_app.bundles.baskets import Baskets
from shop_app.bundles.evidence import Chance, Floats
from shop_app.bundles.itemsets import Sets, extended, joined, single_items

MOST_SETS = 100_000  # of one size; past that the strongest pairs say nothing particular any more


@dataclass(frozen=True)
class JudgedSets:
    """Sets of one size.

    Attributes
    ----------
    items
        Shape ``(sets, size)``: rows of ``Baskets.keys``.
    counts
        In how many of the baskets handed in each is.
    expected
        In how many it would be if its pairs explained all.
    """

    items: NDArray[np.int32]
    counts: NDArray[np.int64]
    expected: Floats


@dataclass(frozen=True)
class _Level:
    """Sets of one size, with how many baskets and how much room each has.

    ``room`` has shape ``(sets, stretches)``: the free places in the set's baskets, each as a share of all lines
    of its stretch; an item's frequency times that is how often it would fill such a place by chance.
    """

    sets: Sets
    room: Floats
    places: dict[tuple[int, ...], int]


def find_sets(
    baskets: Baskets, chance: Chance, pairs: NDArray[np.int32], *, least_count: int
) -> Iterator[JudgedSets]:
    """Judge the sets of three, then those of four, whose pairs are all among ``pairs``.

    Where everything goes with everything, so that there are more than ``MOST_SETS`` of a size, none is judged.

    Parameters
    ----------
    baskets, chance
        Those that the evidence rests on, and what was learnt of them by
        :func:`~shop_app.bundles.evidence.learn_chance`.
    pairs
        Shape ``(pairs, 2)``: rows of ``baskets.keys``, ascending within a pair.
    least_count
        Sets of four are looked for among those of three with so many baskets.
    """
    pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
    items = single_items(baskets)
    singles = _level(baskets, chance, items.only(np.unique(pairs).astype(np.int64)))
    place = np.array([singles.places[(item,)] for item in pairs[:, 0].tolist()], np.int64)
    levels = [singles, _level(baskets, chance, extended(items, singles.sets, place, pairs[:, 1]))]
    for _ in (3, 4):
        steps = list(joined(levels[-1].sets.items))
        if not 0 < sum(added.size for _, added in steps) <= MOST_SETS:
            return
        parents, added = (np.concatenate(parts) for parts in zip(*steps, strict=True))
        grown = extended(items, levels[-1].sets, parents, added)
        yield JudgedSets(grown.items, grown.counts, _explained(grown, levels, chance))
        enough = np.flatnonzero(grown.counts >= least_count)
        if enough.size == 0:
            return
        levels.append(_level(baskets, chance, grown.only(enough)))


def _level(baskets: Baskets, chance: Chance, sets: Sets) -> _Level:
    size, stretches = sets.items.shape[1], chance.line_counts.size
    stretch = chance.stretch[sets.baskets]
    free = (baskets.sizes[sets.baskets] - size) / np.maximum(chance.line_counts[stretch], 1)
    cell = np.repeat(np.arange(sets.items.shape[0]) * stretches, sets.counts) + stretch
    room: Floats = np.bincount(cell, weights=free, minlength=sets.items.shape[0] * stretches).astype(np.float64)
    places = {tuple(row): place for place, row in enumerate(sets.items.tolist())}
    return _Level(sets, room.reshape(-1, stretches), places)


def _explained(grown: Sets, levels: list[_Level], chance: Chance) -> Floats:
    """Return the best explanation of each set's count over the item that is taken out."""
    best = np.zeros(grown.items.shape[0])
    for out in range(grown.items.shape[1]):
        added = grown.items[:, out]
        rest = np.delete(grown.items, out, axis=1)
        base, counts = _by_chance(levels[-1], rest, added, chance)
        per_basket = np.divide(base, counts, out=np.zeros_like(base), where=counts > 0)
        undrawn = np.ones_like(base)
        for other in rest.T:
            undrawn *= 1 - np.minimum(_pull(levels, other, added, chance) * per_basket, 1.0)
        best = np.maximum(best, counts * (1 - undrawn))
    return best


def _by_chance(
    level: _Level, sets: NDArray[np.int32], added: NDArray[np.int32], chance: Chance
) -> tuple[Floats, NDArray[np.int64]]:
    """Return how often an item would be in the baskets of a set by chance, and how many baskets these are."""
    place = np.array([level.places[tuple(row)] for row in sets.tolist()], np.int64)
    return np.einsum("ij,ij->i", level.room[place], chance.frequency[added]), level.sets.counts[place]


def _pull(levels: list[_Level], items: NDArray[np.int32], added: NDArray[np.int32], chance: Chance) -> Floats:
    """Return how many times as often as by chance an item is in the baskets of another."""
    singles, pairs = levels[:2]
    base, _ = _by_chance(singles, items[:, None], added, chance)
    both = np.sort(np.column_stack((items, added)), axis=1)
    counts = pairs.sets.counts[[pairs.places[tuple(row)] for row in both.tolist()]]
    return np.divide(counts, base, out=np.ones_like(base), where=base > 0)
