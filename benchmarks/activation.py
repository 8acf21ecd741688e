"""How long it takes from an order to the tag in Shopify and the property at Klaviyo that follow from it.

    python benchmarks/activation.py [--customers 1000] [--rate 50] [--seconds 20] [--table FILE]

Both stand-ins and everything of the Procfile run as processes on a fresh embedded database, with the real
limits of both vendors. A sample store is installed, its history read, its groups learned, and every label sent.
Then quiet customers buy in the store, one a second, which moves each to another segment; the clock of each
begins with the order and ends when both stand-ins are seen to hold the new segment (looked at five times a
second): first with nothing else going on, then beside ``--rate`` signed webhooks a second, orders of customers
who buy often anyway.
"""

import argparse
import json
import os
import random
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import intake
from sqlalchemy import text

from shop_app.cli.session import connected
from shop_app.clock import utc_now
from shop_app.embedded import servers
from shop_app.services.connect_destination import save_destination, switch_on
from shop_app.services.decide_pushes import approve_push
from shop_app.services.push_choices import change_push_choices
from shop_app.settings import Settings
from shop_app.storage import engine, migrate, pushes, shops

SHOP, KEY = "thistle-and-quire.myshopify.com", "pk_of_a_benchmark_0123456789abcdef"
QUIET = ("drifting-away", "hibernating", "dormant", "at-risk", "one-and-done")
LEFT_OVER = """
    SELECT (SELECT count(*) FROM push_states WHERE state IN ('waiting', 'ready'))
         + (SELECT count(*) FROM push_marks) + (SELECT count(*) FROM dirty_customers)
         + (SELECT count(*) FROM push_jobs)
         + (SELECT count(*) FROM due_work WHERE kind IN ('fit-now', 'relabel') AND shop_id = :shop)"""
SEGMENTS = """
    SELECT c.shopify_id, s.segment, s.order_count FROM customers c
    JOIN customer_scores s ON s.customer_id = c.person_id
    WHERE c.shopify_id IS NOT NULL AND c.merged_into_id IS NULL AND c.deleted_at IS NULL"""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


class World:
    """The stand-ins, and what they hold."""

    def __init__(self, stack, folder, customers, app_url):
        self.folder = folder
        self.origin, self.klaviyo = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
        environment = os.environ | {"SANDBOX_CLIENT_SECRET": intake.SECRET, "SANDBOX_KLAVIYO_KEY": KEY}
        shopify = (f"--app-url={app_url}", "--client-id=key", f"--customers={customers}", "--time-scale=0.001")
        klaviyo = (f"--shopify-origin={self.origin}", f"--shop={SHOP}")
        for name, origin, more in (
            ("shopify", self.origin, (*shopify, "--granted-scope=read_all_orders")),
            ("klaviyo", self.klaviyo, klaviyo),
        ):
            words = (f"--port={origin.rpartition(':')[2]}", f"--state={folder / name}.sqlite", *more)
            log = (folder / f"{name}.log").open("wb")
            process = subprocess.Popen(
                [sys.executable, "-m", f"sandbox.{name}", *words],
                env=environment,
                cwd=intake.ROOT,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
            stack.callback(intake.end, process)

    def ask(self, address, body=None):
        data = None if body is None else json.dumps(body).encode()
        sent = urllib.request.Request(address, data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(sent, timeout=30) as answer:
            return json.loads(answer.read())

    def deed(self, name, **words):
        return self.ask(f"{self.origin}/_deeds/{name}", {"shop": SHOP, **words})

    def customers(self):
        return {each["id"]: each for each in self._bodies("shopify", "documents WHERE kind = 'customer'")}

    def segments_told(self):
        """Return the segment that each profile says, by address."""
        profiles = self._bodies("klaviyo", "profiles")
        return {each["email"]: each["properties"].get("kindred_segment") for each in profiles}

    def _bodies(self, name, where):
        with sqlite3.connect(f"file:{self.folder / name}.sqlite?mode=ro", uri=True) as db:
            return [json.loads(body) for (body,) in db.execute(f"SELECT body FROM {where}")]


def label_of(customer):
    tags = (tag.removeprefix("kindred:") for tag in customer["tags"] if tag.startswith("kindred:"))
    return next((tag for tag in tags if tag != "no-discounts"), None)


class Watch(threading.Thread):
    """Notes down when each buyer's new segment was first seen at both destinations."""

    def __init__(self, world):
        super().__init__(daemon=True)
        self.world, self.before, self.seen, self.ended = world, {}, {}, threading.Event()

    def run(self):
        while not self.ended.wait(0.2):
            if not self.before:
                continue
            held, told, now = self.world.customers(), self.world.segments_told(), time.perf_counter()
            for number, old in list(self.before.items()):
                customer = held[number]
                label, said = label_of(customer), told.get(customer["email"])
                places = (("tag", label not in (old, None)), ("property", said not in (old, None)))
                for place, is_there in places:
                    if is_there:
                        self.seen.setdefault((number, place), now)


def eventually(look, seconds, what):
    until = time.monotonic() + seconds
    while not (found := look()):
        if time.monotonic() > until:
            raise SystemExit(f"It took too long: {what}.")
        time.sleep(0.5)
    return found


def count(shop_id, query):
    with engine.transaction(shop_id) as connection:
        return connection.execute(text(query), {"shop": shop_id}).scalar_one()


def open_everything(world):
    """Install the app, let it read and learn, and have every label sent; return the shop's number."""
    eventually(lambda: answers(world, f"{world.klaviyo}/_store/profile?limit=1"), 120, "the stand-ins")
    world.deed("open_app")
    with engine.shopless() as connection:
        shop_id = shops.find_id(connection, SHOP)
    labelled = "SELECT count(*) FROM segment_runs"
    eventually(lambda: count(shop_id, labelled), 300, "the first reading")
    eventually(lambda: not count(shop_id, LEFT_OVER), 300, "learning groups")
    print("Groups are learned.", flush=True)
    choices = {"approve_ratio": 1, "approve_count": 1_000_000}
    change_push_choices(shop_id, choices, who="Ann", at=utc_now())
    for kind, values in (("shopify", {}), ("klaviyo", {"private_key": KEY})):
        save_destination(shop_id, kind, values, who="Ann", at=utc_now())
        switch_on(shop_id, kind, who="Ann", at=utc_now())

    def sends_everything():
        with engine.transaction(shop_id) as connection:
            plans = [pushes.find_open(connection, kind) for kind in ("shopify", "klaviyo")]
        for plan in plans:
            if plan is not None:
                approve_push(shop_id, plan.id, who="Ann", at=utc_now())
        return not any(plans) and not count(shop_id, LEFT_OVER) and any(world.segments_told().values())

    began = time.monotonic()
    eventually(sends_everything, 600, "the first push")
    print(f"The first push took {time.monotonic() - began:.0f} s.", flush=True)
    return shop_id


def answers(world, address):
    try:
        return world.ask(address)
    except OSError:
        return None


def measure(arguments, folder):
    with ExitStack() as stack:
        settings = stack.enter_context(
            servers.running(Settings.from_env({"KINDRED_HOME": str(folder / "home")}), say=print)
        )
        migrate.migrate(settings.database_owner_url, settings.database_url)
        port = free_port()
        app_url = f"http://127.0.0.1:{port}"
        world = World(stack, folder, arguments.customers, app_url)
        shared = intake.environment(settings, port) | {
            **dict.fromkeys(("SHOPIFY_ADMIN_ORIGIN", "SHOPIFY_ADMIN_WEB_ORIGIN"), world.origin),
            "KLAVIYO_ORIGIN": world.klaviyo,
            "APP_URL": app_url,
        }
        for name in ("web", "worker", "heavy", "beat"):
            intake.start(stack, name, shared, folder)
        intake.wait_until_up(port, folder / "web.log")
        stack.enter_context(connected(Settings.from_env(shared)))
        shop_id = open_everything(world)

        watch = Watch(world)
        watch.start()
        with engine.transaction(shop_id) as connection:
            scored = connection.execute(text(SEGMENTS)).all()
        told, held = world.segments_told(), world.customers()
        reached = [
            row for row in scored if told.get(held[row.shopify_id]["email"]) == label_of(held[row.shopify_id])
        ]
        quiet = [row.shopify_id for row in reached if row.segment in QUIET]
        busy = [held[row.shopify_id] for row in reached if row.segment not in QUIET and row.order_count > 4]
        random.Random(1).shuffle(quiet)
        print(f"{len(scored):,} customers, {len(quiet):,} quiet, {len(busy):,} who buy often", flush=True)
        buyers = [quiet[place::2][: arguments.seconds] for place in (0, 1)]
        lines = [stretch(world, watch, "idle", buyers[0], None)]
        load = (port, busy, arguments.rate, arguments.seconds)
        lines.append(stretch(world, watch, f"beside {arguments.rate:g} webhooks/s", buyers[1], load))
        watch.ended.set()
    return lines


def stretch(world, watch, name, buyers, load):
    """Let customers buy, one a second, and return how long each took as a line of a table."""
    sender = None
    if load is not None:
        port, busy, rate, seconds = load
        numbers = range(1, int(rate * seconds) + 1)
        requests = [an_order_of(busy[number % len(busy)], number) for number in numbers]
        sender = threading.Thread(target=intake.send, args=(port, requests, "rate", rate))
        sender.start()
    began = {}
    held = world.customers()
    watch.seen.clear()
    watch.before = {number: label_of(held[number]) for number in buyers}
    for number in buyers:
        began[number] = time.perf_counter()
        world.deed("place_order", customer_id=number)
        time.sleep(max(0, 1 - (time.perf_counter() - began[number])))
    if sender is not None:
        sender.join()
    waited = time.monotonic()
    while len(watch.seen) < 2 * len(buyers) and time.monotonic() - waited < 90:
        time.sleep(0.5)
    watch.before = {}
    took = {
        place: sorted(
            watch.seen[number, place] - at for number, at in began.items() if (number, place) in watch.seen
        )
        for place in ("tag", "property")
    }
    cells = [name, f"{len(buyers)}"]
    for each in took.values():
        figures = (
            (each[min(int(len(each) * ratio), len(each) - 1)] for ratio in (0.5, 0.95, 1.0)) if each else ()
        )
        p50, p95, longest = (f"{figure:.1f} s" for figure in figures) if each else ("-",) * 3
        cells += [f"{len(each)}", p50, f"**{p95}**", longest]
    line = f"| {' | '.join(cells)} | p95 ≤ {10 if load is None else 30} s |"
    print(line, flush=True)
    return line


def an_order_of(customer, number):
    """Return a signed webhook of an order that this customer placed now."""
    at = datetime.now(tz=UTC).isoformat()
    order = intake.an_order(random.Random(number), number, at)
    who = {"id": customer["id"], "email": customer["email"]}
    return intake.signed(SHOP, number, order | {"email": customer["email"], "customer": who}, at)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=1_000)
    parser.add_argument("--rate", type=float, default=50)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--table", type=Path, help="write the figures here as a Markdown table")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kindred-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        lines = measure(arguments, Path(folder))
    head = (
        "| | buyers | tags | p50 | p95 | longest | properties | p50 | p95 | longest | goal |",
        f"|{'---|' * 11}",
    )
    print("\n".join((*head, *lines)))
    if arguments.table:
        arguments.table.write_text("\n".join((*head, *lines)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
