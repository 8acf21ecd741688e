"""What the interface and webhooks tell: each order has a version of its own, and the newest one stays."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from tellings import a_customer, a_line, a_refund, an_order, another_shop, customers, frames, one, rows

from shop_app.facts import Facts
from shop_app.services.take_facts import ready_facts, write_facts
from shop_app.storage import dirty_customers, gone
from shop_app.storage.customer_hashes import email_hash
from shop_app.storage.engine import transaction

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def minute(number):
    return NOON + timedelta(minutes=number)


def tell(shop_id, *, people=(), orders=(), lines=(), refunds=(), at=NOON, marks_dirty=True):
    facts = Facts(*frames(people, orders, lines, refunds))
    ready = ready_facts(shop_id, facts, at=at, currency="EUR", marks_dirty=marks_dirty)
    with transaction(shop_id) as connection:
        return write_facts(connection, shop_id, ready)


def order(total, *, known_at, told_at=None, number=1, **more):
    return an_order(
        f"#{number}", shopify_id=number, total=total, known_at=known_at, told_at=told_at or known_at, **more
    )


def total_of(shop_id, number=1):
    return one(shop_id, f"SELECT total FROM orders WHERE shopify_id = {number}")["total"]


def dirty(shop_id):
    with transaction(shop_id) as connection:
        return [each.customer_id for each in dirty_customers.list_oldest(connection, 100)]


def test_an_older_version_of_an_order_changes_nothing_whenever_it_comes(shop_id):
    tell(shop_id, orders=[order(200, known_at=minute(2))], lines=[a_line("#1", total=200)])
    taken = tell(
        shop_id,
        orders=[order(100, known_at=minute(1), told_at=minute(9))],
        lines=[a_line("#1", total=100)],
        refunds=[a_refund("R1", 50, order_ref="#1")],
        at=minute(9),
    )
    assert (taken.orders.older, taken.orders.updated) == (1, 0)
    assert total_of(shop_id) == 200
    assert rows(shop_id, "SELECT total FROM line_items") == [{"total": 200}]
    assert rows(shop_id, "SELECT * FROM refunds") == []


def test_orders_of_one_telling_are_judged_one_by_one(shop_id):
    tell(shop_id, orders=[order(200, known_at=minute(5)), order(300, known_at=minute(1), number=2)])
    tell(shop_id, orders=[order(1, known_at=minute(3)), order(2, known_at=minute(3), number=2)])
    assert (total_of(shop_id, 1), total_of(shop_id, 2)) == (200, 2)


def test_two_contents_of_one_second_are_told_and_the_one_triggered_later_stays(shop_id):
    tell(shop_id, orders=[order(100, known_at=minute(1), told_at=minute(3))])
    late = tell(shop_id, orders=[order(200, known_at=minute(1), told_at=minute(2))])
    assert (late.tied, total_of(shop_id)) == ([1], 100)
    later = tell(shop_id, orders=[order(300, known_at=minute(1), told_at=minute(4))])
    assert (later.tied, total_of(shop_id)) == ([1], 300)


def test_the_same_content_told_again_is_no_tie_and_makes_nobody_dirty(shop_id):
    people = [a_customer("customer:7", shopify_id=7)]
    told = {"people": people, "orders": [order(100, known_at=minute(1), customer_ref="customer:7")]}
    tell(shop_id, **told)
    with transaction(shop_id) as connection:
        connection.execute(text("DELETE FROM dirty_customers"))
    again = tell(shop_id, **told, at=minute(8))
    assert (again.tied, again.orders.unchanged, dirty(shop_id)) == ([], 1, [])


def test_refunds_follow_the_version_of_their_order(shop_id):
    def with_refund(amount, at):
        return tell(
            shop_id,
            orders=[order(1000, known_at=at)],
            lines=[a_line("#1")],
            refunds=[a_refund("R1", amount, order_ref="#1", refunded_at=minute(0))] if amount else [],
        )

    with_refund(0, minute(1))
    with_refund(300, minute(3))
    with_refund(0, minute(2))
    assert rows(shop_id, "SELECT amount FROM refunds") == [{"amount": 300}]
    with_refund(0, minute(4))
    assert rows(shop_id, "SELECT amount FROM refunds") == []


def test_whoever_has_or_had_a_changed_order_is_marked(shop_id):
    people = [a_customer("customer:7", shopify_id=7), a_customer("customer:8", shopify_id=8)]
    tell(shop_id, people=people, orders=[order(100, known_at=minute(1), customer_ref="customer:7")])
    first = {row["shopify_id"]: row["id"] for row in customers(shop_id)}
    with transaction(shop_id) as connection:
        connection.execute(text("DELETE FROM dirty_customers"))
    tell(shop_id, people=people, orders=[order(100, known_at=minute(2), customer_ref="customer:8")])
    assert sorted(dirty(shop_id)) == sorted(first.values())


def test_a_backfill_marks_nobody(shop_id):
    people = [a_customer("customer:7", shopify_id=7)]
    tell(
        shop_id,
        people=people,
        orders=[order(100, known_at=minute(1), customer_ref="customer:7")],
        marks_dirty=False,
    )
    assert dirty(shop_id) == []


def test_marks_set_anew_meanwhile_survive_the_cleaning(shop_id):
    with transaction(shop_id) as connection:
        dirty_customers.mark_ids(connection, [5, 6])
        seen = dirty_customers.list_oldest(connection, 10)
        dirty_customers.mark_ids(connection, [6])
        dirty_customers.clean(connection, seen)
    assert dirty(shop_id) == [6]


def test_a_customer_s_own_record_is_believed_above_what_orders_say_and_keeps_its_newest(shop_id):
    own = a_customer("customer:7", shopify_id=7, email="new@example.com", known_at=minute(5))
    tell(shop_id, people=[own])
    gleaned = a_customer("customer:7", shopify_id=7, email="old@example.com")
    tell(shop_id, people=[gleaned], orders=[order(1, known_at=minute(9), customer_ref="customer:7")])
    older = own | {"email": "older@example.com", "known_at": minute(1)}
    tell(shop_id, people=[older], at=minute(30))
    assert [row["email"] for row in customers(shop_id)] == ["new@example.com"]
    newest = own | {"email": "newest@example.com", "known_at": minute(6), "data_sale_opt_out": True}
    tell(shop_id, people=[newest])
    (row,) = customers(shop_id)
    assert (row["email"], row["data_sale_opt_out"]) == ("newest@example.com", True)


def test_a_deleted_order_is_not_brought_back_by_an_older_telling(shop_id):
    with transaction(shop_id) as connection:
        gone.bury(connection, "order", [1], at=minute(5))
        assert gone.list_buried(connection, "order", [1, 2]) == {1}
    taken = tell(shop_id, orders=[order(1, known_at=minute(1)), order(2, known_at=minute(1), number=2)])
    assert taken.orders.new == 1
    assert rows(shop_id, "SELECT shopify_id FROM orders") == [{"shopify_id": 2}]


def erase(shop_id, *hashes):
    with transaction(shop_id) as connection:
        gone.remember_erased(connection, hashes, at=NOON)


def test_an_erased_person_is_not_brought_back_and_their_orders_are_nobody_s(shop_id):
    erase(shop_id, ("id", gone.subject_hash("id", 7, shop_id)))
    person = a_customer("customer:7", shopify_id=7, email="ann@example.com", known_at=minute(1))
    tell(shop_id, people=[person], orders=[order(500, known_at=minute(1), customer_ref="customer:7")])
    assert customers(shop_id) == []
    assert one(shop_id, "SELECT total, customer_id FROM orders") == {"total": 500, "customer_id": None}


def test_an_erased_address_counts_for_guests_and_not_for_somebody_who_came_back_under_a_new_number(shop_id):
    erase(shop_id, ("email", email_hash("ann@example.com", shop_id)))
    tell(shop_id, people=[a_customer("ann@example.com")])
    assert customers(shop_id) == []
    tell(shop_id, people=[a_customer("customer:9", shopify_id=9, email="ann@example.com", known_at=NOON)])
    assert [row["email"] for row in customers(shop_id)] == ["ann@example.com"]


def test_an_erasure_in_one_shop_is_none_in_another(shop_id):
    erase(shop_id, ("id", gone.subject_hash("id", 7, shop_id)))
    rival = another_shop()
    tell(rival, people=[a_customer("customer:7", shopify_id=7, known_at=NOON)])
    assert len(customers(rival)) == 1


VERSIONS = [
    {
        "people": [a_customer(f"customer:{10 + version % 2}", shopify_id=10 + version % 2)],
        "orders": [order(100 + version, known_at=minute(version), customer_ref=f"customer:{10 + version % 2}")],
        "lines": [a_line("#1", total=100 + version, product=f"variant:{version}")],
        "refunds": [a_refund("R", version, order_ref="#1")] if version % 3 else [],
    }
    for version in range(5)
]


def state(shop_id):
    return (
        one(
            shop_id,
            "SELECT o.total, c.shopify_id, o.fact_at FROM orders o JOIN customers c ON c.id = o.customer_id",
        ),
        rows(shop_id, "SELECT l.total, p.source_key FROM line_items l JOIN products p ON p.id = l.product_id"),
        rows(shop_id, "SELECT amount FROM refunds"),
    )


@pytest.mark.timeout(120)
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=st.lists(st.integers(0, 4), min_size=1, max_size=8))
def test_whatever_order_versions_come_in_and_however_often_the_newest_one_is_what_stands(database, told):
    straight, shuffled = another_shop(), another_shop()
    tell(straight, **VERSIONS[max(told)])
    for version in told:
        tell(shuffled, **VERSIONS[version])
    assert state(shuffled) == state(straight)


@pytest.mark.parametrize(
    ("told", "kept"), [(None, None), ("", []), ("Autumn\nThird tin", ["Autumn", "Third tin"])]
)
def test_what_came_off_a_line_by_itself_is_kept_as_told_and_replaced_by_what_is_told_next(shop_id, told, kept):
    for number, titles in ((1, told), (2, told), (3, "Spring"), (4, told)):
        line = a_line("#1", automatic_discounts=titles, bundle_product_id=880 + number)
        tell(shop_id, orders=[order(1000, known_at=minute(number))], lines=[line])
        found = one(
            shop_id, "SELECT automatic_discounts AS titles, bundle_product_id AS bundle FROM line_items"
        )
        assert found == {"titles": ["Spring"] if number == 3 else kept, "bundle": 880 + number}
