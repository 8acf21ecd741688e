"""Which orders used an offer, where they do not tell it: by what was bought and what was paid for it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from small_shelf import item, items_frame, line, lines_frame

from shop_app.bundles.terms import Form, Part, Terms
from shop_app.bundles.usage import USAGE, attach_rate, orders_using

LIVE = datetime(2026, 3, 1, tzinfo=UTC)
AT = LIVE + timedelta(days=3)
ITEMS = items_frame(item(1), item(2), item(3, cost=None), item(9))
BUY_GET = Terms(Form.BUY_GET, buys=(1,), gets=(2,), discount_percent=10)
FIXED = Terms(Form.FIXED, parts=(Part(1), Part(2, 2)), discount_percent=10, price=5400)
THIRD = Terms(Form.THIRD, buys=(1, 2), buy_quantity=2, gets=(1, 2), discount_percent=10)


def used(terms, *rows, **span):
    return orders_using(lines_frame(*rows), terms, ITEMS, live_from=LIVE, **span)


def test_an_order_with_both_at_the_offers_price_used_it():
    found = used(BUY_GET, line(7, 1, AT), line(7, 2, AT, total=1800), line(7, 9, AT))
    assert found.to_dicts() == [
        {
            "order_id": 7,
            "customer_id": 1,
            "at": AT,
            "times": 1,
            "list_price": 4000,
            "discount": 200,
            "paid": 3800,
            "refunded": 0,
            "cost": 1200,
        }
    ]
    assert dict(found.schema) == USAGE


@pytest.mark.parametrize(
    "rows",
    [
        (line(7, 1, AT), line(7, 2, AT)),  # at full price
        (line(7, 2, AT, total=1800),),  # without what must be bought
        (line(7, 1, AT, total=1800), line(7, 2, AT)),  # the wrong one is cheaper
        (line(7, 1, AT), line(7, 2, AT, total=1900)),  # another, smaller discount
        (line(7, 1, LIVE - timedelta(days=1)), line(7, 2, LIVE - timedelta(days=1), total=1800)),  # too early
    ],
)
def test_an_order_that_does_not_meet_the_terms_did_not(rows):
    assert used(BUY_GET, *rows).is_empty()


def test_an_offer_is_used_from_its_start_up_to_its_end():
    rows = (line(7, 1, LIVE), line(7, 2, LIVE, total=1800), line(8, 1, AT), line(8, 2, AT, total=1800))
    assert used(BUY_GET, *rows, ended=AT)["order_id"].to_list() == [7]
    assert used(BUY_GET, *rows)["order_id"].to_list() == [7, 8]


def test_the_till_may_round_the_discount_either_way():
    for total in (900, 899):  # 99.9 off 999
        rows = (line(7, 1, AT), line(7, 2, AT, unit_price=999, total=total))
        assert used(BUY_GET, *rows).height == 1


def test_it_counts_as_often_as_the_terms_allow():
    rows = (line(7, 1, AT, bought=3), line(7, 2, AT, bought=3, total=5400))
    assert used(BUY_GET, *rows)["times"].to_list() == [1]
    assert used(replace(BUY_GET, uses_per_order=2), *rows)["times"].to_list() == [2]


def test_the_third_of_a_line_needs_three_pieces():
    assert used(THIRD, line(7, 1, AT, bought=2), line(7, 2, AT, total=1800)).height == 1
    assert used(THIRD, line(7, 1, AT, bought=3, total=5800)).height == 1
    assert used(THIRD, line(7, 1, AT, bought=2, total=3800)).is_empty()


def test_a_code_is_used_by_the_orders_that_carry_it():
    terms = replace(BUY_GET, code="TEATIME")
    rows = (
        line(7, 1, AT, codes=["teatime"]),
        line(7, 2, AT, total=1800, codes=["teatime"]),
        line(8, 1, AT),
        line(8, 2, AT, total=1800),
    )
    assert used(terms, *rows)["order_id"].to_list() == [7]


def test_a_fixed_bundle_is_every_part_at_no_more_than_its_price():
    whole = (line(7, 1, AT, total=1800), line(7, 2, AT, bought=2, total=3600))
    assert used(FIXED, *whole)["times"].to_list() == [1]
    assert used(FIXED, line(7, 1, AT), line(7, 2, AT, bought=2)).is_empty()
    assert used(FIXED, line(7, 1, AT, total=1800), line(7, 2, AT, total=1800)).is_empty()


def test_a_parts_list_price_is_todays_where_shopify_spread_the_bundles_price_over_the_parts():
    rows = (line(7, 1, AT, unit_price=1800, total=1800), line(7, 2, AT, bought=2, unit_price=1800, total=3600))
    found = used(FIXED, *rows).to_dicts()[0]
    assert (found["list_price"], found["discount"], found["paid"]) == (6000, 600, 5400)


def test_a_part_bought_once_more_by_itself_is_no_part_of_the_bundle():
    rows = (line(7, 1, AT, total=1800), line(7, 2, AT, bought=2, total=3600), line(7, 1, AT))
    found = used(FIXED, *rows).to_dicts()[0]
    assert (found["times"], found["list_price"], found["paid"]) == (1, 6000, 5400)


def test_two_bundles_in_one_order_are_two():
    rows = (line(7, 1, AT, bought=2, total=3600), line(7, 2, AT, bought=4, total=7200))
    assert used(FIXED, *rows)["times"].to_list() == [2]


def test_what_was_sent_back_is_refunded_and_costs_nothing():
    found = used(BUY_GET, line(7, 1, AT), line(7, 2, AT, bought=3, kept=1, total=5801)).to_dicts()[0]
    assert found["paid"] == 7801
    assert found["refunded"] == 3867  # two thirds of 5801, rounded
    assert found["cost"] == 1200


def test_a_cost_that_is_not_known_leaves_the_orders_cost_unknown():
    terms = replace(BUY_GET, gets=(3,))
    assert used(terms, line(7, 1, AT), line(7, 3, AT, total=1800))["cost"].to_list() == [None]


def test_the_attach_rate_is_of_the_orders_that_could_have():
    rows = lines_frame(line(7, 1, AT), line(7, 2, AT, total=1800), line(8, 1, AT), line(9, 9, AT))
    usage = orders_using(rows, BUY_GET, ITEMS, live_from=LIVE)
    found = attach_rate(rows, usage, BUY_GET, live_from=LIVE)
    assert (found.used_count, found.eligible_count, found.ratio) == (1, 2, 0.5)
    assert 0 < found.low < 0.5 < found.high < 1
    nobody = attach_rate(lines_frame(), usage.clear(), BUY_GET, live_from=LIVE)
    assert nobody.ratio is None


def test_lines_of_guests_are_used_too():
    rows = (line(7, 1, AT, customer_id=None), line(7, 2, AT, total=1800, customer_id=None))
    assert used(BUY_GET, *rows)["customer_id"].to_list() == [None]
    assert used(BUY_GET, *rows).schema["customer_id"] == pl.Int64


@pytest.mark.parametrize("pieces", [3, 1_000, 10**9])
def test_of_any_number_of_pieces_those_at_the_bundles_price_are_bundles(pieces):
    bundles = (line(7, 1, AT, bought=2, total=3600), line(7, 2, AT, bought=4, total=7200))
    singles = [line(7, each, AT, bought=pieces, total=2000 * pieces) for each in (1, 2)]
    assert used(FIXED, *singles).is_empty()
    assert used(FIXED, *bundles, *singles)["times"].to_list() == [2]
