"""Work that needs Shopify, for a shop that may not be answered at all: then it pauses, and says why."""

import logging
from collections.abc import Callable
from datetime import datetime

from shop_app.services.shop_access import NotConnectedError, shop_api
from shop_app.shopify.admin_api import AdminApi
from shop_app.shopify.admin_errors import (
    AccessDeadError,
    RefusedByShopifyError,
    ShopFrozenError,
    ShopGoneError,
)
from shop_app.storage import shop_checks
from shop_app.storage.engine import transaction

_log = logging.getLogger(__name__)

ACCESS = "access"
"""The kind of check that holds why Shopify last refused a shop's calls; empty where it does not."""


def ask_shopify(shop_id: int, now: datetime, deed: Callable[[AdminApi], None]) -> bool:
    """Do something with a shop's interface; ``False`` where only a person can change that it is refused.

    The reason is kept where pages find it. What may work later (:class:`TemporaryError`) is raised.
    """
    try:
        deed(shop_api(shop_id, now))
    except (NotConnectedError, AccessDeadError, ShopFrozenError):
        return False  # it is noted down where it happens, and every page says so
    except (RefusedByShopifyError, ShopGoneError) as error:
        _keep_refusal(shop_id, str(error), getattr(error, "reason", ""), now)
        return False
    _forget_refusal(shop_id, now)
    return True


def _keep_refusal(shop_id: int, problem: str, reason: str, now: datetime) -> None:
    _log.warning("Shopify refuses a shop's calls.", extra={"shop_id": shop_id, "reason": reason})
    with transaction(shop_id) as connection:
        shop_checks.record(connection, ACCESS, {"problem": problem, "reason": reason}, at=now)


def _forget_refusal(shop_id: int, now: datetime) -> None:
    with transaction(shop_id) as connection:
        kept = shop_checks.find(connection, ACCESS)
        if kept is not None and kept.get("problem"):
            shop_checks.record(connection, ACCESS, {"problem": "", "reason": ""}, at=now)
