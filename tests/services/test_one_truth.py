"""A webhook and the interface tell the same of the same thing, so it does not matter who was heard last."""

from datetime import UTC, datetime

import pytest
from polars.testing import assert_frame_equal
from stand_in_store import StandInStore

from sandbox.shopify import payloads as shopify_bodies
from shop_app.services.page_reading import read_by_numbers
from shop_app.shopify.nodes import customers_to_facts, orders_to_facts, products_to_catalogue
from shop_app.shopify.payload_goods import read_product
from shop_app.shopify.payload_orders import read_order
from shop_app.shopify.payload_people import read_customer
from shop_app.shopify.payload_values import parse
from shop_app.shopify.payloads import to_catalogue, to_facts

TOLD = datetime(2026, 6, 15, 12, tzinfo=UTC)
UNSAID_BY_ORDERS = ["category"]
UNSAID_BY_CUSTOMERS = ["tags", "email_consent", "sms_consent", "data_sale_opt_out"]
UNSAID_BY_PRODUCTS = ["cost", "tracked"]


@pytest.fixture(scope="module", params=["EUR", "JPY"])
def store(request, tmp_path_factory, database):
    made = StandInStore(tmp_path_factory.mktemp("store"), currency=request.param)
    for number in range(1, 4):
        made.product(number, at="2026-05-01T10:00:00Z", price=1250 * number, tags=["black", "loose"])
        made.customer(number, tags=["vip"], phone=f"+44163296000{number}")
    yield made
    made.stop()


@pytest.fixture(scope="module")
def shop_id(store):
    return store.connect(TOLD)


def body_of(store, topic, kind, number):
    shop = store.find("shop", store.world.state.each(store.domain, "shop").__next__()["id"])
    document = store.find(kind, number)
    return parse(shopify_bodies.written(shopify_bodies.body_of(store.world, shop, topic, document)))


def some_orders(store):
    """Orders of every fate: paid, paid back, cancelled, edited, a guest's, a draft's, one with a discount."""
    line = {"variantId": 20, "quantity": 3}
    paid = store.deed("place_order", customer_id=1, lines=[line, {"variantId": 10, "quantity": 1}])
    returned = store.deed("place_order", customer_id=2, lines=[line])
    store.deed("refund_order", order_id=returned["order_id"], amount=700)
    whole = store.deed("place_order", customer_id=2, lines=[line])
    store.deed("refund_order", order_id=whole["order_id"])
    cancelled = store.deed("place_order", customer_id=3, lines=[line])
    store.deed("cancel_order", order_id=cancelled["order_id"])
    guest = store.deed(
        "place_order", customer_id=0, lines=[line], email="Guest@Example.com", tags=["gift", "b2b"]
    )
    draft = store.deed("place_order", customer_id=1, lines=[line], sourceName="shopify_draft_order", test=True)
    cheap = store.deed("place_order", customer_id=1, lines=[line], discount=300, discountCodes=["TEN"])
    edited = store.deed("place_order", customer_id=1, lines=[line])
    store.deed("edit_order", order_id=edited["order_id"])
    return [each["order_id"] for each in (paid, returned, whole, cancelled, guest, draft, cheap, edited)]


def test_orders_are_told_alike(store, shop_id):
    numbers = some_orders(store)
    nodes = read_by_numbers(store.api(shop_id), "orders", numbers)
    asked = orders_to_facts([nodes[number] for number in numbers], store.currency, TOLD)
    bodies = [body_of(store, "orders/updated", "order", number) for number in numbers]
    told = to_facts(
        [read_order(body, told_at=TOLD, currency=store.currency) for body in bodies],
        [],
        currency=store.currency,
    )
    assert asked.refunds.height >= 2
    assert_frame_equal(told.orders.drop("row_no"), asked.orders.drop("row_no"))
    assert_frame_equal(told.customers, asked.customers, check_row_order=False)
    assert_frame_equal(told.lines.drop(UNSAID_BY_ORDERS), asked.lines.drop(UNSAID_BY_ORDERS))
    assert_frame_equal(told.refunds, asked.refunds)


def test_customers_are_told_alike_as_far_as_bodies_go(store, shop_id):
    nodes = read_by_numbers(store.api(shop_id), "customers", [1, 2, 3])
    asked = customers_to_facts(list(nodes.values()), TOLD).customers
    bodies = [body_of(store, "customers/update", "customer", number) for number in (1, 2, 3)]
    told = to_facts(
        [], [read_customer(body, told_at=TOLD) for body in bodies], currency=store.currency
    ).customers
    assert told.select(UNSAID_BY_CUSTOMERS).null_count().row(0) == (3, 3, 3, 3)
    assert_frame_equal(told.drop(UNSAID_BY_CUSTOMERS), asked.drop(UNSAID_BY_CUSTOMERS))


def test_products_are_told_alike_but_for_what_they_cost(store, shop_id):
    nodes = read_by_numbers(store.api(shop_id), "products", [1, 2, 3])
    asked = products_to_catalogue(list(nodes.values()), store.currency, TOLD)
    bodies = [body_of(store, "products/update", "product", number) for number in (1, 2, 3)]
    told = to_catalogue([read_product(body, told_at=TOLD, currency=store.currency) for body in bodies])
    assert_frame_equal(told.products, asked.products)
    assert_frame_equal(told.variants.drop(UNSAID_BY_PRODUCTS), asked.variants.drop(UNSAID_BY_PRODUCTS))
