"""Whatever a store's life brings about, the stand-in tells as Shopify would, and all of it is understood."""

from datetime import UTC, datetime, timedelta

import pytest
from deliveries import Sender, an_id
from stand_in_store import StandInStore

from sandbox.shopify import documents
from sandbox.shopify import payloads as shopify_bodies
from shop_app.clock import utc_now

DEEDS = [
    ("place_order", {}),
    ("place_order", {"customer_id": 0}),
    ("refund_order", {}),
    ("edit_order", {}),
    ("cancel_order", {}),
    ("place_order", {}),
    ("delete_order", {}),
    ("create_customer", {"firstName": "Zoe", "email": "zoe@example.com"}),
    ("edit_customer", {}),
    ("change_consent", {}),
    ("create_product", {}),
    ("edit_product", {}),
    ("delete_product", {}),
    ("start_cart", {}),
    ("change_cart", {}),
    ("start_checkout", {}),
    ("complete_checkout", {}),
    ("start_checkout", {}),
    ("delete_checkout", {}),
    ("request_data", {}),
    ("request_erasure", {}),
    ("merge_customers", {"kept_id": 3, "deleted_id": 4}),
    ("delete_customer", {"customer_id": 5, "force": True}),
]


@pytest.fixture
def store(tmp_path, database):
    made = StandInStore(tmp_path)
    for kind in documents.FIRST_NUMBERS:  # no other store of this test run has any of these
        made.world.state.next_number(kind, start=an_id())
    for _ in range(3):
        made.product(an_id())
    made.people = [made.customer(an_id(), tags=["vip"])["id"] for _ in range(6)]
    yield made
    made.stop()


def test_nothing_that_is_told_gets_stuck(store, hosted):
    sender = Sender(hosted, store.connect(datetime.now(tz=UTC) - timedelta(days=1)))
    told = []
    store.world.listeners.append(lambda shop, topic, document: told.append((topic, document)))
    shop = next(iter(store.world.state.each(store.domain, "shop")))
    for deed, arguments in DEEDS:
        numbered = {
            name: store.people[value] if name.endswith("_id") and value else value
            for name, value in arguments.items()
        }
        store.deed(deed, **numbered)
        for topic, document in told:
            body = shopify_bodies.written(shopify_bodies.body_of(store.world, shop, topic, document))
            sender.send(topic, body, at=utc_now())
        told.clear()
    sender.drain(utc_now())
    stuck = [(row["topic"], row["outcome"]) for row in sender.inbox() if row["state"] != "done"]
    assert stuck == []
    topics = {row["topic"] for row in sender.inbox()}
    assert {"orders/create", "orders/updated", "refunds/create", "orders/delete", "customers/merge"} <= topics
    assert {"checkouts/create", "carts/create", "customers/data_request", "products/update"} <= topics
    unknown = [row["topic"] for row in sender.inbox() if row["outcome"] == "Nothing is done with this topic."]
    assert set(unknown) <= {"customers/purchasing_summary", "shop/update"}
    assert len(sender.orders()) > 0
