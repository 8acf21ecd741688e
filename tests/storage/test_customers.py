"""Who a row is about, and what is known of them, whatever order it was told in."""

import itertools

import pytest
from sqlalchemy.exc import DBAPIError
from tellings import TABLE, a_customer, an_order, another_shop, customers, day, frames, one, rows, tell

from shop_app.storage import encryption
from shop_app.storage.engine import shopless
from shop_app.storage.known_fields import Authority

ANN = "ann@example.com"


def listed(shop_id, *people, at):
    return tell(shop_id, frames(people), at=at, authority=Authority.LISTED)


def ordered(shop_id, *people, at, placed=None):
    heads = [
        an_order(f"#{number}-{at:%d}", customer_ref=person["customer_ref"], processed_at=placed or at)
        for number, person in enumerate(people)
    ]
    return tell(shop_id, frames(people, heads), at=at)


def test_details_are_sealed_and_found_by_their_hashes(shop_id):
    listed(
        shop_id, a_customer("c1", shopify_id=7, email=ANN, phone="+447700900123", first_name="Ann"), at=day(1)
    )
    stored = one(shop_id, "SELECT * FROM customers")
    assert bytes(stored["email"]) != ANN.encode()
    assert bytes(stored["email_hash"]) == encryption.match_hash(ANN, kind="email", shop_id=shop_id)
    assert bytes(stored["phone_hash"]) == encryption.match_hash("447700900123", kind="phone", shop_id=shop_id)
    (opened,) = customers(shop_id)
    assert (opened["email"], opened["phone"], opened["first_name"]) == (ANN, "+447700900123", "Ann")
    assert opened["person_id"] == opened["id"]


def test_everything_a_list_says_is_kept(shop_id):
    listed(
        shop_id,
        a_customer(
            "c1",
            shopify_id=7,
            email=ANN,
            last_name="Ash",
            email_consent="subscribed",
            sms_consent="not_subscribed",
            tags="vip\nwholesale",
            country="GB",
            signup_source="newsletter",
            created_at=day(3),
        ),
        at=day(9),
    )
    (ann,) = customers(shop_id)
    assert (ann["last_name"], ann["email_consent"], ann["sms_consent"]) == (
        "Ash",
        "subscribed",
        "not_subscribed",
    )
    assert (ann["tags"], ann["country"], ann["signup_source"]) == (["vip", "wholesale"], "GB", "newsletter")
    assert (ann["created_at"], ann["fact_at"], ann["source"]) == (day(3), day(9), "shopify")


def test_an_address_is_adopted_by_the_customer_that_has_it(shop_id):
    ordered(shop_id, a_customer(ANN), at=day(1))
    before = one(shop_id, "SELECT id FROM customers")
    listed(shop_id, a_customer("c1", shopify_id=7, email=ANN), at=day(2))
    assert one(shop_id, "SELECT id, shopify_id FROM customers") == {"id": before["id"], "shopify_id": 7}


def test_an_order_finds_the_customer_of_the_list_by_address(shop_id):
    listed(shop_id, a_customer("c1", shopify_id=7, email=ANN), at=day(2))
    ordered(shop_id, a_customer(ANN), at=day(1))
    assert one(shop_id, "SELECT count(*) AS n FROM customers")["n"] == 1
    assert one(shop_id, "SELECT customer_id = (SELECT id FROM customers) AS found FROM orders")["found"]


def test_of_two_rows_with_one_address_an_order_prefers_the_one_with_a_shopify_id(shop_id):
    tell(shop_id, frames([a_customer("K1", source_key="K1", email=ANN)]), at=day(1), **TABLE)
    listed(shop_id, a_customer("c1", shopify_id=7, email=ANN), at=day(2))
    ordered(shop_id, a_customer(ANN), at=day(3))
    found = one(shop_id, "SELECT c.shopify_id FROM orders o JOIN customers c ON c.id = o.customer_id")
    assert found["shopify_id"] == 7
    assert one(shop_id, "SELECT count(*) AS n FROM customers")["n"] == 2


def test_without_an_address_the_phone_tells_who_it_is(shop_id):
    person = a_customer("p1", phone="+447700900123")
    ordered(shop_id, person, at=day(1))
    ordered(shop_id, person | {"customer_ref": "p2"}, at=day(2))
    assert one(shop_id, "SELECT count(*) AS n FROM customers")["n"] == 1
    listed(shop_id, a_customer("c1", shopify_id=7, phone="+447700900123"), at=day(3))
    assert one(shop_id, "SELECT shopify_id FROM customers")["shopify_id"] == 7


def test_a_row_with_nothing_to_know_it_by_makes_no_customer(shop_id):
    tell(
        shop_id,
        frames([a_customer("nobody", phone="12")], [an_order("#1", customer_ref="nobody")]),
        at=day(1),
    )
    assert rows(shop_id, "SELECT * FROM customers") == []
    assert one(shop_id, "SELECT customer_id FROM orders")["customer_id"] is None


def test_a_tables_own_key_is_the_customer_within_its_source(shop_id):
    for source in ("till", "web"):
        tell(
            shop_id,
            frames([a_customer("17", source_key="17"), a_customer("18", source_key="18")]),
            at=day(1),
            source=source,
            whole_orders=False,
        )
    assert one(shop_id, "SELECT count(*) AS n FROM customers")["n"] == 4


def test_a_list_knows_better_than_an_order_however_late_the_order(shop_id):
    listed(shop_id, a_customer("c1", shopify_id=7, email=ANN, first_name="Ann"), at=day(1))
    ordered(shop_id, a_customer(ANN, first_name="Anne", country="FR"), at=day(20))
    (ann,) = customers(shop_id)
    assert (ann["first_name"], ann["country"]) == ("Ann", "FR")


def test_of_two_orders_the_later_one_tells_the_name_whatever_comes_first(shop_id):
    young = (a_customer(ANN, first_name="Anne", last_name="Ash"), day(5))
    old = (a_customer(ANN, first_name="Ann", phone="+447700900123"), day(4))
    for person, placed in (young, old):
        ordered(shop_id, person, at=day(9), placed=placed)
    (ann,) = customers(shop_id)
    assert (ann["first_name"], ann["last_name"], ann["phone"]) == ("Anne", "Ash", "+447700900123")


def test_an_older_list_changes_nothing_but_fills_what_was_not_known(shop_id):
    listed(shop_id, a_customer("c1", shopify_id=7, email=ANN, first_name="Anne"), at=day(9))
    listed(shop_id, a_customer("c1", shopify_id=7, email=ANN, first_name="Ann", country="GB"), at=day(2))
    (ann,) = customers(shop_id)
    assert (ann["first_name"], ann["country"]) == ("Anne", "GB")


def test_what_the_interface_said_no_list_unsays(shop_id):
    tell(
        shop_id,
        frames([a_customer("c1", shopify_id=7, email=ANN, first_name="Anne")]),
        at=day(2),
        rank=1,
        authority=Authority.LIVE,
    )
    listed(shop_id, a_customer("c1", shopify_id=7, email=ANN, first_name="Ann"), at=day(9))
    (ann,) = customers(shop_id)
    assert (ann["first_name"], ann["fact_rank"]) == ("Anne", 1)


def test_two_rows_of_one_part_for_the_same_customer_are_put_together(shop_id):
    part = frames(
        [
            a_customer("K1", source_key="K1", email=ANN, first_name="Ann"),
            a_customer(ANN, country="GB"),
            a_customer("again", email=ANN, first_name="Anne"),
        ],
        [
            an_order("1", customer_ref="K1", processed_at=day(3)),
            an_order("2", customer_ref=ANN, processed_at=day(2)),
            an_order("3", customer_ref="again", processed_at=day(4)),
        ],
    )
    tell(shop_id, part, at=day(9), **TABLE)
    (ann,) = customers(shop_id)
    assert (ann["source_key"], ann["first_name"], ann["country"]) == ("K1", "Anne", "GB")
    assert {row["customer_id"] for row in rows(shop_id, "SELECT customer_id FROM orders")} == {ann["id"]}


def test_only_new_and_changed_details_are_sealed_again(shop_id):
    person = a_customer("c1", shopify_id=7, email=ANN, first_name="Ann")
    listed(shop_id, person, at=day(1))
    before = one(shop_id, "SELECT email, first_name FROM customers")
    taken = listed(shop_id, person | {"first_name": "Anne"}, at=day(2))
    after = one(shop_id, "SELECT email, first_name FROM customers")
    assert bytes(before["email"]) == bytes(after["email"])
    assert bytes(before["first_name"]) != bytes(after["first_name"])
    assert (taken.customers_new, taken.customers_updated) == (0, 1)
    taken = listed(shop_id, person | {"first_name": "Anne"}, at=day(3))
    assert (taken.customers_new, taken.customers_updated) == (0, 0)


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_any_order_of_files_gives_the_same_customer(shop_id, order):
    phone = "+447700900123"
    files = [
        lambda: listed(shop_id, a_customer("c1", shopify_id=7, email=ANN, country="GB", tags="vip"), at=day(8)),
        lambda: listed(shop_id, a_customer("c1", shopify_id=7, email=ANN, country="FR", tags=""), at=day(9)),
        lambda: ordered(shop_id, a_customer(ANN, first_name="Ann", country="DE"), at=day(5), placed=day(3)),
        lambda: ordered(shop_id, a_customer(ANN, first_name="Anne", phone=phone), at=day(6), placed=day(2)),
    ]
    for place in order:
        files[place]()
    (ann,) = customers(shop_id)
    known = ("shopify_id", "email", "first_name", "phone", "country", "tags", "fact_at", "field_versions")
    assert [ann[name] for name in known[:6]] == [7, ANN, "Ann", phone, "FR", []]
    assert ann["fact_at"] == day(9)


def test_another_shop_sees_nobody_and_no_shop_is_an_error(shop_id):
    other_shop_id = another_shop()
    listed(shop_id, a_customer("c1", shopify_id=7, email=ANN), at=day(1))
    assert rows(other_shop_id, "SELECT * FROM customers") == []
    listed(other_shop_id, a_customer("c1", shopify_id=7, email=ANN), at=day(1))
    assert one(shop_id, "SELECT count(*) AS n FROM customers")["n"] == 1
    with pytest.raises(DBAPIError), shopless() as connection:
        connection.exec_driver_sql("SELECT * FROM customers")
