"""Boosted trees as plain numbers: what to ask, which way to go, what to add."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from shop_app.segments.predictions.btyd_table import Real
from shop_app.segments.predictions.tree_growing import MOST_STEPS, Steps, grow, leaf_of

_ROWS_AT_ONCE = 65_536
_TABLES = ("steps", "columns", "cuts", "values")


@dataclass(frozen=True, slots=True)
class Trees:
    """Fitted trees of three questions each.

    Attributes
    ----------
    names
        The columns asked about.
    steps
        For each of them the ascending borders between its steps.
    start
        What everybody's sum begins with.
    columns, cuts
        One row a tree, seven questions: of which column (a place in ``names``), and up to which step the
        answer is no. The first question is followed by the second (no) or the third (yes), the second by the
        fourth or fifth, the third by the sixth or seventh. An unknown value lies below all steps.
    values
        One row a tree: what its eight leaves add, from no-no-no to yes-yes-yes.
    """

    names: tuple[str, ...]
    steps: tuple[tuple[float, ...], ...]
    start: float
    columns: tuple[tuple[int, ...], ...]
    cuts: tuple[tuple[int, ...], ...]
    values: tuple[tuple[float, ...], ...]

    def to_json(self) -> dict[str, Any]:
        """Give plain values that :meth:`from_json` reads back as an equal object."""
        tables = {name: [list(row) for row in getattr(self, name)] for name in _TABLES}
        return {"names": list(self.names), "start": self.start, **tables}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_json` gave."""
        tables = {name: tuple(tuple(row) for row in stored[name]) for name in _TABLES}
        return cls(names=tuple(stored["names"]), start=float(stored["start"]), **tables)


def fit_trees(columns: Mapping[str, Real], happened: Real) -> Trees:
    """Boost trees on what happened (0 or 1, one row a customer, both there) by columns, NaN where unknown."""
    names = tuple(columns)
    steps = tuple(_borders(columns[name]) for name in names)
    coded = [_coded(columns[name], borders) for name, borders in zip(names, steps, strict=True)]
    start, grown = grow(coded, happened)
    return Trees(
        names=names,
        steps=steps,
        start=start,
        columns=tuple(tree.columns for tree in grown),
        cuts=tuple(tree.cuts for tree in grown),
        values=tuple(tree.values for tree in grown),
    )


def score_trees(columns: Mapping[str, Real], trees: Trees) -> Real:
    """Give each customer's logit: what all trees add, one after the other.

    Parameters
    ----------
    columns
        As for :func:`fit_trees`; others than the trees' own are left out.
    trees
        From :func:`fit_trees`.
    """
    coded = [_coded(columns[name], steps) for name, steps in zip(trees.names, trees.steps, strict=True)]
    total = np.full(coded[0].size, trees.start)
    leaves = [np.array(values) for values in trees.values]
    for begin in range(0, total.size, _ROWS_AT_ONCE):
        rows = slice(begin, begin + _ROWS_AT_ONCE)
        part = [codes[rows] for codes in coded]
        for asked, cuts, values in zip(trees.columns, trees.cuts, leaves, strict=True):
            total[rows] += values.take(leaf_of(part, asked, cuts))
    return total


def _borders(values: Real) -> tuple[float, ...]:
    """Cut a column into steps of about as many customers each; equal values are never torn apart."""
    known = np.sort(values[~np.isnan(values)])
    if not known.size:
        return ()
    # One step is for the unknown, and one more lies below the first border.
    places = np.arange(1, MOST_STEPS - 1) * known.size // (MOST_STEPS - 1)
    borders = np.unique(known[places])
    return tuple(float(border) for border in borders if border > known[0])


def _coded(values: Real, borders: Sequence[float]) -> Steps:
    """Give each value the number of its step, from 1; one on a border is past it, an unknown one is 0."""
    steps = np.searchsorted(np.asarray(borders, dtype=np.float64), values, side="right") + 1
    return np.where(np.isnan(values), 0, steps).astype(np.uint8)
