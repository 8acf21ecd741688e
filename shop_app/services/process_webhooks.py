"""Webhooks that were kept are worked off: in batches, each one as a whole, and one that is bad on its own.

An attempt is counted before it is made, so a delivery that brings the process down is found out: after a crash
what was in that batch comes in ever smaller groups, and what has crashed five times is put aside.
"""

import logging
import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from shop_app.errors import StartRefusedError, TemporaryError
from shop_app.queueing import TaskName, send
from shop_app.services.apply_webhooks import apply_webhooks, without_facts
from shop_app.services.erase_bodies import sweep_bodies
from shop_app.services.refresh_dirty import refresh_dirty
from shop_app.services.webhook_contradictions import ShopIdentity, read_identity
from shop_app.services.webhook_deeds import do_deed
from shop_app.services.webhook_reading import Deed, Reading, read_webhook
from shop_app.shopify.webhook_topics import FOR_ABSENT_SHOPS, use_of
from shop_app.storage import due_work, passing_trouble, shops, webhook_inbox, webhook_lock
from shop_app.storage.engine import shopless, transaction
from shop_app.storage.webhook_inbox import Outcome, Waiting

_log = logging.getLogger(__name__)

KIND, BEGUN = "webhooks", "webhooks-begun"

_AT_ONCE = 500
"""What a batch costs beside its rows is a quarter of a second's work; there are so many only in a backlog."""
_SECONDS_BEFORE_LABELS = 2.0
"""So long a backlog is worked off before those whom it concerns are labelled."""
_SECONDS_A_TASK = 10.0
"""Then other shops have their turn: what is left waits behind them in the queue."""
_MOST_ATTEMPTS = 5
_TRIES_AT_ONCE = 3
_LOOK_AGAIN_AFTER = timedelta(seconds=60)
"""Longer than any delivery takes from the moment it sees its shop's work due to its commit."""
_SOMEBODY_IS_AT_IT = timedelta(seconds=2)
_FIRST_PAUSE = timedelta(seconds=30)
_BODIES_KEPT_FOR = timedelta(days=7)
_DELIVERIES_KEPT_FOR = timedelta(days=60)
_LOOK_FOR_OLD_BODIES_AFTER = timedelta(days=1)


def drain_webhooks_due(shop_id: int, *, now: datetime) -> None:
    """Apply what waits, and label whom it concerns.

    Where somebody else is at it already, the shop falls due again in a moment.
    """
    with passing_trouble.named(), webhook_lock.alone(shop_id) as is_alone:
        if not is_alone:
            with shopless() as connection:
                due_work.begin(connection, shop_id, KIND, again_at=now + _SOMEBODY_IS_AT_IT)
            return
        was_asked = _begin(shop_id, now)
        is_empty = drain(shop_id, now=now)
        _finish(shop_id, now, is_quiet=is_empty and not was_asked)
    if not is_empty:
        send(TaskName.DRAIN_WEBHOOKS, shop_id)


def drain(shop_id: int, *, now: datetime) -> bool:
    """Apply what waits, as far as one task gets; return whether nothing is left."""
    shop = read_identity(shop_id)
    ends_at = time.monotonic() + _SECONDS_A_TASK
    is_empty = False
    while not is_empty and time.monotonic() < ends_at:
        labels_at = time.monotonic() + _SECONDS_BEFORE_LABELS
        while not is_empty and time.monotonic() < labels_at:
            is_empty = not _drain_batch(shop_id, shop, now)
        refresh_dirty(shop_id, now=now)
    return is_empty


def _begin(shop_id: int, now: datetime) -> bool:
    """Take the shop's work off the list, and put another look on it; return whether it was there.

    A delivery that saw it there and is not committed yet would go unheard: the other look finds it.
    """
    with shopless() as connection:
        due_work.begin(connection, shop_id, BEGUN, again_at=now + _LOOK_AGAIN_AFTER)
        return due_work.take(connection, shop_id, KIND)


def _finish(shop_id: int, now: datetime, *, is_quiet: bool) -> None:
    """Say when somebody is to look again: soon, until a look that nobody had asked for finds nothing."""
    with transaction(shop_id) as connection:
        webhook_inbox.forget(
            connection, applied_before=now - _BODIES_KEPT_FOR, received_before=now - _DELIVERIES_KEPT_FOR
        )
        looks = [webhook_inbox.next_due(connection)]
        if not is_quiet:
            looks.append(now + _LOOK_AGAIN_AFTER)
        elif not webhook_inbox.is_empty(connection):
            looks.append(now + _LOOK_FOR_OLD_BODIES_AFTER)
        next_at = min((at for at in looks if at is not None), default=None)
        due_work.finish(connection, shop_id, BEGUN, begun=now + _LOOK_AGAIN_AFTER, next_at=next_at)


def _drain_batch(shop_id: int, shop: ShopIdentity, now: datetime) -> bool:
    """Work off one batch; return ``False`` where none was left."""
    with transaction(shop_id) as connection:
        rows = webhook_inbox.claim(connection, at=now, limit=_AT_ONCE)
    if not rows:
        return False
    try:
        _give_up(shop_id, [row for row in rows if row.attempts > _MOST_ATTEMPTS], now)
        _work_on(shop_id, [row for row in rows if row.attempts <= _MOST_ATTEMPTS], shop, now)
    except TemporaryError:
        with transaction(shop_id) as connection:
            webhook_inbox.put_back(connection, [row.id for row in rows])
        raise
    sweep_bodies(shop_id, [row.id for row in rows])  # what names somebody who was erased is not kept
    return True


def _work_on(shop_id: int, rows: Sequence[Waiting], shop: ShopIdentity, now: datetime) -> None:
    """Do what the deliveries ask for, then take in what they tell."""
    readings = [_read(shop_id, row, shop) for row in rows]
    for reading in readings:
        if isinstance(reading.told, Deed):
            _do_alone(shop_id, reading, reading.told, now)
    telling = [reading for reading in readings if not isinstance(reading.told, Deed)]
    if telling and not _is_installed(shop_id):
        telling = [_of_absent_shop(reading) for reading in telling]
    _apply_all(shop_id, telling, shop, now)


def _read(shop_id: int, row: Waiting, shop: ShopIdentity) -> Reading:
    """Open one delivery; one that cannot even be read will not be readable later either."""
    try:
        return read_webhook(row, webhook_inbox.open_body(row, shop_id), shop)
    except StartRefusedError as error:
        return Reading(row).ended("dead", str(error))
    except Exception as error:  # noqa: BLE001 (what it says may quote the body)
        return Reading(row).ended("dead", f"It cannot be read ({type(error).__name__}).")


def _do_alone(shop_id: int, reading: Reading, deed: Deed, now: datetime) -> None:
    """Do one thing; where that has to wait, or fails, it keeps nothing else waiting."""
    try:
        with passing_trouble.named():
            do_deed(shop_id, reading, deed, now=now)
    except TemporaryError:
        with transaction(shop_id) as connection:
            webhook_inbox.put_back(connection, [reading.row.id])
            webhook_inbox.postpone(
                connection, reading.row.id, until=now + _FIRST_PAUSE, words="It has to wait a little."
            )
    except Exception as error:  # noqa: BLE001 (what it says may quote the body)
        _put_aside(shop_id, reading, type(error).__name__, now)


def _apply_all(shop_id: int, readings: Sequence[Reading], shop: ShopIdentity, now: datetime) -> None:
    """Take in what these tell; where one of them breaks the batch, halving it finds out which."""
    try:
        _apply(shop_id, readings, shop, now)
    except TemporaryError:
        raise
    except Exception as error:  # noqa: BLE001 (what it says may quote the body)
        if len(readings) == 1:
            _put_aside(shop_id, readings[0], type(error).__name__, now)
            return
        middle = len(readings) // 2
        for half in (readings[:middle], readings[middle:]):
            _apply_all(shop_id, half, shop, now)


def _apply(shop_id: int, readings: Sequence[Reading], shop: ShopIdentity, now: datetime) -> None:
    for attempt in range(1, _TRIES_AT_ONCE + 1):
        try:
            with passing_trouble.named():
                apply_webhooks(shop_id, readings, shop, now=now)
        except TemporaryError:
            if attempt == _TRIES_AT_ONCE:
                raise
        else:
            return


def _put_aside(shop_id: int, reading: Reading, error: str, now: datetime) -> None:
    """Try one that failed again later, longer each time, and no more after the fifth."""
    row, words = reading.row, f"It could not be applied ({error})."
    _log.warning("Webhook %s cannot be applied: %s", row.id, error)
    with transaction(shop_id) as connection:
        if row.attempts >= _MOST_ATTEMPTS:
            dead = Outcome(row.id, "dead", f"{words} Tried {row.attempts} times.", reading.concerns)
            webhook_inbox.settle(connection, [dead], at=now)
        else:
            until = now + _FIRST_PAUSE * 4 ** (row.attempts - 1)
            webhook_inbox.postpone(connection, row.id, until=until, words=words)


def _give_up(shop_id: int, rows: Sequence[Waiting], now: datetime) -> None:
    """Put aside what has brought the process down each time."""
    if not rows:
        return
    words = f"Whoever worked on it went down, {_MOST_ATTEMPTS} times."
    with transaction(shop_id) as connection:
        webhook_inbox.settle(connection, [Outcome(row.id, "dead", words) for row in rows], at=now)


def _is_installed(shop_id: int) -> bool:
    with shopless() as connection:
        return shop_id in {active for active, _ in shops.list_active(connection)}


def _of_absent_shop(reading: Reading) -> Reading:
    if reading.end is not None or use_of(reading.row.topic) in FOR_ABSENT_SHOPS:
        return reading
    return without_facts(reading, "The app is not installed in this shop: nothing was taken.")
