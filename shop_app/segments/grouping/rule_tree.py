"""What a rule is made of: conditions, and the ways of joining them. A rule is data and never text to be run."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

Single: TypeAlias = int | float | str | bool
Value: TypeAlias = Single | tuple[Single, ...] | None


class RuleError(ValueError):
    """A rule cannot be used; the message names the place in it and the way out."""

    def __init__(self, place: str, trouble: str) -> None:
        super().__init__(f"{place}: {trouble}")
        self.place = place


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing asked of one feature.

    Attributes
    ----------
    feature
        A key of :data:`~shop_app.segments.grouping.catalogue.FEATURES`.
    operator
        ``at_least``, ``more_than``, ``at_most``, ``less_than``, ``is``, ``is_not``, ``one_of``, ``none_of``,
        ``known`` or ``unknown``.
    value
        What the feature is held against: money in minor units, shares from 0 to 1; several of ``one_of`` and
        ``none_of``; ``None`` of ``known`` and ``unknown``.
    slack_ratio
        How far, as a share of the value, the border gives way to somebody who is already inside.
    """

    feature: str
    operator: str
    value: Value = None
    slack_ratio: float = 0.0


@dataclass(frozen=True, slots=True)
class All:
    """Holds where every one of its rules holds."""

    rules: tuple["Rule", ...]


@dataclass(frozen=True, slots=True)
class Any_:  # noqa: N801 - typing.Any has the name
    """Holds where one of its rules holds, or several."""

    rules: tuple["Rule", ...]


Rule: TypeAlias = Condition | All | Any_


def conditions(rule: Rule) -> Iterator[Condition]:
    """Yield the conditions of a rule from left to right."""
    if isinstance(rule, Condition):
        yield rule
        return
    for part in rule.rules:
        yield from conditions(part)


def features_of(rule: Rule) -> tuple[str, ...]:
    """Return the features a rule asks about, each once, in the order they are asked."""
    return tuple(dict.fromkeys(condition.feature for condition in conditions(rule)))


def changed(rule: Rule, change: Callable[[Condition], Condition]) -> Rule:
    """Return the same rule with every condition changed."""
    if isinstance(rule, Condition):
        return change(rule)
    return replace(rule, rules=tuple(changed(part, change) for part in rule.rules))
