"""How long it takes from an order's webhook to the label that follows from it, in a shop with learned groups.

    python benchmarks/refresh.py [--customers 20000] [--rate 50] [--seconds 60] [--table FILE]

A sample store is taken in, its predictions and groups are learned, and everything runs as the Procfile starts
it on a fresh embedded database. Each webhook is an order of another known customer; its clock begins when it
was due to be sent, and ends when the stored label is seen to know the order (looked for five times a
second).
"""

import argparse
import csv
import random
import socket
import tempfile
import threading
import time
from contextlib import ExitStack
from datetime import UTC, date, datetime
from pathlib import Path

import intake
from sqlalchemy import text

from sandbox.sample_store import make_store, write_exports
from shop_app.embedded import servers
from shop_app.services.fit_segments import fit_segments
from shop_app.services.import_file import import_file
from shop_app.services.plan_import import ImportOptions
from shop_app.services.refresh_customers import refresh_customers
from shop_app.services.resolve_people import resolve_people
from shop_app.settings import Settings
from shop_app.storage import encryption, engine, migrate

SEEN = """
    SELECT o.shopify_id FROM orders o
    JOIN customers c ON c.shop_id = o.shop_id AND c.id = o.customer_id
    JOIN customer_scores s ON s.shop_id = c.shop_id AND s.customer_id = c.person_id
    WHERE o.shopify_id > 6000000000000 AND s.last_order_at >= o.processed_at AND s.segment IS NOT NULL"""


class Watch(threading.Thread):
    """Notes down when each order was first seen in a stored label."""

    def __init__(self, shop_id):
        super().__init__(daemon=True)
        self.shop_id, self.seen, self.ended = shop_id, {}, threading.Event()

    def run(self):
        while not self.ended.wait(0.2):
            with engine.transaction(self.shop_id) as connection:
                found = connection.execute(text(SEEN)).scalars().all()
            now = time.perf_counter()
            for number in found:
                self.seen.setdefault(number, now)


def fill(shop_id, customers, folder):
    """Take a sample store in, learn it, and return the addresses of its customers."""
    exports = write_exports(make_store(customers=customers, seed=7, until=date(2026, 11, 28)), folder)
    now = datetime.now(tz=UTC)
    import_file(exports.orders, shop_id, ImportOptions(), at=now)
    resolve_people(shop_id)
    refresh_customers(shop_id, None, as_of=now, refit=True)
    fitted = fit_segments(shop_id, as_of=now, at=now)
    refresh_customers(shop_id, None, as_of=now)
    print(f"{customers:,} customers; groups are {fitted.card.state}: {fitted.words}", flush=True)
    with exports.customers.open(encoding="utf-8") as file:
        return sorted({row["Email"] for row in csv.DictReader(file) if row["Email"]})


def an_order_of(email, number, domain):
    """Return a signed webhook of an order that this customer placed now."""
    chance = random.Random(number)
    at = datetime.now(tz=UTC).isoformat()
    order = intake.an_order(chance, number, at)
    order |= {"email": email, "customer": {"id": 7_000_000_000_000 + number, "email": email}}
    return intake.signed(domain, number, order, at)


def measure(arguments, folder):
    with ExitStack() as stack:
        settings = stack.enter_context(
            servers.running(Settings.from_env({"KINDRED_HOME": str(folder / "home")}), say=print)
        )
        migrate.migrate(settings.database_owner_url, settings.database_url)
        encryption.load_keys(settings.keys, settings.hash_key)
        engine.connect(settings.database_url)
        stack.callback(engine.disconnect)
        ((domain, shop_id),) = intake.open_shops(1)
        addresses = fill(shop_id, arguments.customers, folder)
        random.Random(1).shuffle(addresses)
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        shared = intake.environment(settings, port)
        for name in ("web", "worker", "heavy", "beat"):
            intake.start(stack, name, shared, folder)
        intake.wait_until_up(port, folder / "web.log")

        watch = Watch(shop_id)
        watch.start()
        first = [an_order_of(email, number, domain) for number, email in enumerate(addresses[:100], start=1)]
        intake.send(port, first, "rate", 10)  # the workers are up, and everything is loaded
        intake.drained_after([(domain, shop_id)], 60)

        count = int(arguments.rate * arguments.seconds)
        numbers = range(1_000, 1_000 + count)
        requests = [an_order_of(addresses[number % len(addresses)], number, domain) for number in numbers]
        began = time.perf_counter()
        sent = intake.send(port, requests, "rate", arguments.rate)
        waited = time.monotonic()
        while len(watch.seen) < count + len(first) and time.monotonic() - waited < 120:
            time.sleep(0.5)
        watch.ended.set()
        due = {
            intake.ORDER_IDS + number: began + place / arguments.rate for place, number in enumerate(numbers)
        }
        took = sorted(watch.seen[number] - due[number] for number in due if number in watch.seen)
    return sent, count, took


def row(rate, sent, count, took):
    """Return the figures as a line of a table."""
    p50, p95, p99, longest = (
        f"{took[min(int(len(took) * ratio), len(took) - 1)]:.1f} s" if took else "-"
        for ratio in (0.5, 0.95, 0.99, 1.0)
    )
    cells = (f"{count:,} at {rate:g}/s", f"{sent.kept:,}", f"{len(took):,}", p50, f"**{p95}**", p99, longest)
    return f"| {' | '.join(cells)} | p95 ≤ 5 s |"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=20_000)
    parser.add_argument("--rate", type=float, default=50)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--table", type=Path, help="write the figures here as a Markdown table")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kindred-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        sent, count, took = measure(arguments, Path(folder))
    lines = (
        "| orders | acknowledged | labelled | p50 | p95 | p99 | longest | goal |",
        "|---|---|---|---|---|---|---|---|",
        row(arguments.rate, sent, count, took),
    )
    print("\n".join(lines))
    if arguments.table:
        arguments.table.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
