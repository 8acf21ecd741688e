"""`kindred redact` as an operator calls it: one person, somebody unknown, everybody again after a restore."""

import json

import pytest
from commands import a_terminal
from privacy_stories import CANARY, EMAIL, NUMBER, PHONE, a_person_everywhere, domain, traces
from sqlalchemy import text
from stored_rows import a_customer, an_order
from tellings import rows

from shop_app.clock import utc_now
from shop_app.services.personal_data import SHOP_TABLES
from shop_app.services.renew_shop import renew_shop
from shop_app.storage import encryption, engine
from shop_app.storage.engine import transaction


@pytest.fixture
def terminal(settings, database, monkeypatch, capsys, tmp_path):
    run = a_terminal(settings, monkeypatch, capsys)
    monkeypatch.setenv("KINDRED_HOME", str(tmp_path))

    def back_again(*words):
        ended = run(*words)
        encryption.load_keys(settings.keys, settings.hash_key)
        engine.connect(database)
        return ended

    return back_again


@pytest.fixture
def shop(shop_id):
    a_person_everywhere(shop_id)
    other = a_customer(shop_id, email="ann@example.com", first_name="Ann", source="shopify")
    an_order(shop_id, other, at=utc_now())
    renew_shop(shop_id, now=utc_now())
    return shop_id


@pytest.mark.parametrize("named", [EMAIL, f"gid://shopify/Customer/{NUMBER}", str(NUMBER), "id"])
def test_a_person_is_erased_by_address_number_or_id_and_others_stay(shop, terminal, named, tmp_path):
    if named == "id":
        named = f"id:{rows(shop, 'SELECT min(id) AS id FROM customers')[0]['id']}"
    ended = terminal("redact", domain(shop), named)
    assert ended.code == 0, ended.stderr
    assert "a second search found nothing" in ended.stdout
    assert "customers: 1" in ended.stdout
    assert traces(shop, SHOP_TABLES) == []
    assert len(rows(shop, "SELECT id FROM customers")) == 1
    assert len((tmp_path / "erasures.jsonl").read_text().splitlines()) == 1


def test_all_rows_of_a_person_go_whatever_they_were_put_together_by(shop, terminal):
    row = a_customer(
        shop, phone=PHONE, email=f"{CANARY}-2@example.com", shopify_id=NUMBER + 1, source="shopify"
    )
    renew_shop(shop, now=utc_now())
    assert terminal("redact", domain(shop), f"id:{row}").code == 0
    assert len(rows(shop, "SELECT id FROM customers")) == 1


def test_the_labels_of_those_who_stay_add_up_afterwards(shop, terminal):
    terminal("redact", domain(shop), EMAIL)
    with transaction(shop) as connection:
        ledger = connection.execute(text("SELECT count(*) FROM orders")).scalar_one()
    summary = json.loads(terminal("refresh", "--shop", domain(shop), "--json").stdout)
    assert ledger == 2
    assert summary["customer_count"] == 1


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("nobody@example.com",), 0, "Nothing held"),
        (("gid://shopify/Customer/5",), 0, "Nothing held"),
        (("#77777",), 1, "Nobody in this shop"),
        ((), 2, "Say whom to erase"),
        ((EMAIL, "--replay"), 2, "--replay is for every shop"),
    ],
)
def test_whoever_is_not_there_is_remembered_where_that_can_be_and_refused_where_not(
    shop, terminal, words, code, said
):
    ended = terminal("redact", domain(shop), *words)
    assert ended.code == code
    assert said in ended.stdout + ended.stderr


def test_after_a_restore_everybody_is_erased_again(shop, terminal):
    terminal("redact", domain(shop), EMAIL)
    with transaction(shop) as connection:
        for table in ("erased_subjects", "privacy_requests", "orders", "refunds", "checkouts"):
            connection.execute(text(f"DELETE FROM {table}"))
    a_person_everywhere(shop)
    ended = terminal("redact", "--replay")
    assert ended.code == 0, ended.stderr
    assert f"{domain(shop)}: 1 erasures, 1 access_log, 1 checkouts" in ended.stdout
    assert traces(shop, SHOP_TABLES) == []


def test_an_empty_ledger_says_so(terminal):
    assert "nothing was ever erased here" in terminal("redact", "--replay").stdout
