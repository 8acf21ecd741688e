"""The law: once somebody was erased, nothing that is told of them afterwards brings a trace back."""

from datetime import timedelta

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from privacy_stories import CANARY, EMAIL, NOW, NUMBER, ORDER, PHONE, a_body, domain, receive, traces
from tellings import TABLE, a_line, rows, tell
from tellings import a_customer as told_customer
from tellings import an_order as told_order
from tellings import frames as told_frames

from shop_app.facts import CUSTOMER_SCHEMA, LINE_SCHEMA, ORDER_SCHEMA, REFUND_SCHEMA, Facts
from shop_app.services.erase import erase_due
from shop_app.services.personal_data import SHOP_TABLES
from shop_app.services.purge_shop import forget_again
from shop_app.services.take_facts import take_facts
from shop_app.storage import erasure_ledger, removals
from shop_app.storage.engine import transaction

OTHER = 55
DAYS = st.integers(-9, 9)


@pytest.fixture(autouse=True)
def ledger(tmp_path):
    erasure_ledger.keep_in(tmp_path)


def a_person(days, *, number=NUMBER, email=EMAIL, **known):
    return {
        "customer_ref": f"customer:{number}" if number else f"email:{email}",
        "shopify_id": number,
        "email": email,
        "first_name": CANARY,
        "tags": CANARY,
        "known_at": NOW + timedelta(days=days) if number else None,
        **known,
    }


def a_sale(days, ref, order=ORDER):
    return {
        "order_ref": f"order:{order}",
        "row_no": 1,
        "shopify_id": order,
        "name": f"#{order}",
        "customer_ref": ref,
        "processed_at": NOW,
        "total": 1000,
        "currency": "EUR",
        "tags": f"{CANARY}\nvip",
        "discount_codes": f"{CANARY}10",
        "known_at": NOW + timedelta(days=days),
    }


def facts(people=(), orders=(), refunds=()):
    return Facts(
        pl.DataFrame(list(people), schema=CUSTOMER_SCHEMA),
        pl.DataFrame(list(orders), schema=ORDER_SCHEMA),
        pl.DataFrame([a_line(order["order_ref"]) for order in orders], schema=LINE_SCHEMA),
        pl.DataFrame(list(refunds), schema=REFUND_SCHEMA),
    )


def take(shop_id, told):
    with transaction(shop_id) as connection:
        take_facts(connection, shop_id, told, at=NOW, currency="EUR")


def as_customer(shop_id, days):
    take(shop_id, facts([a_person(days)]))


def as_buyer(shop_id, days):
    person = a_person(days, known_at=None)
    refund = {
        "credit_ref": "refund:9",
        "row_no": 1,
        "order_ref": f"order:{ORDER}",
        "customer_ref": person["customer_ref"],
        "amount": 5,
        "refunded_at": NOW,
        "currency": "EUR",
    }
    take(shop_id, facts([person], [a_sale(days, person["customer_ref"])], [refund]))


def as_guest(shop_id, days):
    guest = a_person(days, number=None)
    take(shop_id, facts([guest], [a_sale(days, guest["customer_ref"], ORDER + 1)]))


def as_guest_by_phone(shop_id, days):
    guest = a_person(days, number=None, email=None, phone=PHONE, customer_ref="phone:1")
    take(shop_id, facts([guest], [a_sale(days, "phone:1", ORDER + 2)]))


def as_order_without_customer(shop_id, days):
    take(shop_id, facts([], [a_sale(days, None)]))


def as_deleted(shop_id, days):
    with transaction(shop_id) as connection:
        removals.delete_customers(connection, shop_id, [NUMBER], at=NOW + timedelta(days=days))


def as_merged(shop_id, _days):
    with transaction(shop_id) as connection:
        removals.merge_customers(connection, shop_id, [(OTHER, NUMBER), (NUMBER, OTHER + 1)])


def in_a_file(shop_id, days):
    part = told_frames(
        [told_customer("row", email=EMAIL, source_key="17850", first_name=CANARY)],
        [told_order("T1", customer_ref="row", tags=CANARY)],
        [a_line("T1")],
    )
    tell(shop_id, part, at=NOW + timedelta(days=days), **TABLE)


TELLINGS = (
    as_customer,
    as_buyer,
    as_guest,
    as_guest_by_phone,
    as_order_without_customer,
    as_deleted,
    as_merged,
    in_a_file,
)
told = st.lists(st.tuples(st.sampled_from(TELLINGS), DAYS), max_size=6)


@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(before=told, after=told)
def test_nothing_that_is_told_of_an_erased_person_brings_a_trace_back(make_shop, before, after):
    shop_id = make_shop()
    for telling, days in before:
        telling(shop_id, days)
    as_buyer(shop_id, 0)
    sales = sum_of_sales(shop_id)
    receive(shop_id, "customers/redact", a_body(shop_id, orders=[ORDER]))
    erase_due(shop_id, now=NOW)
    assert sum_of_sales(shop_id) == sales
    assert traces(shop_id, SHOP_TABLES) == []
    for telling, days in after:
        telling(shop_id, days)
        assert traces(shop_id, SHOP_TABLES) == []
    assert forget_again(shop_id, now=NOW) == {}


def sum_of_sales(shop_id):
    return rows(shop_id, "SELECT sum(total) AS total, count(*) AS orders FROM orders")


def test_somebody_who_comes_back_under_a_new_number_is_welcome(shop_id):
    as_buyer(shop_id, 0)
    receive(shop_id, "customers/redact", a_body(shop_id))
    erase_due(shop_id, now=NOW)
    take(shop_id, facts([a_person(1, number=NUMBER + 1)]))
    assert rows(shop_id, "SELECT shopify_id FROM customers") == [{"shopify_id": NUMBER + 1}]
    assert forget_again(shop_id, now=NOW) == {}
    assert domain(shop_id)


def test_a_person_of_a_table_who_has_nothing_but_its_key_stays_away_too(shop_id):
    from shop_app.services.redact_by_hand import redact_by_hand

    def told_again(at):
        part = told_frames(
            [told_customer("17850", source_key="17850")], [told_order("T1", customer_ref="17850")]
        )
        tell(shop_id, part, at=at, **TABLE)

    told_again(NOW)
    done = redact_by_hand(shop_id, "key:17850", now=NOW)
    assert (done.state, done.stores) == ("done", {"customers": 1, "orders": 1})
    told_again(NOW + timedelta(days=1))
    assert rows(shop_id, "SELECT id FROM customers") == []
    assert rows(shop_id, "SELECT customer_id FROM orders") == [{"customer_id": None}]
