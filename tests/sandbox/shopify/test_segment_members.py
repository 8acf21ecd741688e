"""Who a segment query finds among the documents of a shop."""

from datetime import UTC, datetime

import pytest
from small_shop import TEA, SmallShop

from sandbox.shopify import documents
from sandbox.shopify.segment_members import ground_of, members
from sandbox.shopify.segment_query import parse

AS_OF = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)  # in New York still the 24th


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    with SmallShop(tmp_path_factory.mktemp("members")) as shop:
        home = documents.make_address(countryCode="US", provinceCode="NY", city="New York")
        shop.customer(1, tags=["VIP", "Wholesale"], defaultAddress=home, createdAt="2024-01-01T00:00:00Z")
        shop.customer(2, email="b@tea.example", locale="fr", createdAt="2026-11-24T12:00:00Z")
        shop.customer(3, emailMarketing=documents.make_consent("SUBSCRIBED"), createdAt="2025-06-01T00:00:00Z")
        shop.customer(4, email=None, phone="+14155550100", createdAt="2025-06-01T00:00:00Z")
        shop.product(70, tags=["Green"])
        shop.product(80, "Cup")
        shop.order(101, 1, price=10_000, product=70, at="2026-11-20T10:00:00Z")
        shop.order(102, 1, price=2_550, product=80, at="2026-01-05T10:00:00Z")
        shop.order(103, 3, price=4_000, product=80, at="2026-10-25T02:00:00Z")  # the 24th in New York
        shop.order(104, 4, price=9_000, product=70, at="2026-11-01T10:00:00Z", test=True)
        shop.order(
            105, 3, price=1_000, product=70, at="2026-11-02T10:00:00Z", cancelledAt="2026-11-03T00:00:00Z"
        )
        shop.state.put(
            TEA,
            "checkout",
            {"id": 1, "customerId": 2, "updatedAt": "2026-11-10T00:00:00Z", "completedAt": None},
        )
        yield shop


def found(shop, query, timezone="America/New_York"):
    ground = ground_of(shop.state, TEA, as_of=AS_OF, timezone=timezone)
    return [customer["id"] for customer in members(ground, parse(query))]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("customer_tags CONTAINS 'vip'", [1]),
        ("customer_tags CONTAINS 'vi'", []),
        ("customer_tags NOT CONTAINS 'vip'", [2, 3, 4]),
        ("customer_tags IS NULL", [2, 3, 4]),
        ("number_of_orders = 0", [2, 4]),
        ("number_of_orders >= 2", [1, 3]),
        ("amount_spent > 125.49", [1]),
        ("amount_spent BETWEEN 40 AND 125.50", [1, 3]),
        ("amount_spent = 40", [3]),
        ("customer_countries CONTAINS 'US'", [1]),
        ("customer_regions CONTAINS 'US-NY'", [1]),
        ("customer_cities CONTAINS 'US-NY-NewYork'", [1]),
        ("customer_email_domain = 'TEA.example'", [2]),
        ("customer_email_domain IS NULL", [4]),
        ("customer_language = 'fr'", [2]),
        ("customer_language != 'fr'", [1, 3, 4]),
        ("email_subscription_status = 'SUBSCRIBED'", [3]),
        ("email_subscription_status = 'NOT_SUBSCRIBED'", [1, 2, 4]),
        ("sms_subscription_status = 'NOT_SUBSCRIBED'", [1, 2, 3, 4]),
        ("customer_account_status = 'DISABLED'", [1, 2, 3, 4]),
        ("customer_added_date = today", [2]),
        ("customer_added_date < 2025-01-01", [1]),
        ("abandoned_checkout_date >= -30d", [2]),
        ("rfm_group = 'CHAMPIONS'", []),
        ("rfm_group IS NULL", [1, 2, 3, 4]),
        ("companies IS NULL", [1, 2, 3, 4]),
        ("shopify_email.opened NOT MATCHES ()", [1, 2, 3, 4]),
        ("storefront_event.product_viewed MATCHES (id = 70)", []),
        ("customer_tags CONTAINS 'vip' OR number_of_orders = 0 AND customer_language = 'fr'", [1, 2]),
    ],
)
def test_facts_of_customers_are_compared(shop, query, numbers):
    assert found(shop, query) == numbers


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("last_order_date = 2026-11-20", [1]),
        ("last_order_date >= -4d", [1]),
        ("last_order_date > -4d", []),
        ("first_order_date <= -10m", [1]),
        ("first_order_date = 2026-10-24", [3]),
        ("last_order_date BETWEEN -4w AND today", [1, 3]),
        ("last_order_date IS NULL", [2, 4]),
        ("last_order_date IS NOT NULL", [1, 3]),
        ("last_order_date >= 7_days_ago", [1]),
        ("last_order_date < -1y", []),
    ],
)
def test_dates_are_days_of_the_shops_calendar(shop, query, numbers):
    assert found(shop, query) == numbers


def test_another_calendar_has_another_today(shop):
    assert found(shop, "first_order_date = 2026-10-25", "UTC") == [3]
    assert found(shop, "last_order_date >= -4d", "UTC") == []


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("products_purchased MATCHES (id = 70)", [1, 3]),
        ("products_purchased MATCHES (id = 70, date >= -10d)", [1]),
        ("products_purchased MATCHES (id IN (70, 80), count >= 2)", [1, 3]),
        ("products_purchased NOT MATCHES (id = 80)", [2, 4]),
        ("products_purchased MATCHES (tag = 'green')", [1, 3]),
        ("products_purchased IS NULL", [2, 4]),
        ("orders_placed MATCHES (amount > 50)", [1]),
        ("orders_placed MATCHES (sum_amount >= 125.5)", [1]),
        ("orders_placed MATCHES (date >= -60d, count >= 2)", [3]),
        ("orders_placed NOT MATCHES ()", [2, 4]),
    ],
)
def test_functions_ask_about_orders_and_what_was_in_them(shop, query, numbers):
    assert found(shop, query) == numbers
