"""One process at a time applies a shop's webhooks; whoever comes second goes away again."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text

from shop_app.storage.engine import transaction

_WEBHOOKS = 7_302_004  # one number for "webhooks of a shop are being applied"


@contextmanager
def alone(shop_id: int) -> Iterator[bool]:
    """Yield whether this process has the shop's webhooks for itself, until the block ends.

    The lock lives in a transaction of its own, so a process that dies leaves none behind.
    """
    with transaction(shop_id) as connection:
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        yield bool(
            connection.execute(
                text("SELECT pg_try_advisory_xact_lock(:kind, current_setting('app.shop_id')::int)"),
                {"kind": _WEBHOOKS},
            ).scalar_one()
        )
