"""Whoever is named in a body is found in it, wherever that stands; and no body takes long."""

import json
import time

import pytest

from shop_app.services.webhook_subjects import subjects_in


@pytest.mark.parametrize(
    ("topic", "body", "customers", "orders"),
    [
        ("orders/updated", {"id": 5, "customer": {"id": 7}}, {7}, {5}),
        ("customers/update", {"id": 7, "default_address": {"id": 9}}, {7}, set()),
        ("customers/merge", {"admin_graphql_api_customer_kept_id": "gid://shopify/Customer/7"}, {7}, set()),
        ("refunds/create", {"id": 1, "order_id": 5}, set(), {5}),
        ("checkouts/create", {"id": 1, "customer": {"id": "7"}}, {7}, set()),
        ("customers_marketing_consent/update", {"customer_id": 7}, {7}, set()),
        ("customers/redact", {"customer": {"id": 7}, "orders_to_redact": [5, "6"]}, {7}, {5, 6}),
        ("products/update", {"id": 5}, set(), set()),
        ("orders/updated", [{"customer": {"id": True}}], set(), set()),
    ],
)
def test_numbers_are_found_where_each_topic_has_them(topic, body, customers, orders):
    told = subjects_in(topic, json.dumps(body).encode())
    assert (told.customers, told.orders) == (customers, orders)


def test_addresses_and_phones_are_found_at_any_depth_and_in_free_text():
    body = {
        "note": "please write to <Ann@Example.com>, thanks",
        "shipping_address": {"phone": "+49 30 1234567"},
        "note_attributes": [{"name": "gift", "value": "bob@example.com"}],
    }
    told = subjects_in("orders/updated", json.dumps(body).encode())
    assert told.emails == {"Ann@Example.com", "bob@example.com"}
    assert told.phones == {"+49 30 1234567"}


def test_a_body_that_is_no_json_is_searched_for_all_that_may_be_somebody():
    told = subjects_in("orders/updated", b'{"customer": {"id": 7001, "email": "ann@example.com"')
    assert 7001 in told.customers
    assert told.emails == {"ann@example.com"}


@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"note": "a" * 1_000_000 + " @"}).encode(),
        b"[" * 900 + b"]" * 900,
        b"[" * 200_000,
        json.dumps({"phone": "1" * 1_000_000}).encode(),
    ],
)
def test_an_absurd_body_takes_no_time(body):
    began = time.monotonic()
    subjects_in("orders/updated", body)
    assert time.monotonic() - began < 2
