"""Shops with a past, made by a seeded chance: whose customers differ, whose do not, and none at all."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
from segment_frames import CATEGORY_SCHEMA, CUSTOMER_SCHEMA, ORDER_SCHEMA, REFUND_SCHEMA

from shop_app.segments.history import History
from shop_app.segments.ledger import LedgerRules

TODAY = datetime(2026, 6, 30, 21, 59, 59, tzinfo=UTC)
ZONE = "Europe/Berlin"


def history_of(orders, *, categories=None, as_of=TODAY, refunds=None):
    """A shop of these orders: ``customer_id``, ``processed_at``, ``total`` and whatever else is told."""
    usual = {"goods_total": pl.col("total"), "gift_card_total": 0, "excluded_tag": False, "item_count": 1.0}
    usual |= {"financial_status": "paid", "test": False, "discount": 0}
    told = orders.with_row_index("order_id").with_columns(
        (value if isinstance(value, pl.Expr) else pl.lit(value)).alias(name)
        for name, value in usual.items()
        if name not in orders.columns
    )
    absent = [pl.lit(None, kind).alias(name) for name, kind in ORDER_SCHEMA.items() if name not in told.columns]
    return History(
        orders=told.with_columns(absent).select(*ORDER_SCHEMA).cast(ORDER_SCHEMA),
        refunds=pl.DataFrame(schema=REFUND_SCHEMA) if refunds is None else refunds,
        categories=pl.DataFrame(schema=CATEGORY_SCHEMA) if categories is None else categories,
        customers=pl.DataFrame(schema=CUSTOMER_SCHEMA),
        rules=LedgerRules("EUR"),
        timezone=ZONE,
        as_of=as_of,
    )


def lively_shop(customers=900, days=460, seed=1):
    """Customers who come at their own pace, more or less dear, and leave for good one day."""
    chance = np.random.default_rng(seed)
    ids, at, totals = [], [], []
    for customer in range(1, customers + 1):
        day = chance.uniform(0, days)
        gap, worth, leaves = (
            chance.gamma(2.0, 25.0) + 5,
            chance.gamma(4.0, 1_000.0) + 500,
            chance.beta(0.8, 1.5),
        )
        while day < days:
            ids.append(customer)
            at.append(TODAY - timedelta(days=days - day))
            totals.append(int(worth * chance.uniform(0.6, 1.4)))
            if chance.uniform() < leaves:
                break
            day += chance.gamma(2.0, gap / 2.0) + 0.5
    return history_of(pl.DataFrame({"customer_id": ids, "processed_at": at, "total": totals}))


def passing_shop(customers=650, days=400, stay=110, seed=1):
    """Customers who are alike in all but when they are there: a while of about five orders each."""
    chance = np.random.default_rng(seed)
    begins = chance.uniform(0, days - stay, customers)
    who = np.repeat(np.arange(customers), 1 + chance.poisson(4, customers))
    came = begins[who] + chance.uniform(0, stay, who.size)
    at = [TODAY - timedelta(days=days - float(day)) for day in came]
    totals = chance.integers(1_000, 9_000, who.size)
    return history_of(pl.DataFrame({"customer_id": who + 1, "processed_at": at, "total": totals}))


def lottery(customers=600, orders=2_400, days=400, seed=1):
    """Every order belongs to whom the dice choose, on a day they choose: nothing can be foretold of anybody."""
    chance = np.random.default_rng(seed)
    at = [TODAY - timedelta(seconds=int(second)) for second in chance.integers(0, days * 86_400, orders)]
    return history_of(
        pl.DataFrame(
            {
                "customer_id": chance.integers(1, customers + 1, orders),
                "processed_at": at,
                "total": chance.integers(1_000, 9_000, orders),
            }
        )
    )


def shuffled_in_time(history, seed=1):
    """The same orders of the same customers, each on the day of another one."""
    days = history.orders["processed_at"].shuffle(seed=seed)
    return replace(history, orders=history.orders.with_columns(processed_at=days))


def first_customers(history, count):
    return replace(history, orders=history.orders.filter(pl.col("customer_id") <= count))
