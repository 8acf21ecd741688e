"""Why one customer is in their segment: the facts, the borders and the distances, the same words everywhere."""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shop_app.segments.fact_words import (
    Money,
    Single,
    StoryFact,
    border_words,
    capitalised,
    count_words,
    fact_words,
    known,
)
from shop_app.segments.grouping.catalogue import FEATURES
from shop_app.segments.grouping.partition import Partition
from shop_app.segments.grouping.rules import All, Condition, Rule, Value, condition_words, conditions

AT_BORDER, NEAR_BORDER = 0.05, 0.2
# Of the margin from 0 to 1: a twentieth is one order of luck, a fifth a few weeks of a usual rhythm.
_OUTWARDS = {"at_least": -1.0, "more_than": -1.0, "at_most": 1.0, "less_than": 1.0}
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "at_least": operator.ge,
    "more_than": operator.gt,
    "at_most": operator.le,
    "less_than": operator.lt,
    "is": operator.eq,
    "is_not": operator.ne,
}


@dataclass(frozen=True, slots=True)
class SegmentStory:
    """Why somebody is where they are.

    Attributes
    ----------
    summary
        One sentence: the segment, the last order, the orders and the money.
    facts
        What decides, in the order in which it is asked.
    nearness
        How near the border to another segment is; empty where that is not known.
    """

    summary: str
    facts: tuple[StoryFact, ...]
    nearness: str

    @property
    def sentences(self) -> tuple[str, ...]:
        """All of it, to be read one after the other."""
        return tuple(
            line for line in (self.summary, *(fact.words for fact in self.facts), self.nearness) if line
        )

    def to_json(self) -> dict[str, Any]:
        """Give plain values."""
        return {
            "summary": self.summary,
            "facts": [fact.to_json() for fact in self.facts],
            "nearness": self.nearness,
            "sentences": list(self.sentences),
        }


def segment_story(
    row: Mapping[str, Any], name: str, facts: Sequence[StoryFact], *, margin: float | None, money: Money
) -> SegmentStory:
    """Put the story of one customer together.

    Parameters
    ----------
    row
        The customer's row of the scored frame.
    name
        What the segment is called.
    facts
        From :func:`rule_facts`, :func:`partition_facts` or
        :func:`~shop_app.segments.centre_story.centre_facts`.
    margin
        How far inside the border they are, 0 to 1; ``None`` for somebody without an order.
    money
        Turns minor units into text for people.
    """
    return SegmentStory(f"{name}: {_summary(row, money)}.", tuple(facts), nearness_words(margin))


def rule_facts(row: Mapping[str, Any], rule: Rule, *, money: Money) -> tuple[StoryFact, ...]:
    """Say of every condition that matters what this customer has, and how far it is from the border.

    Of alternatives the first that holds is told, else the first that holds with the slack of its borders, else
    the first.
    """
    return tuple(_fact(row, condition, money) for condition in _deciding(row, rule))


def partition_facts(
    row: Mapping[str, Any], partition: Partition, group: str, *, money: Money
) -> tuple[StoryFact, ...]:
    """Tell the rule of the group that this customer fulfils: strictly, or within the slack of its borders."""
    own = [cell.rule for cell in partition.cells if cell.group == group]
    for give in (0.0, 1.0):
        for rule in own:
            if fulfils(row, rule, give=give):
                return rule_facts(row, rule, money=money)
    return rule_facts(row, own[0], money=money) if own else ()


def fulfils(row: Mapping[str, Any], rule: Rule, *, give: float = 0.0) -> bool:
    """Tell for one row what :func:`~shop_app.segments.grouping.rule_matching.holds` tells for a frame."""
    if isinstance(rule, Condition):
        return _fulfils(row, rule, give)
    every = all if isinstance(rule, All) else any
    return every(fulfils(row, part, give=give) for part in rule.rules)


def nearness_words(margin: float | None) -> str:
    """Say how near the border to another segment is."""
    if margin is None:
        return ""
    if margin < AT_BORDER:
        return "They are right at the border to another segment."
    if margin < NEAR_BORDER:
        return "They are near the border to another segment."
    return "They are well inside their segment."


def _summary(row: Mapping[str, Any], money: Money) -> str:
    if not row.get("order_count"):
        return "no order that counts"
    told = [(name, known(row.get(name))) for name in ("recency_days", "order_count", "total_spent")]
    return ", ".join(fact_words(name, value, money) for name, value in told if value is not None)


def _deciding(row: Mapping[str, Any], rule: Rule) -> list[Condition]:
    if isinstance(rule, Condition):
        return [rule]
    if isinstance(rule, All):
        return list(dict.fromkeys(condition for part in rule.rules for condition in _deciding(row, part)))
    for give in (0.0, 1.0):
        for part in rule.rules:
            if fulfils(row, part, give=give):
                return _deciding(row, part)
    return list(conditions(rule.rules[0]))


def _fact(row: Mapping[str, Any], condition: Condition, money: Money) -> StoryFact:
    feature, value = FEATURES[condition.feature], known(row.get(condition.feature))
    border = _border_of(condition)
    if value is None:
        return StoryFact(
            feature.name, feature.label, None, border, None, f"{capitalised(feature.label)}: not known."
        )
    if border is None or isinstance(value, str | bool):
        return StoryFact(
            feature.name, feature.label, value, None, None, f"{_plainly(condition, value, money)}."
        )
    asked = (
        f"; {count_words(value, condition.operator, border)}"
        if feature.whole
        else f", {border_words(value, border, feature, money)}"
    )
    held = not _fulfils(row, condition, 0.0) and _fulfils(row, condition, 1.0)
    slack = f" (inside by the {condition.slack_ratio * 100:.0f} % that the border gives way)" if held else ""
    words = f"{capitalised(fact_words(feature.name, value, money))}{asked}{slack}."
    return StoryFact(feature.name, feature.label, value, border, abs(value - border), words)


def _plainly(condition: Condition, value: Single, money: Money) -> str:
    """Say a fact without a border: a text, a yes or no, or that something is known at all."""
    if condition.value is None:
        return capitalised(condition_words(condition, money))
    return capitalised(fact_words(condition.feature, value, money))


def _border_of(condition: Condition) -> float | None:
    value = condition.value
    if condition.operator not in _OUTWARDS or value is None or isinstance(value, str | bool | tuple):
        return None
    return float(value)


def _fulfils(row: Mapping[str, Any], condition: Condition, give: float) -> bool:
    value, asked = known(row.get(condition.feature)), condition.value
    if condition.operator in ("known", "unknown") or value is None:
        return (value is None) == (condition.operator == "unknown")
    if isinstance(asked, tuple):
        return (value in asked) == (condition.operator == "one_of")
    return _COMPARE[condition.operator](value, _given_way(condition, give))


def _given_way(condition: Condition, give: float) -> Value:
    asked = condition.value
    if not give or not condition.slack_ratio or not isinstance(asked, int | float) or isinstance(asked, bool):
        return asked
    outwards = _OUTWARDS.get(condition.operator, 1.0)
    return asked + outwards * give * condition.slack_ratio * abs(asked)
