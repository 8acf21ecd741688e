"""Features and RFM for a million customers, beside the same in pandas.

    python benchmarks/features.py                                  1 M customers, 5 M orders, both sides
    python benchmarks/features.py --customers 10000 --orders 50000 a quick look
    python benchmarks/features.py --shop NAME                      read that shop from DATABASE_URL instead

Each side runs in a process of its own, so that its peak memory is its own. Both start from the same frames
on disk and go all the way: verdicts, features, edges, marks, groups. The totals they print must agree.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

AS_OF = datetime(2026, 6, 30, 23, 59, 59, 999999, tzinfo=UTC)
TIMEZONE = "Europe/Berlin"
SEED = 20_260_630
SIDES = {"kindred": "Kindred (Polars)", "pandas": "pandas", "database": "Kindred, read from PostgreSQL"}


class Stopwatch:
    """Seconds and processor seconds by step, told on stderr as they pass."""

    def __init__(self):
        self.seconds, self.processor_seconds = {}, {}

    @contextmanager
    def step(self, name):
        started, processor = time.perf_counter(), time.process_time()
        yield
        self.seconds[name] = time.perf_counter() - started
        self.processor_seconds[name] = time.process_time() - processor
        spent = f"{self.seconds[name]:8.2f} s {self.processor_seconds[name]:8.2f} s of processors"
        print(f"    {name:<10}{spent}", file=sys.stderr, flush=True)

    def report(self, **checks):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            json.dumps(
                {
                    "seconds": self.seconds,
                    "processor_seconds": self.processor_seconds,
                    "peak_mb": peak,
                    "checks": checks,
                }
            )
        )


def main():
    options = read_options()
    if options.side:
        run_side(options)
        return
    if options.shop:
        print_table({"database": measure("database", options, "-")})
        return
    with tempfile.TemporaryDirectory(prefix="kindred-benchmark-") as folder:
        print(f"making {options.customers:,} customers and {options.orders:,} orders", file=sys.stderr)
        measure("generate", options, folder)
        print_table({side: measure(side, options, folder) for side in ("kindred", "pandas")})


def read_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--orders", type=int, default=5_000_000)
    parser.add_argument("--shop", help="the name of an imported shop in DATABASE_URL")
    parser.add_argument("--side", choices=["generate", *SIDES], help=argparse.SUPPRESS)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    return parser.parse_args()


def measure(side, options, folder):
    """Run one side alone and return what it reports."""
    print(f"  {SIDES.get(side, side)}", file=sys.stderr)
    command = [sys.executable, __file__, "--side", side, "--folder", str(folder)]
    command += ["--customers", str(options.customers), "--orders", str(options.orders)]
    command += ["--shop", options.shop] if options.shop else []
    root = str(Path(__file__).resolve().parent.parent)
    done = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": root}
    )
    return json.loads(done.stdout or "{}")


def run_side(options):
    if options.side == "database":
        run_database(options.shop)
        return
    folder = Path(options.folder)
    if options.side == "generate":
        generate(folder, options.customers, options.orders)
    elif options.side == "kindred":
        run_kindred(folder)
    else:
        import features_in_pandas

        features_in_pandas.run(folder, Stopwatch(), as_of=AS_OF, timezone=TIMEZONE)


def print_table(results):
    found = list(results.values())
    print_row("step", [SIDES[side] for side in results])
    print_row("---", ["---"] * len(found))
    for step in found[0]["seconds"]:
        print_row(step, [f"{result['seconds'][step]:.2f} s" for result in found])
    for name, kind in (("all", "seconds"), ("all, processor time", "processor_seconds")):
        print_row(name, [f"{sum(result[kind].values()):.2f} s" for result in found])
    print_row("peak memory", [f"{result['peak_mb']:,.0f} MB" for result in found])
    if len(found) > 1:
        ours, theirs = (sum(result["seconds"].values()) for result in found)
        print(f"\npandas takes {theirs / ours:.1f} times as long.")
    checks = [result["checks"] for result in found]
    if any(check != checks[0] for check in checks):
        sys.exit(f"the sides disagree: {checks}")
    print(f"Totals, the same on every side: {checks[0]}")


def print_row(name, cells):
    print(f"| {name} | {' | '.join(cells)} |")


def generate(folder, customer_count, order_count):
    """Write a shop of seeded chance: skewed order counts, all verdicts, refunds, two categories an order."""
    import numpy as np
    import polars as pl

    chance = np.random.default_rng(SEED)
    whose = (customer_count * chance.random(order_count) ** 1.6).astype(np.int64) + 1
    day_us = 86_400_000_000
    last = int(AS_OF.timestamp() * 1_000_000)
    placed_at = last - (chance.random(order_count) * 3 * 365 * day_us).astype(np.int64)
    total = np.exp(chance.normal(8.4, 0.7, order_count)).astype(np.int64)

    statuses = chance.choice(
        ["paid", "partially_refunded", "pending", "voided"], order_count, p=[0.92, 0.04, 0.02, 0.02]
    )
    pl.DataFrame(
        {
            "order_id": np.arange(1, order_count + 1),
            "customer_id": whose,
            "processed_at": pl.Series(placed_at).cast(pl.Datetime("us", "UTC")),
            "cancelled_at": pl.Series(placed_at + day_us).cast(pl.Datetime("us", "UTC")),
            "financial_status": statuses,
            "test": chance.random(order_count) < 0.001,
            "currency": np.full(order_count, "EUR"),
            "total": total,
            "outstanding": np.zeros(order_count, dtype=np.int64),
            "tax": total * 19 // 119,
            "shipping": np.full(order_count, 490),
            "discount": np.where(chance.random(order_count) < 0.2, total // 10, 0),
            "gift_card_total": np.zeros(order_count, dtype=np.int64),
            "goods_total": total,
            "item_count": chance.integers(1, 6, order_count).astype(float),
            "channel": chance.choice(["web", "pos", "shop_app"], order_count, p=[0.8, 0.15, 0.05]),
            "excluded_tag": np.zeros(order_count, dtype=bool),
            "first_product_id": chance.integers(1, 2_000, order_count),
        }
    ).with_columns(
        cancelled_at=pl.when(pl.Series(chance.random(order_count) < 0.02)).then("cancelled_at")
    ).write_parquet(folder / "orders.parquet")
    returned = chance.choice(order_count, order_count // 25, replace=False)
    pl.DataFrame(
        {
            "order_id": returned + 1,
            "customer_id": whose[returned],
            "refunded_at": pl.Series(placed_at[returned] + 9 * day_us).cast(pl.Datetime("us", "UTC")),
            "amount": total[returned] // 2,
            "currency": np.full(returned.size, "EUR"),
        }
    ).write_parquet(folder / "refunds.parquet")
    pl.DataFrame(
        {
            "order_id": np.repeat(np.arange(1, order_count + 1), 2)[: order_count * 3 // 2],
            "category": chance.choice(["tea", "cups", "honey", "books", "gifts"], order_count * 3 // 2),
            "amount": chance.integers(100, 5_000, order_count * 3 // 2),
        }
    ).write_parquet(folder / "categories.parquet")
    pl.DataFrame(
        {
            "customer_id": np.arange(1, customer_count + 1),
            "signup_source": chance.choice(["checkout", "newsletter"], customer_count),
        }
    ).write_parquet(folder / "customers.parquet")


def run_kindred(folder):
    import polars as pl

    from shop_app.segments.ledger import LedgerRules

    watch = Stopwatch()
    with watch.step("read"):
        frames = [
            pl.read_parquet(folder / f"{name}.parquet")
            for name in ("orders", "refunds", "categories", "customers")
        ]
    label_with_kindred(watch, frames, LedgerRules("EUR"), as_of=AS_OF, timezone=TIMEZONE)


def run_database(shop):
    from shop_app.clock import utc_now
    from shop_app.services.measure_people import rules_of
    from shop_app.services.open_shop import get_shop_id
    from shop_app.services.shop_clock import default_as_of
    from shop_app.storage import engine, shop_settings
    from shop_app.storage.ledger_facts import read_ledger_facts

    watch = Stopwatch()
    with watch.step("read"):
        engine.connect(os.environ["DATABASE_URL"])
        shop_id = get_shop_id(shop)
        with engine.transaction(shop_id) as connection:
            settings = shop_settings.read(connection)
        facts = read_ledger_facts(shop_id, None, rules_of(settings))
    frames = [facts.orders, facts.refunds, facts.categories, facts.customers]
    as_of = default_as_of(shop_id, utc_now())
    label_with_kindred(watch, frames, rules_of(settings), as_of=as_of, timezone=settings.timezone)


def label_with_kindred(watch, frames, rules, *, as_of, timezone):
    import polars as pl

    from shop_app.segments.features import build_features
    from shop_app.segments.labels import label_customers
    from shop_app.segments.ledger import judge_orders, loose_refunds
    from shop_app.segments.rfm import fit_rfm
    from shop_app.segments.vocabularies import ladder_for

    orders, refunds, categories, customers = frames
    habits = ("discount", "goods_total", "item_count", "channel", "first_product_id")
    with watch.step("ledger"):
        judged = judge_orders(orders, refunds, rules, as_of=as_of)
        counted = judged.hstack(orders.select(habits)).filter(pl.col("verdict") == "counts").drop("verdict")
        loose = loose_refunds(refunds, rules, as_of=as_of)
    with watch.step("features"):
        features = build_features(counted, categories, loose, customers, as_of=as_of, timezone=timezone)
    with watch.step("rfm"):
        edges = fit_rfm(features)
        labelled = label_customers(features, edges, "shopify", ladder_for(edges.buyer_count))
    watch.report(
        customers=labelled.height,
        orders=int(labelled["order_count"].sum()),
        spent=int(labelled["total_spent"].sum()),
        recency_days=round(labelled["recency_days"].sum()),
        trend=round(labelled["interval_trend_ratio"].sum(), 2),
        diversity=round(labelled["category_diversity_ratio"].sum(), 2),
        web=int((labelled["channel"] == "web").sum()),
        hours=int(labelled["usual_hour"].sum()),
        champions=int((labelled["rfm_group"] == "champions").sum()),
    )


if __name__ == "__main__":
    main()
