"""Signed webhooks over HTTP, from the request to its end and whatever is still sent of the person after it."""

import pytest
from deliveries import Sender, an_id, connect, hosted_app
from privacy_stories import CANARY, EMAIL, traces
from webhook_bodies import a_customer_body, an_order_body, minute

from shop_app.services.erase import erase_due
from shop_app.services.personal_data import SHOP_TABLES
from shop_app.storage import erasure_ledger


@pytest.fixture
def shop(settings, shop_id, tmp_path):
    erasure_ledger.keep_in(tmp_path)
    connect(shop_id)
    return Sender(hosted_app(settings), shop_id)


def a_buyer(customer, order, **more):
    who = {"id": customer, "email": EMAIL, "first_name": CANARY, "phone": None}
    return an_order_body(order, email=EMAIL, **more) | {"customer": who, "tags": CANARY}


def redact(shop, customer, *orders, now):
    body = {
        "shop_id": 1,
        "shop_domain": shop.domain,
        "customer": {"id": customer, "email": EMAIL, "phone": None},
        "orders_to_redact": list(orders),
    }
    shop.tell("customers/redact", body, now=now)
    erase_due(shop.shop_id, now=now)


def found(shop, number):
    told = list(traces(shop.shop_id, SHOP_TABLES))
    held = shop.rows(
        "SELECT id FROM webhook_inbox WHERE body IS NOT NULL OR concerns = :who", who=f"customer {number}"
    )
    return told, held


def test_what_shopify_still_sends_of_an_erased_person_leaves_no_trace_and_no_body(shop):
    customer, order = an_id(), an_id()
    shop.tell("customers/create", a_customer_body(customer, email=EMAIL, first_name=CANARY))
    shop.tell("orders/create", a_buyer(customer, order))
    assert shop.orders()[0]["customer_id"] is not None
    redact(shop, customer, order, now=minute(700))
    (request,) = shop.rows("SELECT state, stores FROM privacy_requests")
    assert request["state"] == "done"
    counts = {name: request["stores"][name] for name in ("customers", "orders", "webhook_inbox")}
    assert counts == {"customers": 1, "orders": 1, "webhook_inbox": 3}
    assert found(shop, customer) == ([], [])

    later = {"updated_at": minute(800)}
    shop.tell("orders/updated", a_buyer(customer, order, total="99.00", **later), now=minute(801))
    shop.tell(
        "customers/update", a_customer_body(customer, email=EMAIL, first_name=CANARY, **later), now=minute(802)
    )
    shop.tell("customers/delete", {"id": customer}, at=minute(803), now=minute(803))
    shop.tell("orders/create", an_order_body(an_id(), email=EMAIL), now=minute(804))
    assert set(shop.states()) == {"done"}
    assert found(shop, customer) == ([], [])
    assert [(row["total"], row["customer_id"]) for row in shop.orders()] == [(9900, None), (1250, None)]


def test_a_request_for_data_is_void_where_nobody_was_seen_and_open_where_somebody_was(shop):
    customer = an_id()
    body = {
        "shop_id": 1,
        "shop_domain": shop.domain,
        "customer": {"id": customer, "email": EMAIL, "phone": None},
        "orders_requested": [],
    }
    shop.tell("customers/data_request", body | {"data_request": {"id": 1}})
    shop.tell("customers/create", a_customer_body(customer, email=EMAIL))
    shop.tell("customers/data_request", body | {"data_request": {"id": 2}}, now=minute(610))
    assert [row["state"] for row in shop.rows("SELECT state FROM privacy_requests ORDER BY id")] == [
        "void",
        "open",
    ]


@pytest.mark.parametrize("topic", ["customers/data_request", "customers/redact", "shop/redact"])
def test_a_bad_signature_is_answered_401_and_nothing_is_kept(shop, topic):
    body = {"shop_id": 1, "shop_domain": shop.domain, "customer": {"id": 1}}
    answer = shop.post(topic, body, Hmac_Sha256="bm90IGl0")
    assert answer.status_code == 401
    assert shop.inbox() == []
    assert shop.rows("SELECT * FROM privacy_requests") == []


def test_a_request_that_names_another_shop_is_put_aside(shop):
    shop.tell("customers/redact", {"shop_id": 1, "shop_domain": "rival.myshopify.com", "customer": {"id": 1}})
    assert shop.states() == ["quarantined"]
    assert shop.rows("SELECT * FROM privacy_requests") == []
