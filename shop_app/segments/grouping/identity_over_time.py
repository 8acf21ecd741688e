"""The same group under the same name from fit to fit: matched on centres and on members."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from shop_app.segments.grouping.agreement import Labels, cross_table
from shop_app.segments.grouping.centre_groups import CentreGroups
from shop_app.segments.grouping.space import Floats, Space

MIN_LIKENESS = 0.35
# Half of it is the share of members in common (of all that either has), half the closeness of the centres:
# below, a group is a new one and gets a new name.


def match_groups(before: Labels, after: Labels, columns: Sequence[Floats]) -> dict[int, int]:
    """Find for every new group the earlier one that it continues.

    Parameters
    ----------
    before, after
        Everybody's earlier and new group as numbers from 0, row by row for the same customers as they are
        today.
    columns
        Their coordinates.

    Returns
    -------
    dict
        New number to earlier number, each at most once; new groups without a forerunner are not in it.

    Notes
    -----
    The pairs with the largest likeness in sum, by the Hungarian method (H. W. Kuhn, Naval Research Logistics
    Quarterly 2, 1955). Without matching, four of five numeric labels change from fit to fit.
    """
    from scipy.optimize import linear_sum_assignment

    likeness = (_in_common(after, before) + _closeness(after, before, columns)) / 2
    rows, cells = linear_sum_assignment(-likeness)
    pairs = zip(rows.tolist(), cells.tolist(), strict=True)
    return {new: old for new, old in pairs if likeness[new, old] >= MIN_LIKENESS}


def carry_over(groups: CentreGroups | None, space: Space) -> CentreGroups | None:
    """Put the centres of an earlier fit on a new scale, or return ``None`` where the dimensions differ."""
    if groups is None or groups.space.features != space.features:
        return None
    pairs = list(zip(groups.space.dimensions, space.dimensions, strict=True))
    if any(old.knots or new.knots for old, new in pairs):
        return replace(groups, space=space) if groups.space == space else None
    places = groups.places
    for number, (old, new) in enumerate(pairs):
        amounts = places[:, number] / old.weight**0.5 * old.scale + old.location
        places[:, number] = (amounts - new.location) / new.scale * new.weight**0.5
    return replace(groups, space=space, centres=tuple(tuple(centre) for centre in places.tolist()))


def _in_common(first: Labels, second: Labels) -> Floats:
    table = cross_table(first, second).astype(np.float64)
    either = table.sum(axis=1, keepdims=True) + table.sum(axis=0, keepdims=True) - table
    shares: Floats = table / np.maximum(either, 1)
    return shares


def _closeness(first: Labels, second: Labels, columns: Sequence[Floats]) -> Floats:
    """Say how close the members' centres lie: 1 for the same place, a half at one standard deviation."""
    ones, others = _centres(first, columns), _centres(second, columns)
    away = np.sqrt(((ones[:, None, :] - others[None, :, :]) ** 2).sum(axis=2))
    near: Floats = 1 / (1 + away)
    return near


def _centres(labels: Labels, columns: Sequence[Floats]) -> Floats:
    count = int(labels.max(initial=-1)) + 1
    sizes = np.maximum(np.bincount(labels, minlength=count), 1)
    sums = [np.bincount(labels, column, minlength=count) / sizes for column in columns]
    return np.column_stack(sums) if sums else np.zeros((count, 0))
