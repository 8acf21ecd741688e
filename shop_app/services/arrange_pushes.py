"""Whoever differs from what is there: sent on where they are few, put before a person where they are many."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from shop_app.services.push_choices import PushChoices
from shop_app.storage import customer_scores, destinations, push_states, push_work, pushes, shop_settings
from shop_app.storage.destinations import StoredDestination
from shop_app.storage.engine import Connection, transaction
from shop_app.storage.pushes import Push

PROGRAM = "Kindred"
"""Who let a push run where no person did."""
_DAY = timedelta(days=1)
_FLOW_LASTS = timedelta(hours=1)
"""So long small changes are gathered into one push: as much as an undo takes back at once."""
_PLAN_LASTS = timedelta(days=1)
"""An open plan that is older is made anew, so that nobody decides on what was true yesterday."""
_MOST_STALE_RATIO = 0.1
"""So is one of which more than this share has changed since: the segments were learned anew, say."""


@dataclass(frozen=True, slots=True)
class Arranged:
    """What became of those who wait: sent on, or gathered into a plan that waits for a person."""

    waiting: int
    flows: int
    plan_id: int | None


def arrange_pushes(shop_id: int, kind: str, *, now: datetime, again: bool = False) -> Arranged:
    """Put everybody who waits at a destination into a push.

    Few enough flow on their own; the first push after a connection, a pause or an undo, and every one that
    would change more customers within 24 hours than the merchant allows, becomes a plan. While one is open
    nothing flows but for those whose consent is gone: they never wait. With ``again``, after a day, or where
    more than a tenth of it has changed, it is made anew.
    """
    with transaction(shop_id) as connection:
        stored = destinations.find(connection, shop_id, kind)
        if stored is None:
            return Arranged(0, 0, None)
        if stored.is_on and push_work.count_withdrawn(connection, kind):
            _flow(connection, kind, "withdrawal", now=now)
        plan = pushes.find_open(connection, kind)
        if plan is not None and not again and _stands(connection, plan, now=now):
            return Arranged(push_states.count_waiting(connection, kind), 0, plan.id)
        waiting = push_states.count_waiting(connection, kind)
        why = why_a_plan(connection, stored, waiting, now=now)
        if plan is not None:
            pushes.set_state(connection, plan.id, "superseded", at=now)
        if not waiting:
            return Arranged(0, 0, None)
        if why:
            push_id = pushes.begin(connection, kind, "plan", at=now, why=why)
            push_work.take_waiting(connection, push_id, kind, at=now, runs=False)
            return Arranged(waiting, 0, push_id)
        if not stored.is_on:
            return Arranged(waiting, 0, None)
        taken = _flow(connection, kind, "flow", now=now)
    return Arranged(waiting, taken, None)


def _stands(connection: Connection, plan: Push, *, now: datetime) -> bool:
    """Tell whether an open plan is still worth deciding on: young, and true of nearly everybody in it."""
    if now - plan.made_at >= _PLAN_LASTS:
        return False
    return push_work.stale_ratio(connection, plan.id, plan.destination) <= _MOST_STALE_RATIO


def _flow(connection: Connection, kind: str, what: str, *, now: datetime) -> int:
    """Send on everybody who waits (of a ``withdrawal``: whose consent is gone), in the push of this hour."""
    flow = pushes.find_flow(connection, kind, since=now - _FLOW_LASTS, kind=what)
    push_id = flow.id if flow else pushes.begin(connection, kind, what, at=now, who=PROGRAM)
    if flow is not None and flow.state != "running":
        pushes.set_state(connection, push_id, "running")
    return push_work.take_waiting(
        connection, push_id, kind, at=now, runs=True, only_withdrawn=what == "withdrawal"
    )


def why_a_plan(connection: Connection, stored: StoredDestination, waiting: int, *, now: datetime) -> str:
    """Say why a person has to look at this; empty where nobody has to."""
    if stored.needs_approval:
        return "Nothing is sent to this destination before you have seen it."
    choices = PushChoices.of(shop_settings.read(connection))
    most = choices.most_unapproved(customer_scores.count(connection))
    lately = push_work.count_sent_since(connection, stored.kind, now - _DAY)
    if waiting + lately <= most:
        return ""
    before = f" after {lately:,} in the last 24 hours" if lately else ""
    return f"{waiting:,} customers would change{before}; more than {most:,} a day wait for you."
