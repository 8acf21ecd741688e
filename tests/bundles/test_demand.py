"""What an offer is reckoned from: baskets of the last days, by key and segment."""

from datetime import UTC, datetime, timedelta

import polars as pl
from small_shelf import item, items_frame, keys_frame, line, lines_frame

from shop_app.bundles.demand import count_demand, count_thirds

START = datetime(2026, 1, 1, tzinfo=UTC)
TODAY = int(START.timestamp() // 86_400) + 100
ITEMS = items_frame(item(1, category="Tea"), item(2, category="Tea"), item(3, category="Cups"))
SEGMENTS = pl.DataFrame({"customer_id": [1, 2], "segment": ["champions", "at-risk"]})


def on(day, order_id, item_id, **more):
    return line(order_id, item_id, START + timedelta(days=day), **more)


def demand(lines):
    found = count_demand(lines, keys_frame(ITEMS), SEGMENTS, as_of_day=TODAY)
    return {(row["segment"], row["key"]): row["basket_count"] for row in found.iter_rows(named=True)}


def test_baskets_of_the_last_90_days_are_counted_once_each():
    lines = lines_frame(
        on(5, 1, 1),  # too long ago
        on(20, 2, 1),
        on(20, 2, 1, bought=2),
        on(30, 3, 1, customer_id=2),
        on(30, 4, 2, kept=0),  # sent back
        on(40, 5, 3, customer_id=None),
        on(100, 6, 3),  # today is not over
    )
    assert demand(lines) == {
        ("", "1"): 2,
        ("", "3"): 1,
        ("champions", "1"): 1,
        ("at-risk", "1"): 1,
    }


def test_a_short_past_is_scaled_up_to_the_horizon():
    lines = lines_frame(on(70, 1, 1), on(80, 2, 1))
    assert demand(lines)[("", "1")] == 6  # two baskets in 30 days


def test_no_orders_are_no_demand():
    assert demand(lines_frame()) == {}


def test_thirds_are_counted_in_baskets():
    lines = lines_frame(
        on(1, 1, 1),
        on(20, 2, 2, bought=2),
        on(30, 3, 1, bought=3, customer_id=2),
        on(40, 4, 3, customer_id=2),
    )
    found = count_thirds(lines, ITEMS, SEGMENTS, as_of_day=TODAY)
    rows = {(row["segment"], row["category"]): row for row in found.iter_rows(named=True)}
    everybody = rows[("", "Tea")]
    assert (everybody["two_count"], everybody["three_count"]) == (2, 1)
    assert (rows[("champions", "Tea")]["two_count"], rows[("champions", "Tea")]["three_count"]) == (1, 0)
    assert rows[("at-risk", "Tea")]["three_count"] == 1
