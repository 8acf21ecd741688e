"""Holding a lease for as long as work takes: a thread beside it renews it, and stops with the process."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from shop_app.storage import leases
from shop_app.storage.engine import transaction
from shop_app.storage.leases import Lease, LeaseLostError

LEASE_SECONDS = 30.0
"""So long the work of a process that was killed lies still."""

_BEAT_SECONDS = 8.0
_log = logging.getLogger(__name__)


@contextmanager
def held_lease(shop_id: int, kind: str) -> Iterator[Lease | None]:
    """Hold the lease for one kind of a shop's work inside; ``None`` where somebody else has it.

    That it is held at all is no proof that it still is: every write proves that in its own transaction, with
    :func:`shop_app.storage.leases.extend`.
    """
    with transaction(shop_id) as connection:
        lease = leases.take(connection, kind, seconds=LEASE_SECONDS)
    if lease is None:
        yield None
        return
    over = threading.Event()
    keeper = threading.Thread(target=_keep, args=(shop_id, lease, over), name=f"lease-{kind}", daemon=True)
    keeper.start()
    try:
        yield lease
    finally:
        over.set()
        keeper.join()
        with transaction(shop_id) as connection:
            leases.give_back(connection, lease)


def _keep(shop_id: int, lease: Lease, over: threading.Event) -> None:
    while not over.wait(_BEAT_SECONDS):
        try:
            with transaction(shop_id) as connection:
                leases.extend(connection, lease, seconds=LEASE_SECONDS)
        except LeaseLostError:
            return
        except Exception as error:  # noqa: BLE001 (a beat that fails is made up for by the next one)
            _log.warning("A lease could not be renewed.", extra={"reason": type(error).__name__})
