"""Who went from which segment to which between two dates, and how much money goes with them."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import polars as pl

from shop_app.segments.grouping.percents import percent

MOST_WORDS = 4
BEST = ("vip", "champions", "best-customers")
_KEYS = ("from_segment", "to_segment")


def movements(
    before: pl.DataFrame,
    after: pl.DataFrame,
    *,
    names: Mapping[str, str],
    money: Callable[[int], str],
) -> dict[str, Any]:
    """Compare where everybody was with where they are.

    Parameters
    ----------
    before, after
        One row a customer: ``customer_id`` (unique), ``segment``, ``total_spent`` (minor units).
    names
        What the segments are called, by slug.
    money
        Turns minor units into text for people.

    Returns
    -------
    dict
        Plain values:

        - ``before_count``, ``after_count``; ``stayed_count``, ``moved_count``, ``entered_count`` (only after),
          ``left_count`` (only before).
        - ``flows``: ``from``, ``to`` (slugs; null for who entered or left), ``customer_count``, ``amount``
          (what they have spent by the later date, by the earlier one for who left), ``added`` (what of it came
          between the dates); stayers too. The largest first.
        - ``segments``: by their count after, each with ``slug``, ``before_count``, ``after_count``,
          ``before_ratio``, ``after_ratio`` (of all at that date).
        - ``words``: sentences on the greatest movements and the best customers' share.
    """
    flows = _flows(before, after)
    segments = _segments(before, after)
    moved = [flow for flow in flows if flow["from"] and flow["to"] and flow["from"] != flow["to"]]
    return {
        "before_count": before.height,
        "after_count": after.height,
        "stayed_count": _people(flow for flow in flows if flow["from"] == flow["to"]),
        "moved_count": _people(moved),
        "entered_count": _people(flow for flow in flows if flow["from"] is None),
        "left_count": _people(flow for flow in flows if flow["to"] is None),
        "flows": flows,
        "segments": segments,
        "words": [*_moved_words(moved, names, money), *_share_words(segments, names)],
    }


def _flows(before: pl.DataFrame, after: pl.DataFrame) -> list[dict[str, Any]]:
    was = before.select("customer_id", from_segment="segment", spent_before="total_spent")
    now = after.select("customer_id", to_segment="segment", spent_after="total_spent")
    spent = pl.col("spent_after").fill_null(pl.col("spent_before"))
    return (
        was.join(now, on="customer_id", how="full", coalesce=True)
        .group_by(_KEYS)
        .agg(
            customer_count=pl.len(),
            amount=spent.sum(),
            added=(spent - pl.col("spent_before").fill_null(0)).sum(),
        )
        .sort("customer_count", "amount", *_KEYS, descending=[True, True, False, False])
        .rename({"from_segment": "from", "to_segment": "to"})
        .to_dicts()
    )


def _segments(before: pl.DataFrame, after: pl.DataFrame) -> list[dict[str, Any]]:
    was, now = (_counted(frame) for frame in (before, after))
    slugs = sorted(was.keys() | now.keys(), key=lambda slug: (-now.get(slug, 0), slug))
    return [
        {
            "slug": slug,
            "before_count": was.get(slug, 0),
            "after_count": now.get(slug, 0),
            "before_ratio": was.get(slug, 0) / before.height if before.height else 0.0,
            "after_ratio": now.get(slug, 0) / after.height if after.height else 0.0,
        }
        for slug in slugs
    ]


def _counted(frame: pl.DataFrame) -> dict[str, int]:
    return dict(frame.group_by("segment").agg(pl.len()).rows())


def _people(flows: Iterable[Mapping[str, Any]]) -> int:
    return sum(flow["customer_count"] for flow in flows)


def _moved_words(
    moved: list[dict[str, Any]], names: Mapping[str, str], money: Callable[[int], str]
) -> list[str]:
    if not moved:
        return ["Nobody has changed their segment."]
    return [
        f"{_customers(flow['customer_count'])} moved from {_name(flow['from'], names)} to "
        f"{_name(flow['to'], names)}; they have spent {money(flow['amount'])} so far."
        for flow in moved[:MOST_WORDS]
    ]


def _share_words(segments: list[dict[str, Any]], names: Mapping[str, str]) -> list[str]:
    """Say how the best customers' share has changed, and which shares have grown and shrunk the most."""
    by_change = sorted(segments, key=lambda row: (row["after_ratio"] - row["before_ratio"], row["slug"]))
    best = [row for row in segments if row["slug"] in BEST][:1]
    told = {row["slug"]: row for row in [*best, *by_change[-1:], *by_change[:1]]}
    return [_share_sentence(row, names) for row in told.values() if row in best or _has_changed(row)]


def _has_changed(row: dict[str, Any]) -> bool:
    return percent(row["after_ratio"], 1) != percent(row["before_ratio"], 1)


def _share_sentence(row: dict[str, Any], names: Mapping[str, str]) -> str:
    share, after = (
        f"The share of {_name(row['slug'], names)}",
        f"{percent(row['after_ratio'], 1)} of all customers",
    )
    if not _has_changed(row):
        return f"{share} stayed at {after}."
    verb = "grew" if row["after_ratio"] > row["before_ratio"] else "fell"
    return f"{share} {verb} from {percent(row['before_ratio'], 1)} to {after}."


def _name(slug: str, names: Mapping[str, str]) -> str:
    return names.get(slug, slug)


def _customers(count: int) -> str:
    return "1 customer" if count == 1 else f"{count:,} customers"
