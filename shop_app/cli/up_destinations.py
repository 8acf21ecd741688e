"""Beside the stand-ins, labels have somewhere to go: both are connected once the sample store has segments."""

import time
from collections.abc import Callable
from dataclasses import replace

from shop_app.cli.session import say
from shop_app.clock import utc_now
from shop_app.embedded.klaviyo_stand_in import KlaviyoStandIn
from shop_app.embedded.stand_in import SAMPLE_SHOP, StandIn
from shop_app.errors import KindredError
from shop_app.settings import Settings

_EVERY_SECONDS = 3.0
_WHO = "kindred up"


def connecting(settings: Settings, beside: StandIn, klaviyo: KlaviyoStandIn) -> Callable[[], None]:
    """Return what is to be called again and again until the stand-ins are connected.

    Nothing is sent by that: the first plan of each waits for somebody to approve it. Whoever has ever decided
    on a destination of this store is not interfered with.
    """
    from shop_app.services.reach_vendors import reach_vendors

    reach_vendors(replace(settings, shopify=beside.shopify, klaviyo_origin=klaviyo.origin))
    state = {"next": time.monotonic() + _EVERY_SECONDS, "done": 0.0}

    def look() -> None:
        if state["done"] or time.monotonic() < state["next"]:
            return
        state["next"] = time.monotonic() + _EVERY_SECONDS
        try:
            state["done"] = _connect(klaviyo.key)
        except KindredError:
            return  # a stand-in that is still starting; it is tried again in a moment

    return look


def _connect(key: str) -> float:
    """Connect both, and return 1.0 once there is nothing more to do."""
    from shop_app.services.connect_destination import save_destination, switch_on
    from shop_app.services.plan_pushes import label_maker
    from shop_app.storage import decisions, destinations, shops
    from shop_app.storage.engine import shopless, transaction

    with shopless() as connection:
        shop_id = shops.find_id(connection, SAMPLE_SHOP)
    if shop_id is None or label_maker(shop_id) is None:
        return 0.0
    with transaction(shop_id) as connection:
        known = {each.kind for each in destinations.read_all(connection, shop_id)}
        was_decided = {each.about for each in decisions.list_newest(connection, kind="destination")}
    wanted = {"shopify": {}, "klaviyo": {"private_key": key}}
    for kind, values in wanted.items():
        if kind not in known | was_decided:
            save_destination(shop_id, kind, values, who=_WHO, at=utc_now())
            switch_on(shop_id, kind, who=_WHO, at=utc_now())
            say(f"Connected the stand-in as a destination for labels: {kind}. Its first plan waits for you.")
    return 1.0
