"""Points: the recorded costs, the bucket, what is too dear."""

import re

import pytest
from loaded_store import LoadedStore

ORDERS = """query O($first: Int!) { orders(first: $first) { pageInfo { hasNextPage } nodes {
  id attribution { handle } customer { id } totalPriceSet { shopMoney { amount } }
  lineItems(first: 50) { nodes { id product { id } variant { id }
    originalUnitPriceSet { shopMoney { amount } } } }
} } }"""
CUSTOMERS = """query C($first: Int!) { customers(first: $first) { nodes {
  id amountSpent { amount } lastOrder { id } defaultEmailAddress { emailAddress }
  defaultPhoneNumber { phoneNumber smsMarketingConsent { state } } statistics { rfmGroup }
  segment: metafield(key: "segment") { value }
} } }"""
PRODUCTS = """query P($first: Int!) { products(first: $first) { nodes {
  id options { name optionValues { name } }
  variants(first: 50) { nodes { id selectedOptions { name value } } }
} } }"""


@pytest.fixture
def store(tmp_path):
    loaded = LoadedStore(tmp_path, customers=20)
    yield loaded
    loaded.close()


def cost(body):
    return body["extensions"]["cost"]


@pytest.mark.parametrize(
    ("query", "size", "points"),
    [
        (ORDERS, 50, 184), (ORDERS, 100, 236), (ORDERS, 250, 288),
        (CUSTOMERS, 50, 51), (CUSTOMERS, 100, 65), (CUSTOMERS, 250, 79),
        (PRODUCTS, 50, 135), (PRODUCTS, 100, 173), (PRODUCTS, 250, 211),
    ],
)  # fmt: skip
def test_queries_cost_what_the_fact_sheet_says(store, query, size, points):
    assert cost(store.ask(query, first=size))["requestedQueryCost"] == points


def test_what_was_not_used_comes_back(store):
    store.change(restoreRate=1)
    body = store.ask(ORDERS, first=250)
    used = cost(body)["actualQueryCost"]
    assert 0 < used < 288
    assert cost(body)["throttleStatus"]["currentlyAvailable"] == pytest.approx(2000 - used, abs=3)


def test_an_empty_bucket_answers_throttled_without_data_and_refills(store):
    store.change(restoreRate=1, bucketSize=300)
    spent = [store.ask(ORDERS, first=250) for _ in range(12)]
    throttled = next(body for body in spent if "errors" in body)
    assert "data" not in throttled
    assert throttled["errors"][0]["message"] == "Throttled"
    assert throttled["errors"][0]["extensions"]["code"] == "THROTTLED"
    assert cost(throttled)["actualQueryCost"] is None
    store.change(restoreRate=100_000, bucketSize=300)
    assert "data" in store.ask(ORDERS, first=250)


def test_a_query_past_a_thousand_points_is_never_run(store):
    inner = "collections(first: 250) { nodes { products(first: 250) { nodes { id } } } }"
    nested = f"{{ products(first: 250) {{ nodes {{ {inner} }} }} }}"
    error = store.error(nested)
    assert error["extensions"]["code"] == "MAX_COST_EXCEEDED"
    assert re.match(
        r"Query cost is \d+, which exceeds the single query max cost limit \(1000\)\.", error["message"]
    )


def test_a_mutation_costs_ten_points_whatever_it_returns(store):
    query = """mutation { bulkOperationCancel(id: "gid://shopify/BulkOperation/1") {
      bulkOperation { id } userErrors { message } } }"""
    assert cost(store.ask(query))["requestedQueryCost"] == 10


def test_a_count_costs_ten_points(store):
    assert cost(store.ask("{ ordersCount { count } }"))["requestedQueryCost"] == 10
