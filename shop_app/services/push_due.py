"""The dispatcher: what is wanted is compared with what is there, and the difference is sent where it may be."""

import logging
import time
from datetime import datetime, timedelta
from secrets import randbelow

from shop_app.destinations.errors import BrokenConnectionError, RejectedError, SlowDownError
from shop_app.errors import TemporaryError
from shop_app.queueing import TaskName, send
from shop_app.services.arrange_pushes import arrange_pushes
from shop_app.services.at_work import at_work
from shop_app.services.connect_destination import DUE
from shop_app.services.deliver_pushes import LEASE_SECONDS, Delivery, next_look, send_next
from shop_app.services.plan_pushes import plan_pushes
from shop_app.services.push_access import built
from shop_app.services.push_choices import PushChoices
from shop_app.services.push_groups import SETTLED_AFTER, drop_groups, keep_groups
from shop_app.services.say_farewell import say_farewells
from shop_app.storage import (
    customer_scores,
    destinations,
    due_work,
    farewells,
    leases,
    push_marks,
    push_states,
    push_work,
    pushes,
    shop_settings,
)
from shop_app.storage.destinations import StoredDestination
from shop_app.storage.engine import Connection, shopless, transaction
from shop_app.storage.leases import LeaseLostError

_log = logging.getLogger(__name__)

PLAN_DUE = "plan"
"""The kind of ``due_work`` that plans for everybody of a large shop."""

_SECONDS_A_TASK = 5.0
"""Then webhooks of this and of other shops have their turn: what is left waits behind them in the queue."""
_MANY = 20_000
"""So many customers are planned in the time that somebody's order may wait."""
_LOOK_AT_LEAST = timedelta(minutes=15)
_SOMEBODY_IS_AT_IT = timedelta(seconds=5)
_FAILURES_THAT_OPEN = 5
_CIRCUIT_SECONDS = 60
_LONGEST_PAUSE_SECONDS = 900


def push_due(shop_id: int, *, now: datetime) -> None:
    """Plan, arrange and send for every destination of a shop; what is left falls due again by itself."""
    with at_work(shop_id, DUE, now, next_at=None) as work:
        with transaction(shop_id) as connection:
            kinds = [each.kind for each in destinations.read_all(connection, shop_id)]
        if not kinds:
            return
        _plan(shop_id, now=now)
        looks = [now + _LOOK_AT_LEAST, *(serve(shop_id, kind, now=now) for kind in kinds)]
        with transaction(shop_id) as connection:
            looks.append(push_states.next_guard_end(connection))
            if any(each.is_on and each.notices for each in destinations.read_all(connection, shop_id)):
                looks.append(now + SETTLED_AFTER)
        work.next_at = max(now, min(look for look in looks if look is not None))
    if work.next_at <= now:
        send(TaskName.PUSH, shop_id)


def plan_due(shop_id: int, *, now: datetime) -> None:
    """Work out what everybody of a large shop is to hold, which takes minutes; then it can be sent."""
    with at_work(shop_id, PLAN_DUE, now, next_at=None):
        plan_pushes(shop_id, now=now)
    with shopless() as connection:
        due_work.ensure_due(connection, shop_id, DUE, due_at=now)


def _plan(shop_id: int, *, now: datetime) -> None:
    """Plan for those who are marked; everybody of a large shop is left to the queue of what takes long."""
    with transaction(shop_id) as connection:
        is_long = push_marks.marks_everybody(connection) and customer_scores.count(connection) > _MANY
        if is_long:
            due_work.ensure_due(connection, shop_id, PLAN_DUE, due_at=now)
    plan_pushes(shop_id, now=now, only_marked=is_long)


def serve(shop_id: int, kind: str, *, now: datetime) -> datetime | None:
    """Arrange and send for one destination, for some seconds; return when to look again.

    Where another worker is at it nothing is done.
    """
    with transaction(shop_id) as connection:
        lease = leases.take(connection, f"push-{kind}", seconds=LEASE_SECONDS)
        stored = destinations.find(connection, shop_id, kind)
    if lease is None:
        return now + _SOMEBODY_IS_AT_IT
    try:
        if stored is None:
            return None
        arrange_pushes(shop_id, kind, now=now)
        delivery = Delivery(shop_id, built(shop_id, stored, now=now), lease)
        return _served(delivery, stored, now=now)
    except LeaseLostError:
        return now + _SOMEBODY_IS_AT_IT
    finally:
        with transaction(shop_id) as connection:
            leases.give_back(connection, lease)


def _served(delivery: Delivery, stored: StoredDestination, *, now: datetime) -> datetime | None:
    """Send, and say when to look again; what stands in the way is noted down where people see it."""
    try:
        look_again = _send_all(delivery, stored, now=now)
        if not stored.is_on:
            drop_groups(delivery, now=now)
    except BrokenConnectionError as error:
        with transaction(delivery.shop_id) as connection:
            destinations.set_state(connection, delivery.kind, "paused", reason=str(error))
        _log.warning("A destination is paused.", extra={"shop_id": delivery.shop_id, "kind": delivery.kind})
        return None
    except SlowDownError as error:
        return _be_quiet(delivery, now, error.retry_after_seconds, error, failed=False)
    except (TemporaryError, RejectedError) as error:
        return _be_quiet(delivery, now, _pause_seconds(stored.failures), error, failed=True)
    return look_again


def _send_all(delivery: Delivery, stored: StoredDestination, *, now: datetime) -> datetime | None:
    """Send until nothing is left, the time is over, or nobody may any more."""
    began, moment, is_prepared = time.monotonic(), now, False
    with transaction(delivery.shop_id) as connection:
        is_stopped = PushChoices.of(shop_settings.read(connection)).everything_stopped
    is_quiet = stored.quiet_until is not None and stored.quiet_until > now
    if stored.is_on and stored.acknowledged_at is not None and not (is_stopped or is_quiet):
        keep_groups(delivery, stored, now=now)  # what was amiss may have been settled there
    while (seconds := time.monotonic() - began) < _SECONDS_A_TASK:
        moment = now + timedelta(seconds=seconds)
        with transaction(delivery.shop_id) as connection:
            kinds, until = _may_send(connection, delivery, at=moment)
        if kinds is not None and not kinds:
            return until
        if not is_prepared:
            if stored.is_on and stored.acknowledged_at is None:
                keep_groups(delivery, stored, now=now)
            is_prepared = True
        say_farewells(delivery, now=moment)
        if not send_next(delivery, now=moment, kinds=kinds):
            return until if until is not None else next_look(delivery)
    return moment


def _may_send(
    connection: Connection, delivery: Delivery, *, at: datetime
) -> tuple[tuple[str, ...] | None, datetime | None]:
    """Return which kinds of push may go out (``None``: all, empty: none), and when to ask again.

    Asked anew before every chunk and step, so that a switch that somebody throws is heeded at once.
    """
    stored = destinations.find(connection, delivery.shop_id, delivery.kind)
    shop = shop_settings.read(connection)
    choices = PushChoices.of(shop)
    if stored is None or choices.everything_stopped:
        return (), None
    running = {push.kind for push in pushes.list_running(connection, delivery.kind)}
    has_job = push_work.when_to_poll(connection, delivery.kind)[0]
    has_any = bool(running) or has_job or delivery.kind in farewells.oldest(connection)
    if not has_any or not (stored.is_on or running & set(pushes.TAKE_BACK)):
        return (), None
    if stored.quiet_until is not None and stored.quiet_until > at:
        return (), stored.quiet_until
    if not stored.is_on:
        return pushes.TAKE_BACK, None
    quiet_until = choices.quiet_until(at, shop.timezone)
    if quiet_until is None:
        return None, None
    return (pushes.AT_ANY_HOUR if running & set(pushes.AT_ANY_HOUR) else ()), quiet_until


def _be_quiet(delivery: Delivery, now: datetime, seconds: float, error: Exception, *, failed: bool) -> datetime:
    until = now + timedelta(seconds=seconds)
    with transaction(delivery.shop_id) as connection:
        destinations.be_quiet(connection, delivery.kind, until=until, failed=failed, reason=str(error))
    return until


def _pause_seconds(failures: int) -> float:
    """Return how long to wait after so many failures in a row and one more; from five on a minute at least."""
    pause: int = min(2 * 2**failures, _LONGEST_PAUSE_SECONDS)
    if failures + 1 >= _FAILURES_THAT_OPEN:
        pause = max(pause, _CIRCUIT_SECONDS)
    return pause + randbelow(pause // 2 + 1)
