"""Driving a backfill in a test: steps one after the other, with the pauses left out."""

from datetime import UTC, datetime, timedelta

import pytest
from bulk_shopify import a_collection, a_customer, a_product, an_order, connect, running_shopify
from sqlalchemy import text

from shop_app.services import backfill_asking, backfill_closing, backfill_shop, backfill_trouble, spool
from shop_app.services.backfill_shop import backfill_due
from shop_app.services.backfill_trouble import try_later
from shop_app.services.renew_shop import renew_shop
from shop_app.storage import backfills
from shop_app.storage.engine import transaction

NOW = datetime(2026, 6, 30, 12, 0, tzinfo=UTC)
_NO_TIME = timedelta(milliseconds=20)


@pytest.fixture
def knocks(monkeypatch):
    """Every knock that would have gone to a worker."""
    sent = []
    monkeypatch.setattr(backfill_shop, "send", lambda name, *ids: sent.append((name, *ids)) or True)
    return sent


@pytest.fixture
def in_haste(monkeypatch):
    """No pause is longer than the blink of an eye."""
    monkeypatch.setattr(backfill_asking, "_POLLS", ((timedelta.max, _NO_TIME),))
    monkeypatch.setattr(backfill_asking, "_BUSY_WAIT", _NO_TIME)
    monkeypatch.setattr(backfill_trouble, "_FIRST_WAIT", _NO_TIME)
    monkeypatch.setattr(backfill_trouble, "_LONGEST_WAIT", _NO_TIME)

    def at_once(step, part, why, *, wait_seconds):
        try_later(step, part, why)

    monkeypatch.setattr(backfill_shop, "try_later", at_once)


@pytest.fixture
def spooled(tmp_path):
    """The folder of bulk files."""
    spool.use(tmp_path)
    return tmp_path / "spool"


@pytest.fixture
def labels(shopify, monkeypatch):
    """Labels are worked out too; elsewhere that would only take time."""
    monkeypatch.setattr(backfill_closing, "renew_shop", renew_shop)


@pytest.fixture
def shopify(shop_id, knocks, in_haste, spooled, monkeypatch):
    """A shop with products, customers, new and old orders, that this app is connected to."""
    monkeypatch.setattr(backfill_closing, "renew_shop", lambda shop_id, *, now: None)
    with running_shopify() as running:
        running.objects["products"] = [a_product(number, variants=1 + number % 3) for number in range(1, 9)]
        running.objects["collections"] = [a_collection(1, [1, 2, 3]), a_collection(2, [3, 4])]
        running.objects["customers"] = [a_customer(number) for number in range(1, 31)]
        running.objects["orders"] = [
            an_order(number, customer=1 + number % 30, at=_date_of(number), lines=1 + number % 3)
            for number in range(1, 121)
        ]
        connect(shop_id, at=NOW - timedelta(minutes=1))
        make_live(shop_id)
        yield running


def make_live(shop_id):
    with transaction(shop_id) as connection:
        connection.execute(text("UPDATE shop_settings SET source = 'shopify'"))


def _date_of(number):
    return f"{(NOW - timedelta(days=number * 6)):%Y-%m-%dT%H:%M:%SZ}"


def read_through(shop_id, *, steps=40, now=NOW):
    """Do step after step until the reading is over, and return it with its parts."""
    for number in range(steps):
        backfill_due(shop_id, now=now + timedelta(seconds=20 * number))
        newest, parts = look_at(shop_id)
        if newest.state != "running":
            return newest, parts
    raise AssertionError(f"still running: {[(part.name, part.state, part.error) for part in parts]}")


def look_at(shop_id):
    with transaction(shop_id) as connection:
        newest = backfills.find_newest(connection)
        return newest, {part.name: part for part in backfills.list_parts(connection, newest.id)}


def stored(shop_id):
    """Everything that a reading is to bring, without our own ids."""
    queries = {
        "orders": "SELECT shopify_id, name, total, processed_at, financial_status FROM orders ORDER BY 1",
        "lines": """SELECT o.shopify_id, l.line_no, p.source_key, p.title, l.quantity, l.total
            FROM line_items l JOIN orders o ON o.id = l.order_id JOIN products p ON p.id = l.product_id
            ORDER BY 1, 2""",
        "owners": """SELECT o.shopify_id, c.shopify_id FROM orders o LEFT JOIN customers c
            ON c.id = o.customer_id ORDER BY 1""",
        "customers": "SELECT shopify_id, email_hash, email_consent, country FROM customers ORDER BY 1",
        "products": "SELECT shopify_id, title, vendor, status, tags FROM catalogue_products ORDER BY 1",
        "variants": "SELECT shopify_id, product_shopify_id, price, cost FROM catalogue_variants ORDER BY 1",
        "members": "SELECT collection_shopify_id, product_shopify_id FROM collection_products ORDER BY 1, 2",
    }
    with transaction(shop_id) as connection:
        return {
            name: [tuple(row) for row in connection.execute(text(query))] for name, query in queries.items()
        }
