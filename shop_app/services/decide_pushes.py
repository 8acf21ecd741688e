"""A person decides: a plan runs, in whole or in part, or not; what was sent is taken back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shop_app.errors import NotFoundError, RefusedError
from shop_app.services.arrange_pushes import arrange_pushes
from shop_app.services.connect_destination import DUE
from shop_app.services.freeze_baselines import freeze_baselines
from shop_app.storage import decisions, destinations, due_work, push_work, pushes
from shop_app.storage.decisions import Decision
from shop_app.storage.engine import Connection, transaction
from shop_app.storage.pushes import Push

_STATE_WORDS = {
    "running": "it is being sent already",
    "done": "it has been sent",
    "rejected": "it was turned down",
    "superseded": "a newer plan has taken its place",
}


@dataclass(frozen=True, slots=True)
class Decided:
    """What came of a decision: how many customers are sent on, and how many have changed since the plan."""

    push: Push
    sent_on: int
    changed: int


def approve_push(
    shop_id: int,
    push_id: int,
    *,
    who: str,
    at: datetime,
    segments: Sequence[str] | None = None,
    note: str = "",
) -> Decided:
    """Let a plan be sent, exactly as it was shown: customers who changed since are planned again.

    ``segments`` narrows it to customers who come to these segments ("" for those who leave for none); the
    others are planned again too.

    Raises
    ------
    NotFoundError
        There is no such plan.
    RefusedError
        It was decided on already, the destination is paused, or nothing of it stands any more.
    """
    if _is_overtaken(shop_id, push_id, segments):
        newer = plan_again(shop_id, _found(shop_id, push_id).destination, at=at)
        words = f"Plan {newer} takes its place: look at that." if newer else "There is nothing to send."
        raise RefusedError(f"Everybody in plan {push_id} has changed since it was made. {words}")
    with transaction(shop_id) as connection:
        plan = _open_plan(connection, push_id)
        stored = destinations.find(connection, shop_id, plan.destination)
        if stored is None or not stored.is_on:
            raise RefusedError("This destination is paused: switch it on first, then approve the plan.")
        pushes.decide(connection, plan.id, "running", who=who, at=at, note=note)
        sent_on, changed = push_work.release(connection, plan.id, plan.destination, at=at, segments=segments)
        destinations.need_approval(connection, plan.destination, needed=False)
        _note(connection, plan, "approved", who=who, at=at, note=note)
        due_work.ensure_due(connection, shop_id, DUE, due_at=at)
    if sent_on:
        freeze_baselines(shop_id, plan.id, at=at)
    return Decided(_found(shop_id, push_id), sent_on, changed)


def reject_push(shop_id: int, push_id: int, *, who: str, at: datetime, note: str = "") -> Push:
    """Turn a plan down and pause its destination: else the same plan would come again at once.

    Raises
    ------
    NotFoundError, RefusedError
        There is no such plan, or it was decided on already.
    """
    with transaction(shop_id) as connection:
        plan = _open_plan(connection, push_id)
        pushes.decide(connection, plan.id, "rejected", who=who, at=at, note=note)
        destinations.set_state(connection, plan.destination, "paused", reason="You turned the last plan down.")
        destinations.need_approval(connection, plan.destination, needed=True)
        _note(connection, plan, "rejected", who=who, at=at, note=note)
    return _found(shop_id, push_id)


def plan_again(shop_id: int, kind: str, *, at: datetime) -> int | None:
    """Make the open plan of a destination anew, with what is true now; return its number."""
    return arrange_pushes(shop_id, kind, now=at, again=True).plan_id


def undo_push(shop_id: int, push_id: int, *, who: str, at: datetime, note: str = "") -> Decided:
    """Bring everybody whom a push changed back to what they held before it, and pause the destination.

    Customers who hold something else by now than that push left are let be.

    Raises
    ------
    NotFoundError
        There is no such push.
    RefusedError
        Nothing of it was sent, or it was undone already.
    """
    with transaction(shop_id) as connection:
        push = pushes.lock(connection, push_id)
        if push is None:
            raise NotFoundError(f"There is no push {push_id}.")
        if push.undone_by is not None or push.kind in pushes.TAKE_BACK:
            raise RefusedError(f"Push {push_id} cannot be undone: it was taken back already, or is no change.")
        if push.state == "open":
            raise RefusedError(f"Push {push_id} was not sent; turn the plan down instead.")
        back = pushes.begin(connection, push.destination, "undo", at=at, who=who, undoes=push_id)
        rows = push_work.take_back(connection, back, push.destination, of_push=push_id, at=at)
        if not rows:
            raise RefusedError(f"There is nothing of push {push_id} left to take back.")
        pushes.note_undone(connection, push_id, by=back)
        _stop(connection, push.destination, f"You undid push {push_id}.", at=at)
        _note(connection, push, "undone", who=who, at=at, note=note)
        due_work.ensure_due(connection, shop_id, DUE, due_at=at)
    return Decided(_found(shop_id, back), rows, 0)


def clean_up(shop_id: int, kind: str, *, who: str, at: datetime) -> Decided:
    """Take back everything that we ever wrote at a destination, and pause it: before the app is uninstalled.

    Raises
    ------
    NotFoundError, RefusedError
        The destination is not connected, or nothing of ours is there.
    """
    with transaction(shop_id) as connection:
        if destinations.find(connection, shop_id, kind) is None:
            raise NotFoundError("This destination is not connected.")
        back = pushes.begin(connection, kind, "clean-up", at=at, who=who)
        rows = push_work.take_back(connection, back, kind, of_push=None, at=at)
        _stop(connection, kind, "You had everything taken back.", at=at)
        push = pushes.find(connection, back)
        assert push is not None  # noqa: S101 (made above)
        _note(connection, push, "clean-up", who=who, at=at, note="")
        due_work.ensure_due(connection, shop_id, DUE, due_at=at)
    return Decided(push, rows, 0)


def _is_overtaken(shop_id: int, push_id: int, segments: Sequence[str] | None) -> bool:
    """Tell whether nobody in an open plan is any more as they were planned."""
    with transaction(shop_id) as connection:
        plan = pushes.find(connection, push_id)
        if plan is None or plan.state != "open" or segments is not None:
            return False
        return push_work.stale_ratio(connection, plan.id, plan.destination) >= 1.0


def _stop(connection: Connection, kind: str, reason: str, *, at: datetime) -> None:
    """Pause a destination and end whatever was on its way, so that nothing is sent behind somebody's back."""
    destinations.set_state(connection, kind, "paused", reason=reason)
    destinations.need_approval(connection, kind, needed=True)
    for running in pushes.list_running(connection, kind):
        if running.kind not in pushes.TAKE_BACK:
            push_work.withdraw(connection, running.id, kind, at=at)
            pushes.set_state(connection, running.id, "done", at=at)
    open_plan = pushes.find_open(connection, kind)
    if open_plan is not None:
        pushes.set_state(connection, open_plan.id, "superseded", at=at)


def _open_plan(connection: Connection, push_id: int) -> Push:
    plan = pushes.lock(connection, push_id)
    if plan is None:
        raise NotFoundError(f"There is no plan {push_id}.")
    if plan.state != "open":
        raise RefusedError(f"Plan {push_id} cannot be decided on: {_STATE_WORDS[plan.state]}.")
    return plan


def _found(shop_id: int, push_id: int) -> Push:
    with transaction(shop_id) as connection:
        push = pushes.find(connection, push_id)
    assert push is not None  # noqa: S101 (it was there a moment ago)
    return push


def _note(connection: Connection, push: Push, what: str, *, who: str, at: datetime, note: str) -> None:
    about = f"{push.destination}, push {push.id}"
    decisions.record(connection, Decision(at, who, "push", about, push.state, what, note))
