"""Which sequences stand on their own, and which only ride along with a stronger one.

Who comes back for the warmer after the teapot also had tea in the first basket, and takes biscuits with the
warmer: tea before warmer and teapot before biscuits beat chance as well, and say nothing.
"""

from collections import defaultdict
from collections.abc import Callable

import numpy as np

from shop_app.bundles.follow_ups import Ints, Slots, found_in, places


def own_customers(
    slots: Slots, sequences: list[tuple[int, int]], stands: Callable[[int, int], bool]
) -> list[int]:
    """Count who did each sequence beyond those that a stronger one accounts for.

    Parameters
    ----------
    slots
        What was bought.
    sequences
        Numbers of keys (first, then), the strongest first.
    stands
        Told the place of a sequence and its own customers: whether that is still enough. Only one that stands
        accounts for others.

    Returns
    -------
    list of int
        For each sequence the customers who did it on two days on which no stronger sequence with the same first
        or the same second key was seen.
    """
    taken: dict[tuple[str, int], list[Ints]] = defaultdict(list)
    holders = _slots_of_keys(slots)
    own = []
    for place, (first, then) in enumerate(sequences):
        here = _seen(slots, holders[first], holders[then])
        before = [*taken["first", first], *taken["then", then]]
        left = here[~np.isin(here, np.concatenate(before))] if before else here
        count = int(np.unique(slots.customer[left // slots.day.size]).size)
        own.append(count)
        if stands(place, count):
            taken["first", first].append(here)
            taken["then", then].append(here)
    return own


def _slots_of_keys(slots: Slots) -> list[Ints]:
    """Return for each key the slots that hold it, ascending."""
    order = np.argsort(slots.key, kind="stable")
    cuts = np.cumsum(np.bincount(slots.key, minlength=slots.key_count))[:-1]
    return np.split(slots.slot[order], cuts)


def _seen(slots: Slots, first: Ints, then: Ints) -> Ints:
    """Return as codes the couples of a slot of the one kind and a later one of the other within the window."""
    counts = slots.until[first] - first - 1
    earlier = np.repeat(first, counts)
    later = earlier + 1 + places(counts)
    _, held = found_in(then, later)
    codes: Ints = earlier[held] * slots.day.size + later[held]
    return codes
