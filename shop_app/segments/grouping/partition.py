"""Rules in an order: everybody belongs where the first of them holds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import polars as pl

from shop_app.segments.grouping.rule_distance import Distances, Floats
from shop_app.segments.grouping.rule_matching import holding
from shop_app.segments.grouping.rule_reading import rule_from_json, rule_to_json
from shop_app.segments.grouping.rule_tree import Rule, features_of

SLACK_RATIO = 0.1
# A border gives way by a tenth to those who are inside, so that nobody moves back and forth beside it.


@dataclass(frozen=True, slots=True)
class Cell:
    """One rule, and the group that it makes, alone or with others."""

    slug: str
    rule: Rule
    group: str


@dataclass(frozen=True, slots=True)
class Partition:
    """Cells in the order in which they are asked; a customer belongs to the group of the first that holds."""

    cells: tuple[Cell, ...]

    @property
    def groups(self) -> tuple[str, ...]:
        """Return the groups, each once, in the order in which they are asked."""
        return tuple(dict.fromkeys(cell.group for cell in self.cells))

    def to_json(self) -> list[dict[str, Any]]:
        """Give plain values that :meth:`from_json` reads back as an equal object."""
        return [
            {"slug": cell.slug, "rule": rule_to_json(cell.rule), "group": cell.group} for cell in self.cells
        ]

    @classmethod
    def from_json(cls, stored: Iterable[Mapping[str, Any]]) -> Self:
        """Read what :meth:`to_json` gave."""
        return cls(
            tuple(Cell(str(cell["slug"]), rule_from_json(cell["rule"]), str(cell["group"])) for cell in stored)
        )


def divide_up(frame: pl.DataFrame, partition: Partition, settled: pl.Series | None = None) -> pl.Series:
    """Find each customer's group, and let nobody move for next to nothing.

    Parameters
    ----------
    frame
        One row a customer, with any of the catalogue's features.
    partition
        The rules.
    settled
        The group each customer had before, in the order of ``frame``. Null, or a group that is no longer
        there, has no say; ``None`` for a shop where nobody had one.

    Returns
    -------
    polars.Series
        String, null where no rule holds, in the order of ``frame``.

    Notes
    -----
    Who is settled stays while a rule of the group holds with its borders moved outwards by their slack, and no
    rule of another group that is asked earlier holds with its borders moved inwards by theirs. Borders without
    slack, as those of counts of orders, are crossed at once.
    """
    if not partition.cells:
        return pl.repeat(None, frame.height, dtype=pl.String, eager=True).alias("group")
    asked = _asked(frame, partition, give=0.0)
    firsts = [
        pl.when(pl.col(str(place))).then(pl.lit(cell.group)) for place, cell in enumerate(partition.cells)
    ]
    fresh = asked.with_columns(group=pl.coalesce(pl.lit(None, pl.String), *firsts))["group"]
    if settled is None:
        return fresh
    stays = _stays(frame, partition, settled)
    return pl.DataFrame({"settled": settled.cast(pl.String), "fresh": fresh, "stays": stays}).select(
        group=pl.when("stays").then("settled").otherwise("fresh")
    )["group"]


def margins(frame: pl.DataFrame, partition: Partition, groups: pl.Series) -> pl.Series:
    """Say how far inside the group's border each customer is.

    Parameters
    ----------
    frame, partition
        As for :func:`divide_up`.
    groups
        What it gave.

    Returns
    -------
    polars.Series
        Float64 from 0 (on the border, or only there because they were before) to 1; null without a group. The
        scale is that of :func:`~shop_app.segments.grouping.rule_distance.distances`, to the nearest border
        with any other group.
    """
    asked = {feature for cell in partition.cells for feature in features_of(cell.rule)}
    needed = frame.select("customer_id", *sorted(asked & set(frame.columns)))
    inside = np.full(frame.height, np.nan)
    for group in partition.groups:
        members = (groups == group).fill_null(value=False)
        inside[members.to_numpy()] = _depth(partition, group, needed.filter(members))
    return pl.Series("margin", inside, nan_to_null=True).clip(0.0, 1.0)


def _asked(frame: pl.DataFrame, partition: Partition, *, give: float) -> pl.DataFrame:
    """Ask every cell of everybody: a column each, named by its place."""
    named = {
        str(place): holding(cell.rule, frame.schema, give=give) for place, cell in enumerate(partition.cells)
    }
    return frame.with_columns(**named).select(list(named))


def _stays(frame: pl.DataFrame, partition: Partition, settled: pl.Series) -> pl.Series:
    loose, tight = (_asked(frame, partition, give=give) for give in (1.0, -1.0))
    nobody = pl.repeat(False, frame.height, dtype=pl.Boolean, eager=True)
    stays = nobody
    for group in partition.groups:
        inside = nobody
        # From the last cell to the first: inside a cell of the group, or outside another's and inside the rest.
        for place in reversed(range(len(partition.cells))):
            own = partition.cells[place].group == group
            inside = loose[str(place)] | inside if own else ~tight[str(place)] & inside
        stays |= (settled == group).fill_null(value=False) & inside
    return stays


def _depth(partition: Partition, group: str, members: pl.DataFrame) -> Floats:
    """Carry the same question over to distances: the nearest border counts, the best alternative holds."""
    away = Distances(members)
    depth = np.full(members.height, -1.0)
    for cell in reversed(partition.cells):
        here = away.to(cell.rule)
        depth = np.maximum(here, depth) if cell.group == group else np.minimum(-here, depth)
    return depth
