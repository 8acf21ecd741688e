from datetime import UTC, datetime, timedelta

import pytest
from stand_in_store import SCOPES, StandInStore
from tellings import one, rows

from shop_app.services import compare_counts
from shop_app.services.compare_shop import compare_due
from shop_app.services.read_again import read_again_due
from shop_app.services.read_changes import read_changes_since
from shop_app.storage import due_work, gone, shop_checks
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
    """A shop with 30 orders of ten people, all of it read."""
    store.product(7)
    for number in range(1, 11):
        store.customer(number)
    for number in range(30):
        store.order(5000 + number, customer=1 + number % 10)
    found = store.connect(NOW)
    read_changes_since(found, LONG_AGO, NOW)
    return found


def drift(shop_id):
    with transaction(shop_id) as connection:
        return shop_checks.find(connection, "drift")


def asked_for(shop_id):
    return [
        (row["resource"], row["shopify_id"]) for row in rows(shop_id, "SELECT * FROM refetches ORDER BY 2, 3")
    ]


def test_a_shop_that_has_everything_shows_no_drift_and_is_compared_again_in_the_next_night(store, shop_id):
    compare_due(shop_id, now=NOW)
    found = drift(shop_id)
    assert found["total"] == 0, found
    assert (found["orders"]["here"], found["orders"]["there"], found["orders"]["sampled"]) == (30, 30, 30)
    assert asked_for(shop_id) == []
    with shopless() as connection:
        assert due_work.list_of_shop(connection, shop_id)["compare"] == datetime(2026, 6, 16, 3, tzinfo=UTC)


def test_what_was_never_told_and_what_is_gone_is_found_and_mended(store, shop_id):
    store.order(6001, customer=2)
    store.customer(77)
    store.world.state.delete(store.domain, "order", 5003)  # without a word
    compare_due(shop_id, now=NOW)
    found = drift(shop_id)
    assert (found["orders"]["missing"], found["orders"]["extra"], found["customers"]["missing"]) == (1, 1, 1)
    assert found["total"] == 3
    read_again_due(shop_id, now=NOW)
    assert one(shop_id, "SELECT count(*) AS n FROM orders WHERE shopify_id = 6001")["n"] == 1
    assert one(shop_id, "SELECT count(*) AS n FROM orders WHERE shopify_id = 5003")["n"] == 0
    compare_due(shop_id, now=NOW)
    assert drift(shop_id)["total"] == 0


def test_what_differs_within_is_found_in_the_sample_and_mended(store, shop_id):
    order = store.find("order", 5007)
    store.put("order", order | {"totalPrice": 4321, "updatedAt": "2026-06-11T10:00:00Z"}, parent=8)
    compare_due(shop_id, now=NOW)
    assert drift(shop_id)["orders"]["differing"] == 1
    assert one(shop_id, "SELECT total FROM orders WHERE shopify_id = 5007")["total"] == 4321


def test_counts_of_a_large_shop_are_compared_in_halves(store, shop_id, monkeypatch):
    monkeypatch.setattr(compare_counts, "_LISTED", 4)
    store.order(4999, customer=2)
    store.order(5100, customer=2)
    compare_due(shop_id, now=NOW)
    assert asked_for(shop_id) == [("order", 4999), ("order", 5100)]
    assert len(store.calls(operation="OrdersNumbers")) < 6


def test_what_may_still_be_on_its_way_is_let_be(store, shop_id):
    store.order(6001, customer=2, at="2026-06-15T11:55:00Z")
    compare_due(shop_id, now=NOW)
    assert drift(shop_id)["total"] == 0
    assert asked_for(shop_id) == []


def test_people_who_were_erased_are_not_missed(store, shop_id):
    with transaction(shop_id) as connection:
        connection.exec_driver_sql("UPDATE orders SET customer_id = NULL WHERE shopify_id = 5004")
        connection.exec_driver_sql("DELETE FROM customers WHERE shopify_id = 5")
        known_by = [("id", gone.subject_hash("id", 5, shop_id))]
        gone.remember_erased(connection, known_by, at=NOW)
    compare_due(shop_id, now=NOW)
    assert drift(shop_id)["customers"]["missing"] == 0
    assert asked_for(shop_id) == []


def test_orders_that_we_may_not_see_are_not_taken_for_missing(tmp_path, database):
    now = datetime.now(tz=UTC).replace(microsecond=0)  # the stand-in counts its sixty days from today
    store = StandInStore(tmp_path, scopes=[scope for scope in SCOPES if scope != "read_all_orders"])
    try:
        store.order(5001, at=f"{now - timedelta(days=3):%Y-%m-%dT%H:%M:%SZ}")
        shop_id = store.connect(now)
        read_changes_since(shop_id, now - timedelta(days=30), now)
        with transaction(shop_id) as connection:
            connection.exec_driver_sql(
                "INSERT INTO orders (shop_id, source, name, shopify_id, processed_at, fact_at, currency, "
                f"total, goods_total, item_count) VALUES ({shop_id}, 'shopify', '#1', 4001, '2020-01-01', "
                "'2020-01-01', 'EUR', 1, 1, 1)"
            )
        compare_due(shop_id, now=now + timedelta(hours=1))
        found = drift(shop_id)["orders"]
        assert (found["here"], found["there"], found["extra"]) == (1, 1, 0)
        assert asked_for(shop_id) == []
    finally:
        store.stop()
