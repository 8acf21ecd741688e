"""A busy day: many deeds of many people, mixed as a store sees them."""

import random
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from sandbox.shopify.deeds import baskets, goods, orders, people
from sandbox.shopify.deeds.finding import DeedRefusedError
from sandbox.shopify.webhooks import one_event
from sandbox.shopify.world import World

_DEEDS: dict[Callable[..., dict[str, Any]], int] = {
    orders.place_order: 60,
    orders.refund_order: 5,
    orders.cancel_order: 2,
    orders.edit_order: 3,
    people.edit_customer: 8,
    people.create_customer: 8,
    people.change_consent: 4,
    baskets.start_cart: 4,
    baskets.start_checkout: 4,
    goods.edit_product: 2,
}


def busy_day(
    world: World, shop: str, *, deeds: int = 60, per_second: float = 0, seed: int | None = None
) -> dict[str, Any]:
    """Do many deeds, as fast as it goes or at a pace; return how many of each were done."""
    chance = random.Random(seed)
    done: Counter[str] = Counter()
    for chosen in chance.choices(list(_DEEDS), weights=list(_DEEDS.values()), k=max(0, min(deeds, 20_000))):
        try:
            with one_event():
                chosen(world, shop)
        except DeedRefusedError:
            continue
        done[chosen.__name__] += 1
        if per_second > 0:
            time.sleep(1 / per_second)
    return {"done": dict(done), "deeds": done.total()}
