"""An offer by segment: what orders were worth before and with it, and who came back."""

from datetime import UTC, datetime

import polars as pl

from shop_app.bundles.segment_results import SEGMENT_RESULTS, results_by_segment
from shop_app.bundles.usage import USAGE

START = 20_000
AT = datetime(2026, 3, 1, tzinfo=UTC)


def order(order_id, customer_id, day, total):
    return {"order_id": order_id, "customer_id": customer_id, "day": START + day, "total": total}


def test_values_retention_and_churn_by_hand():
    orders = pl.DataFrame(
        [
            order(1, 1, -10, 8_000),
            order(2, 2, -5, 10_000),
            order(3, 3, -95, 99_999),  # before the days that are looked at
            order(11, 3, -1, 9_000),
            order(4, 1, 5, 12_000),  # with the offer
            order(5, 1, 25, 7_000),  # and again
            order(6, 4, 6, 5_000),  # another segment
            order(8, 2, 7, 15_000),  # with the offer, and another the same day: that is no coming again
            order(10, 2, 7, 5_000),
            order(7, 9, 6, 5_000),  # of no segment
        ]
    )
    used = [
        {"order_id": order_id, "customer_id": who, "at": AT, "times": 1} for order_id, who in ((4, 1), (8, 2))
    ]
    usage = pl.DataFrame(used, schema_overrides=USAGE)
    segments = pl.DataFrame({"customer_id": [1, 2, 3, 4], "segment": ["loyal", "loyal", "loyal", "new"]})
    found = results_by_segment(orders, usage, segments, start_day=START, window_days=30)
    assert dict(found.schema) == SEGMENT_RESULTS
    loyal, new = found.to_dicts()
    assert loyal == {
        "segment": "loyal",
        "customers": 3,
        "baseline_orders": 3,
        "baseline_order_value": 9_000,
        "other_orders": 2,
        "other_order_value": 6_000,
        "bundle_orders": 2,
        "bundle_order_value": 13_500,
        "order_value_change_ratio": 13_500 / 9_000 - 1,
        "earlier_customers": 3,
        "retention_ratio": 2 / 3,
        "churn_ratio": 1 - 2 / 3,
        "users": 2,
        "user_retention_ratio": 0.5,
    }
    assert new["retention_ratio"] is None
    assert new["bundle_order_value"] is None


def test_a_segment_without_orders_is_there_with_nothing():
    orders = pl.DataFrame(
        schema={"order_id": pl.Int64, "customer_id": pl.Int64, "day": pl.Int32, "total": pl.Int64}
    )
    segments = pl.DataFrame({"customer_id": [1], "segment": ["loyal"]})
    found = results_by_segment(orders, pl.DataFrame(schema=USAGE), segments, start_day=START, window_days=30)
    assert found.row(0, named=True)["baseline_orders"] == 0
    assert found.row(0, named=True)["baseline_order_value"] is None
