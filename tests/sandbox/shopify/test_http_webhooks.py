import base64
import hashlib
import hmac
import json
import re
import time
from datetime import datetime
from functools import partial

import pytest
from patience import eventually
from stand_in_and_app import RIVAL, TEA, StandInAndApp, make_world
from tiny_app import OLD_SECRET, SECRET, TinyApp

from sandbox.shopify import delivery_queue, installs, merchant, webhook_filter, webhooks
from sandbox.shopify.deliveries import RETRY_AFTER_SECONDS, sign
from sandbox.shopify.server import StandIn


@pytest.fixture
def both(tmp_path):
    both = StandInAndApp(tmp_path / "stores.sqlite")
    yield both
    both.stop()


def subscribe(both, topic, **more):
    """Keep a subscription as the app's own call would have made it."""
    number = both.world.state.next_number("webhook_subscription")
    document = {"id": number, "apiCreated": True, "topic": topic, "uri": f"{both.app.url}/webhooks/shopify"}
    both.world.state.put(TEA, "webhook_subscription", document | {"failures": 0} | more)
    return number


wait_until = partial(eventually, seconds=10, every=0.01)


def deliveries(both, topic, shop=TEA):
    return [one for one in both.world.state.each(shop, delivery_queue.KIND) if one["topic"] == topic]


def test_the_published_vector_is_signed_as_published():
    assert (
        sign(b'{"id":1,"email":"a@example.com"}', "hush-hush") == "KSlx6SmBMbAGQ46Yn1GMXx7v9iuDBhwsS4wjbZ2VZUQ="
    )


def test_the_gaps_between_tries_grow_and_make_four_hours():
    assert len(RETRY_AFTER_SECONDS) == 8
    assert sum(RETRY_AFTER_SECONDS) == 4 * 3600
    assert list(RETRY_AFTER_SECONDS) == sorted(RETRY_AFTER_SECONDS)


def test_a_delivery_carries_all_headers_and_a_true_signature(both):
    both.install()
    placed = both.deed("place_order", customer_id=1)
    headers, raw = both.app.wait_for("orders/create")[0]
    digest = hmac.new(SECRET.encode(), raw, hashlib.sha256).digest()
    assert headers["X-Shopify-Hmac-Sha256"] == base64.b64encode(digest).decode()
    assert headers["X-Shopify-Shop-Domain"] == TEA
    assert headers["X-Shopify-API-Version"] == "2026-10"
    assert headers["Content-Type"] == "application/json"
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f-]{27}", headers["X-Shopify-Webhook-Id"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z", headers["X-Shopify-Triggered-At"])
    assert json.loads(raw)["id"] == placed["order_id"]


def test_all_that_comes_of_one_deed_shares_its_event_but_not_its_id(both):
    both.install()
    both.deed("place_order", customer_id=1)
    for topic in ("orders/create", "products/update", "customers/update"):
        both.app.wait_for(topic)
    events = {headers["X-Shopify-Event-Id"] for headers, _ in both.app.webhooks}
    ids = [headers["X-Shopify-Webhook-Id"] for headers, _ in both.app.webhooks]
    assert len(events) == 1
    assert len(set(ids)) == len(ids) >= 3


def test_a_body_is_written_as_rails_writes_json(both):
    both.install()
    both.deed("edit_product", product_id=101)
    _, raw = both.app.wait_for("products/update")[0]
    assert rb"Tea 1 \u0026 \u003cco\u003e" in raw
    assert json.loads(raw)["title"] == "Tea 1 & <co>"


def test_a_refused_delivery_comes_again_with_the_same_id_and_body(both):
    both.install()
    both.app.answer = 500
    both.deed("edit_customer", customer_id=1)
    wait_until(lambda: both.app.attempts >= 3)
    both.app.answer = 200
    headers, _ = both.app.wait_for("customers/update")[0]
    wait_until(lambda: deliveries(both, "customers/update")[0]["status"] == "delivered")
    done = deliveries(both, "customers/update")[0]
    assert done["webhookId"] == headers["X-Shopify-Webhook-Id"]
    assert done["answers"][:2] == [500, 500]
    assert done["answers"][-1] == 200


@pytest.mark.parametrize("answer", [302, 404, 503])
def test_whatever_is_not_a_success_uses_up_nine_tries(both, answer):
    both.install()
    both.app.answer = answer
    both.deed("edit_customer", customer_id=1)
    wait_until(lambda: deliveries(both, "customers/update")[0]["status"] == "failed")
    assert deliveries(both, "customers/update")[0]["answers"] == [answer] * 9
    both.app.answer = 200
    both.deed("edit_customer", customer_id=2)
    both.app.wait_for("customers/update")  # a subscription of the app's file stays


def test_a_subscription_made_by_call_is_gone_after_eight_failures_and_counts_anew_after_a_success(both):
    both.install()
    both.world.settings["toml_subscriptions"] = []
    number = subscribe(both, "CUSTOMERS_UPDATE")
    both.deed("edit_customer", customer_id=1)
    both.app.wait_for("customers/update")
    both.app.answer = 500
    both.deed("edit_customer", customer_id=1)
    wait_until(lambda: both.world.state.find(TEA, "webhook_subscription", number)["failures"] >= 2)
    both.app.answer = 200
    both.app.wait_for("customers/update", 2)
    wait_until(lambda: both.world.state.find(TEA, "webhook_subscription", number)["failures"] == 0)
    both.app.answer = 500
    both.deed("edit_customer", customer_id=1)
    wait_until(lambda: both.world.state.find(TEA, "webhook_subscription", number) is None)


def test_both_kinds_of_subscription_are_served_by_fields_filter_and_name(both):
    both.install()
    subscribe(both, "ORDERS_CREATE", includeFields=["id", "line_items.sku"], name="slim", filter=None)
    subscribe(both, "ORDERS_CREATE", filter="total_price:>=1000.00")
    both.deed("place_order", customer_id=1)
    found = both.app.wait_for("orders/create", 2)
    time.sleep(0.1)
    assert len(deliveries(both, "orders/create")) == 2
    slim = next(json.loads(raw) for headers, raw in found if headers.get("X-Shopify-Name") == "slim")
    assert set(slim) == {"id", "line_items"}
    assert all(set(line) == {"sku"} for line in slim["line_items"])


def test_a_store_without_the_app_is_not_heard_of_and_scopes_narrow_it_down(both):
    both.deed("place_order")
    both.install()
    both.deed("change_shop", grantedScopes=["read_orders"])
    both.deed("place_order", customer_id=1)
    both.app.wait_for("orders/create")
    time.sleep(0.1)
    topics = {one["topic"] for one in both.world.state.each(TEA, delivery_queue.KIND)}
    assert topics == {"orders/create"}
    assert not deliveries(both, "orders/create", RIVAL)


def test_an_uninstall_is_told_at_once_and_the_redaction_two_days_later(both):
    both.install()
    both.post("/_settings", time_scale=1e-4)
    subscribe(both, "SHOP_UPDATE")
    both.deed("uninstall")
    _, raw = both.app.wait_for("app/uninstalled")[0]
    assert json.loads(raw)["myshopify_domain"] == TEA
    waiting = deliveries(both, "shop/redact")[0]
    assert 12 < waiting["dueAt"] - time.time() < 20  # 48 hours, ten thousand times as fast
    assert not list(both.world.state.each(TEA, "webhook_subscription"))
    assert json.loads(waiting["body"]) == {"shop_id": 92001, "shop_domain": TEA}


def test_granted_and_revoked_scopes_are_told(both):
    both.install()
    both.deed("grant_scopes", scopes=["write_products"])
    _, raw = both.app.wait_for("app/scopes_update")[0]
    assert "write_products" in json.loads(raw)["current"]
    both.deed("revoke_scopes", scopes=["write_products", "read_orders"])
    _, raw = both.app.wait_for("app/scopes_update", 2)[1]
    assert "write_products" not in json.loads(raw)["current"]
    assert "read_orders" in json.loads(raw)["current"]  # a required one stays


def test_data_and_erasure_requests_name_person_and_orders(both):
    both.install()
    order = both.deed("place_order", customer_id=1)["order_id"]
    both.deed("request_data", customer_id=1)
    _, raw = both.app.wait_for("customers/data_request")[0]
    asked = json.loads(raw)
    assert asked["orders_requested"] == [order]
    assert asked["customer"] == {"id": 1, "email": "person1@example.com", "phone": None}
    assert asked["data_request"]["id"]
    both.deed("request_erasure", customer_id=1)
    _, raw = both.app.wait_for("customers/redact")[0]
    assert json.loads(raw)["orders_to_redact"] == [order]
    assert json.loads(raw)["customer"]["email"] == "person1@example.com"
    assert both.world.state.find(TEA, "customer", 1)["email"] is None


def test_deliveries_can_be_doubled_held_delayed_and_dropped(both):
    both.install()
    both.fault("duplicate_webhooks", copies=3, count=1)
    both.deed("edit_customer", customer_id=1)
    found = both.app.wait_for("customers/update", 3)
    assert len({headers["X-Shopify-Webhook-Id"] for headers, _ in found}) == 1
    held = both.fault("hold_webhooks")["number"]
    time.sleep(0.3)
    both.app.webhooks.clear()
    both.deed("edit_customer", customer_id=1)
    time.sleep(1.2)
    assert not both.app.webhooks
    both.delete(f"/_faults/{held}")
    both.app.wait_for("customers/update")
    both.fault("drop_webhooks", count=1)
    both.deed("edit_customer", customer_id=1)
    assert deliveries(both, "customers/update")[-1]["status"] == "dropped"
    both.fault("delay_webhooks", seconds=60, count=1)
    both.deed("edit_customer", customer_id=1)
    assert deliveries(both, "customers/update")[-1]["dueAt"] > time.time() + 50


def test_reordered_deliveries_come_out_of_order(both):
    both.install()
    both.fault("reorder_webhooks", seconds=0.5, topic="customers/update")
    notes = [str(number) for number in range(30)]
    for note in notes:
        both.deed("edit_customer", customer_id=1, note=note)
    came = [json.loads(raw)["note"] for _, raw in both.app.wait_for("customers/update", 30)]
    assert sorted(came, key=int) == notes
    assert came != notes


def test_a_wrong_signature_is_refused_once_and_then_comes_right(both):
    both.install()
    both.fault("corrupt_signature", count=1)
    both.deed("edit_customer", customer_id=1)
    both.app.wait_for("customers/update")
    wait_until(lambda: deliveries(both, "customers/update")[0]["answers"] == [401, 200])


def test_the_former_secret_can_sign_while_secrets_are_changed(both):
    both.install()
    both.fault("old_signature")
    both.deed("edit_customer", customer_id=1)
    wait_until(lambda: deliveries(both, "customers/update")[0]["answers"])
    delivery = deliveries(both, "customers/update")[0]
    assert delivery["answers"][0] == 401  # this app knows one secret
    assert sign(delivery["body"].encode(), OLD_SECRET) != sign(delivery["body"].encode(), SECRET)


def test_what_waits_is_sent_by_the_next_who_starts(tmp_path):
    app = TinyApp()
    world = make_world(tmp_path / "stores.sqlite", app.url)
    webhooks.listen(world)
    installs.install(world, TEA)
    merchant.DEEDS["edit_customer"](world, TEA, customer_id=1)
    world.state.close()  # nobody ever sent it
    both = StandInAndApp(tmp_path / "stores.sqlite", app)
    try:
        app.wait_for("customers/update")
    finally:
        both.stop()


def test_an_undone_deed_sends_nothing(both):
    both.install()
    before = both.world.state.count(TEA, delivery_queue.KIND)

    def edit_both():
        with both.world.state.together():
            for number in (1, 404):
                merchant.DEEDS["edit_customer"](both.world, TEA, customer_id=number)

    with pytest.raises(merchant.DeedRefusedError):
        edit_both()
    time.sleep(0.2)
    assert both.world.state.count(TEA, delivery_queue.KIND) == before
    assert not both.app.webhooks


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("total_price:>=10.00", True),
        ("total_price:>10.50", False),
        ("test:false AND source_name:web", True),
        ("source_name:Web", False),
        ("source_name:pos OR customer.email:*", True),
        ("NOT source_name:web", False),
        ("(source_name:pos OR source_name:web) AND lines.sku:B", True),
        ("misspelt:1", False),
        ("NOT (total_price:>=10.00", False),
        ("", True),
    ],
)
def test_filters_compare_fields_of_the_body(text, passes):
    body = {"total_price": "10.50", "test": False, "source_name": "web", "customer": {"email": "a@b"}}
    assert webhook_filter.passes(text, body | {"lines": [{"sku": "A"}, {"sku": "B"}]}) is passes


def test_times_are_written_with_the_stores_own_offset(both):
    both.install()
    both.deed("change_shop", ianaTimezone="Asia/Kolkata")
    both.deed("place_order", customer_id=1, at="2026-01-15T20:00:00Z")
    _, raw = both.app.wait_for("orders/create")[0]
    body = json.loads(raw)
    assert body["created_at"] == "2026-01-16T01:30:00+05:30"
    assert datetime.fromisoformat(body["updated_at"]).timestamp() > time.time() - 60


def test_a_stand_in_without_an_app_at_the_other_end_stops_at_once(tmp_path):
    world = make_world(tmp_path / "stores.sqlite")
    stand_in = StandIn(world)
    stand_in.start()
    installs.install(world, TEA)
    merchant.DEEDS["edit_customer"](world, TEA)
    began = time.monotonic()
    stand_in.stop()
    assert time.monotonic() - began < 2
