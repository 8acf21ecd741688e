"""Whether a fit may go live: every check with its answer in a sentence."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

import numpy as np
import polars as pl

from shop_app.segments.grouping.agreement import Labels
from shop_app.segments.grouping.archetypes import ARCHETYPES
from shop_app.segments.grouping.catalogue import FEATURES
from shop_app.segments.grouping.intuition import intuition
from shop_app.segments.grouping.percents import percent
from shop_app.segments.grouping.space import Floats

MIN_RATIO, MIN_PEOPLE = 0.005, 5
MAX_RATIO = 0.85
JUDGED_FROM = 100
# Below a hundred buyers a group of three is what there is.
LARGE_EFFECT = 0.14
# Eta squared; what is called a large effect (Cohen, Statistical Power Analysis, 1988).
APART = 0.5
# Standard deviations between two groups' members in the feature they differ in most: a medium effect.
MOST_GROUPS = 8


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at.

    Attributes
    ----------
    check
        Its slug.
    name
        What a screen calls it.
    passed
        Whether it is as it should be.
    needs_person
        Whether a person may decide that it is right all the same; else the fit cannot go live.
    words
        What was found, in a sentence.
    figures
        The numbers behind it.
    """

    check: str
    name: str
    passed: bool
    needs_person: bool
    words: str
    figures: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        """Give plain values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A fit as the gate looks at it.

    Attributes
    ----------
    buyers
        Customers with an order (a sample in a large shop), a row each.
    labels
        Everybody's group as a number from 0.
    names, archetypes
        One a group.
    features, columns
        The dimensions, and everybody's coordinates in them.
    lost
        Names of groups of the last fit that nobody continues.
    moved_ratio, move_limit_ratio
        The share of buyers whose label would change (``None``: nobody had one), and what the merchant allows.
    """

    buyers: pl.DataFrame
    labels: Labels
    names: Sequence[str]
    archetypes: Sequence[str]
    features: Sequence[str]
    columns: Sequence[Floats]
    lost: Sequence[str] = ()
    moved_ratio: float | None = None
    move_limit_ratio: float = 0.15

    @property
    def sizes(self) -> Labels:
        """How many members each group has."""
        return np.bincount(self.labels, minlength=len(self.names)).astype(np.int64)


def check_fit(candidate: Candidate) -> tuple[Check, ...]:
    """Look at a fit from all sides.

    Returns
    -------
    tuple of Check
        ``group_sizes``, ``differences``, ``one_strategy``, ``intuition`` (one for each thing a merchant would
        expect), ``no_twins``, ``group_count``, ``emptied`` and ``moves``.

    Notes
    -----
    Differences are judged by their size and not by their chance: with enough customers the smallest difference
    is sure. Effect sizes: eta squared, and Cohen's d between pairs of groups.
    """
    return tuple(_checks(candidate))


def _checks(candidate: Candidate) -> Iterator[Check]:
    yield _sizes(candidate)
    if len(candidate.buyers) >= JUDGED_FROM and len(candidate.names) > 1:
        yield _differences(candidate)
        yield _twins(candidate)
    yield _strategies(candidate)
    for passed, words, figures in intuition(candidate.buyers, candidate.labels, candidate.archetypes):
        yield Check("intuition", "As you would expect", passed, not passed, words, figures)
    yield _count(candidate)
    yield _emptied(candidate)
    yield _moves(candidate)


def _sizes(candidate: Candidate) -> Check:
    everybody, sizes = max(len(candidate.labels), 1), candidate.sizes
    shares = {name: float(size / everybody) for name, size in zip(candidate.names, sizes, strict=True)}
    least = max(MIN_RATIO * everybody, MIN_PEOPLE) if everybody >= JUDGED_FROM else 1
    least = least if len(candidate.labels) else 0
    small = [name for name, size in zip(candidate.names, sizes, strict=True) if size < least]
    large = [name for name, share in shares.items() if share > MAX_RATIO and everybody >= JUDGED_FROM]
    if small:
        words = f"Too small to act on: {_listed(small)}."
    elif not len(candidate.labels):
        words = "There are no buyers yet."
    elif large:
        words = (
            f"{_listed(large)} holds {percent(max(shares.values()))} of the buyers: too broad for one action."
        )
    else:
        words = f"Every group has between {_span(shares)} of the buyers."
    return Check(
        "group_sizes", "Group sizes", not (small or large), bool(small or large), words, {"ratios": shares}
    )


def _differences(candidate: Candidate) -> Check:
    """Ask how much of the spread of each dimension lies between the groups."""
    between = {
        feature: _eta_squared(column, candidate.labels)
        for feature, column in zip(candidate.features, candidate.columns, strict=True)
    }
    best = max(between, key=lambda feature: between[feature], default="")
    passed = bool(best) and between[best] >= LARGE_EFFECT
    told = (
        f"the groups tell {percent(between[best])} of the differences in {FEATURES[best].label}" if best else ""
    )
    words = f"Differences that matter: {told}." if passed else "The groups hardly differ in anything."
    return Check("differences", "Differences that matter", passed, False, words, {"eta_squared": between})


def _twins(candidate: Candidate) -> Check:
    """Ask of every pair of groups in which dimension they differ most."""
    apart = {
        (first, second): _most_apart(candidate, first, second)
        for first, second in combinations(range(len(candidate.names)), 2)
        if candidate.sizes[first] and candidate.sizes[second]
    }
    nearest = min(apart, key=lambda pair: apart[pair], default=None)
    if nearest is None:
        return Check("no_twins", "No two groups alike", True, False, "There is one group.", {})
    first, second = (candidate.names[number] for number in nearest)
    figures = {"pair": [first, second], "standard_deviations": apart[nearest]}
    passed = apart[nearest] >= APART
    words = f"{first} and {second} are the most alike"
    told = f"{words}, and still {apart[nearest]:.1f} standard deviations apart."
    return Check(
        "no_twins", "No two groups alike", passed, False, told if passed else f"{words}: they are one.", figures
    )


def _strategies(candidate: Candidate) -> Check:
    shared = sorted({slug for slug in candidate.archetypes if list(candidate.archetypes).count(slug) > 1})
    words = f"More than one group would be treated as {_listed(_names(shared))}."
    if not shared:
        words = "Every group has a playbook of its own."
    return Check("one_strategy", "One strategy each", not shared, False, words, {"shared": shared})


def _count(candidate: Candidate) -> Check:
    count = len(candidate.names)
    passed = count <= MOST_GROUPS
    words = f"{count} groups: few enough to act on." if count > 1 else "One group."
    if not passed:
        words = f"{count} groups are more than most teams can act on; six to eight are usual. Begin with fewer."
    return Check("group_count", "Number of groups", passed, not passed, words, {"count": count})


def _emptied(candidate: Candidate) -> Check:
    lost = list(candidate.lost)
    words = f"Nobody would be left in {_listed(lost)}." if lost else "No group of the last fit is emptied."
    return Check("emptied", "No group emptied", not lost, bool(lost), words, {"lost": lost})


def _moves(candidate: Candidate) -> Check:
    moved, limit = candidate.moved_ratio, candidate.move_limit_ratio
    passed = moved is None or moved <= limit
    if moved is None:
        words = "Nobody had a group before, so nobody moves."
    elif passed:
        words = f"{percent(moved, 1)} of the buyers would change their group; you allow {percent(limit)}."
    else:
        words = f"{percent(moved)} of the buyers would change their group; you allow {percent(limit)} at most."
    return Check(
        "moves", "Who would move", passed, not passed, words, {"moved_ratio": moved, "limit_ratio": limit}
    )


def _eta_squared(column: Floats, labels: Labels) -> float:
    sizes = np.bincount(labels)
    means = np.bincount(labels, column) / np.maximum(sizes, 1)
    whole = float(((column - column.mean()) ** 2).sum())
    between = float((sizes * (means - column.mean()) ** 2).sum())
    return between / whole if whole else 0.0


def _most_apart(candidate: Candidate, first: int, second: int) -> float:
    """Return the largest difference of means between two groups, in standard deviations inside them."""
    most = 0.0
    for column in candidate.columns:
        one, other = column[candidate.labels == first], column[candidate.labels == second]
        inside = (one.var() * one.size + other.var() * other.size) / (one.size + other.size)
        most = max(most, float(abs(one.mean() - other.mean()) / max(inside, 1e-4) ** 0.5))
    return most


def _span(shares: Mapping[str, float]) -> str:
    values = list(shares.values()) or [0.0]
    return f"{percent(min(values), 1)} and {percent(max(values))}"


def _names(slugs: Sequence[str]) -> list[str]:
    return [ARCHETYPES[slug].name if slug in ARCHETYPES else slug for slug in slugs]


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)
