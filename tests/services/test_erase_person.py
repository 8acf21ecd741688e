"""A person who asked to be forgotten is in no store afterwards, and what is told of them later stays out."""

import json
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from threading import Event

import pytest
from privacy_stories import (
    EMAIL,
    NOW,
    NUMBER,
    ORDER,
    PHONE,
    a_body,
    a_person_everywhere,
    a_webhook,
    an_order_body,
    receive,
    requests,
    traces,
)
from sqlalchemy import text
from stored_rows import a_customer, an_order
from tellings import one, rows

from shop_app.errors import StartRefusedError
from shop_app.services import erase_person as story
from shop_app.services import spool
from shop_app.services.erase import erase_due, erase_open
from shop_app.services.personal_data import SHOP_TABLES
from shop_app.storage import due_work, erasure_ledger, fact_lock, shop_settings
from shop_app.storage.customer_hashes import email_hash
from shop_app.storage.engine import shopless, transaction


@pytest.fixture(autouse=True)
def ledger(tmp_path):
    erasure_ledger.keep_in(tmp_path)
    return tmp_path / erasure_ledger.FILE_NAME


@pytest.fixture
def person(shop_id):
    return a_person_everywhere(shop_id)


def redact(shop_id, **named):
    receive(shop_id, "customers/redact", a_body(shop_id, **named))
    erase_due(shop_id, now=NOW)


def test_a_person_is_taken_out_of_every_table_with_the_count_of_each(shop_id, person):
    assert len({table for table, _ in traces(shop_id, SHOP_TABLES)}) >= 5
    redact(shop_id, orders=[ORDER])
    assert traces(shop_id, SHOP_TABLES) == []
    (request,) = requests(shop_id)
    assert (request["state"], request["subject"]) == ("done", None)
    assert request["stores"] == {
        "customers": 1,
        "orders": 1,
        "refunds": 1,
        "checkouts": 1,
        "customer_scores": 1,
        "membership_changes": 1,
        "dirty_customers": 1,
        "refetches": 1,
        "tombstones": 1,
        "access_log": 1,
        "webhook_inbox": 1,
    }
    assert due(shop_id) == {"summary", "read-again"}  # the latter finds nothing to do


def due(shop_id):
    with shopless() as connection:
        return set(due_work.list_of_shop(connection, shop_id))


def test_the_sale_stays_as_a_sale_of_nobody_known(shop_id, person):
    redact(shop_id)
    order = one(shop_id, "SELECT * FROM orders")
    assert (order["total"], order["customer_id"], order["tags"], order["discount_codes"]) == (
        5000,
        None,
        None,
        None,
    )
    assert one(shop_id, "SELECT amount, customer_id FROM refunds") == {"amount": 700, "customer_id": None}


def test_a_tag_that_decides_whether_an_order_counts_stays_with_it(shop_id):
    rows_of = a_customer(shop_id, email=EMAIL, shopify_id=NUMBER, source="shopify")
    an_order(shop_id, rows_of, at=NOW, tags=["Wholesale ", "Friend of Z"])
    with_rules(shop_id, excluded_tags=["wholesale"])
    redact(shop_id)
    assert one(shop_id, "SELECT tags FROM orders")["tags"] == ["Wholesale "]


def with_rules(shop_id, **rules):
    with transaction(shop_id) as connection:
        shop_settings.write_ledger_rules(connection, rules)


def test_whoever_only_shares_something_stays(shop_id, person):
    same_phone = a_customer(shop_id, phone=PHONE, email="other@example.com", shopify_id=5, source="shopify")
    stranger = a_customer(shop_id, email="stranger@example.com", source="shopify")
    redact(shop_id)
    assert [row["id"] for row in rows(shop_id, "SELECT id FROM customers ORDER BY id")] == [
        same_phone,
        stranger,
    ]


def test_a_guest_and_an_imported_row_of_the_same_address_are_the_same_person(shop_id, person):
    a_customer(shop_id, email=EMAIL.upper(), source="shopify")
    a_customer(shop_id, email=EMAIL, source="table", source_key="17850")
    redact(shop_id, email=None, phone=None)
    assert rows(shop_id, "SELECT id FROM customers") == []


def test_who_was_merged_into_the_person_goes_with_them(shop_id, person):
    a_customer(shop_id, email="old@example.com", shopify_id=77, source="shopify", merged_into_id=person)
    redact(shop_id)
    assert rows(shop_id, "SELECT id FROM customers") == []


def test_a_number_that_a_whole_office_shares_leads_to_nobody(shop_id):
    for each in "abcde":
        a_customer(shop_id, email=f"{each}@example.com", phone="+49 30 000000", source="shopify")
    redact(shop_id, email=None, number=None, phone="+4930000000")
    assert len(rows(shop_id, "SELECT id FROM customers")) == 5
    assert rows(shop_id, "SELECT * FROM erased_subjects") == []


def test_those_who_were_taken_for_the_same_person_are_people_of_their_own_again(shop_id, person):
    other = a_customer(shop_id, phone=PHONE, shopify_id=5, source="shopify", person_id=person)
    redact(shop_id)
    assert one(shop_id, "SELECT id, person_id FROM customers") == {"id": other, "person_id": other}
    assert one(shop_id, "SELECT customer_id FROM dirty_customers") == {"customer_id": other}


@pytest.mark.parametrize(
    "named",
    [
        {"email": None, "phone": None},
        {"number": None, "phone": None},
        {"number": str(NUMBER), "email": None, "phone": ""},
        {"number": NUMBER, "orders": [ORDER, str(ORDER + 1)]},
    ],
)
def test_any_one_thing_that_names_a_person_is_enough(shop_id, person, named):
    redact(shop_id, **named)
    assert requests(shop_id)[0]["state"] == "done"
    assert rows(shop_id, "SELECT id FROM customers") == []


def test_orders_alone_are_cut_loose_and_stay_so(shop_id, person):
    body = a_body(shop_id, orders=[ORDER])
    del body["customer"]
    receive(shop_id, "customers/redact", body)
    erase_due(shop_id, now=NOW)
    assert one(shop_id, "SELECT customer_id, tags, discount_codes FROM orders") == {
        "customer_id": None,
        "tags": None,
        "discount_codes": None,
    }
    assert requests(shop_id)[0]["stores"] == {"orders": 1, "refunds": 1, "webhook_inbox": 1}
    assert len(rows(shop_id, "SELECT id FROM customers")) == 1


def test_the_same_request_twice_is_one(shop_id, person):
    redact(shop_id)
    before = requests(shop_id)
    redact(shop_id)
    assert requests(shop_id) == before


def test_a_person_who_was_never_seen_is_recorded_and_remembered(shop_id):
    redact(shop_id)
    (request,) = requests(shop_id)
    assert (request["state"], request["stores"]) == ("void", {})
    assert request["outcome"].startswith("Nothing held")
    kinds = rows(shop_id, "SELECT kind FROM erased_subjects ORDER BY kind")
    assert [row["kind"] for row in kinds] == ["email", "id", "phone"]


def test_a_request_that_names_nobody_is_recorded(shop_id):
    redact(shop_id, number=None, email=None, phone=None)
    assert requests(shop_id)[0]["state"] == "void"


def test_bodies_in_any_state_are_blanked_but_those_that_wait_to_be_read(shop_id):
    ids = {
        state: a_webhook(shop_id, "orders/updated", an_order_body(), state=state)
        for state in ("new", "done", "dead", "quarantined")
    }
    broken = a_webhook(shop_id, "orders/updated", f'{{"email": "{EMAIL}", '.encode(), state="dead")
    own = a_webhook(shop_id, "customers/redact", a_body(shop_id))
    other = a_webhook(
        shop_id, "orders/updated", an_order_body(number=4, email="x@example.com", order=6) | {"customer": None}
    )
    redact(shop_id, phone=None)
    held = {row["id"] for row in rows(shop_id, "SELECT id FROM webhook_inbox WHERE body IS NOT NULL")}
    assert held == {ids["new"], other}
    assert broken not in held
    assert own not in held


def test_an_erasure_waits_for_webhooks_that_name_the_person_and_then_ends(shop_id, person):
    waiting = a_webhook(shop_id, "orders/updated", an_order_body(), state="new")
    redact(shop_id)
    (request,) = requests(shop_id)
    assert (request["state"], request["outcome"]) == ("open", story._UNREAD)
    with shopless() as connection:
        assert due_work.list_of_shop(connection, shop_id)["erase"] == NOW + timedelta(minutes=1)
    drained(shop_id, waiting)
    erase_due(shop_id, now=NOW + timedelta(minutes=1))
    (request,) = requests(shop_id)
    assert request["state"] == "done"
    assert request["stores"]["webhook_inbox"] == 2
    assert request["stores"]["customers"] == 1


def drained(shop_id, webhook):
    with transaction(shop_id) as connection:
        connection.execute(text("UPDATE webhook_inbox SET state = 'done' WHERE id = :id"), {"id": webhook})


def test_an_erasure_waits_for_the_files_of_a_backfill(shop_id, person, tmp_path, monkeypatch):
    monkeypatch.setattr(spool, "_state", [tmp_path / "spool"])
    monkeypatch.setattr(spool, "sweep", list)
    folder = spool.folder_of(shop_id, 1, "customers")
    redact(shop_id)
    assert requests(shop_id)[0]["state"] == "open"
    assert rows(shop_id, "SELECT id FROM customers") == []
    folder.rmdir()
    assert erase_open(shop_id, now=NOW)
    assert requests(shop_id)[0]["state"] == "done"


def test_killed_between_the_erasure_and_its_proof_it_goes_on_and_keeps_the_counts(shop_id, person, monkeypatch):
    receive(shop_id, "customers/redact", a_body(shop_id))
    story.erase_person(shop_id, requests(shop_id)[0]["id"], now=NOW)
    assert requests(shop_id)[0]["state"] == "open"
    erase_due(shop_id, now=NOW)
    (request,) = requests(shop_id)
    assert (request["state"], request["stores"]["customers"]) == ("done", 1)


def test_the_ledger_has_the_erasure_first_and_names_nobody(shop_id, person, ledger, monkeypatch):
    receive(shop_id, "customers/redact", a_body(shop_id, orders=[ORDER]))
    monkeypatch.setattr(story.personal_tables, "erase", fail)
    with pytest.raises(ZeroDivisionError):
        erase_due(shop_id, now=NOW)
    written = ledger.read_text()
    entry = json.loads(written)
    assert ["email", email_hash(EMAIL, shop_id).hex()] in entry["subjects"]
    assert {kind for kind, _ in entry["subjects"]} == {"id", "email", "phone", "order"}
    assert not any(word in written for word in (EMAIL, PHONE, str(NUMBER), str(ORDER)))
    assert ledger.stat().st_mode & 0o777 == 0o600
    assert len(rows(shop_id, "SELECT id FROM customers")) == 1


def fail(*_words, **_more):
    raise ZeroDivisionError


def test_without_a_ledger_nothing_is_erased(shop_id, person, monkeypatch):
    monkeypatch.setattr(erasure_ledger, "_places", [])
    receive(shop_id, "customers/redact", a_body(shop_id))
    with pytest.raises(StartRefusedError):
        erase_due(shop_id, now=NOW)
    assert len(rows(shop_id, "SELECT id FROM customers")) == 1


def test_a_request_for_their_data_that_is_still_open_is_void(shop_id, person):
    receive(shop_id, "customers/data_request", a_body(shop_id, asked=9999))
    redact(shop_id)
    asked, erased = requests(shop_id)
    assert (asked["state"], asked["subject"]) == ("void", None)
    assert erased["stores"]["privacy_requests"] == 1


def test_another_shop_is_left_alone(shop_id, person, make_shop):
    rival = make_shop()
    a_customer(rival, email=EMAIL, source="shopify")
    redact(shop_id)
    assert len(rows(rival, "SELECT id FROM customers")) == 1


def test_a_telling_in_flight_is_waited_for_and_erased_with_the_rest(shop_id):
    """A backfill's transaction that has begun and is not committed when the erasure comes."""
    writing, may_commit = Event(), Event()

    def backfill():
        with transaction(shop_id) as connection:
            fact_lock.share(connection)
            connection.execute(
                text(
                    "INSERT INTO customers (shop_id, source, shopify_id, person_id, fact_at) "
                    "VALUES (:shop, 'shopify', :number, 1, now())"
                ),
                {"shop": shop_id, "number": NUMBER},
            )
            writing.set()
            may_commit.wait(10)

    receive(shop_id, "customers/redact", a_body(shop_id))
    with ThreadPoolExecutor(2) as pool:
        told = pool.submit(backfill)
        writing.wait(10)
        erased = pool.submit(erase_due, shop_id, now=NOW)
        assert not wait([erased], timeout=0.5).done
        may_commit.set()
        told.result(10)
        erased.result(10)
    assert rows(shop_id, "SELECT id FROM customers") == []
    assert requests(shop_id)[0]["stores"] == {"customers": 1}
