"""Reading a shop's history: begun at the install, done in steps, and picked up where it was left.

Every step holds the shop's lease, writes down how far it is with everything it takes in, and knocks for the
next one. Killed anywhere, the next step goes on from what is written down.
"""

import logging
import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from shop_app.errors import KindredError, RefusedError, TemporaryError
from shop_app.queueing import TaskName, send
from shop_app.services import spool
from shop_app.services.at_work import SOON_AGAIN
from shop_app.services.backfill_asking import NO_ACCESS, ask, look
from shop_app.services.backfill_closing import close, make_first_segments, wants_first_segments
from shop_app.services.backfill_counts import count_parts
from shop_app.services.backfill_pages import read_pages
from shop_app.services.backfill_plan import WATERMARK_MARGIN, plan_parts
from shop_app.services.backfill_reading import read_file
from shop_app.services.backfill_step import Step, StepClock
from shop_app.services.backfill_taking import take_pieces
from shop_app.services.backfill_trouble import ask_again, give_up, try_later
from shop_app.services.keep_lease import LEASE_SECONDS, held_lease
from shop_app.services.read_shop import read_shop
from shop_app.services.shop_access import shop_api
from shop_app.shopify.admin_errors import PermanentError, RefusedByShopifyError
from shop_app.storage import backfills, connections, due_work, shop_settings
from shop_app.storage.backfills import Backfill, Part
from shop_app.storage.engine import Connection, shopless, transaction
from shop_app.storage.leases import Lease, LeaseLostError

_log = logging.getLogger(__name__)

KIND = "backfill"
_IDLE_SECONDS = 20.0
"""A step waits so long for Shopify itself; after that the sweep, or the operation's webhook, knocks."""
_LONGEST_NAP_SECONDS = 2.0
_SOMEBODY_ELSE = timedelta(seconds=30)
_SHOP_IN_TROUBLE = timedelta(minutes=15)


def begin_backfill(shop_id: int, now: datetime, reason: str) -> bool:
    """Have a shop read from the beginning; ``False`` where that is going on already."""
    with transaction(shop_id) as connection:
        is_begun = _begin(connection, now, reason)
        due_work.ensure_due(connection, shop_id, KIND, due_at=now)
    send(TaskName.BACKFILL_SHOP, shop_id)
    return is_begun


def retry_backfill(shop_id: int, now: datetime) -> None:
    """Go on with a reading that has failed: its failed parts are asked for anew.

    Raises
    ------
    RefusedError
        Nothing has failed here.
    """
    with transaction(shop_id) as connection:
        newest = backfills.find_newest(connection)
        if newest is None or newest.state != "failed":
            raise RefusedError("Nothing has failed here that could be tried again.")
        backfills.reopen(connection, newest.id)
        due_work.ensure_due(connection, shop_id, KIND, due_at=now)
    send(TaskName.BACKFILL_SHOP, shop_id)


def bulk_finished(shop_id: int, bulk_id: str, now: datetime) -> bool:
    """Look at once at an operation that is said to be over; ``False`` where nobody here waits for it."""
    with transaction(shop_id) as connection:
        is_ours = backfills.knock_for_bulk(connection, bulk_id, at=now)
        if is_ours:
            due_work.ensure_due(connection, shop_id, KIND, due_at=now)
    if is_ours:
        send(TaskName.BACKFILL_SHOP, shop_id)
    return is_ours


def stop_backfill(shop_id: int, now: datetime) -> None:
    """End a reading that goes on: the shop has left, or it is to be read from the beginning."""
    with transaction(shop_id) as connection:
        running = backfills.find_running(connection)
        if running is None:
            return
        parts = backfills.list_parts(connection, running.id)
        backfills.end(connection, running.id, "stopped", at=now)
    for part in parts:
        spool.empty(shop_id, running.id, part.name)


def backfill_due(shop_id: int, *, now: datetime) -> None:
    """Bring the reading of a shop's history one step further; the first call begins it."""
    begun = now + SOON_AGAIN  # the lease keeps a second one away while this one lives
    with shopless() as connection:
        due_work.begin(connection, shop_id, KIND, again_at=begun)
    next_at = _step(shop_id, now)
    with shopless() as connection:
        due_work.finish(connection, shop_id, KIND, begun=begun, next_at=next_at)
    if next_at is not None and next_at <= now:
        send(TaskName.BACKFILL_SHOP, shop_id)


def _step(shop_id: int, now: datetime) -> datetime | None:
    """Do as much as a step may; return when the next one is due, ``None`` where there is nothing more to do."""
    if not _has_something_to_do(shop_id, now):
        return None
    with held_lease(shop_id, KIND) as lease:
        return now + _SOMEBODY_ELSE if lease is None else _under_lease(shop_id, lease, StepClock(now))


def _under_lease(shop_id: int, lease: Lease, clock: StepClock) -> datetime | None:
    try:
        return _go_on(shop_id, lease, clock)
    except LeaseLostError:
        return clock.now() + _SOMEBODY_ELSE
    except TemporaryError as error:
        _say(shop_id, str(error))
        return clock.now() + timedelta(seconds=max(error.retry_after_seconds, LEASE_SECONDS))
    except KindredError as error:
        _say(shop_id, str(error))
        return clock.now() + _SHOP_IN_TROUBLE


def _has_something_to_do(shop_id: int, now: datetime) -> bool:
    """Tell whether a reading goes on; the first of an installation is begun."""
    with transaction(shop_id) as connection:
        newest = backfills.find_newest(connection)
        installed_at = connections.read_state(connection).installed_at
    if newest is not None and newest.state == "running":
        return True
    if newest is not None and (installed_at is None or installed_at <= newest.started_at):
        return False
    with transaction(shop_id) as connection:
        return _begin(connection, now, "install" if newest is None else "reinstall")


def _begin(connection: Connection, now: datetime, reason: str) -> bool:
    watermark = now - WATERMARK_MARGIN
    fresh = backfills.begin(connection, reason=reason, started_at=now, watermark=watermark)
    if fresh is not None:
        for part in plan_parts(fresh, watermark):
            backfills.add_part(connection, part)
    return fresh is not None


def _go_on(shop_id: int, lease: Lease, clock: StepClock) -> datetime | None:
    api = shop_api(shop_id, clock.now()).in_background()
    with transaction(shop_id) as connection:
        currency = shop_settings.read(connection).currency
    if currency == shop_settings.UNKNOWN_CURRENCY:
        read_shop(shop_id, clock.now())
        with transaction(shop_id) as connection:
            currency = shop_settings.read(connection).currency
    step = Step(shop_id, currency, api, lease, clock)
    _say(shop_id, None)
    count_parts(step)
    idle_since = clock.elapsed_seconds()
    while (found := step.running()) is not None and clock.has_time():
        backfill, parts = found
        next_at = _one_act(step, backfill, parts)
        if next_at is None:
            idle_since = clock.elapsed_seconds()
        elif clock.elapsed_seconds() - idle_since > _IDLE_SECONDS:
            return next_at
        else:
            time.sleep(min(max((next_at - clock.now()).total_seconds(), 0.05), _LONGEST_NAP_SECONDS))
    return None if found is None else clock.began_at


def _one_act(step: Step, backfill: Backfill, parts: Sequence[Part]) -> datetime | None:
    """Do one thing; return when there will be something to do again, ``None`` for now."""
    if wants_first_segments(backfill, parts):
        make_first_segments(step, backfill)
        return None
    open_parts = [part for part in parts if part.is_open]
    if not open_parts:
        close(step, backfill, parts)
        return None
    part = _next_part(open_parts, step.clock.now())
    if part is None:
        return min(part.next_at for part in open_parts if part.next_at is not None)
    _advance(step, part)
    return None


def _next_part(open_parts: Sequence[Part], now: datetime) -> Part | None:
    """Return what to do first: ask for everything, look after what was asked for, then read in order."""
    ready = [part for part in open_parts if part.next_at is None or part.next_at <= now]
    urgency = {"waiting": 0, "asked": 1}
    return min(ready, key=lambda part: (urgency.get(part.state, 2), part.position, part.name), default=None)


def _advance(step: Step, part: Part) -> None:
    """Bring a part further; what goes wrong with it stays its own matter."""
    act = read_pages if part.method == "pages" and part.state == "reading" else _ACTS[part.state]
    try:
        act(step, part)
    except TemporaryError as error:
        try_later(step, _fresh(step, part), str(error), wait_seconds=error.retry_after_seconds)
    except RefusedByShopifyError as error:
        give_up(step, _fresh(step, part), f"{NO_ACCESS} Shopify says: {error.reason or error}")
    except PermanentError as error:
        ask_again(step, _fresh(step, part), str(error))


_ACTS = {"waiting": ask, "asked": look, "reading": read_file, "taking": take_pieces}


def _fresh(step: Step, part: Part) -> Part:
    with transaction(step.shop_id) as connection:
        return backfills.find_part(connection, part.backfill_id, part.name)


def _say(shop_id: int, error: str | None) -> None:
    """Keep what stands in the way of the whole reading, for the page that shows it."""
    if error is not None:
        _log.warning("A backfill waits: %s", error, extra={"shop_id": shop_id})
    with transaction(shop_id) as connection:
        running = backfills.find_running(connection)
        if running is not None:
            backfills.set_error(connection, running.id, error)
