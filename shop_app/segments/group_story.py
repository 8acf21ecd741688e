"""What decides on one customer's group, whichever way the groups were made."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from shop_app.segments.centre_story import Rival, centre_facts
from shop_app.segments.fact_words import Money, StoryFact, known
from shop_app.segments.grouping.catalogue import FEATURES
from shop_app.segments.grouping.centre_groups import CentreGroups
from shop_app.segments.grouping.clusters import distances
from shop_app.segments.grouping.group_plans import EVERYBODY
from shop_app.segments.grouping.lifecycle import Lifecycle, lifecycle_partition
from shop_app.segments.grouping.partition import Partition
from shop_app.segments.grouping.rule_groups import RuleGroups
from shop_app.segments.grouping.space import coordinates
from shop_app.segments.segment_story import fulfils, partition_facts


def group_facts(
    row: Mapping[str, Any],
    groups: RuleGroups | CentreGroups,
    slug: str,
    *,
    names: Mapping[str, str],
    money: Money,
) -> tuple[StoryFact, ...]:
    """Tell what holds a customer in their group.

    Parameters
    ----------
    row
        The customer's row of the scored frame.
    groups
        The fitted groups: rules, or centres with or without states of the lifecycle.
    slug
        The group the customer is in.
    names
        What the groups are called, by slug.
    money
        Turns minor units into text for people.

    Returns
    -------
    tuple of StoryFact
        Of rules the conditions that the customer fulfils; of centres the rule of the state first, then the
        features that weigh most against the nearest other group open to them. Empty for a group that these do
        not know, as that of people without an order.
    """
    if isinstance(groups, RuleGroups):
        lifecycle = Lifecycle.from_json(groups.thresholds["lifecycle"])
        return _by_rules(_with_drift(row, lifecycle), groups.partition, slug, money)
    if slug not in groups.slugs:
        return ()
    facts = _state_facts(row, groups, slug, money)
    rival = nearest_rival(row, groups, slug, names=names)
    return facts if rival is None else (*facts, *centre_facts(row, groups.space, rival, money=money))


def nearest_rival(
    row: Mapping[str, Any], groups: CentreGroups, slug: str, *, names: Mapping[str, str]
) -> Rival | None:
    """Find the nearest other group that is open to the customer; ``None`` where there is none."""
    own = groups.slugs.index(slug)
    anywhere = _is_stateless(row, groups)
    others = [
        number
        for number, state in enumerate(groups.states)
        if number != own and (anywhere or state == groups.states[own])
    ]
    if not others:
        return None
    values = {name: known(row.get(name)) for name in groups.space.features}
    alone = pl.DataFrame({name: [value] for name, value in values.items()}, dict.fromkeys(values, pl.Float64))
    away = distances(coordinates(alone, groups.space), groups.places)[0]
    nearest = min(others, key=lambda number: (away[number], number))
    name = groups.slugs[nearest]
    return Rival(groups.centres[own], groups.centres[nearest], names.get(name, name))


def _state_facts(
    row: Mapping[str, Any], groups: CentreGroups, slug: str, money: Money
) -> tuple[StoryFact, ...]:
    if groups.lifecycle is None or _is_stateless(row, groups):
        return ()
    state = groups.states[groups.slugs.index(slug)]
    asked = lifecycle_partition(groups.lifecycle)
    return partition_facts(_with_drift(row, groups.lifecycle), asked, state, money=money)


def _is_stateless(row: Mapping[str, Any], groups: CentreGroups) -> bool:
    """Tell whether the customer's state has no group of its own, so that every group is open to them."""
    if groups.lifecycle is None:
        return True
    measured = _with_drift(row, groups.lifecycle)
    cells = lifecycle_partition(groups.lifecycle).cells
    state = next((cell.slug for cell in cells if fulfils(measured, cell.rule)), None)
    return state not in groups.states


def _by_rules(row: Mapping[str, Any], partition: Partition, slug: str, money: Money) -> tuple[StoryFact, ...]:
    own = [cell for cell in partition.cells if cell.group == slug]
    special = Partition(tuple(cell for cell in own if cell.slug != EVERYBODY))
    fits = any(fulfils(row, cell.rule, give=give) for give in (0.0, 1.0) for cell in special.cells)
    if fits or len(special.cells) == len(own):
        return partition_facts(row, special, slug, money=money)
    count = known(row.get("order_count"))
    label = FEATURES["order_count"].label
    return (StoryFact("order_count", label, count, None, None, "They fit no other group of this shop."),)


def _with_drift(row: Mapping[str, Any], lifecycle: Lifecycle) -> Mapping[str, Any]:
    """Measure the silence as :func:`~shop_app.segments.grouping.lifecycle.with_drift` does."""
    recency = known(row.get("recency_days"))
    if known(row.get("cadence_drift_ratio")) is not None or not isinstance(recency, int | float):
        return row
    return {**row, "cadence_drift_ratio": recency / lifecycle.usual_gap_days}
