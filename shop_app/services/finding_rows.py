"""Frames of findings as rows of plain values, in the order in which they are shown."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from shop_app.bundles.associations import Associations
from shop_app.bundles.baskets import Baskets
from shop_app.bundles.candidates import Candidates
from shop_app.bundles.suggestions import suggest
from shop_app.storage.basket_findings import Finding

MOST_ROWS = 500
"""Of each kind and segment: nobody reads on, and everything can be worked out again."""
_SUGGESTED = 5


def as_findings(kind: str, frame: pl.DataFrame, key: Sequence[str]) -> list[Finding]:
    """Return a frame's rows as findings, best first as they come; a column ``segment`` parts them."""
    ranks: dict[str, int] = {}
    rows = []
    for values in frame.iter_rows(named=True):
        segment = str(values.get("segment") or "")
        ranks[segment] = ranks.get(segment, 0) + 1
        if ranks[segment] <= MOST_ROWS:
            facts = {name: _plain(value) for name, value in values.items()}
            rows.append(Finding(kind, segment, ranks[segment], _key(values, key), facts))
    return rows


def candidate_findings(candidates: Candidates) -> list[Finding]:
    """Return what could be offered, for everybody and for each segment, and what could not and why."""
    ranks: dict[str, int] = {}
    rows = []
    for each in candidates.ranked:
        ranks[each.segment] = ranks.get(each.segment, 0) + 1
        if ranks[each.segment] <= MOST_ROWS:
            facts = {name: _plain(value) for name, value in each.to_json().items()}
            rows.append(Finding("candidate", each.segment, ranks[each.segment], each.key, facts))
    blocked = [
        Finding("blocked", "", rank, each.key, {name: _plain(value) for name, value in each.to_json().items()})
        for rank, each in enumerate(candidates.blocked[:MOST_ROWS], start=1)
    ]
    return rows + blocked


def suggestion_rows(associations: Associations, baskets: Baskets) -> pl.DataFrame:
    """Return for each item, the most frequent first, what to show beside it: at most five others each."""
    pairs, popular = associations.pairs, associations.popular
    known = set(pairs["a"]) | set(pairs["b"])
    shown = [key for key in baskets.popular_keys(MOST_ROWS) if key in known]
    called = dict(baskets.keys.select("key", "name").iter_rows())
    return pl.DataFrame(
        {
            "a": shown,
            "a_name": [called[key] for key in shown],
            "items": [
                [
                    {"key": each, "name": called[each]}
                    for each in suggest(pairs, [key], popular=popular, most=_SUGGESTED)
                ]
                for key in shown
            ],
        },
        schema={
            "a": pl.String,
            "a_name": pl.String,
            "items": pl.List(pl.Struct({"key": pl.String, "name": pl.String})),
        },
    )


def _key(values: Mapping[str, Any], names: Sequence[str]) -> str:
    parts: list[str] = []
    for name in names:
        value = values[name]
        parts += (
            [str(each) for each in value] if isinstance(value, list) else ["" if value is None else str(value)]
        )
    return "|".join(parts)


def _plain(value: Any) -> Any:  # noqa: ANN401 (whatever a column holds)
    """Return a value as JSON has it: what is no number is none."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value
