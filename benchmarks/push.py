"""How many calls it takes to bring labels to Shopify and Klaviyo, and whether their limits are kept.

    python benchmarks/push.py [--customers 100000] [--changes 1000] [--only shopify|klaviyo] [--pace 10]
                              [--table FILE]

All customers of a fresh shop are sent for the first time, then so many are moved to another segment and sent
again, on an embedded database and Redis, to the stand-ins with the vendors' real limits. Klaviyo's clock runs
``--pace`` times as fast as ours; Shopify's bucket fills at its own pace. A change is one customer's tags,
values, properties or membership of one list; what is sent twice for one that was needed counts against us.
"""

import argparse
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import push_world
from sqlalchemy import text

from shop_app.destinations.documents import difference
from shop_app.embedded import servers
from shop_app.services import connect_destination as connecting
from shop_app.services.decide_pushes import approve_push
from shop_app.services.push_choices import change_push_choices
from shop_app.services.push_due import PLAN_DUE, plan_due, push_due
from shop_app.settings import Settings
from shop_app.storage import due_work, encryption, engine, migrate, push_marks

HEAD = (
    "| what | customers | settled | calls | calls per customer | attempts per success | refused by a limit "
    "| seconds, ours | seconds, the vendor's |\n"
    "|---|---|---|---|---|---|---|---|---|"
)


class Clock:
    """A clock on which a second of ours lasts as long as it does at the vendor."""

    def __init__(self, pace):
        self.pace, self._began = pace, time.monotonic()

    @property
    def seconds(self):
        return time.monotonic() - self._began

    def now(self):
        return push_world.NOW + timedelta(seconds=self.seconds * self.pace)

    def wait_until(self, moment):
        time.sleep(max(0.0, (moment - self.now()).total_seconds() / self.pace))


def count(shop_id, words):
    with engine.transaction(shop_id) as connection:
        return connection.execute(text(f"SELECT count(*) FROM {words}")).scalar_one()


def work(shop_id, clock):
    """Let the dispatcher work once, and plan for everybody where it has put that off."""
    push_due(shop_id, now=clock.now())
    with engine.shopless() as connection:
        is_put_off = PLAN_DUE in due_work.list_of_shop(connection, shop_id)
    if is_put_off:
        plan_due(shop_id, now=clock.now())
        push_due(shop_id, now=clock.now())


def rest(shop_id, clock):
    """Let the dispatcher work, whenever it says that it is due, until nothing is left."""
    while True:
        work(shop_id, clock)
        left = count(shop_id, "push_states WHERE state IN ('waiting', 'ready')")
        if left + count(shop_id, "push_jobs") == 0:
            return
        with engine.shopless() as connection:
            clock.wait_until(due_work.list_of_shop(connection, shop_id)["push"])


def open_plan(shop_id):
    with engine.transaction(shop_id) as connection:
        return connection.execute(text("SELECT id FROM pushes WHERE state = 'open'")).scalar_one_or_none()


def changes_needed(shop_id, push_ids):
    """Return how many changes the rows that were sent came to, each counted once."""
    needed = 0
    with engine.transaction(shop_id) as connection:
        rows = connection.execute(
            text("SELECT before, after FROM push_rows WHERE push_id = ANY(:ids) AND state = 'sent'"),
            {"ids": list(push_ids)},
        )
        for before, after in rows:
            changes = difference(before, after)
            needed += bool(changes.added.get("tags")) + bool(changes.removed.get("tags"))
            needed += len(changes.added.get("lists", ())) + len(changes.removed.get("lists", ()))
            needed += "properties" in changes.written
            values = changes.written.get("metafields", {}).values()
            needed += any(value is not None for value in values) + any(value is None for value in values)
    return needed


def push_ids(shop_id):
    with engine.transaction(shop_id) as connection:
        return set(connection.execute(text("SELECT id FROM pushes")).scalars())


def measured(vendor, shop_id, what, customers, begin):
    """Send what ``begin`` asks for, to the end; return a line of the table."""
    before, clock = push_ids(shop_id), Clock(vendor.pace)
    vendor.start()
    begin(clock)
    work(shop_id, clock)
    if (plan := open_plan(shop_id)) is not None:
        print(f"{vendor.kind}, {what}: planned after {clock.seconds:.0f} s", flush=True)
        approve_push(shop_id, plan, who="Ann", at=clock.now())
    rest(shop_id, clock)
    seconds = clock.seconds
    lines, refused, sent = vendor.tally()
    fresh = push_ids(shop_id) - before
    with engine.transaction(shop_id) as connection:
        settled = connection.execute(
            text("SELECT count(*) FROM push_rows WHERE push_id = ANY(:ids) AND state = 'sent'"),
            {"ids": list(fresh)},
        ).scalar_one()
    needed = changes_needed(shop_id, fresh)
    told = Counter(each["operation"] or each["path"].split("/")[1] for each in lines)
    print(f"{vendor.kind}, {what}: {dict(told.most_common())}", flush=True)
    print(f"{vendor.kind}, {what}: {sent:,} changes sent, {needed:,} needed, {refused} refused", flush=True)
    return (
        f"| {vendor.kind}, {what} | {customers:,} | {settled:,} | {len(lines):,} | "
        f"{len(lines) / customers:.4f} | {sent / needed if needed else float('nan'):.3f} | {refused} | "
        f"{seconds:.0f} | {seconds * vendor.pace:.0f} |"
    )


def move_some(shop_id, changes):
    """Move customers from their segment to another, as a refresh would, and mark them."""
    with engine.transaction(shop_id) as connection:
        slugs = connection.execute(
            text("SELECT DISTINCT segment FROM customer_scores WHERE segment IS NOT NULL ORDER BY 1")
        )
        slugs = list(slugs.scalars())
        moved = connection.execute(
            text("""
                UPDATE customer_scores SET
                    segment = (CAST(:slugs AS text[]))[array_position(CAST(:slugs AS text[]), segment)
                              % cardinality(CAST(:slugs AS text[])) + 1]
                WHERE customer_id IN (SELECT customer_id FROM customer_scores WHERE segment IS NOT NULL
                    ORDER BY md5(customer_id::text) LIMIT :changes) RETURNING customer_id"""),
            {"slugs": slugs, "changes": changes},
        )
        push_marks.mark(connection, list(moved.scalars()))


def measure_vendor(vendor, shop_id, customers, changes):
    connecting.save_destination(shop_id, vendor.kind, vendor.settings, who="Ann", at=push_world.NOW)

    def connect(clock):
        connecting.switch_on(shop_id, vendor.kind, who="Ann", at=clock.now())

    yield measured(vendor, shop_id, "first push", customers, connect)
    yield measured(vendor, shop_id, "changes", changes, lambda _: move_some(shop_id, changes))
    connecting.disconnect(shop_id, vendor.kind, who="Ann", at=push_world.NOW)


def measure(arguments, folder):
    with ExitStack() as stack:
        home = {"KINDRED_HOME": str(folder / "home")}
        settings = stack.enter_context(servers.running(Settings.from_env(home), say=print))
        migrate.migrate(settings.database_owner_url, settings.database_url)
        encryption.load_keys(settings.keys, settings.hash_key)
        engine.connect(settings.database_url)
        stack.callback(engine.disconnect)
        began = time.monotonic()
        vendors = [kind(folder, settings.redis_url) for kind in (push_world.Shopify, push_world.Klaviyo)]
        for vendor in vendors:
            stack.callback(vendor.stop)
            vendor.fill(arguments.customers)
        shop_id = push_world.make_shop(arguments.customers, vendors[0].token())
        change_push_choices(shop_id, {"approve_ratio": 1.0}, who="Ann", at=push_world.NOW)
        print(f"made {arguments.customers:,} customers in {time.monotonic() - began:.0f} s", flush=True)
        for vendor in vendors:
            if arguments.only in (None, vendor.kind):
                yield from measure_vendor(vendor, shop_id, arguments.customers, arguments.changes)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--changes", type=int, default=1_000)
    parser.add_argument("--only", choices=["shopify", "klaviyo"])
    parser.add_argument("--pace", type=float, default=push_world.Klaviyo.pace)
    parser.add_argument("--table", type=Path, help="write the figures here as a Markdown table")
    arguments = parser.parse_args()
    push_world.Klaviyo.pace = arguments.pace
    with tempfile.TemporaryDirectory(prefix="kindred-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        lines = [HEAD]
        for line in measure(arguments, Path(folder)):
            lines.append(line)
            print(line, flush=True)
    print("\n".join(lines))
    if arguments.table:
        arguments.table.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
