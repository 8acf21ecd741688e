"""Workers that die while they keep offers in step, and those who take over from them."""

import time
from datetime import timedelta

from offer_shop import kept
from sqlalchemy import text
from tellings import one

from shop_app.storage import bundle_steps
from shop_app.storage.engine import transaction


class KilledError(BaseException):
    """A worker that is no more."""


def operations_end(store):
    """Let the stand-in finish by its real clock what ours has long waited for."""
    until = time.monotonic() + 5
    while any(
        each["status"] != "COMPLETE" for each in store.world.state.each(store.domain, "product_operation")
    ):
        assert time.monotonic() < until
        time.sleep(0.01)


def nobody_holds_it(shop_id):
    """Let the lease of a dead worker run out."""
    with transaction(shop_id) as connection:
        connection.execute(text("UPDATE leases SET until = clock_timestamp() - interval '1 second'"))


def killed_at(monkeypatch, place, *, after):
    """Kill the worker when it is about to write down its nth call (or what came of it)."""
    real, seen = getattr(bundle_steps, after), [0]

    def counted(*args, **named):
        seen[0] += 1
        if seen[0] == place:
            raise KilledError
        return real(*args, **named)

    monkeypatch.setattr(bundle_steps, after, counted)


def until_killed(shop_id, now):
    """Work until the worker dies; return whether it did."""
    try:
        kept(shop_id, now)
    except KilledError:
        return True
    return False


def alive_again(shop_id, store, now):
    """Let another worker take over, until nothing is left to do; return when that was."""
    nobody_holds_it(shop_id)
    operations_end(store)
    later = now + timedelta(minutes=10)
    for _ in range(8):
        later = kept(shop_id, later) + timedelta(minutes=3)
        if not one(shop_id, "SELECT EXISTS (SELECT FROM bundles WHERE NOT settled) AS n")["n"]:
            return later
    raise AssertionError("It does not come to rest.")
