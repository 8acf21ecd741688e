"""Facts for the ledger: the same for a few people as within the whole shop."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from polars.testing import assert_frame_equal
from stored_rows import LONG_AGO, a_customer, a_product, a_refund, an_order, together

from shop_app.segments.ledger import LedgerRules
from shop_app.storage.ledger_facts import read_ledger_facts, read_order_page, read_orders_and_refunds

RULES = LedgerRules(currency="EUR")


@pytest.fixture
def shop(shop_id):
    """Ann under two rows, Bob, a guest; products with a category, a vendor, and neither."""
    with together(shop_id):
        ann = a_customer(shop_id, email="ann@example.com")
        again = a_customer(shop_id, email="ann@example.com", person_id=ann, signup_source="popup")
        bob = a_customer(shop_id, email="bob@example.com", signup_source="till")
        tea = a_product(shop_id, category="Tea", vendor="Leaf")
        pot = a_product(shop_id, category="", vendor="Potter")
        odd = a_product(shop_id)
        orders = [
            an_order(shop_id, ann, at=LONG_AGO, lines=[(pot, 700), (tea, 300), (tea, 200)], tags=["VIP ", "x"]),
            an_order(shop_id, again, at=LONG_AGO + timedelta(days=1), lines=[(odd, 100), (None, 50)]),
            an_order(shop_id, bob, at=LONG_AGO + timedelta(days=2), lines=[(tea, 10)]),
            an_order(shop_id, None, at=LONG_AGO + timedelta(days=3)),
        ]
        a_refund(shop_id, order_id=orders[1], amount=5)
        a_refund(shop_id, order_id=orders[2], customer_id=again, amount=6)  # of Bob's order, by mistake
        a_refund(shop_id, customer_id=again, amount=7)
        a_refund(shop_id, customer_id=bob, amount=8)
    return SimpleNamespace(id=shop_id, ann=ann, again=again, bob=bob, tea=tea, pot=pot, odd=odd, orders=orders)


def test_rows_of_one_person_come_under_the_person(shop):
    facts = read_ledger_facts(shop.id, None, RULES)
    assert facts.orders.sort("order_id")["customer_id"].to_list() == [shop.ann, shop.ann, shop.bob, None]
    assert facts.customers.sort("customer_id").rows() == [(shop.ann, "popup"), (shop.bob, "till")]
    assert sorted(facts.refunds.select("customer_id", "amount").rows(), key=lambda row: row[1]) == [
        (None, 5),
        (shop.ann, 6),
        (shop.ann, 7),
        (shop.bob, 8),
    ]


def test_the_first_product_is_that_of_the_first_line(shop):
    orders = read_ledger_facts(shop.id, None, RULES).orders.sort("order_id")
    assert orders["first_product_id"].to_list() == [shop.pot, shop.odd, shop.tea, None]


def test_categories_fall_back_on_the_vendor_and_then_on_nothing(shop):
    categories = read_ledger_facts(shop.id, None, RULES).categories.sort("order_id", "category")
    assert categories.rows() == [
        (shop.orders[0], "Potter", 700),
        (shop.orders[0], "Tea", 500),
        (shop.orders[2], "Tea", 10),
    ]


@pytest.mark.parametrize("names", [["ann"], ["bob"], ["ann", "bob"]])
def test_a_few_people_get_what_they_have_in_the_whole(shop, names):
    people = [getattr(shop, name) for name in names]
    whole, part = read_ledger_facts(shop.id, None, RULES), read_ledger_facts(shop.id, people, RULES)
    theirs = whole.orders.filter(whole.orders["customer_id"].is_in(people))
    assert_frame_equal(part.orders, theirs, check_row_order=False)
    orders = theirs["order_id"].implode()
    refunds = whole.refunds.filter(
        whole.refunds["order_id"].is_in(orders)
        | (whole.refunds["order_id"].is_null() & whole.refunds["customer_id"].is_in(people))
    )
    assert_frame_equal(part.refunds.drop("customer_id"), refunds.drop("customer_id"), check_row_order=False)
    assert_frame_equal(
        part.categories,
        whole.categories.filter(whole.categories["order_id"].is_in(orders)),
        check_row_order=False,
    )
    assert_frame_equal(
        part.customers,
        whole.customers.filter(whole.customers["customer_id"].is_in(people)),
        check_row_order=False,
    )


def test_pages_of_orders_are_the_whole(shop):
    whole = read_orders_and_refunds(shop.id, RULES).orders
    found, after = [], 0
    while (page := read_order_page(shop.id, RULES, after_order_id=after, limit=3).orders).height:
        found += page.rows()
        after = page["order_id"][-1]
    assert found == whole.rows()


@pytest.mark.parametrize(
    ("tags", "excluded"),
    [
        ([], [False] * 4),
        (["vip"], [True, False, False, False]),
        (["it's", "\\", "X"], [True, False, False, False]),
    ],
)
def test_tags_are_compared_without_case_blanks_or_danger(shop, tags, excluded):
    rules = LedgerRules(currency="EUR", excluded_tags=frozenset(tags))
    assert read_orders_and_refunds(shop.id, rules).orders["excluded_tag"].to_list() == excluded


def test_nobody_asked_for_gives_empty_frames_of_the_same_shape(shop):
    none, whole = read_ledger_facts(shop.id, [], RULES), read_ledger_facts(shop.id, None, RULES)
    for name in ("orders", "refunds", "categories", "customers"):
        assert getattr(none, name).schema == getattr(whole, name).schema
        assert getattr(none, name).is_empty()
