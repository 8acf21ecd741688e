"""What was decided is sent: chunk by chunk, step by step, each step written down before it goes out.

One worker at a time holds a destination's lease, and proves it in every transaction. A worker that is killed
leaves a chunk that says how far it was: what may have been sent is read back before anything is sent again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import orjson

from shop_app.destinations.base import Contact, Destination, Done, Job, Outcome, RemoteGroup, Row
from shop_app.destinations.errors import OutcomeUnknownError, RejectedError
from shop_app.errors import TemporaryError
from shop_app.services.settle_pushes import (
    AGAIN,
    names_of,
    put_aside,
    settle_as_found,
    settle_chunk,
)
from shop_app.storage import (
    destinations,
    leases,
    push_states,
    push_subjects,
    push_work,
    pushes,
    remote_groups,
)
from shop_app.storage.engine import Connection, transaction
from shop_app.storage.leases import Lease
from shop_app.storage.push_work import as_outcomes

LEASE_SECONDS = 90.0
_MOST_POLLS = 400


@dataclass(frozen=True, slots=True)
class Delivery:
    """One destination of one shop, held by this worker."""

    shop_id: int
    destination: Destination
    lease: Lease

    @property
    def kind(self) -> str:
        """Return the destination's kind."""
        return self.destination.kind


def send_next(delivery: Delivery, *, now: datetime, kinds: Sequence[str] | None = None) -> bool:
    """Bring what is under way a step further, or take the next chunk; ``False`` where nothing can be done now.

    ``kinds`` are the kinds of push that may go out now, ``None`` for all.

    Raises
    ------
    BrokenConnectionError, SlowDownError, OutcomeUnknownError, TemporaryError
        As the destination; whatever is under way stays as it is.
    LeaseLostError
        Somebody else does this by now.
    """
    with transaction(delivery.shop_id) as connection:
        job = push_work.find_job(_held(connection, delivery), delivery.kind)
    if job is None:
        return _begin_chunk(delivery, kinds, now=now)
    step = job.step_name
    if step is None:
        with transaction(delivery.shop_id) as connection:
            settle_chunk(_held(connection, delivery), delivery.kind, job, at=now)
            push_work.end_job(connection, delivery.kind)
            destinations.note_acknowledged(connection, delivery.kind, at=now)
        return True
    if job.poll_at is not None and job.poll_at > now:
        return False
    _do_step(delivery, job, step, now=now)
    return True


def next_look(delivery: Delivery) -> datetime | None:
    """Return when something is to be looked at again here, ``None`` where nothing is under way."""
    with transaction(delivery.shop_id) as connection:
        is_under_way, poll_at = push_work.when_to_poll(connection, delivery.kind)
        return poll_at if is_under_way else push_work.next_at(connection, delivery.kind)


def _held(connection: Connection, delivery: Delivery) -> Connection:
    """Prove in a transaction that this is still ours to do."""
    leases.extend(connection, delivery.lease, seconds=LEASE_SECONDS)
    return connection


def _begin_chunk(delivery: Delivery, kinds: Sequence[str] | None, *, now: datetime) -> bool:
    kind, limits = delivery.kind, delivery.destination.limits
    with transaction(delivery.shop_id) as connection:
        _held(connection, delivery)
        for push in pushes.list_running(connection, kind):
            if kinds is not None and push.kind not in kinds:
                continue
            if ids := push_work.claim(connection, push.id, kind, at=now, limit=limits.chunk_rows):
                rows = _fitting(_rows(connection, delivery, push, ids, at=now), limits.chunk_bytes)
                break
            if not push_work.has_left(connection, push.id):
                pushes.set_state(connection, push.id, "done", at=now)
        else:
            return False
    rows = _located(delivery, push.id, rows, now=now)
    if rows:
        steps = delivery.destination.steps(rows)
        with transaction(delivery.shop_id) as connection:
            _held(connection, delivery)
            fresh = {row.customer_id: sorted(names_of(row.after) - row.foreign) for row in rows}
            still_here = push_states.own_before_sending(connection, kind, fresh)
            stored = {row.customer_id: _stored(row) for row in rows if row.customer_id in still_here}
            if stored:  # all of them may have been erased since they were claimed
                push_work.begin_job(connection, kind, push.id, stored, steps, at=now)
                destinations.note_sent(connection, kind, at=now)
    return True


def _fitting(rows: list[Row], most_bytes: int) -> list[Row]:
    """Return the first of these rows whose documents are together no more than so many bytes; one at least."""
    size = 0
    for place, row in enumerate(rows):
        size += len(orjson.dumps(row.after or row.before))
        if place and size > most_bytes:
            return rows[:place]
    return rows


def _rows(
    connection: Connection, delivery: Delivery, push: pushes.Push, ids: Sequence[int], *, at: datetime
) -> list[Row]:
    """Return these rows of a push; one that is wanted otherwise by now leaves the push."""
    planned = pushes.read_rows(connection, push.id, ids)
    states = push_states.read_some(connection, delivery.kind, ids)
    follows_wishes = push.kind not in pushes.TAKE_BACK
    gone = {
        each: "Changed since it was planned."
        for each in ids
        if each not in states or (follows_wishes and states[each].desired != planned[each].after)
    }
    if gone:
        pushes.set_rows(connection, push.id, "changed", gone, at=at)
    wanted = {each: states[each] for each in ids if each not in gone and each in planned}
    return _made(connection, delivery, wanted, planned)


def _made(
    connection: Connection,
    delivery: Delivery,
    states: Mapping[int, push_states.PushState],
    planned: Mapping[int, pushes.PushRow],
) -> list[Row]:
    reach = push_subjects.read_reach(connection, delivery.shop_id, list(states))
    nowhere = push_subjects.Reach(None, None, ())
    return [
        Row(
            customer_id=each,
            before=state.acknowledged,
            after=planned[each].after,
            contact=Contact(reach.get(each, nowhere).shopify_id, reach.get(each, nowhere).email),
            remote_id=state.remote_id,
            owned=frozenset(state.owned),
            foreign=frozenset(reach.get(each, nowhere).tags) - frozenset(state.written),
        )
        for each, state in states.items()
    ]


def _located(delivery: Delivery, push_id: int, rows: list[Row], *, now: datetime) -> list[Row]:
    """Look up by which id the destination knows whom; who is not there is put aside for a day."""
    lacking = [row for row in rows if row.remote_id is None]
    if not lacking:
        return rows
    found = delivery.destination.find(lacking)
    with transaction(delivery.shop_id) as connection:
        _held(connection, delivery)
        twins = push_states.keep_remote_ids(connection, delivery.kind, found)
        unknown = f"{delivery.destination.name} does not know this customer."
        reasons = {each: unknown for each, remote_id in found.items() if remote_id is None}
        reasons |= dict.fromkeys(twins, "Another customer has this profile already.")
        put_aside(connection, delivery.kind, push_id, "absent", reasons, at=now)
    return [
        replace(row, remote_id=found.get(row.customer_id, row.remote_id))
        for row in rows
        if row.customer_id not in reasons
    ]


def _do_step(delivery: Delivery, job: push_work.Job, step: str, *, now: datetime) -> None:
    with transaction(delivery.shop_id) as connection:
        reach = push_subjects.read_reach(connection, delivery.shop_id, job.customer_ids)
        outcomes = as_outcomes(job.outcomes)
        rows = [
            _as_stored(row, reach.get(row["id"]))
            for row in job.rows
            if outcomes.get(row["id"], ("ok", ""))[0] == "ok"
        ]
        groups = [
            RemoteGroup(group.role, group.slug, group.remote_id, group.name)
            for group in remote_groups.list_of(connection, delivery.kind)
        ]
    if not rows:
        _keep(delivery, Done({}), [])
        return
    if job.submitted and job.remote_key is None:
        recovered = delivery.destination.recover(step, rows)
        if recovered is None:
            _read_back(delivery, job, rows, groups, now=now)
            return
        receipt: Done | Job = recovered
    elif job.submitted and job.remote_key is not None and job.polls <= _MOST_POLLS:
        receipt = _poll(delivery, step, job.remote_key, rows, groups)
    else:
        receipt = _submit(delivery, step, rows, groups)
    if isinstance(receipt, Done):
        _keep(delivery, receipt, rows)
        return
    with transaction(delivery.shop_id) as connection:
        poll_at = now + timedelta(seconds=receipt.poll_after_seconds)
        push_work.note_submitted(
            _held(connection, delivery), delivery.kind, remote_key=receipt.key, poll_at=poll_at
        )


def _poll(
    delivery: Delivery, step: str, key: str, rows: Sequence[Row], groups: Sequence[RemoteGroup]
) -> Done | Job:
    try:
        return delivery.destination.poll(step, key, rows, groups)
    except RejectedError as error:
        return Done({row.customer_id: Outcome("rejected", str(error)) for row in rows})


def _submit(delivery: Delivery, step: str, rows: Sequence[Row], groups: Sequence[RemoteGroup]) -> Done | Job:
    with transaction(delivery.shop_id) as connection:
        push_work.note_submitted(_held(connection, delivery), delivery.kind)
    try:
        return delivery.destination.submit(step, rows, groups)
    except RejectedError as error:
        return Done({row.customer_id: Outcome("rejected", str(error)) for row in rows})
    except OutcomeUnknownError:
        raise  # it stays noted down as sent, so that it is read back
    except TemporaryError:
        with transaction(delivery.shop_id) as connection:
            push_work.begin_step_again(_held(connection, delivery), delivery.kind)
        raise


def _keep(delivery: Delivery, receipt: Done, rows: Sequence[Row]) -> None:
    told = {row.customer_id: receipt.outcomes.get(row.customer_id) for row in rows}
    outcomes = {each: (AGAIN, "") if what is None else (what.kind, what.words) for each, what in told.items()}
    with transaction(delivery.shop_id) as connection:
        push_work.note_step_done(_held(connection, delivery), delivery.kind, outcomes)


def _read_back(
    delivery: Delivery,
    job: push_work.Job,
    rows: Sequence[Row],
    groups: Sequence[RemoteGroup],
    *,
    now: datetime,
) -> None:
    """After an unknown outcome: what is really there is kept, and what it lacks is sent anew."""
    there = delivery.destination.read_back(rows, groups)
    with transaction(delivery.shop_id) as connection:
        _held(connection, delivery)
        settle_as_found(connection, delivery.kind, job, rows, there, at=now)
        others = [row.customer_id for row in rows]
        settle_chunk(connection, delivery.kind, job, at=now, but=others)
        push_work.end_job(connection, delivery.kind)


def _stored(row: Row) -> dict[str, Any]:
    """Return a row as a chunk keeps it: all but the address."""
    return {
        "id": row.customer_id,
        "before": row.before,
        "after": row.after,
        "shopify_id": row.contact.shopify_id,
        "remote_id": row.remote_id,
        "owned": sorted(row.owned | (names_of(row.after) - row.foreign)),
        "foreign": sorted(row.foreign),
    }


def _as_stored(kept: Mapping[str, Any], reach: push_subjects.Reach | None) -> Row:
    return Row(
        customer_id=kept["id"],
        before=kept["before"],
        after=kept["after"],
        contact=Contact(kept["shopify_id"], reach.email if reach else None),
        remote_id=kept["remote_id"],
        owned=frozenset(kept["owned"]),
        foreign=frozenset(kept["foreign"]),
    )
