"""Pushes: what is to be changed at a destination, who approved it, and what became of every row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

_SHOP = "current_setting('app.shop_id')::bigint"
TAKE_BACK = ("undo", "clean-up")
"""Kinds of push that go out even while the destination is paused: a person has just asked for them."""
AT_ANY_HOUR = ("withdrawal", *TAKE_BACK)
"""Kinds that quiet hours do not hold up: who withdrew their consent does not wait for the morning."""
_COLUMNS = """id, destination, kind, state, made_at, why, decided_at, decided_by, note, ended_at, undoes,
    undone_by"""


@dataclass(frozen=True, slots=True)
class Push:
    """One push.

    ``kind`` is ``plan``, ``flow``, ``withdrawal``, ``undo`` or ``clean-up``; ``state`` is ``open``,
    ``running``, ``done``, ``rejected`` or ``superseded``.
    """

    id: int
    destination: str
    kind: str
    state: str
    made_at: datetime
    why: str
    decided_at: datetime | None
    decided_by: str
    note: str
    ended_at: datetime | None
    undoes: int | None
    undone_by: int | None


@dataclass(frozen=True, slots=True)
class PushRow:
    """One customer in a push."""

    customer_id: int
    segment: str
    from_segment: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    state: str
    reason: str
    at: datetime


def begin(
    connection: Connection,
    destination: str,
    kind: str,
    *,
    at: datetime,
    why: str = "",
    who: str = "",
    undoes: int | None = None,
) -> int:
    """Make a push without rows and return its id; one that is decided by ``who`` runs at once."""
    number: int = connection.execute(
        text(f"""
            INSERT INTO pushes (shop_id, destination, kind, state, made_at, why, decided_at, decided_by, undoes)
            VALUES ({_SHOP}, :destination, :kind, :state, :at, :why,
                    CASE WHEN :who <> '' THEN CAST(:at AS timestamptz) END, :who, :undoes) RETURNING id"""),
        {
            "destination": destination,
            "kind": kind,
            "state": "running" if who else "open",
            "at": at,
            "why": why,
            "who": who,
            "undoes": undoes,
        },
    ).scalar_one()
    return number


def find(connection: Connection, push_id: int) -> Push | None:
    """Return one push."""
    row = connection.execute(
        text(f"SELECT {_COLUMNS} FROM pushes WHERE id = :id"), {"id": push_id}
    ).one_or_none()
    return None if row is None else Push(*row)


def lock(connection: Connection, push_id: int) -> Push | None:
    """Return one push that nobody else decides on before this transaction ends."""
    row = connection.execute(
        text(f"SELECT {_COLUMNS} FROM pushes WHERE id = :id FOR UPDATE"), {"id": push_id}
    ).one_or_none()
    return None if row is None else Push(*row)


def find_open(connection: Connection, destination: str) -> Push | None:
    """Return the plan that waits for a person, if there is one."""
    row = connection.execute(
        text(f"""
            SELECT {_COLUMNS} FROM pushes WHERE destination = :destination AND state = 'open'
            ORDER BY id DESC LIMIT 1"""),
        {"destination": destination},
    ).one_or_none()
    return None if row is None else Push(*row)


def find_flow(connection: Connection, destination: str, *, since: datetime, kind: str = "flow") -> Push | None:
    """Return the flow (or other ``kind``) that was begun after a moment and is not undone."""
    row = connection.execute(
        text(f"""
            SELECT {_COLUMNS} FROM pushes WHERE destination = :destination AND kind = :kind
              AND made_at > :since AND state IN ('running', 'done') AND undone_by IS NULL
            ORDER BY id DESC LIMIT 1"""),
        {"destination": destination, "since": since, "kind": kind},
    ).one_or_none()
    return None if row is None else Push(*row)


def list_running(connection: Connection, destination: str) -> list[Push]:
    """Return what is being sent: what takes something back comes first, then the oldest."""
    rows = connection.execute(
        text(f"""
            SELECT {_COLUMNS} FROM pushes WHERE destination = :destination AND state = 'running'
            ORDER BY kind IN ('plan', 'flow'), id"""),
        {"destination": destination},
    )
    return [Push(*row) for row in rows]


def list_newest(
    connection: Connection, *, destination: str | None = None, before_id: int | None = None, limit: int = 25
) -> list[Push]:
    """Return pushes, newest first, from before an id on."""
    rows = connection.execute(
        text(f"""
            SELECT {_COLUMNS} FROM pushes
            WHERE (CAST(:destination AS text) IS NULL OR destination = :destination)
              AND (CAST(:before AS bigint) IS NULL OR id < :before)
            ORDER BY id DESC LIMIT :limit"""),
        {"destination": destination, "before": before_id, "limit": limit},
    )
    return [Push(*row) for row in rows]


def set_state(connection: Connection, push_id: int, state: str, *, at: datetime | None = None) -> None:
    """Move a push on; with ``at`` it has ended."""
    connection.execute(
        text("UPDATE pushes SET state = :state, ended_at = :at WHERE id = :id"),
        {"id": push_id, "state": state, "at": at},
    )


def decide(connection: Connection, push_id: int, state: str, *, who: str, at: datetime, note: str) -> None:
    """Keep who let a push run, or not."""
    connection.execute(
        text("""
            UPDATE pushes SET state = :state, decided_by = :who, decided_at = :at, note = :note,
                ended_at = CASE WHEN :state = 'running' THEN NULL ELSE CAST(:at AS timestamptz) END
            WHERE id = :id"""),
        {"id": push_id, "state": state, "who": who, "at": at, "note": note},
    )


def note_undone(connection: Connection, push_id: int, *, by: int) -> None:
    """Say that another push takes this one back."""
    connection.execute(text("UPDATE pushes SET undone_by = :by WHERE id = :id"), {"id": push_id, "by": by})


def count_rows(connection: Connection, push_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """Return by push how many of its rows are in which state."""
    rows = connection.execute(
        text("""
            SELECT push_id, state, count(*) AS customers FROM push_rows
            WHERE push_id = ANY(CAST(:ids AS bigint[])) GROUP BY 1, 2"""),
        {"ids": list(push_ids)},
    )
    found: dict[int, dict[str, int]] = {push_id: {} for push_id in push_ids}
    for row in rows:
        found[row.push_id][row.state] = row.customers
    return found


def count_moves(connection: Connection, push_id: int) -> list[dict[str, Any]]:
    """Return how many customers a push moves from which segment to which, the most first ("": none)."""
    rows = connection.execute(
        text("""
            SELECT from_segment, segment AS to_segment, count(*) AS customers FROM push_rows
            WHERE push_id = :id GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2"""),
        {"id": push_id},
    )
    return [row._asdict() for row in rows]


def count_names(connection: Connection, push_id: int, part: str) -> dict[str, dict[str, int]]:
    """Return, for a part that is a list of names, how many customers get and lose each: added, removed."""
    rows = connection.execute(
        text("""
            WITH rows AS (SELECT COALESCE(before -> :part, '[]') AS had, COALESCE(after -> :part, '[]') AS wants
                          FROM push_rows WHERE push_id = :id)
            SELECT name, 'added' AS what, count(*) AS customers
            FROM rows, jsonb_array_elements_text(wants) AS name WHERE NOT had @> to_jsonb(name) GROUP BY 1
            UNION ALL
            SELECT name, 'removed', count(*) FROM rows, jsonb_array_elements_text(had) AS name
            WHERE NOT wants @> to_jsonb(name) GROUP BY 1"""),
        {"id": push_id, "part": part},
    )
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row.name, {"added": 0, "removed": 0})[row.what] = row.customers
    return found


def list_rows(
    connection: Connection,
    push_id: int,
    *,
    segment: str | None = None,
    states: Sequence[str] | None = None,
    after_id: int = 0,
    limit: int = 50,
) -> list[PushRow]:
    """Return the next rows of a push by customer."""
    rows = connection.execute(
        text("""
            SELECT customer_id, segment, from_segment, before, after, state, reason, at FROM push_rows
            WHERE push_id = :id AND customer_id > :after
              AND (CAST(:segment AS text) IS NULL OR segment = :segment)
              AND (CAST(:states AS text[]) IS NULL OR state = ANY(CAST(:states AS text[])))
            ORDER BY customer_id LIMIT :limit"""),
        {
            "id": push_id,
            "after": after_id,
            "segment": segment,
            "states": None if states is None else list(states),
            "limit": limit,
        },
    )
    return [PushRow(*row) for row in rows]


def read_rows(connection: Connection, push_id: int, customer_ids: Sequence[int]) -> dict[int, PushRow]:
    """Return these rows of a push."""
    rows = connection.execute(
        text("""
            SELECT customer_id, segment, from_segment, before, after, state, reason, at FROM push_rows
            WHERE push_id = :id AND customer_id = ANY(CAST(:ids AS bigint[]))"""),
        {"id": push_id, "ids": list(customer_ids)},
    )
    return {row.customer_id: PushRow(*row) for row in rows}


def set_rows(
    connection: Connection, push_id: int, state: str, reasons: Mapping[int, str], *, at: datetime
) -> None:
    """Say what became of these rows, with a reason each ("" for none)."""
    connection.execute(
        text("""
            UPDATE push_rows r SET state = :state, reason = given.reason, at = :at
            FROM unnest(CAST(:ids AS bigint[]), CAST(:reasons AS text[])) AS given (id, reason)
            WHERE r.push_id = :push AND r.customer_id = given.id"""),
        {
            "push": push_id,
            "state": state,
            "at": at,
            "ids": list(reasons),
            "reasons": list(reasons.values()),
        },
    )


def forget_rows(connection: Connection, *, before: datetime) -> int:
    """Forget which customers old pushes concerned; that there was a push stays known."""
    return connection.execute(
        text("""
            DELETE FROM push_rows WHERE at < :before AND push_id NOT IN (
                SELECT id FROM pushes WHERE state IN ('open', 'running'))"""),
        {"before": before},
    ).rowcount
