"""The merchant has granted more, or taken something back."""

from collections.abc import Sequence
from datetime import datetime

from shop_app.services.backfill_shop import begin_backfill
from shop_app.services.decide_bundles import DUE
from shop_app.shopify.scopes import ALL_ORDERS
from shop_app.storage import bundles, connections, due_work
from shop_app.storage.engine import transaction


def change_scopes(shop_id: int, scopes: Sequence[str], *, at: datetime, now: datetime) -> bool:
    """Keep the scopes that were granted as of ``at``; return whether that was news.

    The token in hand keeps the scopes that it was made with, so a fresh one is fetched with the next call. With
    leave to read all orders comes the history beyond 60 days: it is read from the beginning.
    """
    with transaction(shop_id) as connection:
        before = connections.lock(connection, shop_id)
        if before is None or before.state == "uninstalled":
            return False
        if not connections.write_scopes(connection, sorted(set(scopes)), at=at):
            return False
        if set(scopes) == set(before.scopes):
            return False
        connections.expire_access_token(connection, at=now)
        if bundles.list_to_keep(connection):  # an offer may have waited for just that
            bundles.try_again(connection)
            due_work.ensure_due(connection, shop_id, DUE, due_at=now)
    if ALL_ORDERS in scopes and ALL_ORDERS not in before.scopes:
        begin_backfill(shop_id, now, "all orders")
    return True
