"""Noting that one of the shop's people looked at somebody's data."""

from datetime import datetime

from shop_app.storage import access_log
from shop_app.storage.engine import transaction


def note_access(shop_id: int, what: str, *, user_id: str, at: datetime, customer_id: int | None = None) -> None:
    """Keep who (a number of Shopify's, ``local`` in local mode) looked at what, and whose data it was."""
    with transaction(shop_id) as connection:
        access_log.record(connection, shop_id, at=at, user_id=user_id, what=what, customer_id=customer_id)
