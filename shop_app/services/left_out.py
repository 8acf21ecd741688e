"""Whom to leave out of a mailing and why, for tables that leave: the reasons that hold for destinations."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shop_app.segments.guards import Guard
from shop_app.segments.small_groups import LEAST_PEOPLE, too_small
from shop_app.services.push_labels import LabelMaker
from shop_app.services.push_words import who_words
from shop_app.storage import customer_scores, holdouts, push_subjects
from shop_app.storage.engine import Connection, transaction
from shop_app.storage.push_subjects import SubjectRow, Trouble

Row = dict[str, Any]
_PAGE = 5_000
_NAMED = ("slug", "name", "description", "advice", "as_of", "currency", "vocabulary")
"""What stands in a row of segments besides figures."""


def columns_of(guards: list[Guard]) -> Row:
    """Return the two columns of one customer: nobody may be mailed whom anything speaks against."""
    return {"may_be_mailed": not guards, "left_out": "; ".join(guard.words.rstrip(".") for guard in guards)}


def guards_by_person(
    connection: Connection, maker: LabelMaker, segments: Mapping[int, str], *, at: datetime
) -> dict[int, list[Guard]]:
    """Return what speaks against mailing each of these persons, of whom the segment is given."""
    rows = push_subjects.list_some(connection, list(segments))
    return _guards(connection, maker, rows, segments, at=at)


def with_left_out(shop_id: int, maker: LabelMaker, rows: list[Row], *, at: datetime) -> list[Row]:
    """Add to each segment how many of its customers may be mailed, and how many may not for which reason."""
    frame = customer_scores.read_columns(shop_id, ["segment"])
    segments: dict[int, str] = dict(frame.iter_rows())
    free: Counter[str] = Counter()
    kept: dict[str, Counter[str]] = {}
    after = 0
    while True:
        with transaction(shop_id) as connection:
            page = push_subjects.list_next(connection, after=after, limit=_PAGE)
            found = _guards(connection, maker, page, segments, at=at)
        if not page:
            break
        after = page[-1].customer_id
        for person_id, guards in found.items():
            free[segments[person_id]] += not guards
            kept.setdefault(segments[person_id], Counter()).update({guard.kind for guard in guards})
    return [
        {
            **row,
            "may_be_mailed": free[row["slug"]],
            "left_out": _words(kept.get(row["slug"], Counter())),
        }
        for row in rows
    ]


def without_small_groups(rows: list[Row]) -> list[Row]:
    """Return the segments for whoever may not see single customers: no figure that tells of under five people.

    Figures of a small segment are left out, and those of as many of the next smallest as it takes so that
    nobody works them out from the rest; so is how many may be mailed where that, or how many may not, is
    a few.
    """
    hidden = too_small({row["slug"]: row["customer_count"] for row in rows})
    return [
        {name: value if name in _NAMED else None for name, value in row.items()}
        if row["slug"] in hidden
        else _without_few(row)
        for row in rows
    ]


def _without_few(row: Row) -> Row:
    free = row["may_be_mailed"]
    if any(0 < number < LEAST_PEOPLE for number in (free, row["customer_count"] - free)):
        return row | {"may_be_mailed": None, "left_out": None}
    reasons = [part.split(" ", 1) for part in row["left_out"].split("; ") if part]
    if any(int(number.replace(",", "")) < LEAST_PEOPLE for number, _ in reasons):
        return row | {"left_out": None}
    return row


def _words(kept: Counter[str]) -> str:
    return "; ".join(f"{number:,} {who_words(kind)}" for kind, number in sorted(kept.items()))


def _guards(
    connection: Connection,
    maker: LabelMaker,
    rows: list[SubjectRow],
    segments: Mapping[int, str],
    *,
    at: datetime,
) -> dict[int, list[Guard]]:
    own = [row for row in rows if row.is_own and row.person_id in segments]
    people = [row.person_id for row in own]
    trouble = push_subjects.read_trouble(connection, people, since=maker.trouble_since(at), until=at)
    arms = holdouts.arms_of(connection, people) if maker.choices.holdouts else {}
    found = {}
    for row in own:
        segment = segments[row.person_id]
        arm = maker.arm(row.person_id, segment, arms)
        found[row.person_id] = maker.guards(row, segment, trouble.get(row.person_id, Trouble()), arm, at=at)
    return found
