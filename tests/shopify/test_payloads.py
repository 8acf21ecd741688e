"""Webhook bodies of every age become the same facts, and odd ones say what is odd about them."""

import json
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from webhook_bodies import NOON, a_customer_body, a_line_body, a_product_body, an_order_body, money, stamp

from shop_app.shopify.payload_goods import read_cart, read_checkout, read_product
from shop_app.shopify.payload_orders import read_order
from shop_app.shopify.payload_people import read_consent, read_customer, read_merge
from shop_app.shopify.payload_values import UnreadableError, parse
from shop_app.shopify.payloads import to_catalogue, to_facts

TOLD = NOON + timedelta(seconds=3)


def order(body, currency="EUR"):
    return read_order(body, told_at=TOLD, currency=currency)


def facts(*bodies, currency="EUR"):
    return to_facts([order(body, currency) for body in bodies], [], currency=currency)


def head(body, currency="EUR"):
    (row,) = facts(body, currency=currency).orders.to_dicts()
    return row


def person(body):
    return to_facts([], [read_customer(body, told_at=TOLD)], currency="EUR").customers.to_dicts()[0]


@pytest.fixture(scope="module")
def recorded(reference):
    def read(name):
        return (reference / "data" / "shopify_fixtures" / f"{name}.json").read_bytes()

    return read


def test_an_order_of_today_says_all_there_is_to_know():
    row = head(
        an_order_body(5001, customer=77, tags="vip, wholesale", discount_codes=[{"code": "TEN", "amount": "1"}])
    )
    assert row["order_ref"] == "order:5001"
    assert (row["customer_ref"], row["name"], row["channel"]) == ("customer:77", "#5001", "web")
    assert (row["total"], row["tax"], row["shipping"], row["discount"], row["outstanding"]) == (
        1250,
        100,
        250,
        0,
        0,
    )
    assert (row["financial_status"], row["test"], row["tax_included"], row["currency"]) == (
        "paid",
        False,
        True,
        "EUR",
    )
    assert (row["tags"], row["discount_codes"]) == ("vip\nwholesale", "TEN")
    assert (row["known_at"], row["told_at"]) == (NOON, TOLD)


def test_lines_come_by_their_own_numbers_less_their_own_discount():
    lines = [
        a_line_body(9002, price="4.50", quantity=2, total_discount="1.00"),
        a_line_body(9001, price="3.00", quantity=3),
    ]
    told = facts(an_order_body(5001, lines=lines)).lines
    assert told["product_ref"].to_list() == ["variant:9021", "variant:9022"]
    assert told["total"].to_list() == [900, 800]
    assert told["discount"].to_list() == [0, 100]
    assert told["shopify_product_id"].to_list() == [9011, 9012]


def test_what_a_code_took_off_one_product_is_that_line_s_and_an_order_s_discount_is_not():
    applications = [{"target_selection": "all"}, {"target_selection": "entitled"}]
    shares = [
        {"amount": "2.00", "discount_application_index": 0},
        {"amount": "3.00", "discount_application_index": 1, "amount_set": money("3.00")},
    ]
    line = a_line_body(9001, price="10.00", discount_allocations=shares)
    told = facts(an_order_body(5001, lines=[line], discount_applications=applications)).lines
    assert told["discount"].to_list() == [300]


AUTOMATIC, CODE = {"type": "automatic", "title": "Third tin"}, {"type": "discount_code", "code": "TEN"}


@pytest.mark.parametrize(
    ("places", "told"),
    [([0], "Third tin"), ([1], ""), ([0, 1, 0], "Third tin"), ([0, 7], None), ([None], None), ([], "")],
)
def test_a_line_names_the_discounts_that_came_by_themselves_and_no_code(places, told):
    shares = [{"amount": "1.00", "discount_application_index": place} for place in places]
    line = a_line_body(9001, discount_allocations=shares)
    found = facts(an_order_body(5001, lines=[line], discount_applications=[AUTOMATIC, CODE])).lines
    assert found["automatic_discounts"].to_list() == [told]


def test_a_body_that_says_nothing_of_discounts_has_not_said_that_there_are_none():
    assert facts(an_order_body(5001)).lines["automatic_discounts"].to_list() == [None]


def test_only_the_interface_says_of_which_bundle_a_line_is_a_part():
    part = a_line_body(9001, sales_line_item_group_id=77)
    alone = a_line_body(9002, sales_line_item_group_id=None)
    assert order(an_order_body(5001, lines=[part, alone])).has_bundles
    assert not order(an_order_body(5001, lines=[alone])).has_bundles
    assert facts(an_order_body(5001, lines=[part])).lines["bundle_product_id"].to_list() == [None]


def test_a_line_without_numbers_is_known_by_its_sku_or_its_title():
    lines = [
        a_line_body(9001, product_id=None, variant_id=None, sku="TIP"),
        a_line_body(9002, product_id=None, variant_id=None, sku="", title="Engraving"),
        a_line_body(9003, variant_id=None),
    ]
    told = facts(an_order_body(5001, lines=lines)).lines
    assert told["product_ref"].to_list() == ["TIP", "Engraving", "product:9013"]


def test_a_guest_is_known_by_the_address_and_nobody_by_nothing():
    assert head(an_order_body(5001, email="Bob@Example.com"))["customer_ref"] == "email:bob@example.com"
    assert (
        head(an_order_body(5001, email="", contact_email="c@example.com"))["customer_ref"]
        == "email:c@example.com"
    )
    assert head(an_order_body(5001, email="not an address"))["customer_ref"] is None
    assert head(an_order_body(5001, email=None))["customer_ref"] is None


def test_money_is_the_shop_s_own_in_its_own_digits():
    yen = an_order_body(5001, total="1200", currency="JPY", total_price_set=money("1200", "JPY"))
    assert head(yen, "JPY")["total"] == 1200
    dinar = an_order_body(5001, total="1.234", currency="KWD", total_price_set=money("1.234", "KWD"))
    assert head(dinar, "KWD")["total"] == 1234
    both = {"shop_money": {"amount": "10.00", "currency_code": "EUR"}}
    abroad = an_order_body(5001, total="11.00", total_price_set=both)
    assert head(abroad)["total"] == 1000


@pytest.mark.parametrize("name", ["order", "orders"])
def test_recorded_orders_of_the_old_interface_are_read(recorded, name):
    body = json.loads(recorded(name))
    body = body["orders"][0] if name == "orders" else body["order"]
    row = head(body, "USD")
    assert row["total"] == round(float(body["total_price"]) * 100)
    assert row["customer_ref"] == f"customer:{body['customer']['id']}"
    assert row["processed_at"] == datetime(2008, 1, 10, 16, tzinfo=UTC)
    assert row["country"] == "US"


def test_a_recorded_order_inside_its_wrapper_is_read(recorded):
    told = facts(parse(recorded("order")), currency="USD")
    assert told.lines["total"].to_list() == [19900, 19900, 19900]
    assert told.orders["shipping"].to_list() == [0]


def test_a_recorded_customer_of_the_old_interface_is_read(recorded):
    row = person(parse(recorded("customer")))
    assert (row["shopify_id"], row["email"], row["first_name"]) == (207119551, "bob.norman@hostmail.com", "Bob")
    assert (row["email_consent"], row["tags"], row["country"]) == ("not_subscribed", "", "US")


def test_a_recorded_refund_inside_an_order_is_what_was_paid_back(recorded):
    body = an_order_body(
        5001, currency="USD", total_price_set=money("500.00", "USD"), refunds=[parse(recorded("refund"))]
    )
    (row,) = facts(body, currency="USD").refunds.to_dicts()
    assert (row["credit_ref"], row["amount"], row["order_ref"]) == ("refund:509562969", 20900, "order:5001")
    assert row["refunded_at"] == datetime(2016, 6, 20, 17, 35, 6, tzinfo=UTC)


def a_refund(**more):
    return {"id": 81, "created_at": stamp(NOON)} | more


def paid(amount, **more):
    return {"kind": "refund", "status": "success", "amount": amount, "currency": "EUR"} | more


@pytest.mark.parametrize(
    ("refund", "amounts"),
    [
        (a_refund(transactions=[paid("3.00"), paid("2.00")]), [500]),
        (a_refund(transactions=[paid("3.00"), paid("2.00", status="failure")]), [300]),
        (a_refund(transactions=[paid("3.00", kind="void")]), []),
        (a_refund(transactions=[], refund_line_items=[{"subtotal": 5.0, "total_tax": 1.0}]), []),
        (a_refund(refund_line_items=[{"subtotal": 5.0, "total_tax": 1.0}]), [600]),
        (
            a_refund(
                transactions=[paid("3.30", currency="USD")],
                refund_line_items=[{"subtotal_set": money("3.00"), "total_tax_set": money("0.50")}],
                order_adjustments=[{"amount": "-1.00", "tax_amount": "0.00"}],
            ),
            [450],
        ),
    ],
    ids=["two payments", "one failed", "voided", "goods only", "no payments told", "in other money"],
)
def test_a_refund_is_what_went_back_in_the_shop_s_money(refund, amounts):
    assert facts(an_order_body(5001, refunds=[refund])).refunds["amount"].to_list() == amounts


@pytest.mark.parametrize(
    "change",
    [
        {"id": None, "admin_graphql_api_id": None},
        {"id": "abc", "admin_graphql_api_id": 7},
        {"id": -5, "admin_graphql_api_id": None},
        {"id": 2**70, "admin_graphql_api_id": None},
        {"total_price": "a lot", "total_price_set": None},
        {"total_price": [], "total_price_set": 3},
        {"total_price": "1e400", "total_price_set": None},
        {"total_price": "NaN", "total_price_set": None},
        {"updated_at": "yesterday"},
        {"updated_at": 5},
        {"processed_at": "9999-99-99T00:00:00Z"},
        {"line_items": "none"},
        {"line_items": ["x"]},
        {"line_items": [{"id": 1, "quantity": "many", "price": "1.00"}]},
        {"line_items": [{"id": 1, "quantity": 1, "price": None}]},
        {"line_items": [{"id": 1, "quantity": -1, "price": "1.00"}]},
        {"line_items": [{"id": 1, "quantity": 1e9, "price": "9000000000000"}]},
    ],
)
def test_what_cannot_be_read_says_so_and_quotes_nothing(change):
    with pytest.raises(UnreadableError) as refused:
        order(an_order_body(5001) | change)
    assert "ann@example.com" not in str(refused.value)


@pytest.mark.parametrize(
    "change",
    [
        {"customer": None},
        {"customer": "nobody"},
        {"customer": {"id": None}},
        {"line_items": []},
        {"refunds": None},
        {"refunds": {}},
        {"shipping_address": "the moon", "billing_address": 4},
        {"tags": None},
        {"tags": 7},
        {"tags": ["a", "b"]},
        {"discount_codes": ["TEN", {"code": None}, 4]},
        {"financial_status": "something new"},
        {"source_name": None},
        {"name": None},
        {"cancelled_at": "soon"},
        {"phone": 441632960001},
        {"email": "a\x00b@example.com"},
        {"note": "\ud83d"},
        {"total_tax": "?"},
        {"test": "false"},
        {"unheard_of": {"deep": [[[]]]}},
    ],
)
def test_odd_fields_beside_the_point_do_not_stop_an_order(change):
    row = head(an_order_body(5001) | change)
    assert (row["total"], row["shopify_id"]) == (1250, 5001)


def test_texts_that_a_table_cannot_hold_are_cleaned():
    line = a_line_body(9001, title="Tea\x00 \ud83d and\n more\x85", sku="\x07", vendor="x" * 9_000)
    (row,) = facts(an_order_body(5001, lines=[line])).lines.to_dicts()
    assert (row["title"], row["sku"], len(row["vendor"])) == ("Tea   and  more", None, 2_000)


def test_an_order_without_its_lines_is_not_whole_and_a_moment_older_than_the_whole_one():
    told = order(an_order_body(5001) | {"line_items": None})
    assert (told.is_whole, told.known_at) == (False, NOON - timedelta(microseconds=1))
    assert order(an_order_body(5001)).is_whole


def test_a_body_cut_to_its_number_and_date_is_no_order():
    assert (
        order({"id": 5001, "updated_at": stamp(NOON), "admin_graphql_api_id": "gid://shopify/Order/5001"})
        is None
    )


def test_half_past_times_without_a_zone_are_utc_and_the_shop_s_offset_counts():
    row = head(an_order_body(5001, updated_at=NOON) | {"updated_at": "2026-11-20T06:00:00-06:00"})
    assert row["known_at"] == NOON
    assert head(an_order_body(5001) | {"updated_at": "2026-11-20T12:00:00"})["known_at"] == NOON


def test_a_customer_of_today_lacks_tags_and_consent_and_one_of_2023_does_not():
    today = read_customer(a_customer_body(7), told_at=TOLD)
    assert not today.is_whole
    then = a_customer_body(
        7,
        tags="vip",
        email_marketing_consent={"state": "subscribed"},
        sms_marketing_consent={"state": "NOT_SUBSCRIBED"},
    )
    assert read_customer(then, told_at=TOLD).is_whole
    row = person(then)
    assert (row["email_consent"], row["sms_consent"], row["tags"]) == ("subscribed", "not_subscribed", "vip")


def test_a_customer_without_a_date_is_as_old_as_its_telling():
    told = read_customer(a_customer_body(7) | {"updated_at": None, "created_at": None}, told_at=TOLD)
    assert (told.known_at, told.is_whole) == (TOLD - timedelta(microseconds=1), False)


def test_consent_is_as_old_as_when_it_was_given():
    body = {
        "customer_id": 7,
        "email_address": "c7@example.com",
        "email_marketing_consent": {"state": "unsubscribed", "consent_updated_at": stamp(NOON)},
    }
    told = read_consent(body, told_at=TOLD, kind="email")
    assert (told.shopify_id, told.known_at, told.row["email_consent"]) == (7, NOON, "unsubscribed")
    sms = {"id": 7, "phone": None, "sms_marketing_consent": {"state": "redacted", "consent_updated_at": None}}
    assert read_consent(sms, told_at=TOLD, kind="sms").known_at == TOLD
    with pytest.raises(UnreadableError):
        read_consent({"id": 7, "sms_marketing_consent": {"state": "maybe"}}, told_at=TOLD, kind="sms")


def test_a_merge_names_two_customers_or_did_not_come_about():
    body = {
        "admin_graphql_api_customer_kept_id": "gid://shopify/Customer/1",
        "admin_graphql_api_customer_deleted_id": "gid://shopify/Customer/2",
        "status": "completed",
        "errors": [],
    }
    merged = read_merge(body)
    assert (merged.kept_id, merged.lost_id) == (1, 2)
    assert read_merge(body | {"status": "failed"}) is None
    with pytest.raises(UnreadableError):
        read_merge(body | {"admin_graphql_api_customer_kept_id": None})


def test_a_product_comes_with_its_variants_unless_there_are_too_many():
    told = read_product(a_product_body(7), told_at=TOLD, currency="EUR")
    catalogue = to_catalogue([told])
    assert catalogue.products.select("title", "tags", "status").row(0) == ("Assam", "black\nloose", "active")
    assert catalogue.variants.select("shopify_id", "price", "inventory_quantity").row(0) == (8, 900, 3)
    assert told.is_whole
    many = a_product_body(
        7, variant_gids=[{"admin_graphql_api_id": f"gid://shopify/ProductVariant/{n}"} for n in range(3)]
    )
    assert not read_product(many, told_at=TOLD, currency="EUR").is_whole


def test_a_cart_is_worth_its_lines_and_a_checkout_says_what_it_is_worth():
    cart = {
        "id": "t0ken",
        "token": "t0ken",
        "line_items": [
            {"product_id": 5, "quantity": 3, "line_price": "59.97"},
            {"product_id": 6, "quantity": 1, "price": "1.00"},
        ],
        "created_at": "2020-07-29T23:03:12.199Z",
        "updated_at": "2020-07-29T23:03:12.199Z",
    }
    told = read_cart(cart, told_at=TOLD, currency="EUR")
    assert (told.value, told.item_count, told.product_ids, told.customer_id) == (6097, 4.0, (5, 6), None)
    assert "t0ken" not in repr(told)
    checkout = {
        "id": 4,
        "token": "ch",
        "cart_token": "t0ken",
        "total_price": "398.00",
        "currency": "USD",
        "customer": {"id": 9},
        "line_items": [],
        "created_at": stamp(NOON),
        "updated_at": stamp(NOON),
        "completed_at": None,
    }
    told = read_checkout(checkout, told_at=TOLD, currency="EUR")
    assert (told.value, told.currency, told.customer_id, told.cart_token) == (39800, "USD", 9, "t0ken")
    with pytest.raises(UnreadableError):
        read_checkout(checkout | {"token": None}, told_at=TOLD, currency="EUR")


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"[1, 2]", b'"text"', b"\xff\xfe", b"[" * 200_000, b'{"a":' * 200_000]
)
def test_a_body_that_is_no_json_object_says_so_at_once(raw):
    with pytest.raises(UnreadableError):
        parse(raw)


def test_half_characters_and_control_characters_do_not_make_a_body_unreadable():
    body = parse(b'{"id": 5, "note": "a\\ud83d", "tags": "a\tb"}')
    assert body["id"] == 5


def test_numbers_that_went_through_a_float_are_still_numbers():
    body = parse(b'{"id": 866550311766439040.0, "total_price": 12.5}')
    assert body["id"] == 866550311766439040.0
    told = order(an_order_body(5001) | {"id": 866550311766439040.0, "admin_graphql_api_id": None})
    assert told.shopify_id == 866550311766439040


WIDE = [
    an_order_body(5001, lines=[{"id": number, "quantity": 1, "price": "1.00"} for number in range(100_000)]),
    an_order_body(5001) | {f"key {number}": number for number in range(200_000)},
    an_order_body(5001, tags=",".join(f"tag {number}" for number in range(400_000))),
    an_order_body(5001, discount_codes=[{"code": f"C{number}"} for number in range(100_000)]),
    an_order_body(5001, refunds=[{"id": number, "transactions": [{}] * 9} for number in range(40_000)]),
]


@pytest.mark.parametrize("body", WIDE, ids=["lines", "keys", "tags", "codes", "refunds"])
def test_a_body_that_is_made_to_keep_us_busy_does_not(body):
    raw = json.dumps(body).encode()
    began = time.process_time()
    with suppress(UnreadableError):
        facts(parse(raw))
    assert time.process_time() - began < 5  # what grows with the square takes minutes
