"""The account of an offer equals the sum done by hand, to the minor unit."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_shelf import item, items_frame, line, lines_frame

from shop_app.bundles.cannibalisation import bought_anyway
from shop_app.bundles.profit import profit_and_loss
from shop_app.bundles.terms import Form, Terms
from shop_app.bundles.usage import USAGE, orders_using

LIVE = datetime(2026, 3, 1, tzinfo=UTC)
COSTS = {1: 377, 2: 611, 3: None}
ITEMS = items_frame(*(item(number, cost=cost) for number, cost in COSTS.items()))
TERMS = Terms(Form.BUY_GET, buys=(1,), gets=(2, 3), discount_percent=15)

orders = st.lists(
    st.fixed_dictionaries(
        {
            "customer": st.one_of(st.none(), st.integers(1, 5)),
            "buy_pieces": st.integers(1, 3),
            "buy_kept": st.integers(0, 3),
            "got": st.sampled_from([2, 3]),
            "got_kept": st.booleans(),
            "buy_price": st.integers(1, 9_999),
            "got_price": st.integers(100, 9_999),
        }
    ),
    max_size=8,
)


def lines_of(drawn):
    rows = []
    for number, order in enumerate(drawn, 1):
        at, who = LIVE + timedelta(hours=number), order["customer"]
        kept = min(order["buy_kept"], order["buy_pieces"])
        off = -(-order["got_price"] * 15 // 100)
        rows += [
            line(
                number,
                1,
                at,
                bought=order["buy_pieces"],
                kept=kept,
                unit_price=order["buy_price"],
                customer_id=who,
            ),
            line(
                number,
                order["got"],
                at,
                kept=int(order["got_kept"]),
                unit_price=order["got_price"],
                total=order["got_price"] - off,
                customer_id=who,
            ),
        ]
    return lines_frame(*rows)


@settings(deadline=None)
@given(orders, st.integers(0, 5_000))
def test_every_line_of_the_account_is_the_hand_sum(drawn, other_costs):
    account = profit_and_loss(
        orders_using(lines_of(drawn), TERMS, ITEMS, live_from=LIVE), other_costs=other_costs
    )
    listed = paid = refunded = cost = uncosted = 0
    for order in drawn:
        kept = min(order["buy_kept"], order["buy_pieces"])
        got_paid = order["got_price"] - -(-order["got_price"] * 15 // 100)
        order_paid = order["buy_price"] * order["buy_pieces"] + got_paid
        order_back = order["buy_price"] * (order["buy_pieces"] - kept) + (0 if order["got_kept"] else got_paid)
        listed += order["buy_price"] * order["buy_pieces"] + order["got_price"]
        paid += order_paid
        refunded += order_back
        if COSTS[order["got"]] is None and order["got_kept"]:
            uncosted += order_paid - order_back
        else:
            cost += 377 * kept + (611 if order["got_kept"] else 0)
    assert account.order_count == len(drawn)
    assert account.customer_count == len({order["customer"] for order in drawn} - {None})
    assert (account.list_price, account.paid, account.refunded) == (listed, paid, refunded)
    assert account.discount == listed - paid
    assert account.net_revenue == paid - refunded
    assert (account.cost, account.uncosted_revenue) == (cost, uncosted)
    assert account.margin == paid - refunded - uncosted - cost - other_costs


def test_an_offer_that_nobody_used_is_an_account_of_zeros():
    account = profit_and_loss(pl.DataFrame(schema=USAGE))
    assert account.margin == account.order_count == 0
    assert account.order_value is None
    assert account.margin_ratio is None
    assert account.discount_to_anyway is None


def test_what_was_given_for_nothing_is_said():
    usage = orders_using(
        lines_of(
            [
                {"customer": 1, "buy_pieces": 1, "buy_kept": 1, "got": 2, "got_kept": True}
                | {"buy_price": 2000, "got_price": 2000}
            ]
        ),
        TERMS,
        ITEMS,
        live_from=LIVE,
    )
    account = profit_and_loss(usage, cannibalised=bought_anyway(2, 3))
    assert (account.discount, account.discount_to_anyway) == (300, 200)
    assert account.to_json()["order_value"] == pytest.approx(3700)
    assert account.margin_ratio == pytest.approx((3700 - 988) / 3700)
