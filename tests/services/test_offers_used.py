"""An offer from its approval to its statement: made, bought, read back, and added up to the cent."""

from datetime import timedelta

from offer_shop import (
    CUP,
    HONEY,
    LONG_AGO,
    NOW,
    TEA,
    approved,
    bundle,
    buy_get,
    discounts,
    fixed,
    kept,
    made_products,
)
from sqlalchemy import text

from shop_app.services.measure_bundles import DUE, measure_bundles
from shop_app.services.read_changes import read_changes_since
from shop_app.storage import due_work
from shop_app.storage.engine import shopless, transaction

LATER = NOW + timedelta(days=1)
COST_PERCENT = 30


def measured(shop, later=LATER):
    read_changes_since(shop, LONG_AGO, later)
    measure_bundles(shop, as_of=later, at=later)


def bought_with(store, title):
    """Somebody buys the tea and the cup, which another discount makes as cheap as ours does."""
    cheaper = {"discounts": [{"kind": "automatic", "title": title, "amount": 120}]}
    lines = [{"variantId": TEA * 10}, {"variantId": CUP * 10} | cheaper]
    store.deed("place_order", customer_id=1, lines=lines)


def test_a_discount_that_is_bought_is_found_and_added_up_to_the_cent(offers, store):
    store.customer(1)
    number = approved(offers, buy_get(offers, uses_per_order=2))
    kept(offers)
    with shopless() as connection:
        assert DUE in due_work.list_of_shop(connection, offers)
    (made,) = discounts(store)
    store.deed("buy_offer", discount_id=made["id"])
    store.deed("buy_offer", discount_id=made["id"], times=2)
    store.deed("place_order", customer_id=1, lines=[{"variantId": TEA * 10, "quantity": 1}])
    store.deed(
        "place_order", customer_id=1, lines=[{"variantId": number, "quantity": 1} for number in (70, 80)]
    )
    measured(offers)
    result = bundle(offers, number).result
    assert (result["orders"], result["times"]) == (2, 3)
    account = result["account"]
    assert (account["list_price"], account["discount"]) == (3 * 1800, 3 * 120)
    assert account["cost"] == 3 * 1800 * COST_PERCENT // 100


def test_a_bundle_that_is_bought_is_found_by_its_product(offers, store):
    store.customer(1)
    number = approved(offers, fixed(offers, parts=((TEA, 1), (CUP, 2), (HONEY, 1)), price=2600))
    kept(offers)
    (made,) = made_products(store)
    store.deed("buy_offer", product_id=made["id"])
    store.deed("buy_offer", product_id=made["id"], times=2)
    for price in (None, 500):  # singly, also as cheap as in the set
        lines = [
            {"variantId": number * 10, "quantity": quantity} | ({} if price is None else {"price": price})
            for number, quantity in ((TEA, 1), (CUP, 2), (HONEY, 1))
        ]
        store.deed("place_order", customer_id=1, lines=lines)
    measured(offers)
    result = bundle(offers, number).result
    assert (result["orders"], result["times"]) == (2, 3)
    assert result["account"]["paid"] == 3 * 2600


def test_another_discount_as_deep_on_the_same_goods_is_not_counted(offers, store):
    store.customer(1)
    number = approved(offers, buy_get(offers))
    kept(offers)
    store.deed("buy_offer", discount_id=discounts(store)[0]["id"])
    bought_with(store, "Spring sale")
    measured(offers)
    assert bundle(offers, number).result["orders"] == 1


def test_a_discount_that_was_renamed_in_shopify_is_found_by_both_its_titles(offers, store):
    store.customer(1)
    number = approved(offers, buy_get(offers))
    kept(offers)
    (made,) = discounts(store)
    store.deed("buy_offer", discount_id=made["id"])
    store.put("discount", discounts(store)[0] | {"title": "A cup with your tea"})
    store.deed("buy_offer", discount_id=made["id"])
    kept(offers, NOW + timedelta(hours=2))
    measured(offers)
    assert bundle(offers, number).result["orders"] == 2


def test_reading_anew_makes_certain_what_was_read_before_lines_told(offers, store):
    store.customer(1)
    number = approved(offers, buy_get(offers))
    kept(offers)
    store.deed("buy_offer", discount_id=discounts(store)[0]["id"])
    bought_with(store, "Spring sale")
    read_changes_since(offers, LONG_AGO, LATER)
    with transaction(offers) as connection:
        connection.execute(text("UPDATE line_items SET automatic_discounts = NULL"))
    measure_bundles(offers, as_of=LATER, at=LATER)
    assert bundle(offers, number).result["orders"] == 2  # as deep, so it passes for ours
    measured(offers, LATER + timedelta(hours=1))
    assert bundle(offers, number).result["orders"] == 1
