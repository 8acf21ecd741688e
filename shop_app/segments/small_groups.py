"""Groups of people that may be shown: none under five, and none that others give away by difference."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

LEAST_PEOPLE = 5
# Fewer, and a figure says something about a person; five is what statistical offices commonly ask for.
OTHERS = "others"

Cells = Mapping[tuple[str, ...], int]
Pairs = Mapping[tuple[str, str], int]
Names = dict[str, str]


def shown_groups(cells: Cells, dimensions: Sequence[str]) -> dict[str, Names]:
    """Decide under which name every value of every dimension is shown.

    Parameters
    ----------
    cells
        How many people have each combination of values that occurs, a value for each dimension.
    dimensions
        The names of what groups are shown by, in the order of the values.

    Returns
    -------
    dict
        For each dimension that leaves at least two groups: what is shown (itself, or :data:`OTHERS`) by value.

    Notes
    -----
    Values of under five people are folded into the others. If those are still under five, the smallest group
    that would be shown is folded in as well, and so on: the total less all groups shown must not give a small
    group away. The same goes across dimensions: if of 53 French speakers 50 live in France, and everybody in
    France speaks French, then the two figures give three people away, and the smaller group is folded.
    Differences that take three groups or more are not looked for.
    """
    counts = {name: _counts(cells, place) for place, name in enumerate(dimensions)}
    pairs = {(one, other): _pairs(cells, one, other, dimensions) for one, other in combinations(dimensions, 2)}
    hidden: dict[str, set[str]] = {name: set() for name in dimensions}
    while True:
        names = {name: _names(counts[name], hidden[name]) for name in dimensions}
        shown = {name: found for name, found in names.items() if len(set(found.values())) > 1}
        given_away = next(_given_away(pairs, shown), None)
        if given_away is None:
            return shown
        _hide(*given_away, counts=counts, shown=shown, hidden=hidden)


def too_small(counts: Mapping[str, int]) -> frozenset[str]:
    """Return the groups whose figures are not for everybody, by how many people each holds.

    Groups of under five people, and as many of the next smallest as it takes so that the total less all that
    is shown gives no small group away. An empty group tells of nobody.
    """
    names = _names({name: count for name, count in counts.items() if count}, set())
    return frozenset(name for name, shown in names.items() if shown == OTHERS)


def _counts(cells: Cells, place: int) -> dict[str, int]:
    found: Counter[str] = Counter()
    for values, count in cells.items():
        found[values[place]] += count
    return dict(sorted(found.items()))


def _names(counts: Mapping[str, int], hidden: set[str]) -> Names:
    """Fold what is small or hidden, and as many of the smallest as it takes for the others to be enough."""
    by_size = sorted(counts, key=lambda value: (counts[value], value))
    folded = [value for value in by_size if counts[value] < LEAST_PEOPLE or value in hidden]
    left = [value for value in by_size if value not in folded]
    while folded and left and (len(folded) == 1 or sum(counts[value] for value in folded) < LEAST_PEOPLE):
        folded.append(left.pop(0))  # One alone would only be shown by another name.
    return {value: OTHERS if value in folded else value for value in counts}


def _pairs(cells: Cells, one: str, other: str, dimensions: Sequence[str]) -> Pairs:
    places = dimensions.index(one), dimensions.index(other)
    found: Counter[tuple[str, str]] = Counter()
    for values, count in cells.items():
        found[values[places[0]], values[places[1]]] += count
    return found


def _given_away(
    pairs: Mapping[tuple[str, str], Pairs], shown: Mapping[str, Names]
) -> Iterator[tuple[str, str]]:
    """Find the groups that together with one of another dimension tell about fewer than five people.

    Two groups divide everybody into four parts. If one part is empty, the sizes of the groups give the sizes
    of the other three, and their figures give those parts' figures.
    """
    for one, other in combinations(shown, 2):
        table, rows, columns = _table(pairs[one, other], shown[one], shown[other])
        whole = table.sum()
        row_sums, column_sums = table.sum(axis=1, keepdims=True), table.sum(axis=0, keepdims=True)
        parts = np.stack([table, row_sums - table, column_sums - table, whole - row_sums - column_sums + table])
        tells = (parts == 0).any(axis=0) & ((parts > 0) & (parts < LEAST_PEOPLE)).any(axis=0)
        for row, column in np.argwhere(tells):
            smaller_first = row_sums[row, 0] <= column_sums[0, column]
            yield (one, rows[row]) if smaller_first else (other, columns[column])


def _table(pairs: Pairs, one: Names, other: Names) -> tuple[NDArray[np.int64], list[str], list[str]]:
    """Count the people of every pair of groups shown."""
    rows, columns = (sorted(set(names.values())) for names in (one, other))
    row_of, column_of = ({label: place for place, label in enumerate(labels)} for labels in (rows, columns))
    table = np.zeros((len(rows), len(columns)), np.int64)
    for (first, second), count in pairs.items():
        table[row_of[one[first]], column_of[other[second]]] += count
    return table, rows, columns


def _hide(
    name: str,
    group: str,
    *,
    counts: Mapping[str, Mapping[str, int]],
    shown: Mapping[str, Names],
    hidden: Mapping[str, set[str]],
) -> None:
    """Fold one group more; where it is the others that tell too much, the smallest one still shown."""
    still = [value for value, label in shown[name].items() if label != OTHERS]
    smallest = min(still, key=lambda value: (counts[name][value], value))
    hidden[name].update(value for value, label in shown[name].items() if label == OTHERS)
    hidden[name].add(smallest if group == OTHERS else group)
