"""Webhooks that tell no facts of trade: of the app itself, of a bulk operation, of somebody's privacy.

Each is done on its own, and marked done afterwards: done twice, they change nothing.
"""

from datetime import datetime

from shop_app.errors import InvalidInputError
from shop_app.services.backfill_shop import bulk_finished
from shop_app.services.change_scopes import change_scopes
from shop_app.services.privacy_requests import receive_privacy_request
from shop_app.services.uninstall_shop import uninstall_shop
from shop_app.services.webhook_reading import Deed, Reading
from shop_app.shopify.payload_values import words
from shop_app.shopify.webhook_topics import Use
from shop_app.storage import webhook_inbox
from shop_app.storage.engine import transaction
from shop_app.storage.webhook_inbox import Outcome, Waiting


def do_deed(shop_id: int, reading: Reading, deed: Deed, *, now: datetime) -> None:
    """Do what one delivery asks for, and say what became of it."""
    if deed.use is Use.PRIVACY:
        _pass_on(shop_id, reading, deed, now)
        return
    done = _DEEDS[deed.use](shop_id, reading.row, deed, now)
    with transaction(shop_id) as connection:
        webhook_inbox.settle(connection, [Outcome(reading.row.id, "done", done, reading.concerns)], at=now)


def _pass_on(shop_id: int, reading: Reading, deed: Deed, now: datetime) -> None:
    row = reading.row
    try:
        with transaction(shop_id) as connection:
            receive_privacy_request(connection, shop_id, row.topic, dict(deed.body), row.received_at)
            webhook_inbox.settle(connection, [Outcome(row.id, "done", "It is among the requests.")], at=now)
    except InvalidInputError as error:
        with transaction(shop_id) as connection:
            webhook_inbox.settle(connection, [Outcome(row.id, "quarantined", str(error))], at=now)


def _uninstall(shop_id: int, row: Waiting, _deed: Deed, now: datetime) -> str:
    if uninstall_shop(shop_id, row.triggered_at, now):
        return "The app was removed from the shop."
    return "It is about an earlier installation."


def _change_scopes(shop_id: int, row: Waiting, deed: Deed, now: datetime) -> str | None:
    current = deed.body.get("current")
    if not isinstance(current, list):
        return "It does not say what is granted."
    scopes = [scope for each in current if (scope := words(each))]
    change_scopes(shop_id, scopes, at=row.triggered_at, now=now)
    return None


def _finish_bulk(shop_id: int, _row: Waiting, deed: Deed, now: datetime) -> str | None:
    gid = words(deed.body.get("admin_graphql_api_id"))
    if gid is None:
        return "It does not say which operation is over."
    return None if bulk_finished(shop_id, gid, now) else "Nobody here waits for it."


_DEEDS = {Use.UNINSTALLED: _uninstall, Use.SCOPES: _change_scopes, Use.BULK: _finish_bulk}
