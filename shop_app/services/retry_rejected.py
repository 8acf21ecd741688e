"""What a destination refused is sent once more, because a person says so."""

from datetime import datetime

from shop_app.destinations import registry
from shop_app.errors import NotFoundError
from shop_app.services.connect_destination import DUE
from shop_app.storage import decisions, destinations, due_work, push_states
from shop_app.storage.decisions import Decision
from shop_app.storage.engine import transaction


def retry_rejected(shop_id: int, kind: str, *, who: str, at: datetime) -> int:
    """Let everybody whom a destination has refused wait to be sent again; return how many those are.

    Else they are tried again once something about them changes. They count towards what needs approval.

    Raises
    ------
    NotFoundError
        The destination is not connected.
    """
    with transaction(shop_id) as connection:
        if destinations.find(connection, shop_id, kind) is None:
            raise NotFoundError(f"{registry.kind_of(kind).name} is not connected yet.")
        count = push_states.wait_again(connection, kind, at=at, states=("rejected",))
        if count:
            due_work.ensure_due(connection, shop_id, DUE, due_at=at)
            note = f"{count:,} to be tried again"
            decisions.record(connection, Decision(at, who, "push", kind, "rejected", "waiting", note))
    return count
