"""The activity page: what came, what got stuck and why, and sending it round again."""

import pytest
from deliveries import Sender, an_id, connect, hosted_app
from sqlalchemy import text
from webhook_bodies import NOON, a_customer_body, an_order_body

from shop_app.clock import utc_now
from shop_app.storage import shop_checks
from shop_app.storage.engine import transaction
from shop_app.web import formats


@pytest.fixture(scope="module")
def app(settings, database):
    return hosted_app(settings)


@pytest.fixture
def shop(app, shop_id):
    connect(shop_id)
    with transaction(shop_id) as connection:
        connection.execute(text("UPDATE shop_settings SET source = 'shopify'"))
    return Sender(app, shop_id)


@pytest.fixture
def look(client, shop):
    def look(expected=200):
        answer = client.get("/activity", query_string={"shop": shop.domain})
        assert answer.status_code == expected
        return answer.text

    return look


def stuck_row(shop):
    return shop.rows("SELECT id FROM webhook_inbox WHERE state <> 'done' ORDER BY id LIMIT 1")[0]["id"]


def test_a_shop_that_nothing_was_told_of_says_so(look):
    page = look()
    assert "Shopify has told nothing in the last 24 hours" in page
    assert "Everything that came was used." in page
    assert "Not yet" in page


def test_a_shop_of_files_says_that_nothing_can_come(client, small_store):
    page = client.get("/activity", query_string=small_store.picked).text
    assert "come from files" in page


def test_deliveries_are_counted_by_topic_and_what_became_of_them(shop, look):
    shop.send("orders/create", an_order_body(an_id()))
    shop.send("orders/create", b"{")
    shop.drain(utc_now())
    shop.send("products/update", {"id": 1})
    page = look()
    assert "orders/create" in page
    assert "products/update" in page
    assert "The body is no JSON." in page


def test_what_is_stuck_says_what_it_is_about_and_nothing_of_what_is_in_it(shop, look):
    number = an_id()
    shop.send("orders/updated", an_order_body(number) | {"line_items": "none"})
    shop.send("orders/updated", a_customer_body(an_id(), email="eve@example.com"))
    shop.drain(utc_now())
    page = look()
    assert f"order {number}" in page
    assert "line_items is no list of lines." in page
    assert "The body is of the kind Customer, the topic says orders/updated." in page
    assert "Replay all" in page
    assert "example.com" not in page.replace("kindred.example.com", "")


def test_one_that_is_stuck_is_tried_anew(shop, client, look, same_origin):
    shop.send("orders/create", b"{")
    shop.send("orders/create", b"[")
    shop.drain(utc_now())
    values = {"query_string": {"shop": shop.domain}, "headers": same_origin}
    answer = client.post("/activity/replay", data={"delivery": str(stuck_row(shop))}, **values)
    assert answer.status_code == 303
    assert shop.states() == ["new", "dead"]
    assert "webhooks" in shop.due()
    client.post("/activity/replay", **values)
    assert shop.states() == ["new", "new"]
    shop.drain(utc_now())
    assert shop.states() == ["dead", "dead"]


@pytest.mark.parametrize("delivery", ["x", "-1", "1" * 40, "999999999"])
def test_a_number_that_is_none_replays_nothing(shop, client, same_origin, delivery):
    shop.send("orders/create", b"{")
    shop.drain(utc_now())
    client.post(
        "/activity/replay", data={"delivery": delivery}, query_string={"shop": shop.domain}, headers=same_origin
    )
    assert shop.states() == ["dead"]


def test_another_shop_s_deliveries_cannot_be_replayed(shop, client, small_store, same_origin):
    shop.send("orders/create", b"{")
    shop.drain(utc_now())
    client.post(
        "/activity/replay",
        data={"delivery": str(stuck_row(shop))},
        query_string=small_store.picked,
        headers=same_origin,
    )
    assert shop.states() == ["dead"]


def test_a_replay_must_be_asked_for_from_a_page_of_ours(shop, client):
    shop.send("orders/create", b"{")
    shop.drain(utc_now())
    assert client.post("/activity/replay", query_string={"shop": shop.domain}).status_code == 403
    assert shop.states() == ["dead"]


def test_the_checks_are_told_in_sentences(shop, look):
    drift = {"here": 10, "there": 12, "missing": 2, "extra": 0, "sampled": 5, "differing": 1}
    with transaction(shop.shop_id) as connection:
        shop_checks.record(connection, "drift", {"total": 3, "orders": drift}, at=NOON)
        shop_checks.record(
            connection,
            "subscriptions",
            {
                "topics": 21,
                "mended": [],
                "removed": 0,
                "problems": {"customers/merge": "Access denied."},
                "good_at": NOON.isoformat(),
                "last_mended": ["orders/create"],
                "last_mended_at": NOON.isoformat(),
            },
            at=NOON,
        )
        shop_checks.record(
            connection, "changes", {"found": {"orders": 4}, "warnings": [], "unfinished": False}, at=NOON
        )
    page = look()
    assert "Orders: 10 of 12 here; 2 missing, 0 too many; 1 of 5 sampled ones differed." in page
    assert "customers/merge: Access denied." in page
    assert f"Repaired {formats.Formats('EUR', 'UTC').moment(NOON)}: orders/create." in page
    assert "Read: 4 orders." in page


def test_webhooks_that_wait_too_long_are_pointed_out(shop, look):
    shop.send("orders/create", an_order_body(an_id()))
    with transaction(shop.shop_id) as connection:
        connection.execute(text("UPDATE webhook_inbox SET received_at = now() - interval '3 hours'"))
    assert "Webhooks have waited for 3 hours" in look()


def test_left_checkouts_are_counted(shop, look):
    checkout = {
        "id": an_id(),
        "token": f"t{an_id()}",
        "currency": "EUR",
        "total_price": "39.80",
        "created_at": utc_now().isoformat(),
        "updated_at": "2026-01-01T00:00:00Z",
    }
    shop.send("checkouts/create", checkout)
    shop.drain(utc_now())
    page = look()
    assert "Checkouts" in page
    assert "€39.80 left in the others" in page
