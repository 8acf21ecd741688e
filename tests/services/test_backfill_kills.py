"""Killed with -9 at every tenth of a reading, it comes to the same as one that was left in peace (B1, Q1)."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bulk_shopify import a_customer, an_order, connect
from reading_history import look_at, make_live, read_through, stored
from sqlalchemy import text
from stored_rows import a_shop

from shop_app.storage.engine import transaction

ORDERS, PIECE_BYTES = 300, 15_000
WORKER = Path(__file__).with_name("history_worker.py")


@contextmanager
def nursery(shop_id, shopify, settings, database, home):
    """Yield what begins a worker and returns its process number."""
    told = {
        "database": database,
        "keys": settings.keys,
        "hash_key": settings.hash_key,
        "origin": shopify.origin,
        "home": str(home),
        "shop_id": shop_id,
        "piece_bytes": PIECE_BYTES,
    }
    env = os.environ | {"HISTORY_WORKER": json.dumps(told), "PYTHONPATH": str(WORKER.parents[2])}
    command = [sys.executable, str(WORKER)]
    with subprocess.Popen(
        command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:

        def begin():
            process.stdin.write("go\n")
            process.stdin.flush()
            return int(process.stdout.readline())

        try:
            yield begin
        finally:
            process.stdin.close()
            process.kill()


def taken(shop_id):
    with transaction(shop_id) as connection:
        return connection.execute(text("SELECT COALESCE(sum(taken_count), 0) FROM backfill_parts")).scalar_one()


def test_killed_at_every_tenth_it_comes_to_the_same(shop_id, shopify, settings, database, tmp_path):
    now = datetime.now(tz=UTC)
    shopify.objects["customers"] = [a_customer(number) for number in range(1, 301)]
    shopify.objects["orders"] = [
        an_order(
            number,
            customer=1 + number % 300,
            at=f"{now - timedelta(hours=number * 8):%Y-%m-%dT%H:%M:%SZ}",
            lines=1 + number % 3,
        )
        for number in range(1, ORDERS + 1)
    ]
    whole = ORDERS + 300 + 8 + 2
    kills = 0
    with nursery(shop_id, shopify, settings, database, tmp_path) as begin:
        worker = begin()
        for tenth in range(1, 10):
            while taken(shop_id) < whole * tenth / 10:
                time.sleep(0.01)
            os.kill(worker, signal.SIGKILL)
            kills += 1
            worker = begin()
        while look_at(shop_id)[0].state == "running":
            time.sleep(0.1)
    newest, parts = look_at(shop_id)
    assert (newest.state, kills) == ("done", 9)
    assert {part.attempts for part in parts.values()} == {0}
    assert len(shopify.operations) == 5  # none was started twice
    assert sum(part.taken_count for part in parts.values()) == whole

    calm = a_shop()
    connect(calm, at=now)
    make_live(calm)
    read_through(calm, now=now)
    disturbed, undisturbed = stored(shop_id), stored(calm)
    for rows in (disturbed, undisturbed):
        rows["customers"] = [(row[0], *row[2:]) for row in rows["customers"]]  # hashes are each shop's own
    assert disturbed == undisturbed
