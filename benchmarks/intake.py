"""How many webhooks are taken, how fast, and whether any is lost: real web processes, busy workers.

    python benchmarks/intake.py [--seconds 60] [--rate 150] [--burst 10000] [--shops 20] [--table FILE]

Everything runs as the Procfile starts it, on a fresh embedded database; the sender is a process of its own. At
a steady rate the clock of each webhook begins when it was due to be sent, whether or not the one before it was
answered. "None lost" means: as many rows as different webhooks that were answered with 200.
"""

import argparse
import asyncio
import base64
import hashlib
import hmac
import json
import multiprocessing
import os
import random
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text

from shop_app.embedded import servers
from shop_app.settings import Settings
from shop_app.storage import connections, encryption, engine, migrate, shop_settings, shops
from shop_app.storage.connections import Tokens

ROOT = Path(__file__).resolve().parents[1]
SECRET = "a-secret-of-the-benchmark"
NOW = datetime.now(tz=UTC)
KEEP_ALIVE = 16
ORDER_IDS = 6_000_000_000_000


@dataclass
class Sent:
    """What came of one stretch of sending."""

    latencies: list = field(default_factory=list)
    statuses: dict = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def kept(self):
        return self.statuses.get(200, 0)

    def quantile(self, ratio):
        ordered = sorted(self.latencies)
        return ordered[min(int(len(ordered) * ratio), len(ordered) - 1)] * 1000 if ordered else float("nan")


def an_order(chance, number, at):
    """An order of a real size: about four kilobytes."""
    money = {"shop_money": {"amount": "24.50", "currency_code": "EUR"}}
    line = {"price": "12.25", "price_set": money, "quantity": 1, "vendor": "Acme", "title": "Tea of the day"}
    address = {"first_name": "Ann", "last_name": "Archer", "address1": "1 High Street", "country_code": "GB"}
    buyer = 7_000_000_000_000 + chance.randrange(5_000)
    return {
        "id": ORDER_IDS + number,
        "admin_graphql_api_id": f"gid://shopify/Order/{ORDER_IDS + number}",
        "name": f"#{number}",
        "created_at": at,
        "processed_at": at,
        "updated_at": at,
        "financial_status": "paid",
        "currency": "EUR",
        "total_price": "24.50",
        "total_price_set": money,
        "email": f"buyer{buyer}@example.com",
        "customer": {"id": buyer, "email": f"buyer{buyer}@example.com", "default_address": address},
        "billing_address": address,
        "shipping_address": address,
        "line_items": [
            line | {"id": number * 10 + place, "variant_id": place, "product_id": 1} for place in (1, 2)
        ],
        "note": "x" * 2_000,
    }


def a_request(chance, domain, number):
    """Return one signed webhook as it goes over the wire."""
    at = datetime.now(tz=UTC).isoformat()
    return signed(domain, number, an_order(chance, number, at), at)


def signed(domain, number, order, at):
    """Return the webhook of an order, signed, as it goes over the wire."""
    body = json.dumps(order).encode()
    signature = base64.b64encode(hmac.digest(SECRET.encode(), body, hashlib.sha256)).decode()
    lines = (
        "POST /webhooks/shopify HTTP/1.1",
        "Host: kindred.example.com",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "X-Shopify-Topic: orders/create",
        f"X-Shopify-Hmac-Sha256: {signature}",
        f"X-Shopify-Shop-Domain: {domain}",
        "X-Shopify-API-Version: 2026-10",
        f"X-Shopify-Webhook-Id: w-{number}",
        f"X-Shopify-Triggered-At: {at}",
        "\r\n",
    )
    return "\r\n".join(lines).encode() + body


class Line:
    """One connection that is kept alive, and opened anew where the other side has closed it."""

    def __init__(self, port):
        self.port, self.streams = port, None

    async def send(self, raw):
        for attempt in (1, 2):
            fresh = self.streams is None
            if fresh:
                self.streams = await asyncio.open_connection("127.0.0.1", self.port)
            reader, writer = self.streams
            try:
                writer.write(raw)
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(
                    (
                        int(p.split(b":")[1])
                        for p in head.lower().split(b"\r\n")
                        if p.startswith(b"content-length")
                    ),
                    0,
                )
                await reader.readexactly(length)
                if b"connection: close" in head.lower():
                    self.close()
                return int(head.split()[1])
            except (OSError, asyncio.IncompleteReadError):
                self.close()
                if fresh or attempt == 2:
                    return 0
        return 0

    def close(self):
        if self.streams is not None:
            self.streams[1].close()
            self.streams = None


async def at_a_rate(port, requests, rate, lines):
    """Send open-loop: each webhook is due at its own time."""
    sent, idle = Sent(), asyncio.Queue()
    for _ in range(lines):
        idle.put_nowait(Line(port))
    began = time.perf_counter()

    async def one(raw, due):
        line = await idle.get()
        status = await line.send(raw)
        idle.put_nowait(line)
        sent.latencies.append(time.perf_counter() - due)
        sent.statuses[status] = sent.statuses.get(status, 0) + 1

    tasks = []
    for place, raw in enumerate(requests):
        due = began + place / rate
        await asyncio.sleep(max(due - time.perf_counter(), 0))
        tasks.append(asyncio.create_task(one(raw, due)))
    await asyncio.gather(*tasks)
    sent.seconds = time.perf_counter() - began
    return sent


async def as_fast_as_it_goes(port, requests, connections_):
    """Send closed-loop over so many connections; what is refused is sent again, as Shopify would."""
    sent, left = Sent(), list(reversed(requests))
    began = time.perf_counter()

    async def work():
        line = Line(port)
        while left:
            raw, start = left.pop(), time.perf_counter()
            status = await line.send(raw)
            sent.latencies.append(time.perf_counter() - start)
            sent.statuses[status] = sent.statuses.get(status, 0) + 1
            if status != 200:
                left.append(raw)
                await asyncio.sleep(0.2)
        line.close()

    await asyncio.gather(*(work() for _ in range(connections_)))
    sent.seconds = time.perf_counter() - began
    return sent


def _send(pipe, port, requests, how, value):
    sender = (
        at_a_rate(port, requests, value, 64) if how == "rate" else as_fast_as_it_goes(port, requests, value)
    )
    pipe.send(asyncio.run(sender))


def send(port, requests, how, value):
    """Run a sender in a process of its own."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.Process(target=_send, args=(there, port, requests, how, value))
    process.start()
    sent = here.recv()
    process.join()
    return sent


def procfile():
    return dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines() if ": " in line)


def environment(settings, port):
    return os.environ | {
        "DATABASE_URL": settings.database_url,
        "DATABASE_OWNER_URL": settings.database_owner_url,
        "REDIS_URL": settings.redis_url,
        "KINDRED_KEYS": settings.keys,
        "KINDRED_HASH_KEY": settings.hash_key,
        "KINDRED_HOME": str(settings.home),
        "KINDRED_LOG_LEVEL": "ERROR",
        "SHOPIFY_API_KEY": "key",
        "SHOPIFY_API_SECRET": SECRET,
        "SHOPIFY_ADMIN_ORIGIN": "http://127.0.0.1:9",
        "APP_URL": "https://kindred.example.com",
        "PORT": str(port),
    }


def start(stack, name, environment_, folder):
    words = shlex.split(procfile()[name].replace("$PORT", environment_["PORT"]).replace("0.0.0.0", "127.0.0.1"))
    command = [sys.executable, "-m", *words]
    if words[0] == "celery":
        command += ["--loglevel=error", *(["--concurrency=1"] if name != "beat" else [])]
    log = (folder / f"{name}.log").open("wb")
    process = subprocess.Popen(
        command, env=environment_, cwd=ROOT, stdout=log, stderr=log, start_new_session=True
    )
    stack.callback(end, process)
    return process


def end(process):
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(15)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def wait_until_up(port, log):
    for _ in range(300):
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=1) as answer:
            if answer.status == 200:
                return
        time.sleep(0.1)
    raise SystemExit(f"The web process did not start.\n{log.read_text()[-3000:]}")


def open_shops(count):
    """Return the domains and ids of shops that have the app."""
    found = []
    for number in range(count):
        domain = f"bench-{number}.myshopify.com"
        with engine.shopless() as connection:
            shop_id = shops.create(connection, domain)
            shop_settings.create(
                connection, shop_id, title=domain, currency="EUR", timezone="UTC", source="shopify"
            )
            tokens = Tokens("none", None, None, None, ())
            connections.connect(
                connection, shop_id, tokens, grant_kind="token_exchange", installed_at=NOW, at=NOW
            )
        found.append((domain, shop_id))
    return found


def count_rows(opened, condition="true"):
    total = 0
    for _, shop_id in opened:
        with engine.transaction(shop_id) as connection:
            total += connection.execute(
                text(f"SELECT count(*) FROM webhook_inbox WHERE {condition}")
            ).scalar_one()
    return total


def drained_after(opened, most_seconds):
    """Return after how many seconds nothing waits any more, ``None`` where that takes too long."""
    began = time.monotonic()
    while time.monotonic() - began < most_seconds:
        if not count_rows(opened, "state = 'new'"):
            return time.monotonic() - began
        time.sleep(0.5)
    return None


def measure(arguments, folder):
    chance, rows, numbers = random.Random(1), [], iter(range(1, 10_000_000))
    with ExitStack() as stack:
        settings = stack.enter_context(
            servers.running(Settings.from_env({"KINDRED_HOME": str(folder / "home")}), say=print)
        )
        migrate.migrate(settings.database_owner_url, settings.database_url)
        encryption.load_keys(settings.keys, settings.hash_key)
        engine.connect(settings.database_url)
        stack.callback(engine.disconnect)
        opened = open_shops(arguments.shops)
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        shared = environment(settings, port)
        for name in ("web", "worker", "beat"):
            start(stack, name, shared, folder)
        wait_until_up(port, folder / "web.log")

        def requests(count):  # nine of ten for one shop
            picked = (opened[0] if chance.random() < 0.9 else chance.choice(opened) for _ in range(count))
            return [a_request(chance, domain, next(numbers)) for domain, _ in picked]

        kept = 0

        def stretch(name, sent, goal):
            nonlocal kept
            kept += sent.kept
            lost = kept - count_rows(opened)
            rows.append(
                (
                    name,
                    f"{sent.kept / sent.seconds:,.0f}/s",
                    f"{sent.quantile(0.5):.0f} ms",
                    f"{sent.quantile(0.99):.0f} ms",
                    f"{max(sent.latencies) * 1000:.0f} ms",
                    f"{sent.seconds:.1f} s",
                    str({status: number for status, number in sent.statuses.items() if status != 200} or 0),
                    str(lost),
                    goal,
                )
            )
            print("  ".join(rows[-1]), flush=True)

        send(port, requests(200), "connections", 8)
        kept += 200
        drained_after(opened, 60)  # the workers are up, and everything is loaded
        warm = int(arguments.rate * arguments.seconds)
        steady = send(port, requests(warm), "rate", arguments.rate)
        stretch(f"steady {arguments.rate}/s, workers busy", steady, "p99 ≤ 150 ms")
        ceiling = send(port, requests(arguments.ceiling), "connections", KEEP_ALIVE)
        stretch(f"ceiling, {KEEP_ALIVE} connections", ceiling, "≥ 400/s")
        burst = send(port, requests(arguments.burst), "connections", arguments.connections)
        stretch(
            f"burst of {arguments.burst:,}, {arguments.connections} connections", burst, "≤ 25 s, none lost"
        )
        drained = drained_after(opened, arguments.drain_seconds)
        print(f"drained after {drained:.0f} s" if drained is not None else "not drained in time")
    return rows, drained


HEADER = ("what", "taken", "p50", "p99", "longest", "took", "refused", "lost", "goal")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--rate", type=float, default=150)
    parser.add_argument("--ceiling", type=int, default=4_000, help="webhooks to find the ceiling with")
    parser.add_argument("--burst", type=int, default=10_000)
    parser.add_argument("--connections", type=int, default=256)
    parser.add_argument("--shops", type=int, default=20)
    parser.add_argument("--drain-seconds", type=float, default=180)
    parser.add_argument("--table", type=Path, help="write the figures here as a Markdown table")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kindred-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        rows, drained = measure(arguments, Path(folder))
    lines = [f"| {' | '.join(row)} |" for row in (HEADER, ("---",) * len(HEADER), *rows)]
    lines.append(
        f"\nAfter the burst everything was applied within {drained:.0f} s." if drained else "\nNot drained."
    )
    print("\n".join(lines))
    if arguments.table:
        arguments.table.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
