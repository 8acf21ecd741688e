import json
from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from segment_frames import AS_OF, NO_CATEGORIES, NO_LOOSE, counted, customers, day, features

from shop_app.segments.counterfactual import MoveWords, find_moves
from shop_app.segments.features import build_features
from shop_app.segments.imagined_orders import imagine
from shop_app.segments.labels import label_customers
from shop_app.segments.rfm import fit_rfm

EDGES = fit_rfm(features(*[{"total_spent": 4_000}] * 10))
NAMES = {
    "active": "Active",
    "loyal": "Loyal",
    "at-risk": "At risk",
    "new": "New",
    "promising": "Promising",
    "prospects": "Prospects",
}
WORDS = MoveWords(NAMES, lambda minor: f"${minor // 100}", "UTC")


def measured(orders):
    nobody = customers()
    return build_features(orders, NO_CATEGORIES, NO_LOOSE, nobody, as_of=AS_OF, timezone="UTC")


def rfm(orders):
    """The shop's own marks and groups, as the app gives them."""
    labelled = label_customers(measured(orders), EDGES, "shopify", "all")
    return labelled.select("customer_id", segment="rfm_group")


def by(expression):
    """Segments by one expression over the features."""
    return lambda orders: measured(orders).select("customer_id", segment=expression)


def when(condition, yes, no):
    return by(pl.when(condition).then(pl.lit(yes)).otherwise(pl.lit(no)))


def moves(orders, label, **more):
    return find_moves(orders, label, **{"as_of": AS_OF, "words": WORDS} | more)


ONE_RECENT = counted({"processed_at": day(170), "net_revenue": 4_000})


def test_an_order_in_time_would_keep_or_lift_and_silence_would_lower():
    loyal = when((pl.col("order_count") >= 2) & (pl.col("interval_mean_days") <= 30), "loyal", "at-risk")
    found = moves(ONE_RECENT, loyal)
    assert found.segment == "at-risk"
    # The order of 19 June is 11 days old; two more weeks make 25, a third one 32.
    assert found.up.until == date(2026, 7, 14)
    assert found.words == (
        "An order of about $40 by 14 July would move this customer to Loyal.",
        "A full refund of their last order would move them to Prospects.",
    )


def test_an_order_that_only_helps_now_is_said_to_be_for_today():
    found = moves(ONE_RECENT, when((pl.col("tenure_days") < 15) & (pl.col("order_count") > 1), "loyal", "new"))
    assert found.words[0] == "An order of about $40 today would move this customer to Loyal."


def test_an_order_that_helps_at_any_time_needs_no_day():
    found = moves(ONE_RECENT, when(pl.col("order_count") > 1, "loyal", "new"))
    assert found.up.until == date(2026, 9, 29)
    assert found.words[0] == "An order of about $40 would move this customer to Loyal."


@pytest.mark.parametrize(
    ("border", "days", "words"),
    [
        (15.0, 7, "Without an order for 1 more week, they become At risk."),
        (30.0, 21, "Without an order for 3 more weeks, they become At risk."),
        (70.0, 63, "Without an order for 9 more weeks, they become At risk."),
        (260.0, 252, "Without an order for 36 more weeks, they become At risk."),
    ],
)
def test_the_silence_is_found_to_the_week(border, days, words):
    found = moves(ONE_RECENT, when(pl.col("recency_days") >= border, "at-risk", "new"))
    assert found.down.change.wait_days == days
    assert found.words[1] == words


def test_a_larger_order_is_tried_before_two():
    by_spend = when(pl.col("total_spent") >= 10_000, "loyal", "new")
    assert moves(ONE_RECENT, by_spend).words[0] == "An order of about $60 would move this customer to Loyal."
    by_count = when(pl.col("order_count") >= 3, "loyal", "new")
    assert moves(ONE_RECENT, by_count).words[0] == (
        "Two orders of about $40 within two weeks would move this customer to Loyal."
    )
    both = when((pl.col("order_count") >= 3) & (pl.col("tenure_days") < 40), "loyal", "new")
    assert moves(ONE_RECENT, both).words[0] == (
        "Two orders of about $40 within two weeks, the first by 14 July, would move this customer to Loyal."
    )


def test_an_order_at_full_price_is_tried_for_who_buys_with_discounts():
    bargain = {"net_revenue": 4_000, "discount": 1_000, "goods_total": 5_000}
    orders = counted(bargain | {"processed_at": day(150)}, bargain | {"processed_at": day(160)})
    found = moves(orders, when(pl.col("discount_share_ratio") < 0.7, "loyal", "price-sensitive"))
    assert found.words[0] == "An order of about $50 at full price would move this customer to Loyal."


def test_a_refund_comes_before_a_silence_of_half_a_year():
    orders = counted({"processed_at": day(100)}, {"processed_at": day(170)})
    by_count = pl.when(pl.col("order_count") > 1).then(pl.lit("loyal")).otherwise(pl.lit("new"))
    gone = pl.when(pl.col("recency_days") > 150).then(pl.lit("at-risk")).otherwise(by_count)
    found = moves(orders, by(gone))
    assert found.down.change.kind == "refund"
    assert found.words[1] == "A full refund of their last order would move them to New."


def test_who_loses_their_only_order_is_a_prospect_and_nothing_else_may_move_them():
    assert moves(ONE_RECENT, by(pl.lit("new"))).down.segment == "prospects"
    two = counted({}, {})
    assert (
        moves(two, by(pl.lit("new"))).words[1]
        == "Neither a year without an order nor a refund would move them."
    )


def test_somebody_without_orders_needs_a_first_one_that_counts():
    found = moves(ONE_RECENT.clear(), rfm, usual_value=3_950)
    assert found.segment == "prospects"
    assert found.words == ("A first order of about $40 that counts would move this customer to Active.",)
    assert moves(ONE_RECENT.clear(), rfm).words == (
        "A first order that counts would move this customer to New.",
    )


def test_where_nothing_moves_anybody_that_is_said():
    found = moves(ONE_RECENT, lambda orders: orders.select("customer_id", segment=pl.lit("prospects")).unique())
    assert (found.up, found.down) == (None, None)
    assert found.words == ("No single order that was tried would move this customer.",)


def test_days_are_the_shops_own_and_another_year_is_named():
    late = datetime(2026, 12, 20, 23, 30, tzinfo=UTC)
    orders = counted({"processed_at": late - timedelta(days=5), "net_revenue": 4_000})

    def label(imagined):
        found = build_features(imagined, NO_CATEGORIES, NO_LOOSE, customers(), as_of=late, timezone="UTC")
        returned = (pl.col("order_count") > 1) & (pl.col("tenure_days") < 20)
        return found.select(
            "customer_id", segment=pl.when(returned).then(pl.lit("loyal")).otherwise(pl.lit("new"))
        )

    words = MoveWords(NAMES, lambda minor: f"${minor // 100}", "Asia/Tokyo")
    assert find_moves(orders, label, as_of=late, words=words).words[0] == (
        "An order of about $40 by 4 January 2027 would move this customer to Loyal."
    )


def test_the_label_is_asked_once():
    asked = []

    def counting(orders):
        asked.append(orders["customer_id"].n_unique())
        return rfm(orders)

    moves(ONE_RECENT, counting)
    assert len(asked) == 1
    assert asked[0] < 150


past = st.lists(
    st.fixed_dictionaries(
        {
            "processed_at": st.integers(-300, 180).map(day),
            "net_revenue": st.integers(1, 20_000),
            "discount": st.sampled_from([None, 0, 500]),
        }
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=12, deadline=None)
@given(past)
def test_the_changed_customer_is_in_the_segment_that_was_named(rows):
    orders = counted(*rows)
    found = moves(orders, rfm)
    assert found.segment == rfm(orders)["segment"].item()
    assert json.loads(json.dumps(found.to_json()))["words"] == list(found.words)
    for move in (found.up, found.down):
        if move is not None:
            again = rfm(imagine(orders, [move.change], as_of=AS_OF))
            assert (again["segment"].to_list() or ["prospects"]) == [move.segment]
            assert move.segment != found.segment
            assert move.words.endswith(".")
