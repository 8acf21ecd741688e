"""Frames as the ledger's storage reads them: a line of differences each, and laws' strategies."""

from datetime import UTC, datetime, timedelta

import polars as pl
from hypothesis import settings
from hypothesis import strategies as st

law = settings(max_examples=25, deadline=None)
# How long a frame takes on a busy machine says nothing about the law.

MOMENT = pl.Datetime("us", "UTC")

ORDER_SCHEMA = {
    "order_id": pl.Int64,
    "customer_id": pl.Int64,
    "processed_at": MOMENT,
    "cancelled_at": MOMENT,
    "financial_status": pl.String,
    "test": pl.Boolean,
    "currency": pl.String,
    "total": pl.Int64,
    "outstanding": pl.Int64,
    "tax": pl.Int64,
    "shipping": pl.Int64,
    "discount": pl.Int64,
    "gift_card_total": pl.Int64,
    "goods_total": pl.Int64,
    "item_count": pl.Float64,
    "channel": pl.String,
    "excluded_tag": pl.Boolean,
    "first_product_id": pl.Int64,
}
REFUND_SCHEMA = {
    "order_id": pl.Int64,
    "customer_id": pl.Int64,
    "refunded_at": MOMENT,
    "amount": pl.Int64,
    "currency": pl.String,
}
COUNTED_SCHEMA = {
    name: ORDER_SCHEMA.get(name, pl.Int64)
    for name in (
        "order_id",
        "customer_id",
        "processed_at",
        "net_revenue",
        "paid",
        "refunded",
        "discount",
        "goods_total",
        "item_count",
        "channel",
        "first_product_id",
    )
}
CATEGORY_SCHEMA = {"order_id": pl.Int64, "category": pl.String, "amount": pl.Int64}
LOOSE_SCHEMA = {"customer_id": pl.Int64, "amount": pl.Int64}
CUSTOMER_SCHEMA = {"customer_id": pl.Int64, "signup_source": pl.String}
PEOPLE_SCHEMA = {
    "customer_id": pl.Int64,
    "email_hash": pl.Binary,
    "phone_hash": pl.Binary,
    "merged_into_id": pl.Int64,
    "kept_apart": pl.Boolean,
    "shopify_id": pl.Int64,
}

START = datetime(2026, 1, 1, tzinfo=UTC)
AS_OF = datetime(2026, 6, 30, 23, 59, 59, 999999, tzinfo=UTC)


def day(number, hour=12, minute=0):
    """Noon of the given day of 2026, 1 being New Year's Day."""
    return START + timedelta(days=number - 1, hours=hour, minutes=minute)


def orders(*rows):
    """Paid euro orders of customer 1 over 100.00, one a day; each row says what is different."""
    usual = {"customer_id": 1, "financial_status": "paid", "test": False, "currency": "EUR", "total": 10_000}
    usual |= {"gift_card_total": 0, "goods_total": 10_000, "item_count": 1.0, "excluded_tag": False}
    full = [
        usual | {"order_id": number, "processed_at": day(number)} | row
        for number, row in enumerate(rows, start=1)
    ]
    return pl.DataFrame(full, schema=ORDER_SCHEMA)


def refunds(*rows):
    usual = {"order_id": 1, "customer_id": 1, "refunded_at": day(20), "amount": 1_000, "currency": "EUR"}
    return pl.DataFrame([usual | row for row in rows], schema=REFUND_SCHEMA)


def counted(*rows):
    """Counted orders of customer 1 over 100.00, one a day."""
    usual = {"customer_id": 1, "net_revenue": 10_000, "refunded": 0, "discount": 0, "goods_total": 10_000}
    usual |= {"item_count": 1.0, "channel": "web", "first_product_id": 7}
    full = []
    for number, row in enumerate(rows, start=1):
        order = usual | {"order_id": number, "processed_at": day(number)} | row
        full.append({"paid": order["net_revenue"] + order["refunded"]} | order)
    return pl.DataFrame(full, schema=COUNTED_SCHEMA)


def customers(*ids):
    return pl.DataFrame({"customer_id": list(ids), "signup_source": ["shop"] * len(ids)}, CUSTOMER_SCHEMA)


def people(*rows):
    usual = {"kept_apart": False}
    return pl.DataFrame(
        [usual | {"customer_id": number} | row for number, row in enumerate(rows, start=1)],
        schema=PEOPLE_SCHEMA,
    )


NO_CATEGORIES = pl.DataFrame(schema=CATEGORY_SCHEMA)
NO_LOOSE = pl.DataFrame(schema=LOOSE_SCHEMA)
NO_REFUNDS = pl.DataFrame(schema=REFUND_SCHEMA)

moments = st.integers(0, 400 * 86_400).map(lambda seconds: START + timedelta(seconds=seconds))
cents = st.integers(0, 500_000)
maybe_cents = st.none() | cents
currencies = st.sampled_from([None, "EUR", "USD", "JPY", "KWD"])
statuses = st.sampled_from(
    [None, "paid", "pending", "authorized", "voided", "expired", "partially_paid", "partially_refunded"]
)


@st.composite
def order_frames(draw, min_size=0, max_size=12):
    """Orders of every kind, in no order of time."""
    rows = draw(
        st.lists(
            st.fixed_dictionaries(
                {
                    "customer_id": st.none() | st.integers(1, 4),
                    "processed_at": moments,
                    "cancelled_at": st.none() | moments,
                    "financial_status": statuses,
                    "test": st.none() | st.booleans(),
                    "currency": currencies,
                    "total": cents | st.just(0),
                    "outstanding": maybe_cents,
                    "tax": maybe_cents,
                    "shipping": maybe_cents,
                    "discount": maybe_cents,
                    "gift_card_total": cents | st.just(0),
                    "goods_total": cents | st.just(0),
                    "item_count": st.integers(0, 50).map(lambda tenths: tenths / 10),
                    "channel": st.sampled_from([None, "web", "pos", "wholesale"]),
                    "excluded_tag": st.booleans(),
                    "first_product_id": st.none() | st.integers(1, 5),
                }
            ),
            min_size=min_size,
            max_size=max_size,
        )
    )
    full = [row | {"order_id": number} for number, row in enumerate(rows, start=1)]
    return pl.DataFrame(full, schema=ORDER_SCHEMA)


@st.composite
def refund_frames(draw, max_size=8):
    rows = draw(
        st.lists(
            st.fixed_dictionaries(
                {
                    "order_id": st.none() | st.integers(1, 12),
                    "customer_id": st.none() | st.integers(1, 4),
                    "refunded_at": st.none() | moments,
                    "amount": st.integers(1, 500_000),
                    "currency": currencies,
                }
            ),
            max_size=max_size,
        )
    )
    return pl.DataFrame(rows, schema=REFUND_SCHEMA)


@st.composite
def category_frames(draw, max_size=12):
    rows = draw(
        st.lists(
            st.fixed_dictionaries(
                {
                    "order_id": st.integers(1, 14),
                    "category": st.sampled_from([None, "tea", "cups", "honey"]),
                    "amount": cents,
                }
            ),
            max_size=max_size,
        )
    )
    return pl.DataFrame(rows, schema=CATEGORY_SCHEMA)


@st.composite
def feature_frames(draw, min_size=0, max_size=40):
    """What marks are given on: buyers and prospects, with as many ties as real shops have."""
    rows = draw(
        st.lists(
            st.fixed_dictionaries(
                {
                    "order_count": st.integers(0, 9),
                    "recency_days": st.integers(0, 4_000).map(lambda days: days / 8),
                    "total_spent": st.integers(-5, 50).map(lambda euros: euros * 100),
                }
            ),
            min_size=min_size,
            max_size=max_size,
        )
    )
    return features(*rows)


def features(*rows):
    """Rows that marks are given on; without an order there is no recency."""
    full = []
    for number, row in enumerate(rows, start=1):
        count = row.get("order_count", 1)
        spent = row.get("total_spent", 10_000)
        full.append(
            {
                "customer_id": number,
                "order_count": count,
                "recency_days": row.get("recency_days", 10.0) if count else None,
                "total_spent": spent,
                "average_order_value": spent / count if count else None,
            }
        )
    return pl.DataFrame(
        full,
        schema={
            "customer_id": pl.Int64,
            "order_count": pl.Int64,
            "recency_days": pl.Float64,
            "total_spent": pl.Int64,
            "average_order_value": pl.Float64,
        },
    )
