from datetime import UTC, datetime, timedelta

import pytest
from stand_in_store import APP_URL, SCOPES, StandInStore
from tellings import one

from shop_app.services.keep_subscriptions import keep_subscriptions_due
from shop_app.services.read_changes import read_changes_due, read_changes_since
from shop_app.shopify.subscriptions import API_TOPICS, list_subscriptions
from shop_app.shopify.webhook_topics import enum_name
from shop_app.storage import due_work, shop_checks, sync_marks
from shop_app.storage.engine import shopless, transaction

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
SOON = NOW + timedelta(minutes=15)
LATER = NOW + timedelta(minutes=30)
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
ADDRESS = APP_URL + "/webhooks/shopify"
ALL = {enum_name(topic): ADDRESS for topic in API_TOPICS}


@pytest.fixture
def store(tmp_path, database):
    made = StandInStore(tmp_path, scopes=[*SCOPES, "read_customer_merge"])
    yield made
    made.stop()


@pytest.fixture
def shop_id(store):
    return store.connect(NOW)


def subscribed(store, shop_id):
    return {each.topic: each.uri for each in list_subscriptions(store.api(shop_id))}


def outcome(shop_id):
    with transaction(shop_id) as connection:
        return shop_checks.find(connection, "subscriptions")


def due(shop_id):
    with shopless() as connection:
        return due_work.list_of_shop(connection, shop_id)


def test_a_fresh_shop_is_subscribed_to_every_topic_but_those_of_the_configuration_file(store, shop_id):
    keep_subscriptions_due(shop_id, now=NOW)
    assert subscribed(store, shop_id) == ALL
    assert not {"APP_UNINSTALLED", "APP_SCOPES_UPDATE"} & set(ALL)
    assert outcome(shop_id)["problems"] == {}
    assert due(shop_id)["subscriptions"] == SOON


def test_where_all_is_well_nothing_is_written_to_shopify(store, shop_id):
    keep_subscriptions_due(shop_id, now=NOW)
    store.forget_calls()
    keep_subscriptions_due(shop_id, now=SOON)
    assert [call["operation"] for call in store.calls()] == ["WebhookSubscriptions"]


def test_a_subscription_that_was_deleted_is_made_anew_and_what_was_missed_is_read(store, shop_id):
    read_changes_since(shop_id, LONG_AGO, NOW)
    keep_subscriptions_due(shop_id, now=NOW)
    store.fault("forget_subscriptions")
    store.order(5001, at="2026-06-15T12:07:00Z")
    with transaction(shop_id) as connection:
        sync_marks.advance(connection, "orders", SOON, at=SOON)  # as if the hourly reading had just missed it
    keep_subscriptions_due(shop_id, now=LATER)
    assert subscribed(store, shop_id) == ALL
    assert set(outcome(shop_id)["mended"]) == set(API_TOPICS)
    assert due(shop_id)["changes"] == LATER
    read_changes_due(shop_id, now=LATER)
    assert one(shop_id, "SELECT shopify_id FROM orders")["shopify_id"] == 5001


def test_a_subscription_that_points_to_an_old_address_is_redirected(store, shop_id):
    keep_subscriptions_due(shop_id, now=NOW)
    api = store.api(shop_id)
    there = next(each for each in list_subscriptions(api) if each.topic == "ORDERS_UPDATED")
    old = "https://old-tunnel.example.com/webhooks/shopify"
    api.run("UpdateSubscription", {"id": there.gid, "subscription": {"uri": old}})
    keep_subscriptions_due(shop_id, now=SOON)
    assert subscribed(store, shop_id) == ALL
    assert outcome(shop_id)["mended"] == ["orders/updated"]
    assert due(shop_id)["changes"] == SOON


def test_a_subscription_that_is_cut_or_filtered_is_replaced_by_a_whole_one(store, shop_id):
    keep_subscriptions_due(shop_id, now=NOW)
    api = store.api(shop_id)
    there = next(each for each in list_subscriptions(api) if each.topic == "PRODUCTS_UPDATE")
    api.run("UpdateSubscription", {"id": there.gid, "subscription": {"includeFields": ["id", "updated_at"]}})
    assert not all(each.is_plain for each in list_subscriptions(api))
    keep_subscriptions_due(shop_id, now=SOON)
    assert all(each.is_plain for each in list_subscriptions(api))
    assert subscribed(store, shop_id) == ALL


def test_two_for_one_topic_become_one(store, shop_id):
    keep_subscriptions_due(shop_id, now=NOW)
    api = store.api(shop_id)
    second = {"uri": "https://old-tunnel.example.com/webhooks/shopify", "format": "JSON"}
    api.run("CreateSubscription", {"topic": "ORDERS_CREATE", "subscription": second})
    keep_subscriptions_due(shop_id, now=SOON)
    assert [each.uri for each in list_subscriptions(api) if each.topic == "ORDERS_CREATE"] == [ADDRESS]


def test_what_somebody_sends_to_an_address_of_their_own_is_let_be(store, shop_id):
    own = {"uri": "https://elsewhere.example.com/hooks", "format": "JSON"}
    store.api(shop_id).run("CreateSubscription", {"topic": "ORDERS_CREATE", "subscription": own})
    keep_subscriptions_due(shop_id, now=NOW)
    uris = [each.uri for each in list_subscriptions(store.api(shop_id)) if each.topic == "ORDERS_CREATE"]
    assert sorted(uris) == ["https://elsewhere.example.com/hooks", ADDRESS]


def test_an_answer_that_is_lost_makes_no_second_subscription(store, shop_id):
    store.fault("reset", operation="CreateSubscription", after=True, count=2)
    keep_subscriptions_due(shop_id, now=NOW)
    topics = [each.topic for each in list_subscriptions(store.api(shop_id))]
    assert sorted(topics) == sorted(ALL)


def test_a_topic_that_is_refused_keeps_no_other_away_and_is_told_of(tmp_path, database):
    store = StandInStore(tmp_path)
    try:
        shop_id = store.connect(NOW)
        keep_subscriptions_due(shop_id, now=NOW)
        assert set(outcome(shop_id)["problems"]) <= {"customers/merge"}
        assert set(ALL) - set(subscribed(store, shop_id)) <= {"CUSTOMERS_MERGE"}
        keep_subscriptions_due(shop_id, now=SOON)
        assert "changes" not in due(shop_id)
    finally:
        store.stop()
