"""One step of a backfill: a lease, a connection to Shopify, and a limited time."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from shop_app.services.keep_lease import LEASE_SECONDS
from shop_app.shopify.admin_api import AdminApi
from shop_app.storage import backfills, leases
from shop_app.storage.backfills import Backfill, Part
from shop_app.storage.engine import Connection, transaction
from shop_app.storage.leases import Lease

_STEP_SECONDS = 110.0
"""A step ends after this long at the next good place, well before a task's limit of 240 s."""


class StepClock:
    """What time it is, and how long a step has been going on."""

    def __init__(self, now: datetime, *, step_seconds: float = _STEP_SECONDS) -> None:
        self._now = now
        self._began = time.monotonic()
        self._step_seconds = step_seconds
        self.began_at = now

    def now(self) -> datetime:
        """Return the moment of the step's start plus the time that has passed since."""
        return self._now + timedelta(seconds=self.elapsed_seconds())

    def elapsed_seconds(self) -> float:
        """Return for how long the step has been going on."""
        return time.monotonic() - self._began

    def has_time(self) -> bool:
        """Tell whether something more may be begun."""
        return self.elapsed_seconds() < self._step_seconds

    def end(self) -> None:
        """Leave what comes next to the next step."""
        self._step_seconds = 0.0


@dataclass(slots=True)
class Step:
    """What every act of a step needs; each write proves that the lease is still ours."""

    shop_id: int
    currency: str
    api: AdminApi
    lease: Lease
    clock: StepClock

    def change(self, part: Part, **values: object) -> Part:
        """Write down how far a part is, and return it as it is now."""
        with transaction(self.shop_id) as connection:
            backfills.change_part(connection, part, **values)
            self.hold(connection)
            return backfills.find_part(connection, part.backfill_id, part.name)

    def hold(self, connection: Connection) -> None:
        """Prove in a transaction that this work is still ours, as the last thing that it does."""
        leases.extend(connection, self.lease, seconds=LEASE_SECONDS)

    def running(self) -> tuple[Backfill, list[Part]] | None:
        """Return the backfill that is going on with its parts, or ``None``."""
        with transaction(self.shop_id) as connection:
            backfill = backfills.find_running(connection)
            return None if backfill is None else (backfill, backfills.list_parts(connection, backfill.id))
