"""Each night some customers are looked at where their labels are: what somebody changed there is mended."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shop_app.destinations.base import Contact, Destination, Document, Row
from shop_app.destinations.documents import difference
from shop_app.destinations.errors import BrokenConnectionError, RejectedError
from shop_app.errors import TemporaryError
from shop_app.services.at_work import at_work
from shop_app.services.connect_destination import CHECK_DUE, DUE
from shop_app.services.deliver_pushes import LEASE_SECONDS, Delivery
from shop_app.services.push_access import built
from shop_app.services.push_choices import PushChoices
from shop_app.services.push_groups import keep_groups, list_groups
from shop_app.services.settle_pushes import names_of
from shop_app.services.shop_clock import next_midnight
from shop_app.storage import destinations, due_work, leases, push_states, push_subjects, shop_settings
from shop_app.storage.destinations import StoredDestination
from shop_app.storage.engine import Connection, transaction
from shop_app.storage.leases import LeaseLostError
from shop_app.storage.push_states import PushState, Settled

_log = logging.getLogger(__name__)

_CUSTOMERS_A_DAY = 200
_AFTER_MIDNIGHT = timedelta(hours=4)
"""By the shop's clock: after the nightly refresh, before anybody sends anything."""
_TRY_AGAIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class ReadBack:
    """How many customers were looked at, and how many of them held something else than was known."""

    looked_at: int
    differ: int


def read_back_due(shop_id: int, *, now: datetime) -> None:
    """Look at some customers at every destination that is on; next in the shop's night."""
    with at_work(shop_id, CHECK_DUE, now, next_at=None) as work:
        with transaction(shop_id) as connection:
            shop = shop_settings.read(connection)
            stored = destinations.read_all(connection, shop_id)
        if not stored:
            return
        work.next_at = next_midnight(now, shop.timezone) + _AFTER_MIDNIGHT
        if PushChoices.of(shop).everything_stopped:
            return
        for each in stored:
            if each.is_on and not _looked_at(shop_id, each, now=now):
                work.next_at = now + _TRY_AGAIN


def read_back_pushes(shop_id: int, stored: StoredDestination, *, now: datetime) -> ReadBack | None:
    """Compare what some settled customers hold with what is known of them, others each day.

    What is there is kept as known. Where that is not what is to be there (somebody took a tag of ours off, put
    a person back on a list, deleted a profile), the customer differs again and is sent anew like any other
    change: a few at once, many once a person has approved it. Nothing is written to customers here; lists and
    segments that stand already are seen to, so that a new name follows and a deleted one is noticed also where
    nobody moves. Returns ``None`` where somebody is sending there now.

    Raises
    ------
    BrokenConnectionError, TemporaryError, RejectedError
        As the destination.
    """
    destination = built(shop_id, stored, now=now)
    if not destination.can_read_back:
        return ReadBack(0, 0)
    with transaction(shop_id) as connection:
        lease = leases.take(connection, f"push-{stored.kind}", seconds=LEASE_SECONDS)
    if lease is None:
        return None
    try:
        if stored.groups_at is not None:
            keep_groups(Delivery(shop_id, destination, lease), stored, now=now)
        with transaction(shop_id) as connection:
            states, rows = _sample(connection, shop_id, destination, salt=f"{now:%Y-%m-%d}")
        if not rows:
            return ReadBack(0, 0)
        there = destination.read_back(rows, list_groups(shop_id, stored.kind))
        found = _otherwise(states, there)
        with transaction(shop_id) as connection:
            leases.extend(connection, lease, seconds=LEASE_SECONDS)
            push_states.settle(connection, stored.kind, found, at=now)
            if found:
                due_work.ensure_due(connection, shop_id, DUE, due_at=now)
    except LeaseLostError:
        return None
    finally:
        with transaction(shop_id) as connection:
            leases.give_back(connection, lease)
    return ReadBack(len(rows), len(found))


def _looked_at(shop_id: int, stored: StoredDestination, *, now: datetime) -> bool:
    """Look, and tell whether that came about; a connection that is broken is paused with its reason."""
    try:
        seen = read_back_pushes(shop_id, stored, now=now)
    except BrokenConnectionError as error:
        with transaction(shop_id) as connection:
            destinations.set_state(connection, stored.kind, "paused", reason=str(error))
        return True
    except (TemporaryError, RejectedError) as error:
        _log.warning(
            "A destination could not be read back; it is tried again within the hour.",
            extra={"shop_id": shop_id, "kind": stored.kind, "reason": type(error).__name__},
        )
        return False
    if seen is not None and seen.differ:
        _log.info(
            "Customers hold other labels at a destination than were sent.",
            extra={"shop_id": shop_id, "kind": stored.kind, "customers": seen.differ},
        )
    return seen is not None


def _sample(
    connection: Connection, shop_id: int, destination: Destination, *, salt: str
) -> tuple[Mapping[int, PushState], list[Row]]:
    ids = push_states.sample_ids(connection, destination.kind, limit=_CUSTOMERS_A_DAY, salt=salt)
    states = push_states.read_some(connection, destination.kind, ids)
    reach = push_subjects.read_reach(connection, shop_id, ids)
    rows = [
        Row(
            customer_id=each,
            before=state.acknowledged,
            after=state.acknowledged,
            contact=Contact(reach[each].shopify_id, reach[each].email),
            remote_id=state.remote_id,
            owned=frozenset(state.owned),
            foreign=frozenset(reach[each].tags) - frozenset(state.written),
        )
        for each, state in states.items()
        if each in reach
    ]
    return states, rows


def _otherwise(states: Mapping[int, PushState], there: Mapping[int, Document | None]) -> Sequence[Settled]:
    """Return those who hold something else than is known; who is not there any more holds nothing."""
    found = []
    for each, state in states.items():
        document = there.get(each)
        if not difference(state.acknowledged, document).is_empty:
            owned = sorted(set(state.owned) & names_of(document))
            found.append(Settled(each, document, owned, state.held_segment if document else ""))
    return found
