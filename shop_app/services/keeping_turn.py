"""What keeping a shop's offers in step with Shopify goes by, and how an offer is put off."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from secrets import randbelow

from shop_app.errors import KindredError, TemporaryError
from shop_app.services.bundle_limits import Limits
from shop_app.services.push_choices import PushChoices
from shop_app.shopify.admin_api import AdminApi
from shop_app.storage import bundles, leases, shop_settings
from shop_app.storage.bundles import Bundle
from shop_app.storage.engine import Connection, transaction
from shop_app.storage.leases import Lease

LEASE_SECONDS = 90.0
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 5, 900
_LONGEST_WISH_SECONDS = 60.0


class OfferWaitsError(KindredError):
    """Nothing can be done for an offer before a moment; why is written down with it."""

    def __init__(self, until: datetime) -> None:
        super().__init__("The offer waits.")
        self.until = until


@dataclass(frozen=True, slots=True)
class Keeping:
    """What is needed to keep the offers of one shop; ``api`` opens its interface where it is needed."""

    shop_id: int
    lease: Lease
    api: Callable[[], AdminApi] = field(repr=False)
    limits: Limits
    scopes: tuple[str, ...]
    now: datetime

    def held(self, connection: Connection) -> Connection:
        """Prove in a transaction that this is still ours to do."""
        leases.extend(connection, self.lease, seconds=LEASE_SECONDS)
        return connection

    def is_stopped(self) -> bool:
        """Tell whether somebody has stopped everything, as of now."""
        return self.choices()[0].everything_stopped

    def choices(self) -> tuple[PushChoices, str]:
        """Return what is chosen for whatever is sent, as of now, and the shop's time zone."""
        with transaction(self.shop_id) as connection:
            shop = shop_settings.read(connection)
        return PushChoices.of(shop), shop.timezone


def wait(keeping: Keeping, bundle: Bundle, words: str, how_long: timedelta) -> OfferWaitsError:
    """Put an offer off, with why in words; return what is to be raised."""
    return _put_off(keeping, bundle, words, how_long, failed=False)


def wait_after(keeping: Keeping, bundle: Bundle, error: TemporaryError) -> OfferWaitsError:
    """Put an offer off after a failure, longer each time; return what is to be raised."""
    seconds = min(_FIRST_PAUSE_SECONDS * 2**bundle.failures, _LONGEST_PAUSE_SECONDS)
    least = min(error.retry_after_seconds, _LONGEST_WISH_SECONDS)
    how_long = timedelta(seconds=max(float(seconds), least) + randbelow(_FIRST_PAUSE_SECONDS))
    return _put_off(keeping, bundle, str(error), how_long, failed=True)


def is_the_same(current: Bundle | None, bundle: Bundle) -> bool:
    """Tell whether nobody has decided otherwise since ``bundle`` was read."""
    return current is not None and (current.state, current.decided_at) == (bundle.state, bundle.decided_at)


def _put_off(
    keeping: Keeping, bundle: Bundle, words: str, how_long: timedelta, *, failed: bool
) -> OfferWaitsError:
    until = keeping.now + how_long
    with transaction(keeping.shop_id) as connection:
        current = bundles.lock(keeping.held(connection), bundle.id)
        if not is_the_same(current, bundle):
            return OfferWaitsError(keeping.now)  # what was decided meanwhile waits for nothing
        bundles.put_off(connection, bundle.id, until=until, trouble=words, failed=failed)
    return OfferWaitsError(until)
