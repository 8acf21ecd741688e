"""An older backup is restored, and everything that was erased since is erased again."""

import json
from datetime import timedelta

import pytest
from privacy_stories import (
    NOW,
    NUMBER,
    ORDER,
    a_body,
    a_person_everywhere,
    domain,
    receive,
    traces,
)
from sqlalchemy import text
from stored_rows import a_customer, a_shop
from tellings import rows

from shop_app.services.erase import erase_due
from shop_app.services.personal_data import SHOP_TABLES
from shop_app.services.replay_erasures import count_forgotten, replay_erasures
from shop_app.storage import erasure_ledger
from shop_app.storage.engine import transaction


@pytest.fixture(autouse=True)
def ledger(tmp_path):
    erasure_ledger.keep_in(tmp_path)
    return tmp_path / erasure_ledger.FILE_NAME


@pytest.fixture
def restored(shop_id):
    """A shop in which somebody was erased, as it was the day before."""
    a_person_everywhere(shop_id)
    a_customer(shop_id, email="ann@example.com", source="shopify")
    receive(shop_id, "customers/redact", a_body(shop_id, orders=[ORDER]))
    erase_due(shop_id, now=NOW)
    assert count_forgotten() == 0
    with transaction(shop_id) as connection:
        for table in (
            "erased_subjects",
            "privacy_requests",
            "orders",
            "refunds",
            "webhook_inbox",
            "access_log",
        ):
            connection.execute(text(f"DELETE FROM {table}"))
        connection.execute(text("DELETE FROM checkouts"))
    a_person_everywhere(shop_id)
    return shop_id


def test_the_erased_are_erased_again_and_nobody_else(restored):
    assert count_forgotten() == 1
    (replayed,), unreadable = replay_erasures(now=NOW)
    assert (replayed.is_known, replayed.erasure_count, unreadable) == (True, 1, 0)
    assert replayed.stores["customers"] == replayed.stores["orders"] == replayed.stores["webhook_inbox"] == 1
    assert traces(restored, SHOP_TABLES) == []
    assert len(rows(restored, "SELECT id FROM customers")) == 1
    assert count_forgotten() == 0


def test_a_second_replay_finds_nothing(restored):
    replay_erasures(now=NOW)
    (replayed,), _ = replay_erasures(now=NOW)
    assert replayed.stores == {}


def test_lines_that_a_crash_cut_off_are_counted_and_the_next_one_stands_by_itself(restored, ledger):
    ledger.write_bytes(ledger.read_bytes() + b'{"v":1,"at":"2026-')
    other = a_shop()
    receive(other, "customers/redact", a_body(other))
    erase_due(other, now=NOW)
    replayed, unreadable = replay_erasures(now=NOW)
    assert (len(replayed), unreadable) == (2, 1)


def test_a_shop_that_was_erased_goes_again_unless_it_came_back_since(shop_id, ledger):
    a_person_everywhere(shop_id)
    receive(shop_id, "shop/redact", {"shop_domain": domain(shop_id)})
    erase_due(shop_id, now=NOW)
    a_person_everywhere(shop_id)
    assert count_forgotten() == 1
    (replayed,), _ = replay_erasures(now=NOW)
    assert replayed.stores["customers"] == 1
    assert all(
        rows(shop_id, f"SELECT 1 FROM {table}") == [] for table in SHOP_TABLES if table != "privacy_requests"
    )
    with transaction(shop_id) as connection:
        connection.execute(
            text("""
                INSERT INTO shop_connections (shop_id, state, grant_kind, installed_at, scopes_at)
                VALUES (:shop, 'connected', 'token_exchange', :at, :at)"""),
            {"shop": shop_id, "at": NOW + timedelta(days=9)},
        )
        connection.execute(
            text("INSERT INTO shop_settings (shop_id, title, currency) VALUES (:shop, 'T', 'EUR')"),
            {"shop": shop_id},
        )
    a_customer(shop_id, shopify_id=NUMBER, source="shopify")
    (replayed,), _ = replay_erasures(now=NOW)
    assert replayed.stores == {}
    assert len(rows(shop_id, "SELECT id FROM customers")) == 1


def test_a_shop_that_the_database_does_not_have_is_said_to_be_unknown(shop_id, ledger):
    line = {"v": 1, "at": NOW.isoformat(), "shop": "nowhere.myshopify.com", "kind": "customer_redact"}
    ledger.write_text(json.dumps(line | {"request": "00", "subjects": [["id", "00"]]}) + "\n")
    (replayed,), _ = replay_erasures(now=NOW)
    assert (replayed.is_known, replayed.stores) == (False, {})
