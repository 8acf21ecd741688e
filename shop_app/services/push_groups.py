"""Lists, segments and definitions that stand at a destination by themselves: made once, seen to again."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from shop_app.destinations import registry
from shop_app.destinations.base import Group, RemoteGroup
from shop_app.destinations.errors import RejectedError
from shop_app.errors import NotFoundError
from shop_app.services.deliver_pushes import LEASE_SECONDS, Delivery
from shop_app.services.plan_pushes import label_maker
from shop_app.services.push_access import built
from shop_app.services.retry_rejected import retry_rejected
from shop_app.storage import decisions, destinations, leases, pushes, remote_groups
from shop_app.storage.decisions import Decision
from shop_app.storage.destinations import StoredDestination
from shop_app.storage.engine import transaction
from shop_app.storage.remote_groups import StoredGroup

_SEEN_TO_AGAIN = timedelta(hours=6)
SETTLED_AFTER = timedelta(minutes=1)
"""Where something was amiss it is looked at sooner: it may have been settled, or is made by and by."""


def keep_groups(delivery: Delivery, stored: StoredDestination, *, now: datetime) -> None:
    """See to it that they stand, before anything that needs them is sent.

    Asked for again only where the groups or the settings have changed, something was amiss, or after six hours:
    one that somebody deleted there is noticed then, and told.
    """
    maker = label_maker(delivery.shop_id)
    if maker is None:
        return
    wanted = maker.groups()
    named = [f"{group.slug}\n{group.name}" for group in wanted]
    key = hashlib.sha256("\n".join([*named, repr(sorted(stored.settings.items()))]).encode()).hexdigest()[:16]
    again_after = SETTLED_AFTER if stored.notices else _SEEN_TO_AGAIN
    if stored.groups_key == key and stored.groups_at and now - stored.groups_at < again_after:
        return
    known = list_groups(delivery.shop_id, delivery.kind)
    groups, notices = delivery.destination.prepare(wanted, known)
    groups = [*groups, *_lost(known, groups, wanted)]
    with transaction(delivery.shop_id) as connection:
        leases.extend(connection, delivery.lease, seconds=LEASE_SECONDS)
        remote_groups.replace(connection, delivery.kind, [_stored(group) for group in groups], at=now)
        destinations.note_groups(connection, delivery.kind, key=key, notices=notices, at=now)


def drop_groups(delivery: Delivery, *, now: datetime) -> None:
    """Delete what stands there by itself, once a clean-up has taken back everything else; else do nothing.

    What the other side will not delete is told once, and left to the merchant.
    """
    with transaction(delivery.shop_id) as connection:
        newest = pushes.list_newest(connection, destination=delivery.kind)
    sent = next((push for push in newest if push.state in ("running", "done")), None)
    if sent is None or (sent.kind, sent.state) != ("clean-up", "done"):
        return
    groups = list_groups(delivery.shop_id, delivery.kind)
    if not groups:
        return
    try:
        delivery.destination.drop_groups(groups)
        notices = []
    except RejectedError as error:
        notices = [str(error)]
    with transaction(delivery.shop_id) as connection:
        leases.extend(connection, delivery.lease, seconds=LEASE_SECONDS)
        remote_groups.replace(connection, delivery.kind, [], at=now)
        destinations.note_groups(connection, delivery.kind, key="", notices=notices, at=now)


def make_groups_again(shop_id: int, kind: str, *, who: str, at: datetime) -> int:
    """Forget the lists and segments that somebody deleted at a destination; return how many those are.

    Nothing deleted is made again by itself. From now on these count as never made: the next push makes them,
    and whoever was refused for want of one is tried again.

    Raises
    ------
    NotFoundError
        The destination is not connected.
    RefusedError, TemporaryError
        As the destination: nothing is changed then.
    """
    with transaction(shop_id) as connection:
        stored = destinations.find(connection, shop_id, kind)
    if stored is None:
        raise NotFoundError(f"{registry.kind_of(kind).name} is not connected yet.")
    maker = label_maker(shop_id)
    known = list_groups(shop_id, kind)
    wanted = maker.groups() if maker is not None else []
    there, _ = built(shop_id, stored, now=at).prepare(wanted, known)
    lost = _lost(known, there, wanted)
    kept = [each for each in known if each not in lost]
    if lost:
        with transaction(shop_id) as connection:
            remote_groups.replace(connection, kind, [_stored(each) for each in kept], at=at)
            destinations.note_groups(connection, kind, key="", notices=(), at=at)
            names = ", ".join(each.name for each in lost)
            decisions.record(connection, Decision(at, who, "destination", kind, "deleted", "made again", names))
        retry_rejected(shop_id, kind, who=who, at=at)
    return len(lost)


def _lost(
    known: Sequence[RemoteGroup], there: Sequence[RemoteGroup], wanted: Sequence[Group]
) -> list[RemoteGroup]:
    """Return those that somebody deleted: their ids stay known, so that they are not made again unasked."""
    found = {(each.role, each.slug) for each in there}
    slugs = {each.slug for each in wanted}
    return [each for each in known if each.slug in slugs and (each.role, each.slug) not in found]


def _stored(group: RemoteGroup) -> StoredGroup:
    return StoredGroup(group.role, group.slug, group.remote_id, group.name)


def list_groups(shop_id: int, kind: str) -> list[RemoteGroup]:
    """Return what of ours stands at a destination by itself."""
    with transaction(shop_id) as connection:
        found = remote_groups.list_of(connection, kind)
    return [RemoteGroup(group.role, group.slug, group.remote_id, group.name) for group in found]
