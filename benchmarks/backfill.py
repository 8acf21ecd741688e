"""How fast a shop's history comes in from a bulk operation's file, and the memory it takes.

    python benchmarks/backfill.py --orders 1000000 [--folder /tmp/history]

A small server in a process of its own says that an operation is complete and hands out its file; the child
process fetches it, cuts it up and takes it into the embedded database, with the code that does so in the app.
The peak is that of the child. Two lines an order on average, one order in fifty has a refund, a buyer comes
back three times; children lie apart from their parents, as Shopify writes them since 2026-01.
"""

import argparse
import json
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import Process, Queue
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
START = datetime(2023, 1, 1, tzinfo=UTC)
FIRST_ID = 5_000_000_000_000
BULK_ID = "gid://shopify/BulkOperation/1"
BLOCK = 20_000

ORDER = (
    '{"id":"gid://shopify/Order/%d","name":"#%d","processedAt":"%s","updatedAt":"%s","cancelledAt":null,'
    '"test":false,"currencyCode":"EUR","displayFinancialStatus":"PAID","sourceName":"web","taxesIncluded":true,'
    '"discountCodes":[%s],"tags":[],"email":"buyer%d@example.com","phone":null,'
    '"customer":{"id":"gid://shopify/Customer/%d"},"shippingAddress":{"countryCodeV2":"DE"},'
    '"billingAddress":{"countryCodeV2":"DE"},"totalPriceSet":{"shopMoney":{"amount":"%s"}},'
    '"totalOutstandingSet":{"shopMoney":{"amount":"0.0"}},"totalTaxSet":{"shopMoney":{"amount":"3.1"}},'
    '"totalShippingPriceSet":{"shopMoney":{"amount":"4.9"}},"totalDiscountsSet":{"shopMoney":{"amount":"0.0"}},'
    '"refunds":[%s]}\n'
)
REFUND = (
    '{"id":"gid://shopify/Refund/%d","createdAt":"%s","totalRefundedSet":{"shopMoney":{"amount":"9.5",'
    '"currencyCode":"EUR"}}}'
)
LINE = (
    '{"id":"gid://shopify/LineItem/%d","title":"Product no %d","sku":"SKU-%d","vendor":"Ash & Co","quantity":1,'
    '"isGiftCard":false,"product":{"id":"gid://shopify/Product/%d","productType":"Kind %d"},'
    '"variant":{"id":"gid://shopify/ProductVariant/%d"},"originalUnitPriceSet":{"shopMoney":{"amount":"%d.5"}},'
    '"totalDiscountSet":{"shopMoney":{"amount":"0.0"}},"__parentId":"gid://shopify/Order/%d"}\n'
)


def write_file(path, orders):
    """Write so many orders, and return how many objects that is; a note beside the file keeps the count."""
    note = path.with_suffix(".json")
    if note.exists() and json.loads(note.read_text())["orders"] == orders:
        return json.loads(note.read_text())["objects"]
    chance = random.Random(orders)
    objects = 0
    with path.open("w", encoding="ascii") as file:
        for begin in range(0, orders, BLOCK):
            heads, lines = [], []
            for number in range(begin, min(begin + BLOCK, orders)):
                order_id = FIRST_ID + 32_768 * number
                heads.append(an_order(chance, order_id, number, max(orders // 4, 1)))
                lines += [a_line(chance, order_id, place) for place in range(chance.randint(1, 3))]
            objects += len(heads) + len(lines)
            chance.shuffle(lines)
            file.writelines(lines[: len(lines) // 2])
            file.writelines(heads)
            file.writelines(lines[len(lines) // 2 :])
    note.write_text(json.dumps({"orders": orders, "objects": objects}))
    return objects


def an_order(chance, order_id, number, buyers):
    at = f"{START + timedelta(seconds=80 * number):%Y-%m-%dT%H:%M:%SZ}"
    buyer = chance.randint(1, buyers)
    code = '"SPRING"' if number % 9 == 0 else ""
    refund = REFUND % (order_id + 1, at) if number % 50 == 0 else ""
    amount = f"{chance.randint(9, 250)}.5"
    return ORDER % (order_id, number, at, at, code, buyer, 7_000_000_000_000 + buyer, amount, refund)


def a_line(chance, order_id, place):
    product = int(3000 * chance.random() ** 2)
    ids = 8_000_000_000_000 + product, 4_000_000_000_000 + product
    return LINE % (
        order_id + place + 2,
        product,
        product,
        ids[0],
        product % 20,
        ids[1],
        product % 90 + 5,
        order_id,
    )


class Shopify(BaseHTTPRequestHandler):
    """Says that the one operation is complete, and hands out its file from any byte on."""

    file, state = Path(), {}

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send(json.dumps({"data": {"bulkOperation": self.state}}).encode())

    def do_GET(self):
        begin = int((re.findall(r"\d+", self.headers.get("Range", "")) or ["0"])[0])
        size = self.file.stat().st_size
        self.send_response(206 if begin else 200)
        self.send_header("Content-Length", str(size - begin))
        self.send_header("Content-Range", f"bytes {begin}-{size - 1}/{size}")
        self.end_headers()
        with self.file.open("rb") as file:
            file.seek(begin)
            while block := file.read(1 << 20):
                self.wfile.write(block)

    def send(self, body):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words):
        pass


def serve(path, orders, objects, ports):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shopify)
    origin = f"http://127.0.0.1:{server.server_port}"
    Shopify.file = path
    Shopify.state = {
        "id": BULK_ID, "type": "QUERY", "status": "COMPLETED", "errorCode": None, "objectCount": str(objects),
        "rootObjectCount": str(orders), "fileSize": str(path.stat().st_size), "createdAt": None,
        "completedAt": None, "url": f"{origin}/file.jsonl", "partialDataUrl": None,
    }  # fmt: skip
    ports.put(origin)
    server.serve_forever()


def take_in(origin, home):
    """Take the file in, step by step as a worker does, and print what it took as JSON."""
    from shop_app.embedded import servers
    from shop_app.services import backfill_reading, backfill_taking, spool
    from shop_app.services.backfill_step import Step, StepClock
    from shop_app.services.keep_lease import held_lease
    from shop_app.services.open_shop import open_shop
    from shop_app.settings import API_VERSION, Settings, ShopifySettings
    from shop_app.shopify import config
    from shop_app.shopify.admin_api import AdminApi
    from shop_app.shopify.cost_budget import CostBudget
    from shop_app.storage import backfills, encryption, engine, migrate

    with servers.running(Settings.from_env({"KINDRED_HOME": str(home)}), say=lambda _: None) as settings:
        encryption.load_keys(settings.keys, settings.hash_key)
        migrate.migrate(settings.database_owner_url, settings.database_url)
        engine.connect(settings.database_url)
        config.configure(
            ShopifySettings("key", "secret", None, API_VERSION, origin, origin, origin, "https://k.test")
        )
        spool.use(home)
        shop = f"history-{time.time_ns()}.myshopify.com"
        shop_id = open_shop(shop, currency="EUR", source="shopify").shop_id
        now = datetime.now(tz=UTC)
        with engine.transaction(shop_id) as connection:
            reading = backfills.begin(connection, reason="benchmark", started_at=now, watermark=now)
            part = backfills.Part(reading, "orders-older", "orders", 1)
            backfills.add_part(connection, part)
            state = json.loads(sys.stdin.read())
            backfills.change_part(
                connection, part, state="reading", asked_at=now, bulk_id=BULK_ID,
                object_count=state["objects"], root_count=state["orders"], file_bytes=state["bytes"],
            )  # fmt: skip
        seconds = {"fetch and cut": 0.0, "take in": 0.0}
        began, own_began = time.perf_counter(), time.process_time()
        with held_lease(shop_id, "backfill") as lease:
            api = AdminApi(shop, "token", CostBudget(shop_id))
            while part.state not in {"done", "failed"}:
                step = Step(shop_id, "EUR", api, lease, StepClock(datetime.now(tz=UTC)))
                with engine.transaction(shop_id) as connection:
                    part = backfills.find_part(connection, reading, "orders-older")
                kind, act = (
                    ("fetch and cut", backfill_reading.read_file)
                    if part.state == "reading"
                    else ("take in", backfill_taking.take_pieces)
                )
                at = time.perf_counter()
                if part.state != "done":
                    act(step, part)
                seconds[kind] += time.perf_counter() - at
        whole, own = time.perf_counter() - began, time.process_time() - own_began
        database = sum(backend_seconds(home))
        engine.disconnect()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        json.dumps({"state": part.state, "error": part.error, "orders": part.taken_count, "seconds": whole,
                    "of": seconds, "pieces": part.pieces, "peak_mb": peak, "own": own, "database": database})
    )  # fmt: skip


def backend_seconds(home):
    """Yield the processor time of each database process that still lives."""
    import psutil

    for process in psutil.process_iter(["name", "cwd", "cpu_times"]):
        if (process.info["cwd"] or "").startswith(str(home)) and process.info["name"] == "postgres":
            yield process.info["cpu_times"].user + process.info["cpu_times"].system


def main():
    layout = argparse.RawDescriptionHelpFormatter
    options = argparse.ArgumentParser(description=__doc__, formatter_class=layout)
    options.add_argument("--orders", type=int, default=1_000_000)
    options.add_argument("--folder", type=Path, help="where the file and the database go, and stay")
    options.add_argument("--take-in", help=argparse.SUPPRESS)
    options.add_argument("--home", type=Path, help=argparse.SUPPRESS)
    said = options.parse_args()
    if said.take_in:
        take_in(said.take_in, said.home)
        return
    with tempfile.TemporaryDirectory(prefix="kindred-backfill-", dir="/tmp") as spare:
        folder = said.folder or Path(spare)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"orders-{said.orders}.jsonl"
        objects = write_file(path, said.orders)
        size = path.stat().st_size
        ports = Queue()
        server = Process(target=serve, args=(path, said.orders, objects, ports), daemon=True)
        server.start()
        try:
            command = [sys.executable, __file__, "--take-in", ports.get(), "--home", str(folder / "home")]
            counts = json.dumps({"orders": said.orders, "objects": objects, "bytes": size})
            done = subprocess.run(
                command, cwd=ROOT, input=counts, stdout=subprocess.PIPE, text=True, check=True
            )
        finally:
            server.terminate()
            server.join()
        found = json.loads(done.stdout)
        parts = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in found["of"].items())
        print(
            f"{said.orders:,} orders, {objects:,} objects, {size / 1e6:,.0f} MB, {found['pieces']} pieces: "
            f"{found['state']} in {found['seconds']:.1f} s ({parts}), "
            f"{found['orders'] / found['seconds']:,.0f} orders/s, processor {found['own']:.1f} s and "
            f"{found['database']:.1f} s of PostgreSQL, peak {found['peak_mb']} MB"
        )


if __name__ == "__main__":
    main()
