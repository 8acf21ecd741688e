"""What became of a chunk is kept: in each customer's state, in the push, and as a segment's first contact."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from secrets import randbelow

from shop_app.destinations.base import Document, Row
from shop_app.destinations.documents import difference
from shop_app.storage import holdouts, push_states, pushes
from shop_app.storage.engine import Connection
from shop_app.storage.push_states import PushState, Settled
from shop_app.storage.push_work import Job, as_outcomes

AGAIN = "again"
"""The outcome of a row that the other side said nothing of."""
_ABSENT_AGAIN = timedelta(days=1)
_MOST_TRIES = 8
_FIRST_PAUSE_SECONDS = 10
_LONGEST_PAUSE_SECONDS = 900


def names_of(document: Document | None) -> set[str]:
    """Return every name in the lists of a document: labels, lists."""
    return {str(name) for part in (document or {}).values() if isinstance(part, list) for name in part}


def settle_chunk(connection: Connection, kind: str, job: Job, *, at: datetime, but: Sequence[int] = ()) -> None:
    """Keep what the rows of a chunk came to that has gone through all its steps (``but`` for some of them)."""
    outcomes = as_outcomes(job.outcomes)
    rows = pushes.read_rows(connection, job.push_id, [each for each in job.customer_ids if each not in but])
    states = push_states.read_some(connection, kind, list(rows))
    told = {each: outcomes.get(each, ("ok", "")) for each in rows if each in states}
    arrived = [each for each, (what, _) in told.items() if what == "ok"]
    settled = [
        Settled(each, rows[each].after, _owned(states[each], rows[each].after), rows[each].segment)
        for each in arrived
    ]
    push_states.settle(connection, kind, settled, at=at)
    pushes.set_rows(connection, job.push_id, "sent", dict.fromkeys(arrived, ""), at=at)
    holdouts.note_exposed(connection, [rows[each].segment for each in arrived], arrived, at=at)
    for what in ("rejected", "absent"):
        reasons = {each: words for each, (found, words) in told.items() if found == what}
        put_aside(connection, kind, job.push_id, what, reasons, at=at)
    again = [each for each, (what, _) in told.items() if what == AGAIN]
    try_again(connection, kind, job.push_id, {each: states[each] for each in again}, at=at)


def settle_as_found(
    connection: Connection,
    kind: str,
    job: Job,
    rows: Sequence[Row],
    there: Mapping[int, Document | None],
    *,
    at: datetime,
) -> None:
    """Take what was read back for true; who does not hold what was sent is sent it again."""
    states = push_states.read_some(connection, kind, [row.customer_id for row in rows])
    planned = pushes.read_rows(connection, job.push_id, list(states))
    arrived, settled, late = [], [], {}
    for row in rows:
        state, sent = states.get(row.customer_id), planned.get(row.customer_id)
        if state is None or sent is None:
            continue
        has_arrived = row.customer_id in there and difference(there[row.customer_id], row.after).is_empty
        if has_arrived:
            arrived.append(row.customer_id)
        else:
            late[row.customer_id] = state
        if row.customer_id in there:
            found = row.after if has_arrived else there[row.customer_id]
            segment = sent.segment if has_arrived else state.held_segment
            settled.append(Settled(row.customer_id, found, _owned(state, found), segment))
    push_states.settle(connection, kind, settled, at=at)
    pushes.set_rows(connection, job.push_id, "sent", dict.fromkeys(arrived, ""), at=at)
    try_again(connection, kind, job.push_id, late, at=at)


def put_aside(
    connection: Connection, kind: str, push_id: int, what: str, reasons: Mapping[int, str], *, at: datetime
) -> None:
    """Say that these cannot be served (``rejected``, ``absent``), and why."""
    if not reasons:
        return
    next_at = at + _ABSENT_AGAIN if what == "absent" else None
    push_states.put_aside(connection, kind, what, reasons, next_at=next_at)
    pushes.set_rows(connection, push_id, what, reasons, at=at)


def try_again(
    connection: Connection, kind: str, push_id: int, states: Mapping[int, PushState], *, at: datetime
) -> None:
    """Send these again after a while, longer each time; who failed too often waits until something changes."""
    worn_out = {
        each: f"It was tried {_MOST_TRIES} times and never confirmed."
        for each, state in states.items()
        if state.attempts + 1 >= _MOST_TRIES
    }
    put_aside(connection, kind, push_id, "rejected", worn_out, at=at)
    by_pause: dict[int, list[int]] = {}
    for each, state in states.items():
        if each not in worn_out:
            by_pause.setdefault(_pause_seconds(state.attempts), []).append(each)
    for seconds, ids in by_pause.items():
        push_states.postpone(connection, kind, ids, until=at + timedelta(seconds=seconds))
        pushes.set_rows(connection, push_id, "ready", dict.fromkeys(ids, ""), at=at)
        push_states.keep_in_push(connection, kind, push_id, ids)


def _owned(state: PushState, there: Document | None) -> list[str]:
    """Return which of the names that are there are ours: those that were noted down before they were sent."""
    return sorted(set(state.owned) & names_of(there))


def _pause_seconds(attempts: int) -> int:
    pause: int = min(_FIRST_PAUSE_SECONDS * 2**attempts, _LONGEST_PAUSE_SECONDS)
    return pause + randbelow(pause // 2 + 1)
