"""Working off what people and shops have asked to be forgotten."""

from datetime import datetime, timedelta

from shop_app.services import spool
from shop_app.services.at_work import at_work
from shop_app.services.erase_bodies import sweep_bodies
from shop_app.services.erase_person import erase_person, prove_erased
from shop_app.services.erase_shop import erase_shop
from shop_app.services.refresh_dirty import refresh_dirty
from shop_app.services.scheduled_exports import forget_erased
from shop_app.services.shop_clock import default_as_of
from shop_app.storage import dirty_customers, due_work, privacy_requests
from shop_app.storage.engine import shopless, transaction
from shop_app.storage.privacy_requests import CUSTOMER_REDACT, SHOP_REDACT

_LOOK_AGAIN = timedelta(minutes=1)


def erase_due(shop_id: int, *, now: datetime) -> None:
    """Work off every request of a shop; one that has to wait for something is looked at in a minute."""
    with at_work(shop_id, "erase", now, next_at=None):
        if not erase_open(shop_id, now=now):
            with shopless() as connection:
                due_work.ensure_due(connection, shop_id, "erase", due_at=now + _LOOK_AGAIN)


def erase_open(shop_id: int, *, now: datetime) -> bool:
    """Do what is asked for and can be done now; return whether nothing is left to do."""
    for request_id in _list_open(shop_id, SHOP_REDACT):
        if not erase_shop(shop_id, request_id, now=now):
            return False
    asked = _list_open(shop_id, CUSTOMER_REDACT)
    if not asked:
        return True
    for request_id in asked:
        erase_person(shop_id, request_id, now=now)
    swept = sweep_bodies(shop_id)
    if spool.holds(shop_id):
        spool.sweep()  # what a killed process left behind is waited for by nobody
    forget_erased(shop_id, now=now)
    ended = [prove_erased(shop_id, request_id, swept, now=now) for request_id in asked]
    relabel(shop_id, now=now)
    return all(ended)


def relabel(shop_id: int, *, now: datetime) -> None:
    """Label anew those who were taken for an erased person and stay."""
    with transaction(shop_id) as connection:
        staying = dirty_customers.list_oldest(connection, 1)
    if staying:
        refresh_dirty(shop_id, now=default_as_of(shop_id, now))


def _list_open(shop_id: int, kind: str) -> list[int]:
    with transaction(shop_id) as connection:
        return [request.id for request in privacy_requests.list_open(connection, shop_id, kind)]
