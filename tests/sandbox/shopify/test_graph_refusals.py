"""What is refused before or instead of running, in the words that were recorded."""

import pytest
from loaded_store import LoadedStore


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    loaded = LoadedStore(tmp_path_factory.mktemp("refusals"), customers=20)
    yield loaded
    loaded.close()


@pytest.mark.parametrize(
    ("query", "code", "words"),
    [
        ("query A {\n  shop {\n    id\n", "PARSE_ERROR", "syntax error, unexpected end of file at [3, 5]"),
        ("query A { nope { id } }", "undefinedField", "Field 'nope' doesn't exist on type 'QueryRoot'"),
        (
            "query A { shop }",
            "selectionMismatch",
            (
                "Field must have selections (field 'shop' returns Shop but has no selections. "
                "Did you mean 'shop { ... }'?)"
            ),
        ),
        ("{ orders(first: 1, to: 2) { nodes { id } } }", "argumentNotAccepted", None),
        ("{ order { id } }", "missingRequiredArguments", None),
        (
            "{ bulkOperations(first: 1, sortKey: ID) { nodes { id } } }",
            "argumentLiteralsIncompatible",
            (
                "Argument 'sortKey' on Field 'bulkOperations' has an invalid value (ID). "
                "Expected type 'BulkOperationsSortKeys'."
            ),
        ),
        ('{ order(id: "7") { id } }', "argumentLiteralsIncompatible", "Invalid global id '7'"),
        ("{ orders { nodes { id } } }", "BAD_REQUEST", "you must provide one of first or last"),
        (
            "{ orders(first: 1, last: 1) { nodes { id } } }",
            "BAD_REQUEST",
            "providing both first and last is not supported",
        ),
        ('{ orders(first: 1, after: "x") { nodes { id } } }', "BAD_REQUEST", "Malformed cursor"),
        ("{ orders(first: 251) { nodes { id } } }", "BAD_REQUEST", None),
        (
            '{ bulkOperations(first: 1, query: "created_at:soon") { nodes { id } } }',
            "BAD_REQUEST",
            "Invalid timestamp for query filter `created_at`.",
        ),
        (
            '{ bulkOperation(id: "gid://shopify/Product/1") { id } }',
            "RESOURCE_NOT_FOUND",
            "Invalid id: gid://shopify/Product/1",
        ),
    ],
)
def test_a_query_that_does_not_fit_is_refused_in_recorded_words(store, query, code, words):
    error = store.error(query)
    assert error["extensions"]["code"] == code
    assert words is None or error["message"] == words


def test_variables_are_checked_one_by_one(store):
    query = """mutation M($sub: WebhookSubscriptionInput!) {
      webhookSubscriptionCreate(topic: ORDERS_CREATE, webhookSubscription: $sub) { userErrors { message } } }"""
    error = store.error(query, sub={"uri": 5, "colour": "red"})
    assert error["extensions"]["code"] == "INVALID_VARIABLE"
    assert {tuple(one["path"]): one["explanation"] for one in error["extensions"]["problems"]} == {
        ("uri",): "Could not coerce value 5 to String",
        ("colour",): "Field is not defined on WebhookSubscriptionInput",
    }
    missing = store.error(query)
    assert missing["extensions"]["problems"] == [{"path": [], "explanation": "Expected value to not be null"}]


def test_a_list_of_more_than_250_is_refused(store):
    query = "query N($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    error = store.error(query, ids=["gid://shopify/Order/1"] * 251)
    assert error["extensions"]["code"] == "MAX_INPUT_SIZE_EXCEEDED"
    assert error["message"] == "The input array size of 251 is greater than the maximum allowed of 250."


def test_fields_younger_than_the_version_do_not_exist(store):
    query = "{ customers(first: 1) { nodes { defaultPhoneNumber { smsMarketingConsent { state } } } } }"
    assert store.error(query, version="2026-07")["extensions"]["code"] == "undefinedField"
    assert store.data(query)


@pytest.mark.parametrize(
    ("version", "status"), [("2025-04", 200), ("2026-10", 200), ("2031-01", 404), ("x", 404)]
)
def test_a_retired_version_is_served_by_the_oldest_and_a_strange_one_not_at_all(store, version, status):
    assert store.answer("{ shop { id } }", version=version)[0] == status


def test_a_frozen_store_is_402_and_a_closed_allowlist_403(store):
    store.change(frozen=True)
    assert store.answer("{ shop { id } }")[0] == 402
    store.change(frozen=False, apiAllowed=False)
    assert store.answer("{ shop { id } }")[0] == 403
    store.change(apiAllowed=True)
    assert store.answer("{ shop { id } }")[0] == 200
