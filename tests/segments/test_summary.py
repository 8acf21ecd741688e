import json
from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from segment_frames import (
    AS_OF,
    NO_CATEGORIES,
    customers,
    day,
    law,
    moments,
    order_frames,
    orders,
    refund_frames,
    refunds,
)

from shop_app.segments.features import build_features
from shop_app.segments.labels import label_customers
from shop_app.segments.ledger import LedgerRules, judge_orders, loose_refunds
from shop_app.segments.rfm import fit_rfm
from shop_app.segments.summary import summarise_segments
from shop_app.segments.vocabularies import VOCABULARIES, ladder_for

RULES = LedgerRules("EUR")


def summary_of(placed, sent_back, people, *, vocabulary="shopify", ladder=None, as_of=AS_OF, timezone="UTC"):
    judged = judge_orders(placed, sent_back, RULES, as_of=as_of)
    rest = placed.drop("order_id", "customer_id", "processed_at")
    counted = judged.hstack(rest).filter(pl.col("verdict") == "counts")
    loose = loose_refunds(sent_back, RULES, as_of=as_of)
    features = build_features(counted, NO_CATEGORIES, loose, people, as_of=as_of, timezone=timezone)
    ladder = ladder or ladder_for(features.filter(pl.col("order_count") > 0).height)
    edges = fit_rfm(features)
    return summarise_segments(
        label_customers(features, edges, vocabulary, ladder),
        judged.hstack(placed.select("discount")),
        edges,
        vocabulary=vocabulary,
        ladder=ladder,
        as_of=as_of,
        timezone=timezone,
    )


def a_small_shop():
    """One ordered thrice of late, two once and sent half back, three once long ago, four never."""
    placed = orders(
        {"customer_id": 1, "processed_at": day(150), "discount": 0},
        {"customer_id": 1, "processed_at": day(170), "discount": 500},
        {"customer_id": 1, "processed_at": day(172), "total": 30_000},
        {"customer_id": 2, "processed_at": day(175), "total": 8_000, "discount": 800},
        {"customer_id": 3, "processed_at": day(5), "total": 2_000, "discount": 0},
        {"customer_id": None, "processed_at": day(100)},
        {"customer_id": 1, "processed_at": day(100), "test": True},
    )
    sent_back = refunds(
        {"order_id": 4, "customer_id": 2, "amount": 4_000, "refunded_at": day(176)},
        {"order_id": None, "customer_id": 3, "amount": 500},
    )
    return placed, sent_back, customers(1, 2, 3, 4)


def test_a_small_shop_worked_out_by_hand():
    summary = summary_of(*a_small_shop())

    totals = {name: summary[name] for name in summary if not isinstance(summary[name], (list, dict))}
    assert totals == {
        "as_of": "2026-06-30T23:59:59.999999+00:00",
        "timezone": "UTC",
        "first_order_at": "2026-01-05T12:00:00+00:00",
        "last_order_at": "2026-06-24T12:00:00+00:00",
        "customer_count": 4,
        "buyer_count": 3,
        "repeat_buyer_count": 1,
        "order_count": 5,
        "revenue": 55_500,
        "average_order_value": 11_100.0,
        "repeat_rate_ratio": pytest.approx(1 / 3),
        "median_recency_days": pytest.approx(9.5, abs=1e-6),
        "discount_share_ratio": 0.5,
        "vocabulary": "shopify",
        "ladder": "three",
    }
    assert [(row["slug"], row["customer_count"], row["revenue"]) for row in summary["segments"]] == [
        ("best-customers", 1, 50_000),
        ("recent-customers", 1, 4_000),
        ("drifting-away", 1, 1_500),
        ("prospects", 1, 0),
    ]
    best = summary["segments"][0]
    assert best["customer_share_ratio"] == 0.25
    assert best["revenue_share_ratio"] == pytest.approx(500 / 555)
    assert best["order_count"] == 3
    assert best["average_order_value"] == pytest.approx(50_000 / 3)
    assert best["discount_share_ratio"] == 0.5
    assert summary["segments"][3]["median_recency_days"] is None
    assert summary["months"] == [
        {
            "month": "2026-01",
            "revenue": 2_000,
            "order_count": 1,
            "buyer_count": 1,
            "returning_buyer_count": 0,
        },
        *(
            {
                "month": f"2026-0{n}",
                "revenue": 0,
                "order_count": 0,
                "buyer_count": 0,
                "returning_buyer_count": 0,
            }
            for n in (2, 3, 4)
        ),
        {
            "month": "2026-05",
            "revenue": 10_000,
            "order_count": 1,
            "buyer_count": 1,
            "returning_buyer_count": 0,
        },
        {
            "month": "2026-06",
            "revenue": 44_000,
            "order_count": 3,
            "buyer_count": 2,
            "returning_buyer_count": 1,
        },
    ]
    assert [(row["verdict"], row["order_count"], row["amount"]) for row in summary["ledger"]] == [
        ("counts", 5, 56_000),
        ("test", 1, 10_000),
        ("no_customer", 1, 10_000),
    ]
    assert summary["tier"]["name"] == "rules_only"
    assert summary["edges"]["source"] == "fixed"
    assert summary["edges"]["klaviyo"] is None


def test_the_grid_runs_from_recency_five_down_and_names_each_cells_group():
    grid = summary_of(*a_small_shop(), ladder="all")["grid"]
    assert [[(cell["recency"], cell["value"]) for cell in row] for row in grid] == [
        [(recency, value) for value in range(1, 6)] for recency in range(5, 0, -1)
    ]
    filled = {(cell["recency"], cell["value"]): cell for row in grid for cell in row if cell["customer_count"]}
    assert {place: (cell["customer_count"], cell["revenue"]) for place, cell in filled.items()} == {
        (5, 4): (1, 50_000),
        (5, 2): (1, 4_000),  # one order, but as large as the median: (1 + 2) / 2 rounded up
        (2, 1): (1, 1_500),
    }
    assert [cell["segment"] for cell in grid[0]] == ["new", "active", "active", "champions", "champions"]


def test_klaviyos_grid_names_the_group_of_most_people_in_a_cell():
    summary = summary_of(*a_small_shop(), vocabulary="klaviyo", ladder="all")
    named = {cell["segment"] for row in summary["grid"] for cell in row if cell["customer_count"]}
    assert named == {row["slug"] for row in summary["segments"] if row["order_count"]}
    assert {cell["segment"] for row in summary["grid"] for cell in row if not cell["customer_count"]} == {None}
    assert summary["edges"]["klaviyo"]["order_count"] == [2, 4]


def test_months_are_the_shops_own():
    placed = orders({"processed_at": datetime(2026, 3, 31, 23, 0, tzinfo=UTC)})
    summary = summary_of(placed, refunds(), customers(), timezone="Europe/Berlin", as_of=day(100))
    assert [row["month"] for row in summary["months"]] == ["2026-04"]


@pytest.mark.parametrize("vocabulary", VOCABULARIES)
def test_an_empty_shop_has_a_summary_of_the_same_shape(vocabulary):
    empty = summary_of(orders(), refunds(), customers(), vocabulary=vocabulary)
    full = summary_of(*a_small_shop(), vocabulary=vocabulary)
    assert set(empty) == set(full)
    assert empty["months"] == empty["ledger"] == []
    assert empty["average_order_value"] is empty["repeat_rate_ratio"] is empty["first_order_at"] is None
    assert {row["customer_count"] for row in empty["segments"]} == {0}
    assert [set(row) for row in empty["segments"]] == [set(row) for row in full["segments"]]


@pytest.mark.parametrize(
    "shop",
    [
        (orders({}), refunds(), customers(1)),
        (orders({}, {}, {}), refunds(), customers(1)),
        (orders({"customer_id": 1}, {"customer_id": 2}), refunds(), customers(1, 2)),
        (orders({}), refunds({"amount": 10_000}), customers(1)),
        (orders({"processed_at": day(1)}, {"processed_at": day(1)}), refunds(), customers(1)),
        (orders(), refunds({"order_id": None}), customers(1)),
    ],
    ids=["one customer", "one regular", "no repeat buyer", "all refunded", "all on one day", "only refunds"],
)
def test_a_degenerate_shop_is_summed_up_without_a_blank(shop):
    summary = summary_of(*shop)
    assert sum(row["customer_count"] for row in summary["segments"]) == summary["customer_count"] >= 1
    assert all(row["name"] and row["description"] and row["advice"] for row in summary["segments"])
    assert all(edge is not None for edge in summary["edges"]["recency_days"])


@law
@given(
    order_frames(),
    refund_frames(),
    moments,
    st.sampled_from(list(VOCABULARIES)),
    st.sampled_from([None, "all"]),
)
def test_shares_add_up_and_everybody_and_every_order_is_there_once(
    placed, sent_back, as_of, vocabulary, ladder
):
    summary = summary_of(
        placed, sent_back, customers(1, 2, 3, 4), vocabulary=vocabulary, ladder=ladder, as_of=as_of
    )
    segments = summary["segments"]
    assert json.loads(json.dumps(summary)) == summary
    assert sum(row["customer_count"] for row in segments) == summary["customer_count"]
    assert sum(row["revenue"] for row in segments) == summary["revenue"]
    assert sum(row["order_count"] for row in segments) == summary["order_count"]
    assert sum(row["customer_share_ratio"] for row in segments) == pytest.approx(1)
    if summary["revenue"]:
        assert sum(row["revenue_share_ratio"] for row in segments) == pytest.approx(1)
    assert sum(cell["customer_count"] for row in summary["grid"] for cell in row) == summary["buyer_count"]
    assert sum(row["order_count"] for row in summary["months"]) == summary["order_count"]
    assert sum(row["order_count"] for row in summary["ledger"]) == placed.height
    assert segments[-1]["slug"] == "prospects"
    assert [row["revenue"] for row in segments[:-1]] == sorted(
        (row["revenue"] for row in segments[:-1]), reverse=True
    )
