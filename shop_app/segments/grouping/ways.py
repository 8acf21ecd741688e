"""The three ways of grouping, asked alike: named rules, clusters, and clusters inside the lifecycle."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import polars as pl

from shop_app.segments.grouping.centre_groups import (
    ANY_STATE,
    CentreGroups,
    group_numbers,
    score_centre_groups,
    states_of,
)
from shop_app.segments.grouping.cluster_count import BOOTSTRAPS, TriedCount, choose_count, try_counts
from shop_app.segments.grouping.clusters import Ints, fit_centres
from shop_app.segments.grouping.goals import Goal
from shop_app.segments.grouping.hybrid import Ground, fit_hybrid
from shop_app.segments.grouping.identity_over_time import carry_over
from shop_app.segments.grouping.importance import learned_weights
from shop_app.segments.grouping.lifecycle import fit_lifecycle
from shop_app.segments.grouping.past import Past
from shop_app.segments.grouping.rule_groups import RuleGroups, fit_rule_groups, score_rule_groups
from shop_app.segments.grouping.space import Floats, Space, coordinates, fit_space

METHODS = {
    "rules": "Named rules",
    "clusters": "Clusters",
    "hybrid": "Lifecycle and clusters",
}
"""Every way, in words."""

FEWEST_GROUPS, USUAL_CLUSTERS, MOST_CLUSTERS = 3, 6, 8

Groups = RuleGroups | CentreGroups


@dataclass(frozen=True, slots=True)
class Brief:
    """What groups are wanted.

    Attributes
    ----------
    goal
        With the dimensions that are left after those switched off.
    group_count
        How many at most.
    wished_count
        How many the merchant asked for, or ``None``.
    cluster_count
        How many clusters are to be made without trying others, or ``None``.
    weights
        The merchant's weights of dimensions.
    even_sizes
        Whether customers are placed by rank.
    seed
        Where searches for centres begin.
    bootstraps
        How many times other customers are drawn to see whether clusters come back.
    methods
        The ways to be tried: clusters need more customers than rules do.
    """

    goal: Goal
    group_count: int
    wished_count: int | None = None
    cluster_count: int | None = None
    weights: Mapping[str, float] = field(default_factory=dict)
    even_sizes: bool = False
    seed: int = 0
    bootstraps: int = BOOTSTRAPS
    methods: tuple[str, ...] = tuple(METHODS)


@dataclass(frozen=True, slots=True)
class Way:
    """One way, fitted: its groups, and the table of the numbers of clusters that were tried for it."""

    method: str
    groups: Groups
    tried: tuple[dict[str, Any], ...] = ()


def fit_way(
    method: str,
    buyers: pl.DataFrame,
    brief: Brief,
    pasts: Sequence[Past],
    *,
    previous: Groups | None = None,
) -> Way:
    """Fit one way on the buyers of one day.

    Parameters
    ----------
    method
        A key of :data:`METHODS`.
    buyers
        Customers with an order, a row each, by ``customer_id``.
    brief
        What is wanted.
    pasts
        Days before that one, the newest first, with what followed; nothing later is looked at.
    previous
        The groups of the last fit, if they were of this way.

    Raises
    ------
    ValueError
        The goal's dimensions cannot be told apart in this shop, or the method is unknown.
    """
    if method == "rules":
        return Way(method, _fit_rules(buyers, brief))
    if method not in METHODS:
        raise ValueError(f"method must be one of {', '.join(METHODS)}: {method!r}")
    before = previous if isinstance(previous, CentreGroups) else None
    return (_fit_clusters if method == "clusters" else _fit_hybrid)(buyers, brief, pasts, before)


def label(scored: pl.DataFrame, groups: Groups, settled: pl.Series | None = None) -> pl.DataFrame:
    """Find everybody's group: ``customer_id``, ``segment``, ``margin``, in the order of ``scored``."""
    if isinstance(groups, RuleGroups):
        return score_rule_groups(scored, groups, settled)
    return score_centre_groups(scored, groups, settled)


def numbers_of(scored: pl.DataFrame, groups: Groups) -> Ints:
    """Return the number of everybody's group, by the groups' own order, in the order of ``scored``."""
    if isinstance(groups, RuleGroups):
        return numbered(score_rule_groups(scored, groups)["segment"], groups.slugs)
    return group_numbers(scored, groups)


def numbered(segments: pl.Series, slugs: Sequence[str]) -> Ints:
    """Turn slugs into their numbers; what is none of them gets the number behind the last."""
    numbers = segments.replace_strict(
        list(slugs), list(range(len(slugs))), default=len(slugs), return_dtype=pl.Int64
    )
    return np.asarray(numbers.to_numpy(), dtype=np.int64)


def refit(way: Way, buyers: pl.DataFrame, brief: Brief) -> Groups:
    """Fit the same groups on other customers: the number of clusters in each state stays, all else is new."""
    groups = way.groups
    if isinstance(groups, RuleGroups):
        return _fit_rules(buyers, brief)
    weights = {one.feature: one.weight for one in groups.space.dimensions}
    space = fit_space(buyers, groups.space.features, weights=weights, even_sizes=brief.even_sizes)
    if space.features != groups.space.features:
        return groups
    lifecycle = fit_lifecycle(buyers) if groups.lifecycle else None
    fresh = replace(groups, space=space, lifecycle=lifecycle)
    return replace(fresh, centres=tuple(tuple(centre) for centre in _found_anew(fresh, buyers, brief.seed)))


def _found_anew(groups: CentreGroups, buyers: pl.DataFrame, seed: int) -> list[list[float]]:
    points = np.column_stack(coordinates(buyers, groups.space))
    state, centres = states_of(buyers, groups), groups.places
    for name in dict.fromkeys(groups.states):
        rows = [number for number, own in enumerate(groups.states) if own == name]
        here = points if state is None else points[(state == name).to_numpy()]
        if len(here) >= len(rows):
            found = fit_centres(here, len(rows), seed=seed)
            centres[rows[: len(found)]] = found
    return [list(centre) for centre in centres.tolist()]


def _fit_rules(buyers: pl.DataFrame, brief: Brief) -> RuleGroups:
    return fit_rule_groups(buyers, brief.goal, group_count=max(brief.group_count, FEWEST_GROUPS))


def _fit_clusters(
    buyers: pl.DataFrame, brief: Brief, pasts: Sequence[Past], previous: CentreGroups | None
) -> Way:
    weights = dict(brief.weights) or learned_weights(pasts, brief.goal.dimensions)
    space = _space_of(buyers, brief, weights)
    points = np.column_stack(coordinates(buyers, space))
    tried = () if brief.cluster_count else _tried(points, space, brief, pasts, previous)
    count = brief.cluster_count or next((one.count for one in tried if one.is_chosen), 1)
    carried = carry_over(previous, space)
    centres = fit_centres(points, count, seed=brief.seed, warm=carried.places if carried else None)
    groups = CentreGroups(
        space,
        tuple(f"cluster-{number}" for number in range(1, len(centres) + 1)),
        tuple(tuple(centre) for centre in centres.tolist()),
        (ANY_STATE,) * len(centres),
    )
    return Way("clusters", groups, tuple(one.to_json() for one in tried))


def _tried(
    points: Floats, space: Space, brief: Brief, pasts: Sequence[Past], previous: CentreGroups | None
) -> tuple[TriedCount, ...]:
    most = min(max(brief.group_count, USUAL_CLUSTERS), MOST_CLUSTERS)
    tried = try_counts(
        points,
        range(FEWEST_GROUPS, most + 1),
        earlier=np.column_stack(coordinates(pasts[0].scored, space)) if pasts else None,
        bootstraps=brief.bootstraps,
    )
    before = len(previous.slugs) if previous else None
    kept = before if any(one.is_good for one in tried if one.count == before) else None
    return choose_count(tried, brief.wished_count or kept)


def _fit_hybrid(
    buyers: pl.DataFrame, brief: Brief, pasts: Sequence[Past], previous: CentreGroups | None
) -> Way:
    space = _space_of(buyers, brief, brief.weights)
    ground = Ground(buyers, space, fit_lifecycle(buyers), brief.goal.outcome)
    groups, looks = fit_hybrid(
        ground,
        pasts=pasts,
        group_count=brief.group_count,
        seed=brief.seed,
        bootstraps=brief.bootstraps,
        previous=carry_over(previous, space),
    )
    return Way("hybrid", groups, tuple(look.to_json() for look in looks))


def _space_of(buyers: pl.DataFrame, brief: Brief, weights: Mapping[str, float]) -> Space:
    space = fit_space(buyers, brief.goal.dimensions, weights=weights, even_sizes=brief.even_sizes)
    if not space.dimensions:
        raise ValueError("None of the goal's features tells this shop's customers apart.")
    return space
