"""How webhooks are doing: how many came, what became of them, and letting what got stuck be tried anew."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

_STUCK = "state IN ('dead', 'quarantined')"


@dataclass(frozen=True, slots=True)
class TopicCount:
    """How many deliveries of one topic are in one state."""

    topic: str
    state: str
    count: int
    newest_at: datetime


@dataclass(frozen=True, slots=True)
class Stuck:
    """A delivery that was not applied, why in words, and what it is about."""

    id: int
    topic: str
    state: str
    outcome: str
    concerns: str
    triggered_at: datetime
    received_at: datetime
    attempts: int
    has_body: bool


def count_topics(connection: Connection, *, since: datetime) -> list[TopicCount]:
    """Count what came since then, by topic and by what became of it."""
    rows = connection.execute(
        text("""
            SELECT topic, state, count(*) AS count, max(received_at) AS newest_at FROM webhook_inbox
            WHERE received_at >= :since GROUP BY topic, state ORDER BY topic, state"""),
        {"since": since},
    )
    return [TopicCount(*row) for row in rows]


def oldest_waiting(connection: Connection) -> datetime | None:
    """Return when the longest waiting delivery came, or ``None`` where none waits."""
    found = connection.execute(text("SELECT min(received_at) FROM webhook_inbox WHERE state = 'new'")).scalar()
    return found if isinstance(found, datetime) else None


def newest_applied(connection: Connection) -> datetime | None:
    """Return when the newest delivery came that has been applied, or ``None`` where none has."""
    found = connection.execute(
        text("SELECT received_at FROM webhook_inbox WHERE state = 'done' ORDER BY received_at DESC LIMIT 1")
    ).scalar()
    return found if isinstance(found, datetime) else None


def count_stuck(connection: Connection) -> dict[str, int]:
    """Return how many are ``dead`` and how many ``quarantined``."""
    rows = connection.execute(
        text(f"SELECT state, count(*) AS number FROM webhook_inbox WHERE {_STUCK} GROUP BY state")
    )
    return {"dead": 0, "quarantined": 0} | {row.state: int(row.number) for row in rows}


def list_stuck(connection: Connection, limit: int) -> list[Stuck]:
    """Return what was not applied, the newest first."""
    rows = connection.execute(
        text(f"""
            SELECT id, topic, state, COALESCE(outcome, '') AS outcome, COALESCE(concerns, '') AS concerns,
                triggered_at, received_at, attempts, body IS NOT NULL AS has_body
            FROM webhook_inbox WHERE {_STUCK} ORDER BY id DESC LIMIT :limit"""),
        {"limit": limit},
    )
    return [Stuck(*row) for row in rows]


def replay(connection: Connection, delivery_id: int | None) -> int:
    """Let one that was not applied (all of them, for ``None``) be tried anew; return how many those are."""
    return connection.execute(
        text(f"""
            UPDATE webhook_inbox SET state = 'new', attempts = 0, next_at = NULL, applied_at = NULL,
                outcome = NULL
            WHERE {_STUCK} AND body IS NOT NULL AND (CAST(:id AS bigint) IS NULL OR id = :id)"""),
        {"id": delivery_id},
    ).rowcount
