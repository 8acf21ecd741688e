"""A worker is asked to compare and send at once."""

from datetime import datetime

from shop_app.queueing import TaskName, send
from shop_app.services.connect_destination import DUE
from shop_app.storage import due_work
from shop_app.storage.engine import transaction


def push_soon(shop_id: int, *, now: datetime) -> None:
    """Note down that a shop's destinations are to be looked after now, and knock."""
    with transaction(shop_id) as connection:
        due_work.ensure_due(connection, shop_id, DUE, due_at=now)
    send(TaskName.PUSH, shop_id)
