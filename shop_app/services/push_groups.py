"""Lists, segments and definitions that stand at a destination by themselves: made once, seen to again."""

import hashlib
from datetime import datetime, timedelta

from shop_app.destinations.base import RemoteGroup
from shop_app.services.deliver_pushes import LEASE_SECONDS, Delivery
from shop_app.services.plan_pushes import label_maker
from shop_app.storage import destinations, leases, remote_groups
from shop_app.storage.destinations import StoredDestination
from shop_app.storage.engine import transaction
from shop_app.storage.remote_groups import StoredGroup

_SEEN_TO_AGAIN = timedelta(hours=6)


def keep_groups(delivery: Delivery, stored: StoredDestination, *, now: datetime) -> None:
    """See to it that they stand, before anything that needs them is sent.

    Asked for again only where the groups or the settings have changed, or after six hours: one that somebody
    deleted there is noticed then, and told.
    """
    maker = label_maker(delivery.shop_id)
    if maker is None:
        return
    wanted = maker.groups()
    named = [f"{group.slug}\n{group.name}" for group in wanted]
    key = hashlib.sha256("\n".join([*named, repr(sorted(stored.settings.items()))]).encode()).hexdigest()[:16]
    if stored.groups_key == key and stored.groups_at and now - stored.groups_at < _SEEN_TO_AGAIN:
        return
    groups, notices = delivery.destination.prepare(wanted, list_groups(delivery.shop_id, delivery.kind))
    with transaction(delivery.shop_id) as connection:
        leases.extend(connection, delivery.lease, seconds=LEASE_SECONDS)
        kept = [StoredGroup(group.role, group.slug, group.remote_id, group.name) for group in groups]
        remote_groups.replace(connection, delivery.kind, kept, at=now)
        destinations.note_groups(connection, delivery.kind, key=key, notices=notices, at=now)


def list_groups(shop_id: int, kind: str) -> list[RemoteGroup]:
    """Return what of ours stands at a destination by itself."""
    with transaction(shop_id) as connection:
        found = remote_groups.list_of(connection, kind)
    return [RemoteGroup(group.role, group.slug, group.remote_id, group.name) for group in found]
