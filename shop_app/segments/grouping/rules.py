"""Rules: whom a merchant means, as data. All that others need of them stands here."""

from shop_app.segments.grouping.rule_distance import distances
from shop_app.segments.grouping.rule_matching import holds, matches
from shop_app.segments.grouping.rule_reading import OPERATORS, operators_for, rule_from_json, rule_to_json
from shop_app.segments.grouping.rule_tree import (
    All,
    Any_,
    Condition,
    Rule,
    RuleError,
    Value,
    changed,
    conditions,
    features_of,
)
from shop_app.segments.grouping.rule_words import condition_words, plain_number, rule_words, value_words

__all__ = [
    "OPERATORS",
    "All",
    "Any_",
    "Condition",
    "Rule",
    "RuleError",
    "Value",
    "changed",
    "condition_words",
    "conditions",
    "distances",
    "features_of",
    "holds",
    "matches",
    "operators_for",
    "plain_number",
    "rule_from_json",
    "rule_to_json",
    "rule_words",
    "value_words",
]
