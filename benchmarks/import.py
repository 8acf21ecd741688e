"""How fast files come in: lines a second into the embedded database, and the memory it takes.

    python benchmarks/import.py --lines 300000 [--shape table] [--keep]

Each import runs in a process of its own, so that its peak memory is its own. "again" is the newest export of
the same orders (nothing differs but its date); "parsing only" reads the file and writes nothing.
"""

import argparse
import csv
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
START = datetime(2022, 1, 1, tzinfo=UTC)
SHAPES = {"table": 12, "shopify": 2}
"""Lines an order: a wholesaler's invoice, and a small shop's basket."""

HEADERS = {
    "table": "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country",
    "shopify": (
        "Name,Email,Financial Status,Paid at,Fulfillment Status,Accepts Marketing,Currency,Subtotal,Shipping,"
        "Taxes,Total,Discount Code,Discount Amount,Shipping Method,Created at,Lineitem quantity,Lineitem name,"
        "Lineitem price,Lineitem sku,Lineitem requires shipping,Lineitem taxable,Lineitem fulfillment status,"
        "Billing Name,Billing Street,Billing City,Billing Zip,Billing Country,Billing Phone,Notes,Cancelled at,"
        "Payment Method,Refunded Amount,Vendor,Outstanding Balance,Id,Tags,Source,Lineitem discount,Phone"
    ),
}


def write_file(path, shape, lines):
    """Write about this many lines; buyers come back, and of fifty orders one has something returned."""
    chance = random.Random(lines)
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(HEADERS[shape] + "\r\n")
        writer = csv.writer(file)
        # Shopify lists the newest orders first, a till's table begins at the beginning.
        numbers = count(1) if shape == "table" else count(lines // SHAPES[shape] + 5_000, -1)
        written = 0
        while written < lines:
            number = next(numbers)
            size = min(chance.randint(1, 2 * SHAPES[shape] - 1), lines - written)
            rows = table_rows if shape == "table" else shopify_rows
            writer.writerows(rows(chance, number, size, lines // (SHAPES[shape] * 4)))
            written += size


def table_rows(chance, number, size, buyers):
    at = START + timedelta(minutes=number)
    buyer = chance.randint(1, buyers)
    credit = number % 50 == 0
    for _ in range(size):
        product = int(5000 * chance.random() ** 2)
        yield (
            f"{'C' if credit else ''}{500000 + number}", f"S{product:05d}", f"PRODUCT NO {product}",
            chance.randint(1, 12) * (-1 if credit else 1), f"{at:%Y-%m-%d %H:%M:%S}",
            f"{(product % 900 + 50) / 100:.2f}", 10000 + buyer, "United Kingdom",
        )  # fmt: skip


def shopify_rows(chance, number, size, buyers):
    at = f"{START + timedelta(minutes=number):%Y-%m-%d %H:%M:%S} +0000"
    buyer = chance.randint(1, buyers)
    goods = [int(3000 * chance.random() ** 2) for _ in range(size)]
    total = sum(product % 90 + 5 for product in goods)
    refunded = f"{total / 2:.2f}" if number % 50 == 0 else "0.00"
    for place, product in enumerate(goods):
        price = f"{product % 90 + 5:.2f}"
        line = (1, f"Product no {product}", price, f"SKU-{product}", "true", "true", "fulfilled")
        if place:
            blank, rest = [""] * 12, [""] * 10
            yield (
                f"#{number}", f"p{buyer}@example.com", *blank, at, *line, *rest, "Ash & Co", "", "", "", "",
                "0.00", "",
            )  # fmt: skip
            continue
        yield (
            f"#{number}", f"p{buyer}@example.com", "paid", at, "fulfilled", "yes", "EUR", f"{total:.2f}",
            "4.90", f"{total * 0.19:.2f}", f"{total + 4.9:.2f}", "", "0.00", "Standard", at, *line,
            f"Person No{buyer}", f"Some Street {buyer}", "Town", "12345", "DE", "", "", "", "Card",
            refunded, "Ash & Co", "0.00", 5_000_000_000_000 + number, "", "web", "0.00", "",
        )  # fmt: skip


def take_in(path, home, exported_at):
    """Import one file in this process and print what it took as JSON."""
    from shop_app.embedded import servers
    from shop_app.services.import_file import import_file
    from shop_app.services.open_shop import open_shop
    from shop_app.services.plan_import import ImportOptions
    from shop_app.settings import Settings
    from shop_app.storage import encryption, engine, migrate

    with servers.running(Settings.from_env({"KINDRED_HOME": str(home)}), say=lambda _: None) as settings:
        encryption.load_keys(settings.keys, settings.hash_key)
        migrate.migrate(settings.database_owner_url, settings.database_url)
        engine.connect(settings.database_url)
        shop_id = open_shop(path.stem, currency="EUR").shop_id
        options = ImportOptions(exported_at=exported_at)
        began = time.perf_counter()
        report = import_file(path, shop_id, options, at=datetime.now(tz=UTC))
        seconds = time.perf_counter() - began
        engine.disconnect()
    say_json(report.counts["lines"] + report.counts["refunds"], seconds, report.counts["orders"])


def parse(path):
    """Read the file and do nothing with it."""
    from shop_app.files.file_format import ReadOptions
    from shop_app.files.reading import inspect_file, read_batches

    began = time.perf_counter()
    file_format = inspect_file(path, ReadOptions(currency="EUR"))
    lines = 0
    for batch in read_batches(path, file_format, currency="EUR", timezone="UTC", latest=datetime.now(tz=UTC)):
        lines += batch.lines.height + batch.refunds.height
    say_json(lines, time.perf_counter() - began, {})


def say_json(lines, seconds, orders):
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"lines": lines, "seconds": seconds, "peak_mb": peak, "orders": orders}))


def child(*words):
    command = [sys.executable, __file__, *map(str, words)]
    done = subprocess.run(command, cwd=ROOT, env=None, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


def measure(shape, lines, folder):
    path = folder / f"{shape}.csv"
    write_file(path, shape, lines)
    size = path.stat().st_size / 1e6
    runs = {
        "parsing only": child("--parse", path),
        "into an empty shop": child("--take-in", path, "--home", folder / "home"),
        "again, newer": child("--take-in", path, "--home", folder / "home", "--exported-at", "2026-01-01"),
    }
    for name, run in runs.items():
        print(
            f"{shape:8} {size:6.0f} MB  {name:20} {run['lines']:>10,} lines  {run['seconds']:7.1f} s  "
            f"{run['lines'] / run['seconds']:>9,.0f} lines/s  peak {run['peak_mb']:,} MB",
            flush=True,
        )


def main():
    layout = argparse.RawDescriptionHelpFormatter
    options = argparse.ArgumentParser(description=__doc__, formatter_class=layout)
    options.add_argument("--lines", type=int, default=300_000)
    options.add_argument("--shape", choices=SHAPES, action="append")
    options.add_argument("--folder", type=Path, help="where the files and the database go, and stay")
    options.add_argument("--parse", type=Path, help=argparse.SUPPRESS)
    options.add_argument("--take-in", type=Path, help=argparse.SUPPRESS)
    options.add_argument("--home", type=Path, help=argparse.SUPPRESS)
    options.add_argument("--exported-at", type=datetime.fromisoformat, help=argparse.SUPPRESS)
    said = options.parse_args()
    if said.parse:
        parse(said.parse)
    elif said.take_in:
        exported_at = (said.exported_at or datetime.fromisoformat("2025-12-01")).replace(tzinfo=UTC)
        take_in(said.take_in, said.home, exported_at)
    else:
        with tempfile.TemporaryDirectory(prefix="kindred-import-", dir="/tmp") as spare:
            folder = said.folder or Path(spare)
            folder.mkdir(parents=True, exist_ok=True)
            for shape in said.shape or SHAPES:
                measure(shape, said.lines, folder)


if __name__ == "__main__":
    main()
