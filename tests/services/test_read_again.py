from datetime import UTC, datetime, timedelta

import pytest
from stand_in_store import SCOPES, StandInStore
from tellings import customers, one, rows

from shop_app.errors import TemporaryError
from shop_app.services import shop_access
from shop_app.services.read_again import read_again_due
from shop_app.services.read_changes import read_changes_since
from shop_app.services.refresh_customers import refresh_customers
from shop_app.storage import due_work, refetches, shop_checks
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


def ask(shop_id, resource, *numbers, at=NOW):
    with transaction(shop_id) as connection:
        refetches.ask(connection, shop_id, resource, numbers, reason="test", at=at)


def waiting(shop_id):
    return rows(shop_id, "SELECT resource, shopify_id, attempts FROM refetches ORDER BY 1, 2")


def test_what_is_asked_for_is_read_and_then_off_the_list(store, shop_id):
    store.product(7)
    store.customer(1)
    store.order(5001, customer=1)
    ask(shop_id, "order", 5001)
    ask(shop_id, "customer", 1)
    ask(shop_id, "product", 7)
    read_again_due(shop_id, now=NOW)
    assert waiting(shop_id) == []
    assert one(shop_id, "SELECT shopify_id FROM orders")["shopify_id"] == 5001
    assert customers(shop_id)[0]["email"] == "ann1@example.com"
    assert one(shop_id, "SELECT title FROM catalogue_products")["title"] == "Tea 7"


def test_of_two_tellings_of_one_second_the_one_that_is_read_again_stands(store, shop_id):
    store.order(5001, financialStatus="pending")
    read_changes_since(shop_id, LONG_AGO, NOW)
    store.order(5001, financialStatus="paid")  # the same updatedAt
    ask(shop_id, "order", 5001)
    read_again_due(shop_id, now=NOW + timedelta(seconds=5))
    assert one(shop_id, "SELECT financial_status FROM orders")["financial_status"] == "paid"
    assert waiting(shop_id) == []


def test_hundreds_are_read_in_batches(store, shop_id):
    for number in range(120):
        store.order(5000 + number)
    ask(shop_id, "order", *range(5000, 5120))
    read_again_due(shop_id, now=NOW)
    assert one(shop_id, "SELECT count(*) AS orders FROM orders")["orders"] == 120
    assert len(store.calls(operation="OrdersByIds")) <= 6


def test_what_is_not_there_any_more_is_taken_away(store, shop_id):
    store.customer(1)
    store.product(7)
    store.order(5001, customer=1)
    read_changes_since(shop_id, LONG_AGO, NOW)
    store.deed("delete_order", order_id=5001)
    store.deed("delete_customer", customer_id=1, force=True)
    store.deed("delete_product", product_id=7)
    for resource, number in (("order", 5001), ("customer", 1), ("product", 7)):
        ask(shop_id, resource, number)
    read_again_due(shop_id, now=NOW)
    assert one(shop_id, "SELECT count(*) AS orders FROM orders")["orders"] == 0
    assert one(shop_id, "SELECT deleted_at FROM customers")["deleted_at"] is not None
    assert one(shop_id, "SELECT deleted_at FROM catalogue_products")["deleted_at"] is not None
    assert len(rows(shop_id, "SELECT resource FROM tombstones")) == 3


def test_an_old_order_is_not_taken_for_deleted_where_only_sixty_days_may_be_seen(tmp_path, database):
    now = datetime.now(tz=UTC).replace(microsecond=0)  # the stand-in counts its sixty days from today
    old, fresh = now - timedelta(days=150), now - timedelta(days=2)
    store = StandInStore(tmp_path, scopes=[scope for scope in SCOPES if scope != "read_all_orders"])
    try:
        shop_id = store.connect(now)
        for number, at in ((5001, old), (5002, fresh)):
            with transaction(shop_id) as connection:
                connection.exec_driver_sql(
                    "INSERT INTO orders (shop_id, source, name, shopify_id, processed_at, fact_at, currency, "
                    "total, goods_total, item_count) "
                    f"VALUES ({shop_id}, 'shopify', '#{number}', {number}, '{at}', '{at}', 'EUR', 1, 1, 1)"
                )
        ask(shop_id, "order", 5001, 5002, at=now)
        read_again_due(shop_id, now=now)
        assert one(shop_id, "SELECT shopify_id FROM orders")["shopify_id"] == 5001
        assert waiting(shop_id) == []
    finally:
        store.stop()


def test_what_cannot_be_read_waits_longer_each_time_and_keeps_nobody_up(store, shop_id):
    store.customer(1)
    store.fault("status", operation="OrdersByIds", status=400)
    ask(shop_id, "order", 5001)
    ask(shop_id, "customer", 1)
    read_again_due(shop_id, now=NOW)
    assert waiting(shop_id) == [{"resource": "order", "shopify_id": 5001, "attempts": 1}]
    with shopless() as connection:
        assert due_work.list_of_shop(connection, shop_id)["read-again"] == NOW + timedelta(minutes=1)
    assert customers(shop_id)[0]["first_name"] == "Ann1"


def test_what_is_withheld_is_not_taken_for_gone_and_nobody_is_stormed(store, shop_id):
    store.customer(1)
    store.order(5001, customer=1)
    read_changes_since(shop_id, LONG_AGO, NOW)
    body = (
        '{"data": {"nodes": [null]}, "errors": [{"message": "Access denied for nodes field.", '
        '"path": ["nodes", 0], "extensions": {"code": "ACCESS_DENIED"}}]}'
    )
    store.fault("status", operation="OrdersByIds", status=200, body=body)
    ask(shop_id, "order", 5001)
    read_again_due(shop_id, now=NOW)
    assert one(shop_id, "SELECT shopify_id FROM orders")["shopify_id"] == 5001
    with transaction(shop_id) as connection:
        assert "Access denied" in shop_checks.find(connection, "access")["reason"]
    with shopless() as connection:
        assert due_work.list_of_shop(connection, shop_id)["read-again"] == NOW + timedelta(minutes=15)


def test_a_token_replaced_behind_a_readers_back_costs_a_minute_and_not_a_quarter_of_an_hour(
    store, shop_id, monkeypatch
):
    store.order(5001)
    ask(shop_id, "order", 5001)
    store.fault("status", operation="OrdersByIds", status=401, count=1)
    with monkeypatch.context() as patched:
        patched.setattr(shop_access, "renew_refused_token", lambda *_: "fresh-and-replaced-at-once")
        with pytest.raises(TemporaryError):
            read_again_due(shop_id, now=NOW)
    with shopless() as connection:
        assert due_work.list_of_shop(connection, shop_id)["read-again"] == NOW + timedelta(minutes=1)
    read_again_due(shop_id, now=NOW + timedelta(minutes=1))
    assert waiting(shop_id) == []


def test_asking_is_enough_to_have_it_done_within_the_sweep(shop_id):
    ask(shop_id, "order", 5001)
    with shopless() as connection:
        assert due_work.list_of_shop(connection, shop_id) == {"read-again": NOW}


def test_an_order_placed_after_the_task_began_is_counted_and_not_taken_off_the_list_unseen(store, shop_id):
    store.customer(1)
    store.order(5001, customer=1)
    read_changes_since(shop_id, LONG_AGO, NOW)
    refresh_customers(shop_id, None, as_of=NOW)
    later = NOW + timedelta(seconds=20)
    store.order(5002, customer=1, at="2026-06-15T12:00:20Z")
    ask(shop_id, "order", 5002)
    read_again_due(shop_id, now=NOW + timedelta(seconds=5))
    (scores,) = rows(shop_id, "SELECT order_count, as_of FROM customer_scores")
    assert scores == {"order_count": 2, "as_of": later}
    assert rows(shop_id, "SELECT * FROM dirty_customers") == []
