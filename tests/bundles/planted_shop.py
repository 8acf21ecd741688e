"""The sample store as the pure modules of bundles get it, and the planted truth in its keys."""

from datetime import date
from functools import cache

import numpy as np
import polars as pl

from sandbox.sample_store.baskets import EMPTY
from sandbox.sample_store.catalogue import LINE_NAMES, PRODUCTS
from sandbox.sample_store.store import make_store
from sandbox.sample_store.telling import tell

UNTIL = date(2026, 6, 30)
LAST_DAY = (UNTIL - date(1970, 1, 1)).days
NAMES = pl.DataFrame(
    {"key": [str(place) for place in range(len(PRODUCTS))], "key_name": [product.title for product in PRODUCTS]}
)
KEYS = NAMES.with_columns(item_id=pl.col("key").cast(pl.Int64))
ITEMS = pl.DataFrame(
    {
        "item_id": range(len(PRODUCTS)),
        "name": [product.title for product in PRODUCTS],
        "category": [LINE_NAMES[product.line] for product in PRODUCTS],
    }
)


@cache
def shop(customers=5000, seed=7):
    """Return the store, and a line for everything in its counted orders."""
    store = make_store(customers=customers, seed=seed, until=UNTIL)
    parts = [_lines(tell(store, block)) for block in store.blocks()]
    counted = store.truth.orders.filter(pl.col("verdict").is_in(["counts", "no_customer"])).select("order_id")
    return store, pl.concat(parts).join(counted, on="order_id", how="semi").sort("order_id", "item_id")


def kinds(store):
    """Return the hidden kinds as if they were segments."""
    return store.truth.customers.select(pl.col("person").alias("customer_id").cast(pl.Int64), segment="kind")


def visits(lines):
    return lines.select("customer_id", "day", key=pl.col("item_id").cast(pl.String))


def swapped_within_the_week(frame, seed):
    """Deal whole baskets anew among the customers who came in the same week."""
    generator = np.random.default_rng(seed)
    days = frame.drop_nulls().unique().with_columns(week=(pl.col("day") + 3) // 7)
    slots = days.select("customer_id", "day", "week").unique().sort("customer_id", "day")
    dealt = slots.with_columns(chance=pl.Series(generator.random(slots.height)))
    gets = dealt.sort("week", "chance").select(taken_from="customer_id", taken_day="day")
    deal = pl.concat([dealt.sort("week", "customer_id", "day"), gets], how="horizontal")
    held = days.select("key", taken_from="customer_id", taken_day="day")
    return deal.join(held, on=["taken_from", "taken_day"]).select("customer_id", "day", "key")


def _lines(told):
    order, place = np.nonzero(told.baskets.product != EMPTY)
    person = told.block.person[order]
    quantity = told.baskets.quantity[order, place]
    price = told.bills.price[order, place]
    start = (told.store.calendar.start - date(1970, 1, 1)).days
    return pl.DataFrame(
        {
            "order_id": told.order_id[order],
            "customer_id": pl.Series(person, dtype=pl.Int64),
            "day": pl.Series(told.block.day[order] + start, dtype=pl.Int32),
            "item_id": told.baskets.product[order, place],
            "quantity": quantity,
            "bought": quantity,
            "unit_price": price,
            "discount": told.bills.line_discount[order, place],
            "total": price * quantity - told.bills.line_discount[order, place],
        }
    ).with_columns(
        customer_id=pl.when(pl.col("customer_id") >= 0).then("customer_id"),
        is_gift_card=pl.col("item_id").is_in(
            [place for place, product in enumerate(PRODUCTS) if LINE_NAMES[product.line] == "Gift cards"]
        ),
    )
