"""How steady the segments are: who changes in a week, who does so without doing anything, who goes back."""

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

WEEKS = 4
BACK_DAYS = 28
STEADY_RATIO, RESTLESS_RATIO = 0.05, 0.10
# Of the customers without anything new. Rules moved 1.6 % of them in a week on a real store, K-Means without
# hysteresis 4.2 %; past a tenth, work begun with a segment meets other people in it before it is finished.


def flip_rate(
    changes: pl.DataFrame,
    new_facts: pl.DataFrame,
    *,
    customer_count: int,
    as_of: datetime,
    labelled_since: datetime | None = None,
) -> dict[str, Any]:
    """Measure how many customers change their segment, and for how many of them nothing but time has passed.

    Parameters
    ----------
    changes
        ``customer_id``, ``from_segment``, ``to_segment`` (null: was, or is, no customer of their own),
        ``changed_at`` (UTC). A first label and a last one are no change.
    new_facts
        ``customer_id``, ``happened_at`` (UTC): orders and whatever else is a customer's own doing.
    customer_count
        How many customers have a segment.
    as_of
        The end of the last week; aware.
    labelled_since
        Since when there are labels: weeks that began before are left out. ``None``: for long enough.

    Returns
    -------
    dict
        Plain values:

        - ``weeks``: of the last four weeks, the oldest first, ``from``, ``until`` (ISO 8601),
          ``changed_count``, ``changed_ratio`` (of all customers), ``quiet_count`` (customers without a new fact
          in that week), ``aged_count``, ``aged_ratio`` (of the quiet ones, those who changed all the same).
        - ``changed_ratio``, ``aged_ratio``: the means of the weeks; null without a week or a customer.
        - ``judged_change_count``, ``back_ratio``: of the changes that are 28 to 56 days old, the share after
          which the customer was back in the segment they had left within 28 days; null without such a change.
        - ``verdict``: ``steady``, ``moving``, ``restless`` or ``unknown``; ``words``: sentences.

    Notes
    -----
    Younger changes are not judged: those who have not gone back *yet* would count as those who never do.
    """
    moves = _moves(changes)
    weeks = [
        _week(moves, new_facts, customer_count, until=as_of - timedelta(days=7 * ago))
        for ago in reversed(range(WEEKS))
        if labelled_since is None or as_of - timedelta(days=7 * (ago + 1)) >= labelled_since
    ]
    found: dict[str, Any] = {
        "weeks": weeks,
        "changed_ratio": _mean([week["changed_ratio"] for week in weeks]),
        "aged_ratio": _mean([week["aged_ratio"] for week in weeks]),
        **_went_back(moves, as_of),
    }
    found["verdict"] = _verdict(found["aged_ratio"])
    return found | {"words": _words(found)}


def _moves(changes: pl.DataFrame) -> pl.DataFrame:
    """Keep the changes from one segment to another, each customer's in the order of time."""
    return (
        changes.drop_nulls(["from_segment", "to_segment"])
        .filter(pl.col("from_segment") != pl.col("to_segment"))
        .sort("customer_id", "changed_at", maintain_order=True)
    )


def _week(
    moves: pl.DataFrame, new_facts: pl.DataFrame, customer_count: int, *, until: datetime
) -> dict[str, Any]:
    since = until - timedelta(days=7)
    changed = _during(moves, "changed_at", since, until)
    active = _during(new_facts, "happened_at", since, until)
    quiet_count = max(customer_count - active.len(), 0)
    aged_count = int((~changed.is_in(active.to_list())).sum())
    return {
        "from": since.astimezone(UTC).isoformat(),
        "until": until.astimezone(UTC).isoformat(),
        "changed_count": changed.len(),
        "changed_ratio": _share(changed.len(), customer_count),
        "quiet_count": quiet_count,
        "aged_count": aged_count,
        "aged_ratio": _share(aged_count, quiet_count),
    }


def _during(frame: pl.DataFrame, column: str, since: datetime, until: datetime) -> pl.Series:
    """Return whom something happened to after ``since`` and up to ``until``, each once."""
    inside = (pl.col(column) > since.astimezone(UTC)) & (pl.col(column) <= until.astimezone(UTC))
    return frame.filter(inside)["customer_id"].unique()


def _went_back(moves: pl.DataFrame, as_of: datetime) -> dict[str, Any]:
    end = as_of.astimezone(UTC) - timedelta(days=BACK_DAYS)
    judged = moves.with_row_index("number").filter(
        (pl.col("changed_at") > end - timedelta(days=BACK_DAYS)) & (pl.col("changed_at") <= end)
    )
    returns = moves.select("customer_id", back_at="changed_at", from_segment="to_segment")
    waited = pl.col("back_at") - pl.col("changed_at")
    back = judged.join(returns, on=["customer_id", "from_segment"]).filter(
        (waited > timedelta(0)) & (waited <= timedelta(days=BACK_DAYS))
    )
    return {
        "judged_change_count": judged.height,
        "back_ratio": _share(back["number"].n_unique(), judged.height),
    }


def _share(part: int, whole: int) -> float | None:
    """Divide; more customers may have changed in a week than there are today, so it stops at 1."""
    return min(part / whole, 1.0) if whole else None


def _mean(ratios: list[float | None]) -> float | None:
    known = [ratio for ratio in ratios if ratio is not None]
    return sum(known) / len(known) if known else None


def _verdict(aged_ratio: float | None) -> str:
    if aged_ratio is None:
        return "unknown"
    if aged_ratio <= STEADY_RATIO:
        return "steady"
    return "moving" if aged_ratio <= RESTLESS_RATIO else "restless"


_VERDICT_WORDS = {
    "steady": "The segments are steady: who does nothing new stays where they are.",
    "moving": "The segments move a little by themselves: look at who came and went before you write to one.",
    "restless": "The segments move too much by themselves: use fewer groups, or those made by rules.",
    "unknown": "How steady the segments are is known after the first week.",
}


def _words(found: dict[str, Any]) -> list[str]:
    words = [_VERDICT_WORDS[found["verdict"]]]
    if found["changed_ratio"] is not None:
        words.append(
            f"In a week {_percent(found['changed_ratio'])} of the customers changed their segment"
            f"{_aged_words(found['aged_ratio'])}."
        )
    if found["back_ratio"] is not None:
        words.append(
            f"{_percent(found['back_ratio'])} of the changes were undone within {BACK_DAYS} days "
            f"({found['judged_change_count']:,} looked at)."
        )
    return words


def _aged_words(aged_ratio: float | None) -> str:
    if aged_ratio is None:
        return ""
    return f", and {_percent(aged_ratio)} of those who did nothing new in it"


def _percent(ratio: float) -> str:
    return f"{ratio * 100:.1f} %".replace(".0 %", " %")
