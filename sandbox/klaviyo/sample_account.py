"""Where the sample account's people come from: the stand-in for Shopify, asked once it answers."""

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator

from sandbox.klaviyo.sample_people import load_people
from sandbox.klaviyo.state import Document
from sandbox.klaviyo.world import World, now

_DONE = "sample"  # where it is written that the loading came to its end
_PAGE = 1000
_LONGEST_PAUSE_SECONDS = 5.0


def is_loaded(world: World, account: str) -> bool:
    """Tell whether an account has its sample."""
    return world.state.find(account, _DONE, _DONE) is not None


def load_when_answered(
    world: World,
    account: str,
    *,
    origin: str,
    shop: str,
    stopped: threading.Event,
    say: Callable[[str], None],
) -> bool:
    """Load the customers of a store once its stand-in answers; give up when told to stop."""
    pause = 0.25
    while not stopped.is_set():
        if is_loaded(world, account):
            return True
        try:
            customers = list(_customers(origin, shop))
        except (OSError, ValueError):
            customers = []
        if customers:
            count = load_sample(world, account, customers)
            say(f"The account has {count:,} profiles.")
            return True
        stopped.wait(pause)
        pause = min(pause * 1.6, _LONGEST_PAUSE_SECONDS)
    return False


def load_sample(world: World, account: str, customers: list[Document]) -> int:
    """Fill an account, whole or not at all; return how many profiles there are."""
    with world.state.together():
        count = load_people(world, account, customers, at=now())
        world.state.put(account, _DONE, {"id": _DONE, "created": now(), "profiles": count})
    return count


def _customers(origin: str, shop: str) -> Iterator[Document]:
    """Yield the customers of a store, page by page."""
    after = -1
    while True:
        address = f"{origin}/_store/{shop}/customer?after={after}&limit={_PAGE}"
        with urllib.request.urlopen(address, timeout=30) as answer:  # noqa: S310 (an address of our own setting)
            page: list[Document] = json.load(answer)
        yield from page
        if len(page) < _PAGE:
            return
        after = page[-1]["id"]
