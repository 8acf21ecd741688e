import time
from datetime import UTC, datetime

import pytest
from polars.testing import assert_frame_equal
from stand_in_store import StandInStore

from sandbox.shopify import documents, payloads
from shop_app.services.page_reading import iter_pages
from shop_app.shopify.nodes import (
    collections_to_catalogue,
    customers_to_facts,
    orders_to_facts,
    products_to_catalogue,
)
from shop_app.shopify.payload_goods import read_product
from shop_app.shopify.payload_orders import read_order
from shop_app.shopify.payload_people import read_customer
from shop_app.shopify.payload_values import parse
from shop_app.shopify.payloads import to_catalogue, to_facts

TOLD = datetime(2026, 6, 15, 12, tzinfo=UTC)


def money(amount, currency="EUR"):
    return {"shopMoney": {"amount": amount, "currencyCode": currency}}


def an_order(number=5001, **fields):
    return {
        "id": f"gid://shopify/Order/{number}",
        "name": f"#{number}",
        "processedAt": "2026-06-01T10:00:00Z",
        "updatedAt": "2026-06-02T10:00:00Z",
        "cancelledAt": None,
        "test": False,
        "currencyCode": "EUR",
        "displayFinancialStatus": "PARTIALLY_REFUNDED",
        "sourceName": "580111",
        "taxesIncluded": True,
        "discountCodes": ["SPRING"],
        "tags": ["gift", "wrapped"],
        "email": "Ann@Example.com",
        "phone": None,
        "customer": {"id": "gid://shopify/Customer/9"},
        "shippingAddress": {"countryCodeV2": "AT"},
        "billingAddress": {"countryCodeV2": "DE"},
        "totalPriceSet": money("40.05"),
        "totalOutstandingSet": money("0.0"),
        "totalTaxSet": money("6.4"),
        "totalShippingPriceSet": money("4.9"),
        "totalDiscountsSet": money("1.0"),
        "refunds": [
            {
                "id": "gid://shopify/Refund/8",
                "createdAt": "2026-06-03T10:00:00Z",
                "totalRefundedSet": money("12.5"),
            },
            {"id": "gid://shopify/Refund/7", "createdAt": None, "totalRefundedSet": money("0.0")},
        ],
        "lineItems": {"nodes": [a_line()]},
        **fields,
    }


def a_line(number=11, **fields):
    return {
        "id": f"gid://shopify/LineItem/{number}",
        "title": "Tea",
        "sku": "T-1",
        "vendor": "Leaf",
        "quantity": 3,
        "isGiftCard": False,
        "product": {"id": "gid://shopify/Product/70", "productType": "Black tea"},
        "variant": {"id": "gid://shopify/ProductVariant/71"},
        "originalUnitPriceSet": money("12.05"),
        "totalDiscountSet": money("1.0"),
        **fields,
    }


def head(**fields):
    return orders_to_facts([an_order(**fields)], "EUR", TOLD).orders.row(0, named=True)


def line(**fields):
    return orders_to_facts([an_order(lineItems=[a_line(**fields)])], "EUR", TOLD).lines.row(0, named=True)


def test_an_order_says_what_it_was_placed_for_in_whole_minor_units():
    found = head()
    assert (found["order_ref"], found["shopify_id"], found["name"]) == ("order:5001", 5001, "#5001")
    assert (found["total"], found["outstanding"], found["tax"], found["shipping"], found["discount"]) == (
        4005,
        0,
        640,
        490,
        100,
    )
    assert (found["financial_status"], found["channel"], found["country"]) == (
        "partially_refunded",
        "web",
        "AT",
    )
    assert (found["tags"], found["discount_codes"]) == ("gift\nwrapped", "SPRING")
    assert found["known_at"] == datetime(2026, 6, 2, 10, tzinfo=UTC)
    assert found["told_at"] == TOLD


@pytest.mark.parametrize(
    ("currency", "amount", "minor"), [("JPY", "1500.0", 1500), ("KWD", "1.234", 1234), ("EUR", "19.999", 2000)]
)
def test_amounts_have_the_digits_of_their_currency(currency, amount, minor):
    assert head(currencyCode=currency, totalPriceSet=money(amount, currency))["total"] == minor


def test_a_line_is_worth_its_quantity_as_placed_less_its_own_discount():
    found = line()
    assert (found["quantity"], found["unit_price"], found["discount"], found["total"]) == (3.0, 1205, 100, 3515)
    assert (found["product_ref"], found["shopify_product_id"], found["category"]) == (
        "variant:71",
        70,
        "Black tea",
    )


def by_itself(*titles):
    return [{"discountApplication": {"title": title}} for title in titles]


@pytest.mark.parametrize(
    ("allocations", "told"),
    [
        ([], ""),
        (by_itself("Third tin"), "Third tin"),
        (by_itself("Third tin", "Autumn ", "Third tin"), "Autumn\nThird tin"),
        ([{"discountApplication": {}}, {"discountApplication": None}, {}, None], ""),
        (by_itself("two\nlines", None, 7, "  "), "two lines"),
        (None, None),
        ("odd", None),
    ],
)
def test_a_line_names_the_discounts_that_came_by_themselves(allocations, told):
    assert line(discountAllocations=allocations)["automatic_discounts"] == told
    assert line()["automatic_discounts"] is None


@pytest.mark.parametrize(
    ("group", "number"),
    [
        ({"productId": "gid://shopify/Product/880"}, 880),
        ({"productId": None}, None),
        (None, None),
        ("odd", None),
    ],
)
def test_a_part_of_a_bundle_says_of_which(group, number):
    assert line(lineItemGroup=group)["bundle_product_id"] == number


@pytest.mark.parametrize(
    ("fields", "ref"),
    [
        ({"variant": None}, "product:70"),
        ({"variant": None, "product": None}, "T-1"),
        ({"variant": None, "product": None, "sku": ""}, "Tea"),
    ],
)
def test_what_was_sold_is_known_by_the_best_name_it_has(fields, ref):
    assert line(**fields)["product_ref"] == ref


def test_a_refund_of_nothing_is_none():
    found = orders_to_facts([an_order()], "EUR", TOLD).refunds.to_dicts()
    assert [(row["credit_ref"], row["amount"], row["currency"]) for row in found] == [("refund:8", 1250, "EUR")]


def test_an_order_names_its_buyer_and_is_not_believed_about_them():
    (person,) = orders_to_facts([an_order()], "EUR", TOLD).customers.to_dicts()
    assert (person["customer_ref"], person["shopify_id"], person["email"]) == (
        "customer:9",
        9,
        "ann@example.com",
    )
    assert (person["country"], person["known_at"], person["first_name"]) == ("DE", None, None)


def test_a_guest_is_known_by_address_and_without_one_not_at_all():
    (guest,) = orders_to_facts([an_order(customer=None)], "EUR", TOLD).customers.to_dicts()
    assert (guest["customer_ref"], guest["shopify_id"]) == ("email:ann@example.com", None)
    facts = orders_to_facts([an_order(customer=None, email=None)], "EUR", TOLD)
    assert facts.customers.is_empty()
    assert facts.orders["customer_ref"].to_list() == [None]


def test_a_list_that_is_empty_now_says_so():
    found = head(tags=[], discountCodes=[])
    assert (found["tags"], found["discount_codes"]) == ("", "")


@pytest.mark.parametrize(
    "fields",
    [
        {"displayFinancialStatus": "SETTLED_IN_KIND"},
        {"displayFinancialStatus": None, "totalTaxSet": None, "customer": None, "shippingAddress": None},
        {"tags": "x", "test": "yes", "totalPriceSet": {"shopMoney": {"amount": "1e99"}}, "refunds": None},
        {"name": "a\x00b\ud800", "lineItems": {"nodes": [None, {"id": 3}]}},
    ],
)
def test_what_is_odd_or_missing_is_unknown_and_breaks_nothing(fields):
    facts = orders_to_facts([an_order(**fields), an_order(5002)], "EUR", TOLD)
    assert facts.orders["shopify_id"].to_list() == [5001, 5002]
    assert "\x00" not in (facts.orders["name"][0] or "")


def test_an_order_without_number_or_date_is_passed_over():
    facts = orders_to_facts([{"id": "x"}, an_order(processedAt="soon"), an_order(5002)], "EUR", TOLD)
    assert facts.orders["shopify_id"].to_list() == [5002]
    assert facts.lines.height == 1


def test_a_bulk_file_says_the_same_in_whatever_order_its_lines_come():
    nested = [
        an_order(1, lineItems=[a_line(11), a_line(12, quantity=1)]),
        an_order(2, lineItems=[a_line(21)]),
    ]
    bare = [{name: value for name, value in order.items() if name != "lineItems"} for order in nested]
    flat = [
        a_line(number, quantity=quantity) | {"__parentId": f"gid://shopify/Order/{parent}"}
        for number, quantity, parent in ((21, 3, 2), (12, 1, 1), (11, 3, 1))
    ]
    by_page, by_file = orders_to_facts(nested, "EUR", TOLD), orders_to_facts(bare, "EUR", TOLD, lines=flat)
    for name in ("customers", "orders", "lines", "refunds"):
        assert_frame_equal(getattr(by_page, name), getattr(by_file, name))


def test_a_customers_own_record_is_believed():
    (found,) = customers_to_facts(
        [
            {
                "id": "gid://shopify/Customer/9",
                "createdAt": "2026-01-01T00:00:00Z",
                "updatedAt": "2026-06-01T00:00:00Z",
                "firstName": " Ann ",
                "lastName": "",
                "tags": [],
                "dataSaleOptOut": True,
                "defaultEmailAddress": {"emailAddress": "Ann@Example.com", "marketingState": "UNSUBSCRIBED"},
                "defaultPhoneNumber": {
                    "phoneNumber": "+49 30 1234567",
                    "smsMarketingConsent": {"state": "NEVER_SUBSCRIBED"},
                },
                "defaultAddress": {"countryCodeV2": "DE"},
            }
        ],
        TOLD,
    ).customers.to_dicts()
    assert (found["email"], found["phone"], found["first_name"], found["last_name"]) == (
        "ann@example.com",
        "+49301234567",
        "Ann",
        None,
    )
    assert (found["email_consent"], found["sms_consent"]) == ("unsubscribed", "not_subscribed")
    assert (found["tags"], found["data_sale_opt_out"]) == ("", True)
    assert found["known_at"] == datetime(2026, 6, 1, tzinfo=UTC)


def test_products_come_with_their_variants_and_collections_with_their_products():
    variant = {
        "id": "gid://shopify/ProductVariant/71",
        "title": "Large",
        "price": "12.05",
        "compareAtPrice": None,
        "inventoryQuantity": -2,
        "inventoryItem": {"tracked": True, "unitCost": {"amount": "4.1"}},
    }
    product = {"id": "gid://shopify/Product/70", "title": "Tea", "status": "ACTIVE", "tags": ["a"]}
    told = products_to_catalogue([product | {"variants": {"nodes": [variant]}}], "EUR", TOLD)
    assert told.products.row(0, named=True)["status"] == "active"
    found = told.variants.row(0, named=True)
    assert (found["product_shopify_id"], found["price"], found["cost"], found["inventory_quantity"]) == (
        70,
        1205,
        410,
        -2,
    )
    flat = variant | {"__parentId": product["id"]}
    assert_frame_equal(products_to_catalogue([product], "EUR", TOLD, variants=[flat]).variants, told.variants)
    collection = {"id": "gid://shopify/Collection/90", "title": "Teas", "products": {"nodes": [product]}}
    assert collections_to_catalogue([collection]).members.rows() == [(90, 70)]


def test_nothing_becomes_nothing():
    assert orders_to_facts([], "EUR", TOLD).orders.is_empty()
    assert customers_to_facts([], TOLD).customers.is_empty()
    assert products_to_catalogue([], "EUR", TOLD).variants.is_empty()
    assert collections_to_catalogue([]).members.is_empty()


def test_ten_thousand_orders_are_read_in_the_twinkling_of_an_eye():
    orders = [an_order(number) for number in range(10_000)]
    orders_to_facts(orders[:10], "EUR", TOLD)
    began = time.process_time()
    orders_to_facts(orders, "EUR", TOLD)
    assert 10_000 / (time.process_time() - began) > 8_000


@pytest.fixture
def store(tmp_path, database):
    made = StandInStore(tmp_path)
    yield made
    made.stop()


def nodes(store, name):
    api = store.api(store.connect(TOLD))
    return [node for page in iter_pages(api, name, "") for node in page.nodes]


def body_of(store, topic, document):
    shop = next(iter(store.world.state.each(store.domain, "shop")))
    return parse(payloads.written(payloads.body_of(store.world, shop, topic, document)))


def test_a_webhook_and_the_interface_tell_the_same_of_an_order(store):
    store.product(7, productType="")
    store.customer(1)
    lines = [
        documents.make_line(501, price=1205, quantity=3, productId=7, variantId=70, title="Tea 7", sku="T7"),
        documents.make_line(502, price=500, title="Odd thing"),
        documents.make_line(
            504,
            price=900,
            title="Third tin",
            totalDiscount=90,
            discounts=[{"kind": "automatic", "title": "Third tin", "code": None, "amount": 90}],
        ),
        documents.make_line(503, price=2500, title="Gift card", isGiftCard=True),
    ]
    address = documents.make_address(countryCode="DE", city="Berlin")
    order = store.order(
        5001,
        customer=1,
        lines=lines,
        totalTax=190,
        totalShipping=490,
        discountCodes=["SPRING"],
        tags=["gift"],
        billingAddress=address,
        shippingAddress=address,
        email="ann1@example.com",
        financialStatus="partially_refunded",
        refunds=[documents.make_refund(81, at="2026-06-11T10:00:00Z", amount=1205, lines=[])],
    )
    by_api = orders_to_facts(nodes(store, "orders"), "EUR", TOLD)
    told = read_order(body_of(store, "orders/updated", order), told_at=TOLD, currency="EUR")
    by_webhook = to_facts([told], [], currency="EUR")
    assert_frame_equal(by_api.orders.drop("row_no"), by_webhook.orders.drop("row_no"), check_column_order=False)
    apart = ["category", "row_no"]  # a webhook does not know a product's type
    assert_frame_equal(by_api.lines.drop(apart), by_webhook.lines.drop(apart))
    assert_frame_equal(by_api.refunds.drop("row_no"), by_webhook.refunds.drop("row_no"))
    assert_frame_equal(by_api.customers.drop("told_at"), by_webhook.customers.drop("told_at"))


def test_a_webhook_and_the_interface_tell_the_same_of_a_customer(store):
    address = documents.make_address(countryCode="DE")
    customer = store.customer(1, phone="+49301234567", defaultAddress=address)
    by_api = customers_to_facts(nodes(store, "customers"), TOLD).customers
    told = read_customer(body_of(store, "customers/update", customer), told_at=TOLD)
    by_webhook = to_facts([], [told], currency="EUR").customers
    lacking = ["tags", "email_consent", "sms_consent", "data_sale_opt_out", "told_at"]
    assert_frame_equal(by_api.drop(lacking), by_webhook.drop(lacking))


def test_a_webhook_and_the_interface_tell_the_same_of_a_product(store):
    product = store.product(7, vendor="Leaf", productType="Black tea", tags=["a", "b"])
    by_api = products_to_catalogue(nodes(store, "products"), "EUR", TOLD)
    told = read_product(body_of(store, "products/update", product), told_at=TOLD, currency="EUR")
    by_webhook = to_catalogue([told])
    assert_frame_equal(by_api.products.drop("is_gift_card"), by_webhook.products.drop("is_gift_card"))
    lacking = ["cost", "tracked"]
    assert_frame_equal(by_api.variants.drop(lacking), by_webhook.variants.drop(lacking))
