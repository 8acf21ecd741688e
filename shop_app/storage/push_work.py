"""Rows on their way: from "differs" into a push, from a push into a chunk that one worker sends."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

_SHOP = "current_setting('app.shop_id')::bigint"
_ROW_COLUMNS = "shop_id, push_id, customer_id, segment, from_segment, before, after, state, at"
# Whoever is being sent something right now is looked at again once that is settled.
_NOT_UNDER_WAY = """NOT EXISTS (SELECT FROM push_jobs j WHERE j.destination = s.destination
    AND s.customer_id = ANY(j.customer_ids))"""
_JOB_COLUMNS = (
    "push_id, customer_ids, rows, steps, step, submitted, remote_key, outcomes, poll_at, polls, begun_at"
)


@dataclass(frozen=True, slots=True)
class Job:
    """The chunk that a destination is being sent: ``step`` is the number of the step it is at.

    ``rows`` are kept as they were when the chunk was made: whoever asks what came of it asks for the same.
    """

    push_id: int
    customer_ids: list[int]
    rows: list[dict[str, Any]]
    steps: list[str]
    step: int
    submitted: bool
    remote_key: str | None
    outcomes: dict[str, list[str]]
    poll_at: datetime | None
    polls: int
    begun_at: datetime

    @property
    def step_name(self) -> str | None:
        """Return the step that is next, or ``None`` once all are done."""
        return self.steps[self.step] if self.step < len(self.steps) else None


# Whoever took a consent back, or objected, and is still where that does not let them be.
_WITHDREW = """s.acknowledged IS NOT NULL
    AND (s.guards @> '[{"kind": "no-consent"}]' OR s.guards @> '[{"kind": "data-sale-opt-out"}]')
    AND (s.acknowledged -> 'lists') IS DISTINCT FROM (s.desired -> 'lists')"""


def take_waiting(
    connection: Connection,
    push_id: int,
    destination: str,
    *,
    at: datetime,
    runs: bool,
    only_withdrawn: bool = False,
) -> int:
    """Put everybody who waits into a push; with ``runs`` they may be sent at once. Returns how many.

    ``only_withdrawn`` takes those alone who may not stay where they are: their consent is gone.
    """
    who = f"s.state = 'waiting' AND {_NOT_UNDER_WAY}" + (f" AND {_WITHDREW}" if only_withdrawn else "")
    taken = connection.execute(
        text(f"""
            INSERT INTO push_rows ({_ROW_COLUMNS})
            SELECT {_SHOP}, :push, s.customer_id, s.segment, s.held_segment, s.acknowledged, s.desired, :state,
                   :at
            FROM push_states s WHERE s.destination = :destination AND {who}
            ORDER BY s.customer_id
            ON CONFLICT (shop_id, push_id, customer_id) DO UPDATE SET segment = EXCLUDED.segment,
                after = EXCLUDED.after, state = EXCLUDED.state, reason = '', at = EXCLUDED.at"""),
        {"push": push_id, "destination": destination, "state": "ready" if runs else "planned", "at": at},
    ).rowcount
    if runs:
        connection.execute(
            text(f"""
                UPDATE push_states s SET state = 'ready', push_id = :push
                WHERE s.destination = :destination AND {who}"""),
            {"push": push_id, "destination": destination},
        )
    return taken


def count_withdrawn(connection: Connection, destination: str) -> int:
    """Return how many of those who wait may not stay where they are."""
    count: int = connection.execute(
        text(f"""
            SELECT count(*) FROM push_states s
            WHERE s.destination = :destination AND s.state = 'waiting' AND {_NOT_UNDER_WAY} AND {_WITHDREW}"""),
        {"destination": destination},
    ).scalar_one()
    return count


def stale_ratio(connection: Connection, push_id: int, destination: str) -> float:
    """Return the share (0 to 1) of an open plan's rows that do not stand any more as they were planned."""
    row = connection.execute(
        text("""
            SELECT count(*) AS planned, count(s.customer_id) AS standing FROM push_rows r
            LEFT JOIN push_states s ON s.shop_id = r.shop_id AND s.customer_id = r.customer_id
              AND s.destination = :destination AND s.state = 'waiting'
              AND s.desired IS NOT DISTINCT FROM r.after AND s.acknowledged IS NOT DISTINCT FROM r.before
            WHERE r.push_id = :push AND r.state = 'planned'"""),
        {"push": push_id, "destination": destination},
    ).one()
    return 1.0 - row.standing / row.planned if row.planned else 1.0


def release(
    connection: Connection,
    push_id: int,
    destination: str,
    *,
    at: datetime,
    segments: Sequence[str] | None,
) -> tuple[int, int]:
    """Let an approved plan's rows be sent: exactly those that still stand as they were planned.

    ``segments`` narrows it to rows of these target segments. Returns how many may be sent, and how many have
    changed since; those stay with whoever waits, and the next plan has them.
    """
    values = {
        "push": push_id,
        "destination": destination,
        "at": at,
        "segments": None if segments is None else list(segments),
    }
    ready = connection.execute(
        text("""
            UPDATE push_rows r SET state = 'ready', at = :at FROM push_states s
            WHERE r.push_id = :push AND r.state = 'planned' AND s.destination = :destination
              AND s.customer_id = r.customer_id AND s.state = 'waiting'
              AND s.desired IS NOT DISTINCT FROM r.after AND s.acknowledged IS NOT DISTINCT FROM r.before
              AND (CAST(:segments AS text[]) IS NULL OR r.segment = ANY(CAST(:segments AS text[])))"""),
        values,
    ).rowcount
    connection.execute(
        text("""
            UPDATE push_states s SET state = 'ready', push_id = :push FROM push_rows r
            WHERE r.push_id = :push AND r.state = 'ready' AND s.destination = :destination
              AND s.customer_id = r.customer_id AND s.state = 'waiting'"""),
        values,
    )
    connection.execute(
        text("""
            UPDATE push_rows SET state = 'left out', at = :at WHERE push_id = :push AND state = 'planned'
              AND CAST(:segments AS text[]) IS NOT NULL AND segment <> ALL(CAST(:segments AS text[]))"""),
        values,
    )
    changed = connection.execute(
        text("""
            UPDATE push_rows SET state = 'changed', at = :at, reason = 'Changed since it was planned.'
            WHERE push_id = :push AND state = 'planned'"""),
        values,
    ).rowcount
    return ready, changed


def withdraw(connection: Connection, push_id: int, destination: str, *, at: datetime) -> None:
    """Take what is not sent yet out of a push; whoever differs still waits for the next plan."""
    values = {"push": push_id, "destination": destination, "at": at}
    connection.execute(
        text("""
            UPDATE push_states SET state = 'waiting', push_id = NULL
            WHERE destination = :destination AND push_id = :push AND state = 'ready'"""),
        values,
    )
    connection.execute(
        text("""
            UPDATE push_rows SET state = 'left out', at = :at, reason = 'The destination was paused.'
            WHERE push_id = :push AND state = 'ready'"""),
        values,
    )


def take_back(
    connection: Connection, push_id: int, destination: str, *, of_push: int | None, at: datetime
) -> int:
    """Fill a push with what brings customers back: to before ``of_push``, or to nothing of ours at all.

    A customer who holds something else by now than that push left there is let be. Returns how many rows.
    """
    if of_push is None:
        source = f"""
            SELECT {_SHOP}, :push, s.customer_id, '', s.held_segment, s.acknowledged, NULL, 'ready', :at
            FROM push_states s WHERE s.destination = :destination
              AND (s.acknowledged IS NOT NULL OR cardinality(s.owned) > 0) ORDER BY s.customer_id"""
    else:
        source = f"""
            SELECT {_SHOP}, :push, r.customer_id, r.from_segment, s.held_segment, s.acknowledged, r.before,
                   'ready', :at
            FROM push_rows r JOIN push_states s ON s.shop_id = r.shop_id AND s.customer_id = r.customer_id
              AND s.destination = :destination AND s.acknowledged IS NOT DISTINCT FROM r.after
            WHERE r.push_id = :of AND r.state = 'sent' ORDER BY r.customer_id"""
    return connection.execute(
        text(f"INSERT INTO push_rows ({_ROW_COLUMNS}) {source}"),
        {"push": push_id, "destination": destination, "of": of_push, "at": at},
    ).rowcount


def claim(connection: Connection, push_id: int, destination: str, *, at: datetime, limit: int) -> list[int]:
    """Return the next customers of a running push that may be sent now; the caller holds the lease."""
    rows = connection.execute(
        text("""
            SELECT r.customer_id FROM push_rows r
            JOIN push_states s ON s.shop_id = r.shop_id AND s.customer_id = r.customer_id
             AND s.destination = :destination
            WHERE r.push_id = :push AND r.state = 'ready' AND (s.next_at IS NULL OR s.next_at <= :at)
            ORDER BY r.customer_id LIMIT :limit"""),
        {"push": push_id, "destination": destination, "at": at, "limit": limit},
    )
    return list(rows.scalars())


def next_at(connection: Connection, destination: str) -> datetime | None:
    """Return when the next postponed row of a running push may be tried again; ``None``: there is none."""
    moment: datetime | None = connection.execute(
        text("""
            SELECT min(COALESCE(s.next_at, to_timestamp(0))) FROM push_rows r
            JOIN pushes p ON p.shop_id = r.shop_id AND p.id = r.push_id AND p.state = 'running'
            JOIN push_states s ON s.shop_id = r.shop_id AND s.customer_id = r.customer_id
             AND s.destination = p.destination
            WHERE p.destination = :destination AND r.state = 'ready'"""),
        {"destination": destination},
    ).scalar_one()
    return moment


def has_left(connection: Connection, push_id: int) -> bool:
    """Tell whether a push has rows that are still to be sent."""
    return bool(
        connection.execute(
            text("""
                SELECT EXISTS (
                    SELECT FROM push_rows WHERE push_id = :push AND state IN ('ready', 'sending'))"""),
            {"push": push_id},
        ).scalar_one()
    )


def count_sent_since(connection: Connection, destination: str, moment: datetime) -> int:
    """Return how many customers were changed there after a moment without anybody having approved it.

    Those who wait to be changed once more are left out: whoever counts those too counts each customer once.
    """
    count: int = connection.execute(
        text("""
            SELECT count(DISTINCT r.customer_id) FROM push_rows r
            JOIN pushes p ON p.shop_id = r.shop_id AND p.id = r.push_id
            WHERE p.destination = :destination AND p.kind = 'flow' AND r.at > :moment
              AND r.state IN ('ready', 'sending', 'sent') AND NOT EXISTS (
                  SELECT FROM push_states s WHERE s.shop_id = r.shop_id AND s.destination = :destination
                    AND s.customer_id = r.customer_id AND s.state = 'waiting')"""),
        {"destination": destination, "moment": moment},
    ).scalar_one()
    return count


def find_job(connection: Connection, destination: str) -> Job | None:
    """Return the chunk that is under way there."""
    row = connection.execute(
        text(f"SELECT {_JOB_COLUMNS} FROM push_jobs WHERE destination = :destination"),
        {"destination": destination},
    ).one_or_none()
    return None if row is None else Job(*row)


def when_to_poll(connection: Connection, destination: str) -> tuple[bool, datetime | None]:
    """Tell whether a chunk is under way there, and when to ask after it; its rows are left unread."""
    row = connection.execute(
        text("SELECT poll_at FROM push_jobs WHERE destination = :destination"), {"destination": destination}
    ).one_or_none()
    return row is not None, None if row is None else row.poll_at


def begin_job(
    connection: Connection,
    destination: str,
    push_id: int,
    rows: Mapping[int, Mapping[str, Any]],
    steps: Sequence[str],
    *,
    at: datetime,
) -> None:
    """Note down that a chunk is being sent, before anything is; ``rows`` are by customer."""
    connection.execute(
        text(f"""
            INSERT INTO push_jobs (shop_id, destination, push_id, customer_ids, rows, steps, begun_at)
            VALUES ({_SHOP}, :destination, :push, CAST(:ids AS bigint[]), CAST(:rows AS jsonb),
                    CAST(:steps AS text[]), :at)"""),
        {
            "destination": destination,
            "push": push_id,
            "ids": list(rows),
            "rows": json.dumps([dict(row) for row in rows.values()], ensure_ascii=False),
            "steps": list(steps),
            "at": at,
        },
    )
    connection.execute(
        text("""
            UPDATE push_rows SET state = 'sending', at = :at
            WHERE push_id = :push AND customer_id = ANY(CAST(:ids AS bigint[]))"""),
        {"push": push_id, "ids": list(rows), "at": at},
    )


def note_submitted(
    connection: Connection, destination: str, *, remote_key: str | None = None, poll_at: datetime | None = None
) -> None:
    """Note down that the step goes out now, and then by which key the other side knows it."""
    connection.execute(
        text("""
            UPDATE push_jobs SET submitted = true, remote_key = :key, poll_at = :poll_at, polls = polls + 1
            WHERE destination = :destination"""),
        {"destination": destination, "key": remote_key, "poll_at": poll_at},
    )


def note_step_done(connection: Connection, destination: str, outcomes: Mapping[int, tuple[str, str]]) -> None:
    """Keep what a step came to (kind and words by customer), and go on to the next."""
    connection.execute(
        text("""
            UPDATE push_jobs SET step = step + 1, submitted = false, remote_key = NULL, poll_at = NULL,
                polls = 0, outcomes = outcomes || CAST(:outcomes AS jsonb)
            WHERE destination = :destination"""),
        {
            "destination": destination,
            "outcomes": json.dumps({str(key): list(value) for key, value in outcomes.items()}),
        },
    )


def begin_step_again(connection: Connection, destination: str) -> None:
    """Say that a step that was sent is to be sent anew: what came of it has been read back."""
    connection.execute(
        text("""
            UPDATE push_jobs SET submitted = false, remote_key = NULL, poll_at = NULL
            WHERE destination = :destination"""),
        {"destination": destination},
    )


def end_job(connection: Connection, destination: str) -> None:
    """Forget the chunk: its rows have been settled."""
    connection.execute(
        text("DELETE FROM push_jobs WHERE destination = :destination"), {"destination": destination}
    )


def as_outcomes(stored: Mapping[str, Any]) -> dict[int, tuple[str, str]]:
    """Return kept outcomes by customer."""
    return {int(key): (str(value[0]), str(value[1])) for key, value in stored.items()}
