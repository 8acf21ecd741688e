"""Scored customers, a line of differences each, and whole shops of them for laws."""

import polars as pl
from hypothesis import strategies as st

SCHEMA = {
    "customer_id": pl.Int64,
    "order_count": pl.Int64,
    "repeat_count": pl.Int64,
    "recency_days": pl.Float64,
    "tenure_days": pl.Float64,
    "total_spent": pl.Int64,
    "average_order_value": pl.Float64,
    "interval_trend_ratio": pl.Float64,
    "discount_share_ratio": pl.Float64,
    "top_category": pl.String,
    "usual_gap_days": pl.Float64,
    "cadence_drift_ratio": pl.Float64,
}
SIGNALS = {
    "visits_30d": pl.Int64,
    "carts_30d": pl.Int64,
    "email_clicks_30d": pl.Int64,
    "last_checkout_days": pl.Float64,
    "checkouts_abandoned_90d": pl.Int64,
    "abandoned_value_90d": pl.Int64,
    "is_member": pl.Boolean,
    "order_probability_90d": pl.Float64,
    "predicted_clv_365d": pl.Float64,
    "is_outlier": pl.Boolean,
}


def customers(*rows):
    """Buyers with three orders of 50.00, one a month and the last one ten days ago; each row says what differs.

    Signals are columns only where a row has one.
    """
    named = {name for row in rows for name in row if name in SIGNALS}
    schema = SCHEMA | {name: dtype for name, dtype in SIGNALS.items() if name in named}
    return pl.DataFrame([customer(number, row) for number, row in enumerate(rows, start=1)], schema=schema)


def customer(number, row):
    count = row.get("order_count", 3)
    if not count:
        return {"customer_id": number, "order_count": 0, "total_spent": 0} | row
    usual = {
        "repeat_count": count - 1,
        "recency_days": 10.0,
        "tenure_days": 100.0,
        "total_spent": 5_000 * count,
    }
    usual |= {"usual_gap_days": 30.0, "discount_share_ratio": 0.0, "top_category": "tea"}
    full = {"customer_id": number, "order_count": count} | usual | row
    full.setdefault("average_order_value", full["total_spent"] / count)
    if full["usual_gap_days"]:
        full.setdefault("cadence_drift_ratio", full["recency_days"] / full["usual_gap_days"])
    return full


def mixed_shop(size=400):
    """As many kinds of customers as a shop has, in figures that differ from one to the next."""
    kinds = (
        lambda n: {"order_count": 1, "recency_days": 100.0 + n, "total_spent": 2_000 + n},
        lambda n: {"order_count": 1, "recency_days": 300.0 + n, "total_spent": 3_000 + n},
        lambda n: {"order_count": 1, "recency_days": 1.0 + n % 25, "total_spent": 2_500 + n},
        lambda n: {"order_count": 8 + n % 5, "recency_days": 5.0 + n % 30, "total_spent": 60_000 + 50 * n},
        lambda n: {"order_count": 4, "recency_days": 20.0 + n % 30, "total_spent": 15_000 + n},
        lambda n: {"order_count": 5, "recency_days": 80.0 + n % 60, "total_spent": 20_000 + n},
        lambda n: {"order_count": 6, "recency_days": 250.0 + n, "total_spent": 24_000 + n},
        lambda n: {"order_count": 4, "recency_days": 15.0, "total_spent": 9_000, "discount_share_ratio": 1.0},
        lambda n: {
            "order_count": 6,
            "recency_days": 9.0,
            "total_spent": 22_000 + n,
            "interval_trend_ratio": 0.4,
        },
        lambda n: {"order_count": 0},
    )
    return customers(*(kinds[number % len(kinds)](number) for number in range(size)))


maybe = st.none() | st.integers(0, 4)


@st.composite
def scored_frames(draw, min_size=0, max_size=40):
    """Customers of every kind, with and without signals, and with as many ties as real shops have."""
    fields = {
        "order_count": st.integers(0, 9),
        "total_spent": st.integers(-2, 40).map(lambda euros: euros * 2_500),
        "recency_days": st.integers(0, 800).map(lambda days: days / 2),
        "usual_gap_days": st.sampled_from([3.0, 20.0, 30.0, 75.0]),
        "interval_trend_ratio": st.none() | st.sampled_from([0.3, 0.67, 1.0, 2.5]),
        "discount_share_ratio": st.none() | st.sampled_from([0.0, 0.5, 0.6, 1.0]),
    }
    if draw(st.booleans()):
        fields |= {"visits_30d": maybe, "carts_30d": maybe, "checkouts_abandoned_90d": maybe}
        fields |= {
            "abandoned_value_90d": st.none() | st.integers(0, 90_000),
            "is_member": st.none() | st.booleans(),
        }
    rows = draw(st.lists(st.fixed_dictionaries(fields), min_size=min_size, max_size=max_size))
    return customers(*(row if row["order_count"] else {"order_count": 0} for row in rows))
