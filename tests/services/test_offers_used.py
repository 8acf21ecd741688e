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

from shop_app.services.measure_bundles import DUE, measure_bundles
from shop_app.services.read_changes import read_changes_since
from shop_app.storage import due_work
from shop_app.storage.engine import shopless

LATER = NOW + timedelta(days=1)
COST_PERCENT = 30


def measured(shop):
    read_changes_since(shop, LONG_AGO, LATER)
    measure_bundles(shop, as_of=LATER, at=LATER)


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


def test_a_bundle_that_is_bought_is_found_by_its_parts(offers, store):
    store.customer(1)
    number = approved(offers, fixed(offers, parts=((TEA, 1), (CUP, 2), (HONEY, 1)), price=2600))
    kept(offers)
    (made,) = made_products(store)
    store.deed("buy_offer", product_id=made["id"])
    store.deed("buy_offer", product_id=made["id"], times=2)
    lines = [
        {"variantId": number * 10, "quantity": quantity}
        for number, quantity in ((TEA, 1), (CUP, 2), (HONEY, 1))
    ]
    store.deed("place_order", customer_id=1, lines=lines)
    measured(offers)
    result = bundle(offers, number).result
    assert (result["orders"], result["times"]) == (2, 3)
    assert result["account"]["paid"] == 3 * 2600
