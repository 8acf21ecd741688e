"""What was decided about segments, by whom and when: a line each, never rewritten."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text


@dataclass(frozen=True, slots=True)
class Decision:
    """One line: ``kind`` is ``fit``, ``goal``, ``rule``, ``play`` or ``confirmation``."""

    at: datetime
    who: str
    kind: str
    about: str
    from_state: str | None
    to_state: str | None
    note: str


def record(connection: Connection, decision: Decision) -> None:
    """Keep a decision."""
    connection.execute(
        text("""
            INSERT INTO decisions (shop_id, at, who, kind, about, from_state, to_state, note)
            VALUES (current_setting('app.shop_id')::bigint, :at, :who, :kind, :about, :from_state, :to_state,
                    :note)"""),
        {
            "at": decision.at,
            "who": decision.who,
            "kind": decision.kind,
            "about": decision.about,
            "from_state": decision.from_state,
            "to_state": decision.to_state,
            "note": decision.note,
        },
    )


def list_newest(
    connection: Connection, *, kind: str | None = None, about: str | None = None, limit: int = 50
) -> list[Decision]:
    """Return the newest decisions (of a kind, about one thing), newest first."""
    rows = connection.execute(
        text("""
            SELECT at, who, kind, about, from_state, to_state, note FROM decisions
            WHERE (CAST(:kind AS text) IS NULL OR kind = :kind)
              AND (CAST(:about AS text) IS NULL OR about = :about)
            ORDER BY id DESC LIMIT :limit"""),
        {"kind": kind, "about": about, "limit": limit},
    )
    return [Decision(*row) for row in rows]
