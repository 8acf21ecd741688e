"""The three groups that a shop does best to begin with."""

from collections.abc import Mapping, Sequence
from typing import Any

_PLACES = (
    (
        ("vip", "champions", "best-customers", "high-value-active", "loyal", "regulars"),
        "the best customers",
        "They bring more of the revenue than any other group: keeping them comes first.",
    ),
    (
        (
            "rising-stars",
            "potential-loyalist",
            "promising",
            "active",
            "recent-customers",
            "newcomers",
            "new",
            "recent",
        ),
        "those who are on their way up",
        "They are beginning to buy more: a little help now makes regulars of them.",
    ),
    (
        (
            "at-risk",
            "previously-loyal",
            "cant-lose",
            "slipping",
            "drifting-away",
            "needs-attention",
            "need-attention",
        ),
        "those who are slipping away",
        "They were good customers and stay away: every week makes it harder to bring them back.",
    ),
)


def proposed_start(groups: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Choose the three groups to begin with: the best, the rising, and the ones at risk.

    Parameters
    ----------
    groups
        The published groups, each with ``slug``, ``name``, ``customer_count`` and, for learned ones,
        ``archetype``.

    Returns
    -------
    list of dict
        At most three, each with ``slug``, ``name`` and ``why``. Where a shop lacks the first choice, the
        nearest group stands in; a place for which nobody is there is left out, and no group comes twice.
    """
    there = [group for group in groups if group["customer_count"] > 0]
    chosen: list[dict[str, str]] = []
    for archetypes, _, why in _PLACES:
        group = _nearest(there, archetypes)
        if group is not None:
            chosen.append({"slug": group["slug"], "name": group["name"], "why": why})
    return chosen


def start_words(groups: Sequence[Mapping[str, Any]]) -> str:
    """Say the proposal in one sentence, and what this shop has nobody for."""
    chosen = [group["name"] for group in proposed_start(groups)]
    there = [group for group in groups if group["customer_count"] > 0]
    missing = [words for archetypes, words, _ in _PLACES if _nearest(there, archetypes) is None]
    if not chosen:
        return "There is no group to begin with yet: it takes customers with orders."
    begin = f"Begin with {_listed(chosen)}, and take up the others once these run."
    return f"{begin} There is no group yet for {_listed(missing)}." if missing else begin


def _nearest(groups: Sequence[Mapping[str, Any]], archetypes: Sequence[str]) -> Mapping[str, Any] | None:
    """Return the group whose archetype comes first; of two alike the larger one, then the first by slug."""
    fitting = [group for group in groups if _archetype(group) in archetypes]
    return min(
        fitting,
        key=lambda group: (archetypes.index(_archetype(group)), -group["customer_count"], group["slug"]),
        default=None,
    )


def _archetype(group: Mapping[str, Any]) -> str:
    return str(group.get("archetype") or group["slug"])


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
