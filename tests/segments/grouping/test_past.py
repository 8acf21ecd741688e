from datetime import timedelta

import numpy as np
import polars as pl
import pytest
from scored_customers import customers

from shop_app.segments.grouping.past import gather_pasts, outcome_values, so_far


def happened(**columns):
    usual = {"order_count": [0, 1, 3], "discounted_order_count": [0, 1, 1], "net_revenue": [0, 500, 3_000]}
    return pl.DataFrame(usual | columns)


@pytest.mark.parametrize(
    ("outcome", "values"),
    [
        ("order_90d", [0, 1, 1]),
        ("full_price_order_90d", [0, 0, 1]),
        ("revenue_90d", [0, 500, 2_975]),
        ("order_value_90d", [None, 500, 995]),
    ],
)
def test_each_outcome_is_what_it_says(outcome, values):
    found = outcome_values(happened(), outcome)
    expected = [np.nan if value is None else value for value in values]
    assert found == pytest.approx(expected, nan_ok=True)


def test_an_unknown_outcome_is_refused():
    with pytest.raises(ValueError, match="outcome must be one of"):
        outcome_values(happened(), "likes")


def test_looking_back_stops_where_there_is_too_little_to_learn_from(shop):
    assert [past.as_of for past in _pasts(shop, shop.as_of)] == [
        shop.as_of - timedelta(days=days) for days in (90, 180, 270)
    ]
    young = shop.history.first_order_at() + timedelta(days=300)
    assert [past.as_of for past in _pasts(shop, young)] == [young - timedelta(days=90)]
    assert _pasts(shop, shop.history.first_order_at() + timedelta(days=200)) == ()


def test_later_orders_change_nothing_of_what_was_known_then(shop):
    newest = _pasts(shop, shop.as_of)[0]
    known = shop.history.features_at(newest.as_of)
    assert (
        newest.scored["customer_id"].to_list()
        == known.filter(pl.col("order_count") > 0)["customer_id"].to_list()
    )
    assert newest.scored["order_count"].sum() == known["order_count"].sum()


def test_every_buyer_of_that_day_is_asked_and_not_only_who_came_back(shop):
    newest = _pasts(shop, shop.as_of)[0]
    assert np.isfinite(newest.outcome).all()
    assert (newest.outcome == 0).mean() > 0.5


def test_without_a_past_what_was_done_so_far_stands_for_it():
    frame = customers(
        {"total_spent": 10_000, "recency_days": 0.0}, {"total_spent": 10_000, "recency_days": 90.0}
    )
    lately, long_ago = so_far(frame, "revenue_90d").outcome
    assert lately > long_ago > 0
    assert so_far(frame, "order_value_90d").outcome.tolist() == pytest.approx([10_000 / 3, 10_000 / 3])


def _pasts(shop, as_of):
    return gather_pasts(shop.scored_at, shop.history, as_of=as_of, outcome="revenue_90d")
