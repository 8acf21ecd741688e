"""Ids of the shapes that Klaviyo gives: 26 characters for profiles and jobs, 6 for lists, segments, metrics."""

import hashlib

from sandbox.klaviyo.state import State
from sandbox.klaviyo.world import now

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz0123456789"


def long_id(seconds: float, seed: str) -> str:
    """Return an id that sorts by its moment; the same moment and seed give the same id."""
    number = int(seconds * 1000) << 80 | int.from_bytes(hashlib.sha256(seed.encode()).digest()[:10])
    return "".join(_CROCKFORD[number >> 5 * place & 31] for place in range(25, -1, -1))


def new_long_id(state: State) -> str:
    """Return the id of something made now."""
    return long_id(now(), f"{state.path}/{state.next_number('long id')}")


def short_id(seed: str, *, length: int = 6) -> str:
    """Return a short id that follows from a seed."""
    number = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:12])
    return "".join(_LETTERS[number // len(_LETTERS) ** place % len(_LETTERS)] for place in range(length))


def new_short_id(state: State, account: str, kind: str) -> str:
    """Return the id of a list, a segment or a metric made now."""
    while True:
        found = short_id(f"{account}/{kind}/{state.next_number('short id')}")
        if not any(state.find(account, one, found) for one in ("list", "segment", "metric")):
            return found
