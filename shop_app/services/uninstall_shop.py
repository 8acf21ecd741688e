"""A shop has thrown the app out, or so a webhook says: believed only if Shopify itself does not disagree."""

from datetime import datetime, timedelta

from shop_app.errors import KindredError
from shop_app.services.backfill_shop import stop_backfill
from shop_app.services.shop_access import shop_api
from shop_app.storage import connections
from shop_app.storage.engine import transaction

_CLOCKS_APART = timedelta(minutes=1)
"""How far our clock, by which some installations are dated, may be ahead of Shopify's."""


def uninstall_shop(shop_id: int, triggered_at: datetime, now: datetime) -> bool:
    """End a shop's connection as of ``triggered_at``; return whether it has ended.

    Such a webhook may come hours late, after the app was installed again. So Shopify is asked with the token we
    hold: one that works is of an installation that stands. Where it does not work, the two moments decide. What
    is known of the shop is kept until it is asked to be forgotten, which comes 48 hours later.
    """
    with transaction(shop_id) as connection:
        current = connections.find(connection, shop_id)
    if current is None or current.state == "uninstalled":
        return current is not None
    if _works(shop_id, now) or triggered_at < current.installed_at - _CLOCKS_APART:
        return False
    with transaction(shop_id) as connection:
        locked = connections.lock(connection, shop_id)
        if locked is None or locked.installed_at != current.installed_at:
            return False  # it was installed again while Shopify was asked
        connections.end(connection, shop_id, uninstalled_at=_ended_at(triggered_at, locked.installed_at, now))
    stop_backfill(shop_id, now)
    return True


def _ended_at(triggered_at: datetime, installed_at: datetime, now: datetime) -> datetime:
    """Return when it ended; a webhook about an earlier end tells nothing about when this one came."""
    return triggered_at if installed_at <= triggered_at <= now else now


def _works(shop_id: int, now: datetime) -> bool:
    """Tell whether Shopify accepts the token we hold."""
    try:
        shop_api(shop_id, now).run("ShopFacts")
    except KindredError:  # it is dead, the shop is frozen or gone, or Shopify cannot be asked now
        return False
    return True
