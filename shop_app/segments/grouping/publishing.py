"""From a fitted way to published groups: names, definitions, what sets each apart, and how large each is."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from shop_app.segments.grouping.agreement import Labels
from shop_app.segments.grouping.archetypes import ARCHETYPES
from shop_app.segments.grouping.catalogue import FEATURES
from shop_app.segments.grouping.centre_groups import ANY_STATE, CentreGroups
from shop_app.segments.grouping.drivers import Driver, Money, find_drivers
from shop_app.segments.grouping.goals import Goal
from shop_app.segments.grouping.identity_over_time import match_groups
from shop_app.segments.grouping.lifecycle import STATES
from shop_app.segments.grouping.naming import name_groups
from shop_app.segments.grouping.outliers import Outliers
from shop_app.segments.grouping.published import Grouping, PublishedGroup
from shop_app.segments.grouping.rule_groups import RuleGroups
from shop_app.segments.grouping.rules import value_words
from shop_app.segments.grouping.space import amount_at, coordinates
from shop_app.segments.grouping.ways import Groups, Way, label, numbers_of

MOST_SAID = 4


def publish(
    way: Way,
    goal: Goal,
    outliers: Outliers,
    *,
    people: tuple[pl.DataFrame, pl.DataFrame],
    money: Money,
    previous: Grouping | None = None,
) -> Grouping:
    """Name and describe the groups of a way.

    Parameters
    ----------
    way
        The fitted way.
    goal
        What the groups are for.
    outliers
        Who fits nowhere.
    people
        Everybody as scored today, and a sample of the buyers among them.
    money
        Turns minor units into text for people.
    previous
        The groups of the last fit: who continues them keeps their name.
    """
    scored, buyers = people
    parameters, fit_words = name_way(way, buyers, previous.parameters if previous else None)
    plain = Grouping(goal.slug, way.method, (), parameters, outliers)
    everybody = scored.filter(pl.col("order_count") > 0)
    labels = label(everybody, parameters)["segment"]
    sizes = _sizes(labels, everybody["total_spent"])
    drivers = find_drivers(buyers, label(buyers, parameters)["segment"], money, slugs=parameters.slugs)
    groups = [
        _described(
            slug, parameters, sizes.get(slug, (0, 0.0, 0.0)), drivers[slug], money, fit_words.get(slug, "")
        )
        for slug in parameters.slugs
    ]
    ranked = sorted(groups, key=lambda group: (-group.revenue_ratio, group.slug))
    return replace(plain, groups=tuple(ranked))


def name_way(way: Way, buyers: pl.DataFrame, previous: Groups | None) -> tuple[Groups, dict[str, str]]:
    """Give clusters the names of archetypes, with how well each fits; rules have theirs already.

    Who continues one of the previous groups keeps its name, and so its slug.
    """
    groups = way.groups
    if isinstance(groups, RuleGroups):
        return groups, {}
    labels = numbers_of(buyers, groups)
    kept = _kept_names(groups, labels, buyers, previous)
    named = name_groups(buyers, labels, kept=kept, count=len(groups.slugs))
    slugs = {groups.slugs[number]: one.archetype for number, one in named.items()}
    return groups.renamed(slugs), {one.archetype: one.words for one in named.values()}


def _kept_names(
    groups: CentreGroups, labels: Labels, buyers: pl.DataFrame, previous: Groups | None
) -> dict[int, str]:
    if previous is None:
        return {}
    matched = match_groups(numbers_of(buyers, previous), labels, coordinates(buyers, groups.space))
    return {new: previous.slugs[old] for new, old in matched.items() if old < len(previous.slugs)}


def _sizes(labels: pl.Series, spent: pl.Series) -> dict[str, tuple[int, float, float]]:
    """Count each group's members, with their share of the buyers and of the money."""
    money = max(float(spent.clip(lower_bound=0).sum()), 1.0)
    summed = (
        pl.DataFrame({"segment": labels, "spent": spent.clip(lower_bound=0)})
        .group_by("segment")
        .agg(pl.len(), pl.col("spent").sum())
    )
    return {
        slug: (count, count / max(labels.len(), 1), float(part) / money)
        for slug, count, part in summed.iter_rows()
    }


def _described(
    slug: str,
    parameters: Groups,
    size: tuple[int, float, float],
    drivers: Sequence[Driver],
    money: Money,
    fit_words: str,
) -> PublishedGroup:
    archetype = ARCHETYPES[slug]
    if isinstance(parameters, RuleGroups):
        definition = parameters.definition(slug, money)
    else:
        definition = define(slug, parameters, money)
    return PublishedGroup(
        slug, slug, archetype.name, archetype.description, definition, tuple(drivers), *size, fit_words
    )


def define(slug: str, groups: CentreGroups, money: Money) -> tuple[str, ...]:
    """Say who belongs to a group around a centre: the state, and whom its members are most like."""
    number = groups.slugs.index(slug)
    state = groups.states[number]
    rivals = [other for other, own in enumerate(groups.states) if own == state and other != number]
    typical = _typical(number, groups, rivals, money)
    if state == ANY_STATE:
        return (f"Everybody with an order who is more like this than like any other group: {typical}.",)
    sentences = [f"Everybody who {STATES[state]}."]
    if rivals:
        sentences.append(f"Of these, whoever is most like this: {typical}.")
    return (*sentences, *_guests(groups))


def _guests(groups: CentreGroups) -> tuple[str, ...]:
    homeless = [
        words for state, words in STATES.items() if state not in {*groups.states, "prospect", "interested"}
    ]
    if not homeless:
        return ()
    listed = "; who ".join(homeless)
    return (f"Too few for a group of their own, so counted where they are most alike: who {listed}.",)


def _typical(number: int, groups: CentreGroups, rivals: Sequence[int], money: Money) -> str:
    """Name the amounts at the centre in which it differs most from its rivals."""
    places = groups.places
    others = places[list(rivals)] if rivals else places
    unlike = np.abs(places[number] - others.mean(axis=0))
    said = []
    for column in np.argsort(-unlike, kind="stable")[:MOST_SAID].tolist():
        dimension = groups.space.dimensions[column]
        amount, feature = amount_at(dimension, float(places[number, column])), FEATURES[dimension.feature]
        if amount is not None:
            said.append(f"{feature.label} {value_words(_rounded(amount), feature, money)}")
    return ", ".join(said) or "their place among all buyers"


def _rounded(amount: float) -> float:
    return float(f"{amount:.3g}") if abs(amount) < 1_000 else round(amount)  # noqa: PLR2004
