"""The hybrid way: where customers stand with the shop comes first, clusters inside the larger states second."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

import numpy as np
import polars as pl

from shop_app.segments.grouping.agreement import Labels
from shop_app.segments.grouping.centre_groups import ANY_STATE, CentreGroups
from shop_app.segments.grouping.cluster_count import BOOTSTRAPS, TriedCount, try_counts
from shop_app.segments.grouping.clusters import distances, fit_centres, nearest
from shop_app.segments.grouping.lifecycle import STATES, Lifecycle, score_lifecycle
from shop_app.segments.grouping.past import Past, so_far
from shop_app.segments.grouping.separation import separation
from shop_app.segments.grouping.space import Floats, Space, coordinates

MIN_SIZE_RATIO = 0.02
MIN_SIZE = 30
# A state or cluster below either has no group of its own: its customers go to the nearest one.
KEPT_SIZE = 0.75
# A state that had a group keeps it down to three quarters of that, so that it does not come and go.
MOST_SPLITS = 4
_STARTS = 4
SMALL_EFFECT = 0.005
# Of the state's own share of the outcome; half of what is called a small effect (Cohen, Statistical Power
# Analysis, 1988: eta squared .01). Below it the clusters of a state differ in looks and not in what follows.
LEAST_EXPLAINED = 0.001
# Of the whole outcome: less is chance, however small the state.
PRICE_OF_GROUP = 0.002
# Beyond six, one group more has to explain a fifth of a per cent of the outcome: each is work for somebody.
KEEPING_BONUS = 0.01
# The last fit's division stays unless another explains a hundredth more: groups that come and go are no use.
FEWEST_GROUPS = 6
_TELLS_NOTHING = "Not taken: what followed is much the same in all of its clusters."


@dataclass(frozen=True, slots=True)
class SplitState:
    """What was seen inside one state of the lifecycle.

    Attributes
    ----------
    state
        A key of :data:`~shop_app.segments.grouping.lifecycle.STATES`.
    size_ratio
        Its share of the buyers.
    explained
        For each number of clusters the share of the outcome's variance that the split explains beyond the state
        itself.
    tried
        The numbers that were looked at more closely because they explain enough.
    chosen
        The number taken: 0 where the state has no group of its own.
    """

    state: str
    size_ratio: float
    explained: Mapping[int, float] = field(default_factory=dict)
    tried: tuple[TriedCount, ...] = ()
    chosen: int = 1

    def to_json(self) -> dict[str, Any]:
        """Give plain values for the table on the screen."""
        looked_at = {one.count: one.to_json() for one in self.tried}
        tried = [
            looked_at.get(count, {"count": count, "is_good": False, "words": _TELLS_NOTHING})
            | {"explained_ratio": worth, "is_chosen": count == self.chosen}
            for count, worth in self.explained.items()
        ]
        return {
            "state": self.state,
            "words": STATES[self.state],
            "size_ratio": self.size_ratio,
            "chosen": self.chosen,
            "tried": tried,
        }


@dataclass(frozen=True, slots=True)
class Ground:
    """The buyers of one day on their scale, with their states; rows by ``customer_id``.

    ``outcome`` is what the goal wants told apart.
    """

    buyers: pl.DataFrame
    space: Space
    lifecycle: Lifecycle
    outcome: str

    @property
    def state(self) -> pl.Series:
        """Everybody's state."""
        return score_lifecycle(self.buyers, self.lifecycle)

    @property
    def points(self) -> Floats:
        """Everybody's coordinates, a row each."""
        return np.column_stack(coordinates(self.buyers, self.space))


def fit_hybrid(
    ground: Ground,
    *,
    pasts: Sequence[Past],
    group_count: int,
    seed: int = 0,
    bootstraps: int = BOOTSTRAPS,
    previous: CentreGroups | None = None,
) -> tuple[CentreGroups, tuple[SplitState, ...]]:
    """Divide the buyers by state, and the states by clusters where that tells more.

    Parameters
    ----------
    ground
        The buyers, the scale, and the borders between the states.
    pasts
        Earlier days with what followed, the newest first: a split is worth what it explains of that. Without
        any, what the customers did so far stands for it.
    group_count
        How many groups there should be at most.
    seed
        Where the search for centres begins; the number of clusters does not depend on it.
    bootstraps
        How many times other customers are drawn to see whether the clusters of a state come back.
    previous
        The groups of the last fit: their division is kept unless another is clearly better, and their centres
        are where the search begins.

    Returns
    -------
    tuple
        The groups, with provisional slugs ``active-1`` …, and the table of what was tried.

    Notes
    -----
    A split is taken only where it comes back from other customers and from an earlier day, leaves no cluster
    too small, and explains more of what followed for customers that it was not learned from.
    """
    state, points = ground.state, ground.points
    kept = Counter(previous.states if previous else ())
    large = _large_states(state, kept, group_count)
    inside = {name: points[(state == name).to_numpy()] for name in large}
    fitted = {
        (name, count): fit_centres(here, count, starts=_STARTS)
        for name, here in inside.items()
        for count in _counts(len(here), state.len())
    }
    looks = _worth(inside, fitted, ground, pasts or (so_far(ground.buyers, ground.outcome),))
    looks = tuple(
        _looked_at(
            look,
            inside[look.state],
            _promising(look, kept.get(look.state, 0)),
            earlier=_earlier(ground, look.state, pasts),
            bootstraps=bootstraps,
        )
        for look in looks
    )
    looks = _choose(looks, group_count, kept)
    found = [
        (
            look.state,
            fit_centres(inside[look.state], look.chosen, seed=seed, warm=_centres_of(previous, look.state)),
        )
        for look in looks
    ]
    return _stored(found or [(ANY_STATE, fit_centres(points, 1))], ground), looks


def _large_states(state: pl.Series, kept: Mapping[str, int], group_count: int) -> list[str]:
    """Name the states with a group of their own, in the order of the lifecycle."""
    sizes = {name: int((state == name).sum()) for name in STATES}
    least = _least(state.len())
    large = [name for name, size in sizes.items() if size >= least * (KEPT_SIZE if kept.get(name) else 1.0)]
    largest = sorted(large, key=lambda name: -sizes[name])[:group_count]
    return [name for name in large if name in largest]


def _counts(size: int, everybody: int) -> range:
    """Return the numbers of clusters that leave none too small even if all were of one size."""
    return range(2, min(MOST_SPLITS, int(size / _least(everybody))) + 1)


def _least(everybody: int) -> float:
    return max(MIN_SIZE, MIN_SIZE_RATIO * everybody)


def _looked_at(
    look: SplitState,
    points: Floats,
    counts: Sequence[int],
    *,
    earlier: Floats | None,
    bootstraps: int,
) -> SplitState:
    """See whether the clusters of a state come back, for the numbers that explain enough."""
    tried = try_counts(
        points,
        counts,
        earlier=earlier,
        min_size_ratio=_least(round(len(points) / look.size_ratio)) / len(points),
        bootstraps=bootstraps,
    )
    return replace(look, tried=tried)


def _promising(look: SplitState, before: int) -> list[int]:
    least = max(SMALL_EFFECT * look.size_ratio, LEAST_EXPLAINED)
    return [count for count, told in look.explained.items() if told >= least or count == before]


def _earlier(ground: Ground, name: str, pasts: Sequence[Past]) -> Floats | None:
    """Return the customers who were in a state on the newest earlier day, on today's scale."""
    if not pasts:
        return None
    then = replace(ground, buyers=pasts[0].scored)
    here: Floats = then.points[(then.state == name).to_numpy()]
    return here


def _centres_of(previous: CentreGroups | None, name: str) -> Floats | None:
    if previous is None:
        return None
    places: Floats = previous.places[[number for number, state in enumerate(previous.states) if state == name]]
    return places


def _worth(
    inside: Mapping[str, Floats],
    fitted: Mapping[tuple[str, int], Floats],
    ground: Ground,
    pasts: Sequence[Past],
) -> tuple[SplitState, ...]:
    """Ask every earlier day what each split would have explained of what followed."""
    worth: dict[tuple[str, int], list[float]] = {key: [] for key in fitted}
    for past in pasts:
        then = replace(ground, buyers=past.scored)
        state, columns, ids = then.state, coordinates(past.scored, ground.space), past.scored["customer_id"]
        plain = state.replace_strict(list(STATES), list(range(len(STATES))), return_dtype=pl.Int64).to_numpy()
        without = separation(plain, past.outcome, ids).explained_ratio
        for (name, count), centres in fitted.items():
            split = _split_labels(plain, (state == name).to_numpy(), columns, centres)
            worth[name, count].append(separation(split, past.outcome, ids).explained_ratio - without)
    means = {key: float(np.mean(values)) for key, values in worth.items()}
    everybody = ground.buyers.height
    return tuple(
        SplitState(
            name,
            len(here) / everybody,
            {count: told for (state, count), told in means.items() if state == name},
        )
        for name, here in inside.items()
    )


def _split_labels(plain: Labels, here: np.ndarray, columns: Sequence[Floats], centres: Floats) -> Labels:
    """Give the clusters of one state numbers behind those of all states."""
    labels = plain.copy()
    labels[here] = len(STATES) + nearest(distances([column[here] for column in columns], centres))
    return labels


def _choose(looks: Sequence[SplitState], group_count: int, kept: Mapping[str, int]) -> tuple[SplitState, ...]:
    """Take the numbers of clusters that explain the most together and stay within the number of groups."""
    choices = [[1, *_worthy(look, kept.get(look.state, 0))] for look in looks]
    before = tuple(kept.get(look.state, 0) for look in looks)
    possible = [counts for counts in product(*choices) if sum(counts) <= group_count]
    if not possible:
        return tuple(looks)

    def worth(counts: tuple[int, ...]) -> tuple[int, float]:
        enough = FEWEST_GROUPS if counts == before else min(sum(counts), FEWEST_GROUPS)
        told = sum(look.explained.get(count, 0.0) for look, count in zip(looks, counts, strict=True))
        bonus = KEEPING_BONUS if counts == before else 0.0
        return enough, told + bonus - PRICE_OF_GROUP * sum(counts)

    best = max(possible, key=worth)
    return tuple(replace(look, chosen=count) for look, count in zip(looks, best, strict=True))


def _worthy(look: SplitState, before: int) -> list[int]:
    """Return the numbers that come back; the last fit's number need only still be there."""
    return [one.count for one in look.tried if one.is_good or one.count == before]


def _stored(groups: Sequence[tuple[str, Floats]], ground: Ground) -> CentreGroups:
    rows = [
        (f"{state or 'all'}-{number}", tuple(centre.tolist()), state)
        for state, centres in groups
        for number, centre in enumerate(centres, start=1)
    ]
    slugs, centres, states = zip(*rows, strict=True)
    return CentreGroups(ground.space, slugs, centres, states, ground.lifecycle)
