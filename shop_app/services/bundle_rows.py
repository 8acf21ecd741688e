"""Findings as rows of a table: always the same columns, for pages, ``--json`` and files."""

from collections.abc import Sequence
from typing import Any

from shop_app.services.bundle_goods import Goods
from shop_app.storage.basket_findings import Finding

Row = dict[str, Any]

_PAIR = (
    *("a", "b", "a_name", "b_name", "count", "a_count", "b_count", "basket_count", "support"),
    *("confidence_ab", "confidence_ba", "weighted_confidence_ab", "weighted_confidence_ba", "lift"),
    *("expected", "adjusted_lift", "adjusted_lift_low", "adjusted_lift_high", "g", "p_value", "q_value"),
    "is_found",
)
_SEGMENT_PAIR = (
    *("a", "b", "a_name", "b_name", "count", "segment_baskets", "support", "store_support"),
    *("confidence_ab", "store_confidence_ab", "confidence_ba", "store_confidence_ba"),
    *("lift_over_store", "lift_over_store_low", "lift_over_store_high", "q_value", "is_found"),
    *("is_enough", "enough_words"),
)
_COLUMNS = {
    "pair": _PAIR,
    "segment_pair": _SEGMENT_PAIR,
    "set": (
        *("items", "names", "item_count", "count", "basket_count", "support", "expected", "adjusted_lift"),
        *("adjusted_lift_low", "adjusted_lift_high", "g", "p_value", "q_value", "is_found"),
    ),
    "sequence": (
        *("first", "then", "first_name", "then_name", "customers", "first_customers", "share_ratio"),
        *("median_gap_days", "null_customers", "ratio", "ratio_low", "ratio_high", "p_value", "q_value"),
        *("is_found", "reverse_customers", "order_q_value", "is_ordered"),
    ),
    "next": (
        *("place", "after", "after_name", "key", "name", "customers", "of_customers", "share_ratio"),
        *("store_share_ratio", "lift", "lift_low", "lift_high"),
    ),
    "one_and_done": (
        *("key", "name", "first_buyers", "never_back", "share_ratio", "low", "high", "store_share_ratio"),
        *("q_value", "is_found"),
    ),
    "category_pair": (
        *("first", "second", "both_customers", "one_customers", "both_value", "one_value", "difference"),
        *("low", "high", "is_enough"),
    ),
    "suggestion": ("a", "a_name", "items"),
    "blocked": ("title", "reason"),
    "left_out": ("item_id", "name", "reason", "reason_words"),
}
KINDS = tuple(_COLUMNS)
_ENDS = {"pair": ("a", "b"), "segment_pair": ("a", "b"), "sequence": ("first", "then")}
"""What a row is about, where it is about two things of a price and a stock."""


def keys_of(kind: str, findings: Sequence[Finding]) -> list[str]:
    """Return what findings are about, each key once; nothing where their kind is not about two things."""
    ends = _ENDS.get(kind, ())
    return list(dict.fromkeys(str(each.facts.get(end)) for each in findings for end in ends))


def rows_of(kind: str, findings: Sequence[Finding], goods: Goods | None = None) -> list[Row]:
    """Return findings of one kind as rows with the same keys; what a finding does not say is ``None``.

    With ``goods``, rows about two things have ``unit_margin`` (of both at their present prices, minor units),
    ``unit_margin_ratio`` and ``stock`` (of the scarcer one).
    """
    columns, ends = _COLUMNS[kind], _ENDS.get(kind)
    found = []
    for each in findings:
        row: Row = {"rank": each.rank, **{name: each.facts.get(name) for name in columns}}
        if goods is not None and ends is not None:
            keys = [str(row[end]) for end in ends]
            row |= {
                "unit_margin": goods.margin(*keys),
                "unit_margin_ratio": goods.margin_ratio(*keys),
                "stock": goods.stock(*keys),
            }
        found.append(row)
    return found
