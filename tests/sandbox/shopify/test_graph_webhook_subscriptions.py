"""Subscriptions made by call."""

import pytest
from loaded_store import LoadedStore

CREATE = """mutation Subscribe($topic: WebhookSubscriptionTopic!, $sub: WebhookSubscriptionInput!) {
  webhookSubscriptionCreate(topic: $topic, webhookSubscription: $sub) {
    webhookSubscription { id topic uri format includeFields filter name apiVersion { handle } }
    userErrors { field message } } }"""
LIST = "{ webhookSubscriptions(first: 10) { nodes { id topic uri } } webhookSubscriptionsCount { count } }"


@pytest.fixture
def store(tmp_path):
    loaded = LoadedStore(tmp_path, customers=0)
    yield loaded
    loaded.close()


def create(store, topic="ORDERS_UPDATED", **given):
    given.setdefault("uri", "https://app.example.com/webhooks")
    return store.data(CREATE, topic=topic, sub=given)["webhookSubscriptionCreate"]


def test_a_subscription_is_made_listed_changed_and_removed(store):
    made = create(store, includeFields=["id", "updated_at"], name="mine")["webhookSubscription"]
    assert (made["topic"], made["format"], made["apiVersion"]["handle"]) == (
        "ORDERS_UPDATED",
        "JSON",
        "2026-10",
    )
    assert store.data(LIST)["webhookSubscriptions"]["nodes"][0]["id"] == made["id"]
    change = """mutation U($id: ID!, $sub: WebhookSubscriptionInput!) { webhookSubscriptionUpdate(id: $id,
      webhookSubscription: $sub) { webhookSubscription { uri includeFields } userErrors { message } } }"""
    changed = store.data(change, id=made["id"], sub={"uri": "https://app.example.com/other"})
    assert changed["webhookSubscriptionUpdate"]["webhookSubscription"] == {
        "uri": "https://app.example.com/other",
        "includeFields": ["id", "updated_at"],
    }
    remove = """mutation D($id: ID!) { webhookSubscriptionDelete(id: $id) { deletedWebhookSubscriptionId
      userErrors { field message } } }"""
    assert store.data(remove, id=made["id"])["webhookSubscriptionDelete"]["userErrors"] == []
    assert store.data(remove, id=made["id"])["webhookSubscriptionDelete"]["userErrors"]
    assert store.data(LIST)["webhookSubscriptionsCount"]["count"] == 0


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"uri": "http://app.example.com/webhooks"}, "Address protocol http:// is not supported"),
        ({"uri": "webhooks"}, "Address is invalid"),
        ({"uri": "https://localhost/webhooks"}, "Address cannot be a Shopify or an internal domain"),
        ({"uri": "https://x.myshopify.com/webhooks"}, "Address cannot be a Shopify or an internal domain"),
        (
            {"filter": "rubbish"},
            "The specified filter is invalid, please ensure you specify the field(s) you wish to filter on.",
        ),
        (
            {"name": "has spaces"},
            "Name name field can only contain alphanumeric characters, underscores, and hyphens",
        ),
    ],
)
def test_what_is_wrong_with_a_subscription_is_said_in_recorded_words(store, given, words):
    answer = create(store, **given)
    assert answer["webhookSubscription"] is None
    assert [error["message"] for error in answer["userErrors"]] == [words]


def test_the_registered_app_may_be_told_on_this_machine(store):
    assert create(store, uri="http://127.0.0.1:9/webhooks/shopify")["userErrors"] == []


def test_the_same_topic_and_address_are_not_taken_twice(store):
    create(store)
    words = [error["message"] for error in create(store)["userErrors"]]
    assert words == ["Address for this topic has already been taken"]
    assert create(store, topic="ORDERS_CREATE")["userErrors"] == []


def test_a_name_is_not_given_twice(store):
    create(store, name="one")
    words = [error["message"] for error in create(store, topic="ORDERS_CREATE", name="one")["userErrors"]]
    assert words == ["Name already exists, no duplicate allowed"]
