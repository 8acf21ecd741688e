"""Groups as stored: centres on the shop's own scale, each open to all or to one state of the lifecycle."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shop_app.segments.grouping.clusters import Ints, distances, margins, nearest, settled_numbers
from shop_app.segments.grouping.lifecycle import (
    Lifecycle,
    lifecycle_partition,
    score_lifecycle,
    with_drift,
)
from shop_app.segments.grouping.partition import margins as margins_of_rules
from shop_app.segments.grouping.space import Floats, Space, coordinates

ANY_STATE = ""


@dataclass(frozen=True, slots=True)
class CentreGroups:
    """Fitted groups; all that is needed to find anybody's group without fitting again.

    Attributes
    ----------
    space
        The scale.
    slugs
        One a group, unique.
    centres
        One a group, coordinates in the order of the space's dimensions.
    states
        One a group: the state of the lifecycle it is open to, or :data:`ANY_STATE`.
    lifecycle
        What tells the states; ``None`` where every group is open to everybody.
    """

    space: Space
    slugs: tuple[str, ...]
    centres: tuple[tuple[float, ...], ...]
    states: tuple[str, ...]
    lifecycle: Lifecycle | None = None

    @property
    def places(self) -> Floats:
        """The centres as a matrix, a row a group."""
        return np.array(self.centres, dtype=np.float64).reshape(len(self.slugs), len(self.space.dimensions))

    def renamed(self, names: Mapping[str, str]) -> "CentreGroups":
        """Return the same groups under other slugs."""
        return replace(self, slugs=tuple(names.get(slug, slug) for slug in self.slugs))

    def to_json(self) -> dict[str, Any]:
        """Give plain values that :meth:`from_json` reads back as equal groups."""
        return {
            "space": self.space.to_json(),
            "slugs": list(self.slugs),
            "centres": [list(centre) for centre in self.centres],
            "states": list(self.states),
            "lifecycle": self.lifecycle.to_json() if self.lifecycle else None,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_json` gave."""
        lifecycle = stored["lifecycle"]
        return cls(
            Space.from_json(stored["space"]),
            tuple(stored["slugs"]),
            tuple(tuple(centre) for centre in stored["centres"]),
            tuple(stored["states"]),
            Lifecycle.from_json(lifecycle) if lifecycle else None,
        )


def score_centre_groups(
    scored: pl.DataFrame, groups: CentreGroups, settled: pl.Series | None = None
) -> pl.DataFrame:
    """Find everybody's group.

    Parameters
    ----------
    scored
        One row a customer, with the columns of the groups' dimensions.
    groups
        From a fit on this shop.
    settled
        The slug that each row had at the last midnight of the shop (null: none), in the order of ``scored``.

    Returns
    -------
    polars.DataFrame
        ``customer_id``, ``segment`` (a slug, never null) and ``margin`` (0 at the border to the next group or
        state of the lifecycle, 1 well inside), in the order of ``scored``.

    Notes
    -----
    Whose state has no group of its own may go to any. A settled customer moves only to a centre that is a tenth
    closer, or when the state changes.
    """
    limited, chosen, state = _assigned(scored, groups, settled)
    margin = margins(limited, chosen)
    if state is not None and groups.lifecycle is not None:
        margin = np.minimum(margin, _inside_state(scored, groups.lifecycle, state))
    return pl.DataFrame(
        {
            "customer_id": scored["customer_id"],
            "segment": pl.Series(groups.slugs, dtype=pl.String).gather(chosen),
            "margin": margin,
        }
    )


def group_numbers(scored: pl.DataFrame, groups: CentreGroups) -> Ints:
    """Return the number of everybody's group alone, in the order of ``scored``."""
    return _assigned(scored, groups, None)[1]


def _assigned(
    scored: pl.DataFrame, groups: CentreGroups, settled: pl.Series | None
) -> tuple[Floats, Ints, pl.Series | None]:
    """Return everybody's distances to the groups open to them, the number of the group, and the state."""
    away = distances(coordinates(scored, groups.space), groups.places)
    numbers = settled_numbers(settled, groups.slugs)
    state = states_of(scored, groups, numbers)
    limited = away if state is None else np.where(_open_to(state, groups), away, np.inf)
    return limited, nearest(limited, numbers), state


def states_of(scored: pl.DataFrame, groups: CentreGroups, settled: Ints | None = None) -> pl.Series | None:
    """Tell everybody's state of the lifecycle; ``None`` where the groups do not ask for it.

    ``settled`` are the numbers of the groups customers belong to so far, -1 for none.
    """
    if groups.lifecycle is None:
        return None
    return score_lifecycle(
        scored, groups.lifecycle, None if settled is None else _gathered(groups.states, settled)
    )


def _open_to(state: pl.Series, groups: CentreGroups) -> NDArray[np.bool_]:
    """Tell which groups are open to whom, one row a customer, one column a group."""
    own: NDArray[np.bool_] = np.column_stack([(state == wanted).to_numpy() for wanted in groups.states])
    has_group = own.any(axis=1, keepdims=True)
    return own | ~has_group


def _inside_state(scored: pl.DataFrame, lifecycle: Lifecycle, state: pl.Series) -> Floats:
    """Say how far everybody is inside their state's border, 0 to 1."""
    margin = margins_of_rules(with_drift(scored, lifecycle), lifecycle_partition(lifecycle), state)
    return np.asarray(margin.fill_null(1.0).to_numpy(), dtype=np.float64)


def _gathered(states: Sequence[str], numbers: Ints) -> pl.Series:
    with_none = pl.Series([*states, None], dtype=pl.String)
    return with_none.gather(np.where(numbers < 0, len(states), numbers))
