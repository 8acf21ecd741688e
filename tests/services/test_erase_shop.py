"""A shop that has left is deleted table by table, and one that came back keeps what it has."""

import json
from datetime import timedelta

import pytest
from privacy_stories import NOW, a_body, a_person_everywhere, domain, receive, requests
from sqlalchemy import text
from stored_rows import a_customer, together
from tellings import rows

from shop_app.errors import InvalidInputError
from shop_app.services import erase_shop as story
from shop_app.services.erase import erase_due
from shop_app.services.personal_data import SHOP_TABLES
from shop_app.storage import due_work, erasure_ledger, shops
from shop_app.storage.engine import shopless, transaction

LONG_AGO = NOW - timedelta(days=90)


@pytest.fixture(autouse=True)
def ledger(tmp_path):
    erasure_ledger.keep_in(tmp_path)
    return tmp_path / erasure_ledger.FILE_NAME


def connected(shop_id, state, *, installed_at=LONG_AGO, uninstalled_at=None):
    with transaction(shop_id) as connection:
        connection.execute(text("DELETE FROM shop_connections"))
        connection.execute(
            text("""
                INSERT INTO shop_connections
                    (shop_id, state, grant_kind, installed_at, uninstalled_at, scopes_at)
                VALUES (:shop, :state, 'token_exchange', :installed, :uninstalled, :installed)"""),
            {"shop": shop_id, "state": state, "installed": installed_at, "uninstalled": uninstalled_at},
        )
        shops.set_state(connection, shop_id, "uninstalled" if state == "uninstalled" else "active")


def redact(shop_id, *, at=NOW):
    receive(shop_id, "shop/redact", {"shop_id": 1, "shop_domain": domain(shop_id)}, at=at)
    erase_due(shop_id, now=at)


def filled(shop_id):
    return {table for table in SHOP_TABLES if rows(shop_id, f"SELECT 1 FROM {table} LIMIT 1")}


def state_of(shop_id):
    with shopless() as connection:
        return connection.execute(text("SELECT state FROM shops WHERE id = :id"), {"id": shop_id}).scalar_one()


@pytest.fixture
def gone_shop(shop_id):
    a_person_everywhere(shop_id)
    connected(shop_id, "uninstalled", uninstalled_at=NOW - timedelta(days=2))
    return shop_id


def test_everything_of_a_shop_that_left_is_deleted_but_the_record_of_it(gone_shop, ledger):
    assert len(filled(gone_shop)) > 10
    redact(gone_shop)
    assert filled(gone_shop) == {"privacy_requests"}
    (request,) = requests(gone_shop)
    assert (request["state"], request["subject"]) == ("done", None)
    assert request["stores"]["customers"] == request["stores"]["shop_connections"] == 1
    assert state_of(gone_shop) == "uninstalled"
    assert json.loads(ledger.read_text())["kind"] == "shop_redact"
    with shopless() as connection:
        assert due_work.list_of_shop(connection, gone_shop) == {}


def test_asked_twice_it_is_recorded_and_finds_nothing(gone_shop):
    redact(gone_shop)
    redact(gone_shop, at=NOW + timedelta(hours=1))
    assert filled(gone_shop) == {"privacy_requests"}
    assert [request["state"] for request in requests(gone_shop)] == ["done", "done"]


def test_a_shop_that_came_back_keeps_everything(gone_shop):
    before = filled(gone_shop)
    connected(
        gone_shop, "connected", installed_at=NOW - timedelta(hours=5), uninstalled_at=NOW - timedelta(days=2)
    )
    redact(gone_shop)
    (request,) = requests(gone_shop)
    assert request["state"] == "void"
    assert request["outcome"].startswith("The shop has the app again since 2026-07-01")
    assert filled(gone_shop) - {"privacy_requests"} == before - {"privacy_requests"}
    assert state_of(gone_shop) == "active"


@pytest.mark.parametrize(
    ("state", "installed_at", "outcome"),
    [
        ("frozen", LONG_AGO, "void"),
        ("connected", LONG_AGO, "void"),
        ("reconnect", LONG_AGO, "done"),
        ("reconnect", NOW - timedelta(hours=3), "void"),
        ("uninstalled", LONG_AGO, "done"),
    ],
)
def test_whether_a_shop_has_left_is_told_by_its_connection(shop_id, state, installed_at, outcome):
    a_customer(shop_id, email="ann@example.com", source="shopify")
    connected(shop_id, state, installed_at=installed_at)
    redact(shop_id)
    assert requests(shop_id)[0]["state"] == outcome


def test_a_second_life_of_the_shop_ends_by_a_request_of_its_own(gone_shop):
    redact(gone_shop)
    connected(gone_shop, "uninstalled", installed_at=NOW + timedelta(days=5))
    a_customer(gone_shop, email="bob@example.com", source="shopify")
    redact(gone_shop, at=NOW + timedelta(days=30))
    assert filled(gone_shop) == {"privacy_requests"}
    assert len(requests(gone_shop)) == 2


def test_killed_half_way_it_goes_on_until_nothing_is_found(gone_shop, monkeypatch):
    with together(gone_shop):
        for number in range(25):
            a_customer(gone_shop, email=f"p{number}@example.com", source="shopify")
    monkeypatch.setattr(story, "_ROWS_A_BATCH", 5)
    monkeypatch.setattr(story, "_BATCHES_A_RUN", 3)
    redact(gone_shop)
    assert requests(gone_shop)[0]["state"] == "open"
    for _ in range(40):
        erase_due(gone_shop, now=NOW)
    (request,) = requests(gone_shop)
    assert (request["state"], request["stores"]["customers"]) == ("done", 26)


def test_a_shop_that_comes_back_in_the_middle_keeps_what_is_left(gone_shop, monkeypatch):
    monkeypatch.setattr(story, "_BATCHES_A_RUN", 1)
    redact(gone_shop)
    connected(gone_shop, "connected", installed_at=NOW + timedelta(minutes=1))
    left = filled(gone_shop)
    erase_due(gone_shop, now=NOW + timedelta(minutes=2))
    assert filled(gone_shop) == left
    (request,) = requests(gone_shop)
    assert (request["state"], request["outcome"]) == ("void", story._RETURNED)


def test_a_body_of_another_shop_is_refused(shop_id, make_shop):
    rival = make_shop()
    for body in ({"shop_domain": domain(rival)}, {"shop_domain": None}, {}):
        with pytest.raises(InvalidInputError):
            receive(shop_id, "shop/redact", body)
    assert requests(shop_id) == []


def test_a_person_of_a_shop_that_is_gone_can_still_be_remembered(gone_shop):
    redact(gone_shop)
    receive(gone_shop, "customers/redact", a_body(gone_shop))
    erase_due(gone_shop, now=NOW)
    assert requests(gone_shop)[-1]["state"] == "void"


def test_a_shop_of_the_stand_in_that_began_anew_is_forgotten_with_its_connection(shop_id):
    a_person_everywhere(shop_id)
    connected(shop_id, "connected")
    story.forget_shop(shop_id)
    assert filled(shop_id) == set()
    assert rows(shop_id, "SELECT 1 FROM shop_connections") == []
    assert state_of(shop_id) == "uninstalled"
