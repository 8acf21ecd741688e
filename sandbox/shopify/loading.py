"""The stores that the stand-in begins with: loaded once, whole or not at all."""

from collections.abc import Callable
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sandbox.sample_store.catalogue import TIMEZONE
from sandbox.shopify.load_sample import SAMPLE_DOMAIN, load_quiet_corner, load_sample
from sandbox.shopify.world import World, now

SAMPLE_SHOP = SAMPLE_DOMAIN
_DONE = ("", "loaded")  # where it is written that the loading came to its end


def load_if_empty(world: World, *, customers: int, until: date | None, say: Callable[[str], None]) -> None:
    """Load the sample store and the quiet one beside it, unless that was done before.

    A loading that was cut short is begun again: the same documents come under the same numbers.
    """
    if world.state.count(*_DONE):
        return
    say(f"Making up a store of {customers:,} customers …")
    last = until or now().astimezone(ZoneInfo(TIMEZONE)).date() - timedelta(days=1)
    load_sample(world.state, customers=customers, until=last)
    load_quiet_corner(world.state, until=last)
    world.state.put(*_DONE, {"id": 1, "customers": customers})
