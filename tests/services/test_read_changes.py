from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from stand_in_store import StandInStore
from tellings import customers, one, rows

from sandbox.shopify import documents
from shop_app.errors import TemporaryError
from shop_app.services import page_reading, read_changes
from shop_app.services.read_changes import read_changes_due, read_changes_since
from shop_app.storage import due_work, shop_checks, sync_marks
from shop_app.storage.engine import shopless, transaction

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def store(tmp_path, database):
    made = StandInStore(tmp_path)
    yield made
    made.stop()


@pytest.fixture
def shop_id(store):
    return store.connect(NOW)


def marks(shop_id):
    with transaction(shop_id) as connection:
        return sync_marks.list_marks(connection)


def order_numbers(shop_id):
    return [row["shopify_id"] for row in rows(shop_id, "SELECT shopify_id FROM orders ORDER BY shopify_id")]


def test_everything_that_was_changed_is_taken_in(store, shop_id):
    store.product(7)
    store.put("collection", documents.make_collection(900, "Teas", [7], "2026-06-02T10:00:00Z"))
    store.customer(1, tags=["vip"], emailMarketing=documents.make_consent("SUBSCRIBED"))
    store.order(5001, customer=1, totalTax=190)
    assert read_changes_since(shop_id, LONG_AGO, NOW)
    order = one(shop_id, "SELECT * FROM orders")
    assert (order["shopify_id"], order["name"], order["total"], order["tax"]) == (5001, "#5001", 1190, 190)
    assert (order["currency"], order["channel"], order["financial_status"]) == ("EUR", "web", "paid")
    line = one(shop_id, "SELECT * FROM line_items")
    assert (line["quantity"], line["unit_price"], line["total"]) == (2.0, 500, 1000)
    (customer,) = customers(shop_id)
    assert (customer["email"], customer["first_name"], customer["tags"]) == (
        "ann1@example.com",
        "Ann1",
        ["vip"],
    )
    assert customer["email_consent"] == "subscribed"
    assert one(shop_id, "SELECT price, cost FROM catalogue_variants") == {"price": 500, "cost": 200}
    assert rows(shop_id, "SELECT product_shopify_id FROM collection_products") == [{"product_shopify_id": 7}]


def test_lines_behind_the_first_page_of_an_order_belong_to_it_too(store, shop_id):
    lines = [documents.make_line(100 + number, price=100, title=f"Tea {number}") for number in range(70)]
    store.order(5001, lines=lines)
    read_changes_since(shop_id, LONG_AGO, NOW)
    assert one(shop_id, "SELECT count(*) AS lines, sum(total)::int AS total FROM line_items") == {
        "lines": 70,
        "total": 7000,
    }


def test_the_hourly_reading_begins_a_little_before_where_the_last_one_ended(store, shop_id):
    store.order(5001, at="2026-06-15T11:30:00Z")
    read_changes_since(shop_id, LONG_AGO, NOW)
    store.order(5002, at="2026-06-15T11:55:00Z")  # changed before the mark, and seen by the search after it
    read_changes_due(shop_id, now=NOW + timedelta(hours=1))
    assert order_numbers(shop_id) == [5001, 5002]


def test_before_the_first_backfill_there_is_nothing_to_go_on_from(store, shop_id):
    store.order(5001)
    read_changes_due(shop_id, now=NOW)
    assert order_numbers(shop_id) == []
    assert store.calls() == []


def test_the_mark_moves_only_with_what_has_been_written(store, shop_id, monkeypatch):
    store.order(5001, at="2026-06-14T10:00:00Z")
    read_changes_since(shop_id, LONG_AGO, NOW)
    store.order(5002, at="2026-06-15T13:00:00Z")
    store.fault("status", operation="OrdersPage", status=503)
    monkeypatch.setattr("shop_app.shopify.admin_api._PAUSES_SECONDS", (0.0,))
    later = NOW + timedelta(hours=2)
    with pytest.raises(TemporaryError):
        read_changes_due(shop_id, now=later)
    assert marks(shop_id)["orders"] == NOW
    with shopless() as connection:
        assert due_work.list_of_shop(connection, shop_id)["changes"] <= later + timedelta(minutes=10)
    store.no_faults()
    read_changes_due(shop_id, now=later)
    assert order_numbers(shop_id) == [5001, 5002]
    assert marks(shop_id)["orders"] == later


def test_a_reading_that_runs_out_of_time_is_gone_on_with_where_it_was(store, shop_id, monkeypatch):
    for number in range(150):
        store.order(5000 + number, at=f"2026-06-10T{number // 60:02}:{number % 60:02}:00Z")
    monkeypatch.setattr(read_changes, "_SECONDS_IN_BACKFILL", -1.0)
    assert not read_changes_since(shop_id, LONG_AGO, NOW)
    assert order_numbers(shop_id) == []
    with shopless() as connection:
        assert due_work.list_of_shop(connection, shop_id)["changes"] == NOW
    read_changes_due(shop_id, now=NOW)
    assert len(order_numbers(shop_id)) == 150
    assert marks(shop_id) == dict.fromkeys(("customers", "orders", "products", "collections"), NOW)


def test_a_page_that_was_taken_in_is_not_read_again_by_the_next_task(store, shop_id, monkeypatch):
    for number in range(150):
        store.order(5000 + number, at=f"2026-06-10T{number // 60:02}:{number % 60:02}:00Z")
    small = replace(page_reading.RESOURCES["orders"], page_size=100)
    monkeypatch.setitem(page_reading.RESOURCES, "orders", small)
    ends = iter([False, False, True])  # in time for the customers and the first page of orders
    monkeypatch.setattr(read_changes._Reading, "is_over", lambda _: next(ends, True))
    assert not read_changes_since(shop_id, LONG_AGO, NOW)
    assert len(order_numbers(shop_id)) == 100
    assert marks(shop_id)["orders"] == datetime(2026, 6, 10, 1, 39, tzinfo=UTC)


def test_nothing_changes_when_the_same_changes_are_read_twice(store, shop_id):
    store.customer(1)
    store.order(5001, customer=1)
    read_changes_since(shop_id, LONG_AGO, NOW)
    before = rows(shop_id, "SELECT xmin::text FROM orders UNION ALL SELECT xmin::text FROM line_items")
    read_changes_since(shop_id, LONG_AGO, NOW + timedelta(minutes=1))
    with transaction(shop_id) as connection:
        found = shop_checks.find(connection, "changes")["found"]
    assert found["orders"] == 0
    assert rows(shop_id, "SELECT xmin::text FROM line_items")[0] in before


def test_a_shop_that_shopify_refuses_waits_and_says_why(store, shop_id):
    read_changes_since(shop_id, LONG_AGO, NOW)
    store.fault("refuse_ip")
    read_changes_due(shop_id, now=NOW + timedelta(hours=1))
    with transaction(shop_id) as connection:
        assert shop_checks.find(connection, "access")["problem"].startswith("Shopify refuses access")
    with shopless() as connection:
        assert due_work.list_of_shop(connection, shop_id)["changes"] == NOW + timedelta(hours=2)
    store.no_faults()
    read_changes_due(shop_id, now=NOW + timedelta(hours=2))
    with transaction(shop_id) as connection:
        assert shop_checks.find(connection, "access")["problem"] == ""
