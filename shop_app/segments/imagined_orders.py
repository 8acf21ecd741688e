"""One customer's orders as they would be if something else had happened: each way a customer of its own."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import polars as pl

PAIR_DAYS = 14
# Two orders lie two weeks apart: soon enough to be one effort, and never on the same day.
_MOSTLY = 0.5


@dataclass(frozen=True, slots=True)
class Change:
    """What is imagined.

    Attributes
    ----------
    kind
        ``none``, ``order``, ``pair`` (two orders), ``full_price``, ``first_order``, ``silence`` or ``refund``
        (of the last order, in full).
    amount
        What each new order brings, minor units.
    discount
        What was taken off each.
    wait_days
        How long nothing happens before it, a multiple of 7 so that the weekdays stay.
    """

    kind: str
    amount: int = 0
    discount: int = 0
    wait_days: int = 0

    @property
    def order_count(self) -> int:
        """How many new orders there are."""
        return {"none": 0, "silence": 0, "refund": 0, "pair": 2}.get(self.kind, 1)

    @property
    def passed_days(self) -> int:
        """How many days go by until the change is complete."""
        return self.wait_days + PAIR_DAYS * max(self.order_count - 1, 0)

    def to_json(self) -> dict[str, Any]:
        """Give plain values."""
        return asdict(self)


def imagine(orders: pl.DataFrame, changes: Sequence[Change], *, as_of: datetime) -> pl.DataFrame:
    """Write down one customer's orders under every change.

    Parameters
    ----------
    orders
        The counted orders of one customer, as :func:`~shop_app.segments.features.build_features` takes them.
    changes
        What is imagined, each for itself.
    as_of
        The moment looked from. It stays: time that passes moves the orders back instead, by whole weeks of 168
        hours.

    Returns
    -------
    polars.DataFrame
        The same columns; ``customer_id`` is the number of the change, from 1. Order ids repeat between these
        customers, so that each order keeps its categories; new orders have ids below 0 and no categories.
    """
    plans = pl.DataFrame(
        [
            (
                number,
                change.kind == "refund",
                change.passed_days,
                change.amount,
                change.discount,
                change.order_count,
            )
            for number, change in enumerate(changes, start=1)
        ],
        schema={
            "plan": pl.Int64,
            "drops_last": pl.Boolean,
            "passed_days": pl.Int64,
            "amount": pl.Int64,
            "taken_off": pl.Int64,
            "added": pl.Int64,
        },
        orient="row",
    )
    in_time = orders.sort("processed_at", "order_id")
    kept = (
        in_time.with_row_index("place")
        .join(plans, how="cross")
        .filter(~(pl.col("drops_last") & (pl.col("place") == orders.height - 1)))
        .with_columns(processed_at=pl.col("processed_at") - pl.duration(days=pl.col("passed_days")))
    )
    columns = [pl.col("plan").alias(name) if name == "customer_id" else name for name in orders.columns]
    return pl.concat([kept.select(columns), _new_orders(in_time, plans, as_of).select(columns)])


def usual_amount(orders: pl.DataFrame) -> int:
    """Return what this customer's orders usually bring, rounded up to two digits; 1 or more."""
    paid = orders["net_revenue"].filter(orders["net_revenue"] > 0).sort().to_list()
    return rounded_up(int(paid[len(paid) // 2]) if paid else 1)


def rounded_up(amount: int) -> int:
    """Round up to two digits, as people do who say "about": 3,999 is 4,000."""
    step = int(10 ** max(len(str(amount)) - 2, 0))
    return math.ceil(amount / step) * step


def usual_discount(orders: pl.DataFrame, amount: int) -> int:
    """Return what is usually taken off an order of this amount; 0 for who mostly pays the full price."""
    known = orders.drop_nulls("discount")
    discounted = known.filter(pl.col("discount") > 0)
    if known.is_empty() or discounted.height <= _MOSTLY * known.height:
        return 0
    off, goods = int(discounted["discount"].sum()), int(discounted["goods_total"].sum())
    return round(amount * off / (goods - off)) if goods > off else 0


def _new_orders(in_time: pl.DataFrame, plans: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """Make the new orders like the last one, but for the amount and the day."""
    like = in_time.tail(1) if in_time.height else _first_order(in_time)
    back = pl.duration(days=pl.col("number") * PAIR_DAYS)
    return (
        plans.with_columns(number=pl.int_ranges("added"))
        .filter(pl.col("added") > 0)
        .explode("number")
        .join(like, how="cross")
        .with_columns(
            order_id=-1 - pl.col("number"),
            processed_at=(pl.lit(as_of.astimezone(UTC)) - back).cast(in_time.schema["processed_at"]),
            net_revenue="amount",
            paid="amount",
            refunded=pl.lit(0, pl.Int64),
            discount="taken_off",
            goods_total=pl.col("amount") + pl.col("taken_off"),
        )
    )


def _first_order(empty: pl.DataFrame) -> pl.DataFrame:
    """Imagine an order of somebody who has none: one piece, nothing else known."""
    return empty.clear(1).with_columns(item_count=pl.lit(1.0, empty.schema["item_count"]))
