"""How true a destination's labels are now: facts as of when, computed, sent, confirmed, and what is late."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from shop_app.destinations import registry
from shop_app.services.connect_destination import DUE
from shop_app.services.live_models import find_edges
from shop_app.services.push_choices import PushChoices
from shop_app.services.say_farewell import ALARM_AFTER
from shop_app.storage import (
    destinations,
    dirty_customers,
    due_work,
    farewells,
    imports,
    push_counts,
    push_marks,
    push_states,
    pushes,
    shop_settings,
    sync_marks,
    webhook_activity,
)
from shop_app.storage.destinations import StoredDestination
from shop_app.storage.engine import Connection, transaction

_BY_A_PERSON = "You "
"""How the reason of a pause begins that somebody has asked for: nothing is broken then."""
State = Literal["fresh", "sending", "waits", "late", "paused", "stopped"]

_LATE_AFTER = timedelta(minutes=15)
_FACTS_LATE_AFTER = timedelta(hours=2)
"""Changes are read every hour; twice that is late."""
_COMPUTED_LATE_AFTER = timedelta(days=2)
"""Everybody is computed every night."""
_COMPARED_LATE_AFTER = timedelta(minutes=45)
"""Everything is compared every quarter of an hour at least."""
_LABELS_FOLLOW = ("customers", "orders")


@dataclass(frozen=True, slots=True)
class Freshness:
    """One destination's strip; a moment that is ``None`` has never been.

    ``fresh`` is said only where all that is known is at the destination, and confirmed.
    """

    kind: str
    name: str
    state: State
    words: str
    is_red: bool
    facts_at: datetime | None
    computed_at: datetime | None
    sent_at: datetime | None
    acknowledged_at: datetime | None
    waiting: int
    rejected: int
    absent: int
    oldest_change_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Shop:
    """What is asked once for all destinations."""

    facts_at: datetime | None
    is_live: bool
    is_stopped: bool
    quiet_until: datetime | None
    has_labels: bool
    has_marks: bool
    lateness: tuple[str, ...]
    farewells: dict[str, tuple[int, datetime]]


def read_freshness(shop_id: int, *, now: datetime) -> list[Freshness]:
    """Return how every connected destination is doing."""
    with transaction(shop_id) as connection:
        stored = destinations.read_all(connection, shop_id)
        if not stored:
            return []
        shop = _read_shop(connection, shop_id, now=now)
        return [_of_one(connection, each, shop, now=now) for each in stored]


def _read_shop(connection: Connection, shop_id: int, *, now: datetime) -> _Shop:
    settings = shop_settings.read(connection)
    choices = PushChoices.of(settings)
    marks = [at for name, at in sync_marks.list_marks(connection).items() if name in _LABELS_FOLLOW]
    taken_in = [each["finished_at"] for each in imports.list_newest(connection) if each["state"] == "done"]
    newest = [webhook_activity.newest_applied(connection), min(marks, default=None), *taken_in]
    inbox_since = webhook_activity.oldest_waiting(connection)
    return _Shop(
        facts_at=max((at for at in newest if at is not None), default=None),
        is_live=settings.source == "shopify",
        is_stopped=choices.everything_stopped,
        quiet_until=choices.quiet_until(now, settings.timezone),
        has_labels=find_edges(connection) is not None,
        has_marks=push_marks.has_any(connection) or dirty_customers.has_any(connection) or bool(inbox_since),
        lateness=tuple(
            _shop_is_late(
                min(marks, default=None),
                inbox_since,
                due_work.list_of_shop(connection, shop_id).get(DUE),
                now=now,
            )
        ),
        farewells=farewells.oldest(connection),
    )


def _shop_is_late(
    read_until: datetime | None, inbox_since: datetime | None, due_at: datetime | None, *, now: datetime
) -> Iterator[str]:
    if read_until is not None and now - read_until > _FACTS_LATE_AFTER:
        yield f"Changes in Shopify were last read up to {_when(read_until)}."
    if inbox_since is not None and now - inbox_since > _LATE_AFTER:
        yield f"What Shopify has told waits since {_when(inbox_since)}."
    if due_at is not None and now - due_at > _LATE_AFTER:
        yield f"Nobody has looked after destinations since {_when(due_at)}: is the worker running?"


def _of_one(connection: Connection, stored: StoredDestination, shop: _Shop, *, now: datetime) -> Freshness:
    counts = push_counts.count_open(connection, stored.kind)
    waiting = counts.get("waiting", 0) + counts.get("ready", 0)
    late = [*shop.lateness, *_is_late(connection, stored, shop, now=now)]
    mourned = list(_farewells_late(shop.farewells.get(stored.kind), now=now))
    state, words = _state(connection, stored, shop, counts, now=now)
    is_broken = state == "paused" and stored.reason != "" and not stored.reason.startswith(_BY_A_PERSON)
    is_red = state == "stopped" or is_broken or bool(mourned)
    if state not in ("stopped", "paused") and (late or mourned):
        state, words, is_red = "late", " ".join([*late, *mourned]), True
    elif mourned:
        words = " ".join([words, *mourned])
    return Freshness(
        kind=stored.kind,
        name=registry.KINDS[stored.kind].name if stored.kind in registry.KINDS else stored.kind,
        state=state,
        words=words,
        is_red=is_red,
        facts_at=shop.facts_at,
        computed_at=stored.computed_at,
        sent_at=stored.sent_at,
        acknowledged_at=stored.acknowledged_at,
        waiting=waiting,
        rejected=counts.get("rejected", 0),
        absent=counts.get("absent", 0),
        oldest_change_at=push_states.oldest_change(connection, stored.kind),
    )


def _is_late(connection: Connection, stored: StoredDestination, shop: _Shop, *, now: datetime) -> Iterator[str]:
    # A shop of files is looked at from the end of its last day with an order, however long ago that is.
    if shop.is_live and stored.computed_at is not None and now - stored.computed_at > _COMPUTED_LATE_AFTER:
        yield f"Labels were last computed as of {_when(stored.computed_at)}."
    compared_at = stored.planned_at or stored.connected_at
    if shop.has_labels and now - compared_at > _COMPARED_LATE_AFTER:
        yield f"Labels were last compared with what is there at {_when(compared_at)}."
    waits_for_a_person = stored.needs_approval or pushes.find_open(connection, stored.kind) is not None
    if waits_for_a_person or shop.quiet_until is not None:
        return
    since = push_counts.may_flow_since(connection, stored.kind, acknowledged_at=stored.acknowledged_at)
    if since is not None and now - since > _LATE_AFTER:
        yield f"Changes wait to be sent since {_when(since)}. {_patience(stored, now=now)}".rstrip()


def _farewells_late(oldest: tuple[int, datetime] | None, *, now: datetime) -> Iterator[str]:
    if oldest is not None and now - oldest[1] > ALARM_AFTER:
        yield (
            f"{_customers(oldest[0])} erased here since {_when(oldest[1])} still {_have(oldest[0])} labels "
            "there. Let Kindred in there again, or delete them there by hand."
        )


def _state(
    connection: Connection, stored: StoredDestination, shop: _Shop, counts: dict[str, int], *, now: datetime
) -> tuple[State, str]:
    if shop.is_stopped:
        return "stopped", "You have stopped everything: nothing is sent anywhere."
    if not stored.is_on:
        taken_back = any(push.kind in pushes.TAKE_BACK for push in pushes.list_running(connection, stored.kind))
        tail = " What was written there is being taken back." if taken_back else ""
        return "paused", (stored.reason or "Paused: nothing is sent before you switch it on.") + tail
    if not shop.has_labels:
        return "waits", "This shop has no segments yet."
    waiting, ready = counts.get("waiting", 0), counts.get("ready", 0)
    if pushes.find_open(connection, stored.kind) is not None:
        return "waits", f"{_customers(waiting)} {_wait(waiting)} for you to approve the plan."
    if waiting and stored.needs_approval:
        return "waits", f"{_customers(waiting)} {_wait(waiting)} for a plan, and for you to approve it."
    return _flowing(stored, shop, counts, waiting + ready, _patience(stored, now=now))


def _flowing(
    stored: StoredDestination, shop: _Shop, counts: dict[str, int], differing: int, patience: str
) -> tuple[State, str]:
    """Say how a destination is doing that nobody has to decide about."""
    if differing and shop.quiet_until is not None:
        return "waits", f"{_customers(differing)} {_wait(differing)} for quiet hours to end."
    if differing:
        return "sending", f"{_customers(differing)} on the way. {patience}".rstrip()
    if stored.planned_at is None or shop.has_marks or shop.farewells.get(stored.kind):
        return "sending", "What has changed is being worked out."
    refused, absent = counts.get("rejected", 0), counts.get("absent", 0)
    if refused:
        return "waits", f"{_customers(refused)} refused there; their pages say why."
    tail = f" {_customers(absent)} {'is' if absent == 1 else 'are'} not known there." if absent else ""
    return "fresh", f"Everything known is there.{tail}"


def _patience(stored: StoredDestination, *, now: datetime) -> str:
    """Say why nothing goes there right now; empty where nothing stands in the way."""
    if stored.quiet_until is None or stored.quiet_until <= now:
        return ""
    return f"It is tried again at {_when(stored.quiet_until)}. {stored.reason}".rstrip()


def _customers(count: int) -> str:
    return f"{count:,} {'customer' if count == 1 else 'customers'}"


def _wait(count: int) -> str:
    return "waits" if count == 1 else "wait"


def _have(count: int) -> str:
    return "has" if count == 1 else "have"


def _when(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
