"""Groups by named rules: an ordered list of archetypes that suits the goal, folded to the number wanted."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import polars as pl

from shop_app.segments.grouping.archetypes import (
    ARCHETYPES,
    archetype_rules,
    fit_archetypes,
    missing_signals,
)
from shop_app.segments.grouping.goals import Goal
from shop_app.segments.grouping.group_plans import COVERED, EVERYBODY, Place, plan_for
from shop_app.segments.grouping.lifecycle import Lifecycle, with_drift
from shop_app.segments.grouping.partition import Cell, Partition, divide_up, margins
from shop_app.segments.grouping.rule_matching import matches
from shop_app.segments.grouping.rule_tree import Any_, Condition, Rule
from shop_app.segments.grouping.rule_words import rule_words

PROSPECTS = "prospects"

SMALLEST_RATIO = 0.005
SMALLEST_GROUP = 5
SMALLEST_OF_FEW_RATIO = 0.1
# Fewer of the buyers are folded into their neighbour: a handful is no group, unless the shop has few handfuls.


@dataclass(frozen=True, slots=True)
class RuleGroups:
    """Groups of one shop for one goal.

    Attributes
    ----------
    goal
        The goal's slug.
    partition
        The rules in the order in which they are asked, and the group of each. Groups are named by archetypes.
    thresholds
        The figures in the rules, from :func:`~shop_app.segments.grouping.archetypes.fit_archetypes`.
    overlaps
        For each group the ones asked before it that took customers who would have fitted it as well.
    """

    goal: str
    partition: Partition
    thresholds: Mapping[str, Any]
    overlaps: Mapping[str, tuple[str, ...]]

    @property
    def slugs(self) -> tuple[str, ...]:
        """Return the groups of buyers in the order in which they are asked."""
        return self.partition.groups

    def description(self, slug: str) -> str:
        """Say who the people of a group are, in one sentence, and who is counted with them."""
        folded = [cell.slug for cell in self.partition.cells if cell.group == slug]
        others = [ARCHETYPES[name].name for name in folded if name not in (slug, EVERYBODY)]
        described = ARCHETYPES[slug].description
        return f"{described} Counted with them: {', '.join(others)}." if others else described

    def definition(self, slug: str, money: Callable[[int], str]) -> tuple[str, ...]:
        """Say who belongs to a group: a sentence for each of its rules, and who is counted elsewhere."""
        own = [cell for cell in self.partition.cells if cell.group == slug]
        own.sort(key=lambda cell: cell.slug != slug)
        sentences = [_sentence(cell.rule, money) for cell in own if cell.slug != EVERYBODY]
        if any(cell.slug == EVERYBODY for cell in own):
            sentences.append("Everybody with an order who fits no other group.")
        if earlier := self.overlaps.get(slug):
            names = ", ".join(ARCHETYPES[group].name for group in earlier)
            sentences.append(f"Who fits one of these as well is counted there: {names}.")
        return tuple(sentences)

    def to_json(self) -> dict[str, Any]:
        """Give plain values that :meth:`from_json` reads back as an equal object."""
        return {
            "goal": self.goal,
            "partition": self.partition.to_json(),
            "thresholds": dict(self.thresholds),
            "overlaps": {slug: list(earlier) for slug, earlier in self.overlaps.items()},
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_json` gave."""
        return cls(
            str(stored["goal"]),
            Partition.from_json(stored["partition"]),
            dict(stored["thresholds"]),
            {slug: tuple(earlier) for slug, earlier in stored["overlaps"].items()},
        )


def fit_rule_groups(scored: pl.DataFrame, goal: Goal, *, group_count: int) -> RuleGroups:
    """Choose and fold the rules for this shop.

    Parameters
    ----------
    scored
        One row a customer, in any order.
    goal
        What the groups are wanted for.
    group_count
        At most so many groups of buyers, three or more; fewer where the shop has too few people of a kind.

    Returns
    -------
    RuleGroups
        Every customer with an order belongs to exactly one group.

    Raises
    ------
    ValueError
        Fewer than three groups are asked for.
    """
    if group_count < 3:  # noqa: PLR2004 - best, middle, quiet
        raise ValueError(f"group_count must be 3 or more, not {group_count}")
    thresholds = fit_archetypes(scored)
    buyers = with_drift(scored.filter(pl.col("order_count") > 0), _lifecycle(thresholds))
    untold = missing_signals(buyers)
    places = [place for place in plan_for(goal.slug) if place.slug not in untold]
    rules: dict[str, Rule] = {**archetype_rules(thresholds), EVERYBODY: Condition("order_count", "at_least", 1)}
    unfolded = Partition(tuple(Cell(place.slug, rules[place.slug], place.slug) for place in places))
    sizes = dict(divide_up(buyers, unfolded).value_counts().iter_rows())
    group_of = _fold(places, sizes, group_count)
    partition = Partition(
        tuple(
            Cell(place.slug, rules[place.slug], group_of[place.slug])
            for place in places
            if (place.slug, group_of[place.slug]) not in COVERED
        )
    )
    return RuleGroups(goal.slug, partition, thresholds, _overlaps(buyers, partition))


def score_rule_groups(
    scored: pl.DataFrame, groups: RuleGroups, settled: pl.Series | None = None
) -> pl.DataFrame:
    """Put every customer into exactly one group.

    Parameters
    ----------
    scored
        One row a customer.
    groups
        From :func:`fit_rule_groups` on this shop.
    settled
        Each customer's group at the last midnight, in the order of ``scored``; null without one.

    Returns
    -------
    polars.DataFrame
        ``customer_id``, ``segment`` (an archetype's slug; ``prospects`` without an order that counts),
        ``margin`` (0 on the border of the group to 1; null for prospects), in the order of ``scored``.
    """
    frame = with_drift(scored, _lifecycle(groups.thresholds))
    bought = (scored["order_count"] > 0).fill_null(value=False)
    segments = divide_up(frame, groups.partition, settled)
    segments = pl.DataFrame({"segment": segments, "bought": bought}).select(pl.when("bought").then("segment"))[
        "segment"
    ]
    return pl.DataFrame(
        {
            "customer_id": scored["customer_id"],
            "segment": segments.fill_null(PROSPECTS),
            "margin": margins(frame, groups.partition, segments),
        }
    )


def _lifecycle(thresholds: Mapping[str, Any]) -> Lifecycle:
    return Lifecycle.from_json(thresholds["lifecycle"])


def _overlaps(buyers: pl.DataFrame, partition: Partition) -> dict[str, tuple[str, ...]]:
    taken = divide_up(buyers, partition)
    overlaps = {}
    for number, group in enumerate(partition.groups):
        own = [cell.rule for cell in partition.cells if cell.group == group and cell.slug != EVERYBODY]
        also = set(taken.filter(matches(buyers, Any_(tuple(own)))).unique()) if own else set()
        overlaps[group] = tuple(earlier for earlier in partition.groups[:number] if earlier in also)
    return overlaps


def _sentence(rule: Rule, money: Callable[[int], str]) -> str:
    words = rule_words(rule, money)
    return f"{words[0].upper()}{words[1:]}."


def _fold(places: Sequence[Place], sizes: Mapping[str, int], wanted: int) -> dict[str, str]:
    """Give every place its group, so that there are no more groups than wanted and none of a handful of people.

    Places where even all who would join them are too few go first, then those that matter least until there
    are as few groups as wanted, then what is still too small.
    """
    group_of = {place.slug: place.slug for place in places}
    people = sum(sizes.values())
    needed = max(min(SMALLEST_GROUP, SMALLEST_OF_FEW_RATIO * people), SMALLEST_RATIO * people, 1)
    *foldable, last = sorted(places, key=lambda place: -place.rank)
    for place in foldable:
        joining = [other.slug for other in places if other.into[:1] == (place.slug,)]
        if sum(sizes.get(slug, 0) for slug in (place.slug, *joining)) < needed:
            _join(group_of, place)
    for place in foldable:
        if len(set(group_of.values())) > wanted:
            _join(group_of, place)
    for place in (*foldable, last):
        members = sum(sizes.get(slug, 0) for slug, group in group_of.items() if group == place.slug)
        if members < (needed if place is not last else 1):
            _join(group_of, place)
    return group_of


def _join(group_of: dict[str, str], place: Place) -> None:
    target = next((slug for slug in place.into if group_of.get(slug) == slug), place.slug)
    for slug, current in group_of.items():
        if current == place.slug:
            group_of[slug] = target
