"""What each customer is to hold at a destination, what they do hold there, and what stands between the two.

``desired`` follows the labels, ``acknowledged`` is what the other side has confirmed. A row is ``settled``
where they are equal, ``waiting`` where they differ, ``ready`` in a push that is being sent, ``rejected`` until
something changes, ``absent`` where the destination knows no such customer.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

Document = dict[str, Any]
_SHOP = "current_setting('app.shop_id')::bigint"
_COLUMNS = """customer_id, state, segment, held_segment, desired, desired_at, acknowledged,
    acknowledged_at, changed_at, owned, written, remote_id, push_id, attempts, next_at, reason, guards"""


@dataclass(frozen=True, slots=True)
class PushState:
    """One customer at one destination."""

    customer_id: int
    state: str
    segment: str
    held_segment: str
    desired: Document | None
    desired_at: datetime
    acknowledged: Document | None
    acknowledged_at: datetime | None
    changed_at: datetime | None
    owned: list[str]
    written: list[str]
    remote_id: str | None = field(repr=False)
    push_id: int | None
    attempts: int
    next_at: datetime | None
    reason: str
    guards: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Desired:
    """What one customer is to hold from now on, under which segment, and what keeps them from more."""

    customer_id: int
    document: Document | None
    segment: str
    guards: Sequence[Mapping[str, Any]] = ()
    guard_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of one customer: what is there by now, which names are ours, under which segment."""

    customer_id: int
    acknowledged: Document | None
    owned: Sequence[str]
    segment: str = ""


def read_some(connection: Connection, destination: str, ids: Sequence[int]) -> dict[int, PushState]:
    """Return the states of these customers; nothing for one that was never to be sent."""
    rows = connection.execute(
        text(f"""
            SELECT {_COLUMNS} FROM push_states
            WHERE destination = :destination AND customer_id = ANY(CAST(:ids AS bigint[]))"""),
        {"destination": destination, "ids": list(ids)},
    )
    return {row.customer_id: PushState(*row) for row in rows}


def list_of_customer(connection: Connection, customer_ids: Sequence[int]) -> dict[str, list[PushState]]:
    """Return what these rows of one person are at each destination."""
    rows = connection.execute(
        text(f"""
            SELECT destination, {_COLUMNS} FROM push_states
            WHERE customer_id = ANY(CAST(:ids AS bigint[])) ORDER BY destination, customer_id"""),
        {"ids": list(customer_ids)},
    )
    found: dict[str, list[PushState]] = {}
    for row in rows:
        found.setdefault(row.destination, []).append(PushState(*row[1:]))
    return found


def list_ids(connection: Connection, destination: str, *, after: int, limit: int) -> list[int]:
    """Return the next customers by id that have a state there."""
    return list(
        connection.execute(
            text("""
                SELECT customer_id FROM push_states WHERE destination = :destination AND customer_id > :after
                ORDER BY customer_id LIMIT :limit"""),
            {"destination": destination, "after": after, "limit": limit},
        ).scalars()
    )


def write_desired(connection: Connection, destination: str, rows: Sequence[Desired], *, at: datetime) -> None:
    """Say what these customers are to hold; whoever is to hold something else than was planned waits anew.

    A row that is in a push under way leaves it: what that push was to send is not what is wanted any more.
    """
    connection.execute(
        text(f"""
            INSERT INTO push_states (shop_id, destination, customer_id, state, segment, desired, desired_at,
                                     changed_at, guards, guard_until)
            SELECT {_SHOP}, :destination, id,
                   CASE WHEN wanted IS NULL THEN 'settled' ELSE 'waiting' END, segment, wanted, :at,
                   CASE WHEN wanted IS NULL THEN NULL ELSE CAST(:at AS timestamptz) END, guards, until
            FROM (SELECT id, segment, CAST(document AS jsonb) AS wanted, CAST(guards AS jsonb) AS guards, until
                  FROM unnest(CAST(:ids AS bigint[]), CAST(:segments AS text[]), CAST(:documents AS text[]),
                              CAST(:guards AS text[]), CAST(:ends AS timestamptz[]))
                       AS given (id, segment, document, guards, until)) AS given
            ORDER BY id
            ON CONFLICT (shop_id, destination, customer_id) DO UPDATE SET
                segment = EXCLUDED.segment, desired = EXCLUDED.desired, desired_at = EXCLUDED.desired_at,
                guards = EXCLUDED.guards, guard_until = EXCLUDED.guard_until, attempts = 0, reason = '',
                next_at = NULL, push_id = NULL,
                state = CASE WHEN EXCLUDED.desired IS NOT DISTINCT FROM push_states.acknowledged
                             THEN 'settled' ELSE 'waiting' END,
                changed_at = CASE WHEN EXCLUDED.desired IS NOT DISTINCT FROM push_states.acknowledged THEN NULL
                                  ELSE COALESCE(push_states.changed_at, EXCLUDED.desired_at) END"""),
        {
            "destination": destination,
            "at": at,
            "ids": [row.customer_id for row in rows],
            "segments": [row.segment for row in rows],
            "documents": [as_json(row.document) for row in rows],
            "guards": [json.dumps([dict(guard) for guard in row.guards]) for row in rows],
            "ends": [row.guard_until for row in rows],
        },
    )


def list_guards_over(connection: Connection, *, at: datetime, limit: int) -> list[int]:
    """Return customers of whom something that kept them back has ended by now."""
    return list(
        connection.execute(
            text("""
                SELECT DISTINCT customer_id FROM push_states WHERE guard_until <= :at
                ORDER BY 1 LIMIT :limit"""),
            {"at": at, "limit": limit},
        ).scalars()
    )


def next_guard_end(connection: Connection) -> datetime | None:
    """Return when the next of all guards ends."""
    moment: datetime | None = connection.execute(
        text("SELECT min(guard_until) FROM push_states WHERE guard_until IS NOT NULL")
    ).scalar_one()
    return moment


def count_waiting(connection: Connection, destination: str) -> int:
    """Return how many customers differ and are in no push that is being sent."""
    count: int = connection.execute(
        text("SELECT count(*) FROM push_states WHERE destination = :destination AND state = 'waiting'"),
        {"destination": destination},
    ).scalar_one()
    return count


def oldest_change(connection: Connection, destination: str) -> datetime | None:
    """Return since when the longest waiting customer differs from what is there; ``None``: nobody does."""
    moment: datetime | None = connection.execute(
        text("""
            SELECT min(changed_at) FROM push_states
            WHERE destination = :destination AND state IN ('waiting', 'ready')"""),
        {"destination": destination},
    ).scalar_one()
    return moment


def settle(connection: Connection, destination: str, rows: Sequence[Settled], *, at: datetime) -> None:
    """Keep what the other side has confirmed; a row whose wishes changed meanwhile waits anew."""
    connection.execute(
        text("""
            UPDATE push_states s SET
                acknowledged = given.document, acknowledged_at = :at, owned = given.owned,
                held_segment = given.segment,
                written = ARRAY(SELECT DISTINCT name FROM unnest(s.written || given.owned) AS name ORDER BY 1),
                attempts = 0, reason = '', next_at = NULL, push_id = NULL,
                state = CASE WHEN s.desired IS NOT DISTINCT FROM given.document
                             THEN 'settled' ELSE 'waiting' END,
                changed_at = CASE WHEN s.desired IS NOT DISTINCT FROM given.document
                                  THEN NULL ELSE COALESCE(s.changed_at, :at) END
            FROM (SELECT id, segment, CAST(document AS jsonb) AS document,
                         ARRAY(SELECT jsonb_array_elements_text(CAST(owned AS jsonb))) AS owned
                  FROM unnest(CAST(:ids AS bigint[]), CAST(:documents AS text[]), CAST(:owned AS text[]),
                              CAST(:segments AS text[])) AS row (id, document, owned, segment)) AS given
            WHERE s.destination = :destination AND s.customer_id = given.id"""),
        {
            "destination": destination,
            "at": at,
            "ids": [row.customer_id for row in rows],
            "documents": [as_json(row.acknowledged) for row in rows],
            "owned": [json.dumps(sorted(row.owned)) for row in rows],
            "segments": [row.segment for row in rows],
        },
    )


def adopt(connection: Connection, destination: str, *, at: datetime) -> int:
    """Take what everybody is to hold for what they hold already: only what changes from now on is sent."""
    return connection.execute(
        text("""
            UPDATE push_states SET acknowledged = desired, acknowledged_at = :at, held_segment = segment,
                state = 'settled', changed_at = NULL
            WHERE destination = :destination AND state = 'waiting' AND acknowledged IS NULL"""),
        {"destination": destination, "at": at},
    ).rowcount


def put_aside(
    connection: Connection,
    destination: str,
    state: str,
    reasons: Mapping[int, str],
    *,
    next_at: datetime | None,
) -> None:
    """Say that these cannot be served now: ``rejected`` until they change, ``absent`` until ``next_at``."""
    connection.execute(
        text("""
            UPDATE push_states s SET state = :state, reason = given.reason, next_at = :next_at, push_id = NULL
            FROM unnest(CAST(:ids AS bigint[]), CAST(:reasons AS text[])) AS given (id, reason)
            WHERE s.destination = :destination AND s.customer_id = given.id"""),
        {
            "destination": destination,
            "state": state,
            "next_at": next_at,
            "ids": list(reasons),
            "reasons": list(reasons.values()),
        },
    )


def postpone(connection: Connection, destination: str, ids: Sequence[int], *, until: datetime) -> None:
    """Try these again later."""
    connection.execute(
        text("""
            UPDATE push_states SET attempts = attempts + 1, next_at = :until
            WHERE destination = :destination AND customer_id = ANY(CAST(:ids AS bigint[]))"""),
        {"destination": destination, "ids": list(ids), "until": until},
    )


def keep_in_push(connection: Connection, destination: str, push_id: int, ids: Sequence[int]) -> None:
    """Say that these are still to be sent by a push, unless something else is wanted of them by now."""
    connection.execute(
        text("""
            UPDATE push_states s SET state = 'ready', push_id = :push FROM push_rows r
            WHERE s.destination = :destination AND s.customer_id = ANY(CAST(:ids AS bigint[]))
              AND r.push_id = :push AND r.customer_id = s.customer_id
              AND s.desired IS NOT DISTINCT FROM r.after AND s.state <> 'settled'"""),
        {"destination": destination, "push": push_id, "ids": list(ids)},
    )


def wait_again(
    connection: Connection, destination: str, *, at: datetime, states: Sequence[str] = ("absent",)
) -> int:
    """Let those be tried again whose time has come (with ``rejected``: because a person says so)."""
    return connection.execute(
        text("""
            UPDATE push_states SET state = 'waiting', changed_at = :at, next_at = NULL, reason = '',
                attempts = 0
            WHERE destination = :destination AND state = ANY(CAST(:states AS text[]))
              AND (next_at IS NULL OR next_at <= :at)"""),
        {"destination": destination, "states": list(states), "at": at},
    ).rowcount


def own_before_sending(
    connection: Connection, destination: str, names: Mapping[int, Sequence[str]]
) -> set[int]:
    """Note down which names are about to be written, so that they are known as ours whatever happens next.

    Returns who is still known here; whoever is not is sent nothing.
    """
    rows = connection.execute(
        text("""
            UPDATE push_states s SET
                owned = ARRAY(SELECT DISTINCT name FROM unnest(s.owned || given.names) AS name ORDER BY 1),
                written = ARRAY(SELECT DISTINCT name FROM unnest(s.written || given.names) AS name ORDER BY 1)
            FROM (SELECT id, ARRAY(SELECT jsonb_array_elements_text(CAST(names AS jsonb))) AS names
                  FROM unnest(CAST(:ids AS bigint[]), CAST(:names AS text[])) AS row (id, names)) AS given
            WHERE s.destination = :destination AND s.customer_id = given.id
            RETURNING s.customer_id"""),
        {
            "destination": destination,
            "ids": list(names),
            "names": [json.dumps(list(each)) for each in names.values()],
        },
    )
    return set(rows.scalars())


def keep_remote_ids(connection: Connection, destination: str, found: Mapping[int, str | None]) -> list[int]:
    """Keep the other side's ids; return who got none because another customer has that profile already."""
    connection.execute(
        text("""
            UPDATE push_states s SET remote_id = given.remote_id
            FROM (SELECT id, remote_id, min(id) OVER (PARTITION BY remote_id) AS first_id
                  FROM unnest(CAST(:ids AS bigint[]), CAST(:remote AS text[])) AS row (id, remote_id)) AS given
            WHERE s.destination = :destination AND s.customer_id = given.id AND (
                given.remote_id IS NULL OR given.id = given.first_id AND NOT EXISTS (
                    SELECT FROM push_states o WHERE o.destination = :destination
                      AND o.remote_id = given.remote_id AND o.customer_id <> s.customer_id))"""),
        {"destination": destination, "ids": list(found), "remote": list(found.values())},
    )
    rows = connection.execute(
        text("""
            SELECT customer_id FROM push_states
            WHERE destination = :destination AND customer_id = ANY(CAST(:ids AS bigint[]))
              AND remote_id IS NULL"""),
        {
            "destination": destination,
            "ids": [customer_id for customer_id, remote_id in found.items() if remote_id is not None],
        },
    )
    return list(rows.scalars())


def drop(connection: Connection, destination: str, ids: Sequence[int]) -> None:
    """Forget these customers there: nothing of ours is left."""
    connection.execute(
        text("""
            DELETE FROM push_states
            WHERE destination = :destination AND customer_id = ANY(CAST(:ids AS bigint[]))"""),
        {"destination": destination, "ids": list(ids)},
    )


def sample_ids(connection: Connection, destination: str, *, limit: int, salt: str) -> list[int]:
    """Return some customers that are settled there, others for each ``salt``."""
    return list(
        connection.execute(
            text("""
                SELECT customer_id FROM push_states
                WHERE destination = :destination AND state = 'settled' AND acknowledged IS NOT NULL
                ORDER BY md5(customer_id::text || :salt) LIMIT :limit"""),
            {"destination": destination, "limit": limit, "salt": salt},
        ).scalars()
    )


def as_json(document: Document | None) -> str | None:
    """Write a document as it is stored; ``None`` stays unknown to JSON."""
    return None if document is None else json.dumps(document, sort_keys=True, ensure_ascii=False)
