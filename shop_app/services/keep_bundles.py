"""Shopify is kept in step with what was decided on offers, one call after the other.

One worker at a time holds a shop's lease and proves it in every transaction. Each call is written down before
it goes out: a worker that dies leaves a step that says how far it was. Only the making is not safe to repeat:
where nobody knows what came of it, it is looked for in Shopify before anything is made again.
"""

import logging
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache

from shop_app.services.at_work import at_work
from shop_app.services.bundle_limits import Limits
from shop_app.services.decide_bundles import DUE
from shop_app.services.keep_offer import keep_offer
from shop_app.services.keeping_turn import LEASE_SECONDS, Keeping, OfferWaitsError
from shop_app.services.push_access import access_of
from shop_app.services.shop_access import NotConnectedError
from shop_app.services.watch_bundles import watch
from shop_app.shopify.admin_errors import AccessDeadError, ShopFrozenError, ShopGoneError
from shop_app.storage import bundles, connections, leases
from shop_app.storage.bundles import Bundle
from shop_app.storage.engine import transaction
from shop_app.storage.leases import Lease, LeaseLostError

_log = logging.getLogger(__name__)

_SECONDS_A_TASK = 10.0
"""Then other shops have their turn; what is left is due again at once."""
_LOOK_AGAIN = timedelta(minutes=15)
_SOMEBODY_IS_AT_IT = timedelta(seconds=5)
_CUT_OFF = timedelta(hours=1)
_DEAD = (AccessDeadError, ShopFrozenError, ShopGoneError, NotConnectedError)


def keep_bundles_due(shop_id: int, *, now: datetime) -> None:
    """Bring Shopify in step with every offer of a shop; what is left falls due again by itself."""
    with at_work(shop_id, DUE, now, next_at=None) as work:
        with transaction(shop_id) as connection:
            lease = leases.take(connection, "bundles", seconds=LEASE_SECONDS)
        if lease is None:
            work.next_at = now + _SOMEBODY_IS_AT_IT
            return
        try:
            work.next_at = _keep_all(shop_id, lease, now=now)
        except LeaseLostError:
            work.next_at = now + _SOMEBODY_IS_AT_IT
        finally:
            with transaction(shop_id) as connection:
                leases.give_back(connection, lease)


def _keep_all(shop_id: int, lease: Lease, *, now: datetime) -> datetime | None:
    with transaction(shop_id) as connection:
        to_keep = bundles.list_to_keep(connection)
        found = connections.find(connection, shop_id)
    if not to_keep:
        return None
    limits = Limits.of(shop_id, {item_id for each in to_keep for item_id in each.terms.item_ids})
    _watch(shop_id, lease, to_keep, limits, now=now)
    if found is None or found.state == "uninstalled":
        return None  # nobody is there to make anything for
    keeping = Keeping(
        shop_id=shop_id,
        lease=lease,
        api=cache(access_of(shop_id, None, now=now).api),
        limits=limits,
        scopes=found.scopes,
        now=now,
    )
    look = _keep_each(keeping, [each.id for each in to_keep])
    with transaction(shop_id) as connection:
        return look if bundles.list_to_keep(connection) else None


def _watch(shop_id: int, lease: Lease, to_keep: Sequence[Bundle], limits: Limits, *, now: datetime) -> None:
    """Pause and resume what has to be, whatever becomes of Shopify's part in it."""
    for bundle in to_keep:
        with transaction(shop_id) as connection:
            leases.extend(connection, lease, seconds=LEASE_SECONDS)
            watch(connection, bundle, limits, at=now)


def _keep_each(keeping: Keeping, ids: Sequence[int]) -> datetime:
    """Keep one offer after the other; return when the next of them has to be looked at."""
    began = time.monotonic()
    looks = [keeping.now + _LOOK_AGAIN]
    for bundle_id in ids:
        if time.monotonic() - began > _SECONDS_A_TASK:
            return keeping.now
        try:
            look = keep_offer(keeping, bundle_id)
        except OfferWaitsError as error:
            look = error.until
        except _DEAD as error:
            _cut_off(keeping, ids, str(error))
            return keeping.now + _CUT_OFF
        looks += [] if look is None else [look]
    return min(looks)


def _cut_off(keeping: Keeping, ids: Sequence[int], words: str) -> None:
    """Say with every offer that is under way that Shopify is not to be spoken to."""
    with transaction(keeping.shop_id) as connection:
        keeping.held(connection)
        for bundle_id in ids:
            bundles.put_off(connection, bundle_id, until=keeping.now + _CUT_OFF, trouble=words, failed=False)
    _log.warning("Offers wait for Shopify.", extra={"shop_id": keeping.shop_id})
