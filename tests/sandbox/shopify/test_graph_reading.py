"""Reading: pages, searches, sort keys, counts, what scopes and approvals hide."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from loaded_store import QUIET_DOMAIN, LoadedStore

from sandbox.shopify.graph.search import parse_search
from sandbox.shopify.world import now, stamp

PAGE = """query Page($first: Int, $last: Int, $after: String, $before: String, $query: String,
  $key: OrderSortKeys, $reverse: Boolean) {
  orders(first: $first, last: $last, after: $after, before: $before, query: $query,
    sortKey: $key, reverse: $reverse) {
    nodes { id updatedAt }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
} }"""


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    loaded = LoadedStore(tmp_path_factory.mktemp("reading"))
    loaded.change(restoreRate=1_000_000, bucketSize=1_000_000)
    yield loaded
    loaded.close()


def walk(store, size, **given):
    found, after = [], None
    while True:
        page = store.data(PAGE, first=size, after=after, **given)["orders"]
        found += page["nodes"]
        after = page["pageInfo"]["endCursor"]
        assert page["pageInfo"]["hasPreviousPage"] == (len(found) > len(page["nodes"]))
        if not page["pageInfo"]["hasNextPage"]:
            return found


@pytest.mark.parametrize("key", ["UPDATED_AT", "PROCESSED_AT", "ID", "TOTAL_PRICE", "ORDER_NUMBER"])
def test_pages_together_hold_every_order_once(store, key):
    found = walk(store, 100, key=key)
    assert sorted(one["id"] for one in found) == sorted(
        f"gid://shopify/Order/{one['id']}" for one in store.each("order")
    )


def test_pages_come_in_the_order_asked_for(store):
    times = [one["updatedAt"] for one in walk(store, 97, key="UPDATED_AT")]
    assert times == sorted(times)
    back = [one["updatedAt"] for one in walk(store, 250, key="UPDATED_AT", reverse=True)]
    assert back == times[::-1]


def test_the_last_page_read_backwards_is_the_end_of_the_list(store):
    whole = [one["id"] for one in walk(store, 250, key="ID")]
    page = store.data(PAGE, last=5, key="ID")["orders"]
    assert [one["id"] for one in page["nodes"]] == whole[-5:]
    before = store.data(PAGE, last=5, before=page["pageInfo"]["startCursor"], key="ID")["orders"]
    assert [one["id"] for one in before["nodes"]] == whole[-10:-5]


def test_a_time_filter_agrees_with_the_documents(store):
    moment = sorted(order["updatedAt"] for order in store.each("order"))[50]
    found = walk(store, 250, key="UPDATED_AT", query=f"updated_at:>='{moment}'")
    assert len(found) == sum(order["updatedAt"] >= moment for order in store.each("order"))


def test_a_filter_that_does_not_exist_is_passed_over_with_a_warning(store):
    body = store.ask('{ orders(first: 5, query: "colour:red") { nodes { id } } }')
    assert len(body["data"]["orders"]["nodes"]) == 5
    (entry,) = body["extensions"]["search"]
    assert entry["path"] == ["orders"]
    assert entry["warnings"] == [
        {"field": "colour", "message": "Invalid search field for this query.", "code": "invalid_field"}
    ]


def test_a_time_without_quotes_falls_apart_at_its_second_colon(store):
    body = store.ask('{ orders(first: 1, query: "updated_at:>=2026-01-02T10:30:00Z") { nodes { id } } }')
    assert body["extensions"]["search"][0]["warnings"][0]["field"] == "30"


@pytest.mark.parametrize(
    ("query", "holds"),
    [
        ("financial_status:refunded", lambda order: order["financialStatus"] == "refunded"),
        ("NOT financial_status:paid", lambda order: order["financialStatus"] != "paid"),
        ("tag:wholesale OR tag:gift", lambda order: {"wholesale", "gift"} & set(order["tags"])),
        ("status:cancelled test:false", lambda order: order["cancelledAt"] and not order["test"]),
        ("-source_name:web", lambda order: order["sourceName"] != "web"),
    ],
)
def test_searches_find_what_they_say(store, query, holds):
    assert len(walk(store, 250, query=query)) == sum(bool(holds(order)) for order in store.each("order"))


@given(st.text(alphabet="ab:()'\"-<>= ORANDNT", max_size=40))
def test_no_search_is_too_odd_to_be_read(text):
    parse_search(text)


def test_counts_stop_at_their_limit(store):
    assert store.data("{ ordersCount(limit: 10) { count precision } }")["ordersCount"] == {
        "count": 10,
        "precision": "AT_LEAST",
    }
    whole = store.data("{ ordersCount(limit: null) { count precision } }")["ordersCount"]
    assert whole == {"count": len(store.each("order")), "precision": "EXACT"}


def test_without_read_all_orders_the_last_sixty_days_are_seen(store):
    oldest = stamp(now() - timedelta(days=60))
    young = sum(order["createdAt"] >= oldest for order in store.each("order"))
    scopes = ("read_orders", "read_customers")
    assert store.data("{ ordersCount { count } }", scopes=scopes)["ordersCount"]["count"] == young
    old = f"gid://shopify/Order/{store.each('order')[0]['id']}"
    query = "query One($id: ID!) { order(id: $id) { id } nodes(ids: [$id]) { id } }"
    assert store.data(query, scopes=scopes, id=old) == {"order": None, "nodes": [None]}


def test_a_field_without_its_scope_is_null_and_says_which_scope(store):
    query = "{ orders(first: 1, reverse: true) { nodes { id customer { id } } } }"
    body = store.ask(query, scopes=("read_orders", "read_all_orders"))
    assert body["data"]["orders"]["nodes"][0]["customer"] is None
    (error,) = body["errors"]
    assert error["extensions"]["code"] == "ACCESS_DENIED"
    assert (
        error["message"] == "Access denied for customer field. Required access: `read_customers` access scope."
    )


def test_protected_fields_are_null_with_an_error_each_while_the_rest_is_there(store):
    store.change(protectedDataApproved=False)
    body = store.ask("{ customers(first: 1) { nodes { id firstName defaultEmailAddress { emailAddress } } } }")
    store.change(protectedDataApproved=True)
    (customer,) = body["data"]["customers"]["nodes"]
    assert customer["id"]
    assert customer["firstName"] is customer["defaultEmailAddress"] is None
    assert [error["extensions"]["code"] for error in body["errors"]] == ["ACCESS_DENIED"] * 2


def test_nodes_answers_in_the_order_asked_with_null_for_strangers(store):
    order, customer = store.each("order")[0], store.each("customer")[-1]
    ids = [
        f"gid://shopify/Customer/{customer['id']}",
        "gid://shopify/Order/1",
        f"gid://shopify/Order/{order['id']}",
    ]
    query = "query N($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Order { name } } }"
    first, second, third = store.data(query, ids=ids)["nodes"]
    assert (first["__typename"], second, third["name"]) == ("Customer", None, order["name"])


def test_the_other_store_sees_nothing_of_the_first(store):
    order = f"gid://shopify/Order/{store.each('order')[0]['id']}"
    query = "query One($id: ID!) { order(id: $id) { id } ordersCount(limit: null) { count } }"
    seen = store.data(query, shop=QUIET_DOMAIN, id=order)
    assert seen["order"] is None
    assert seen["ordersCount"]["count"] == len(store.each("order", QUIET_DOMAIN))


def test_a_sum_paid_in_euros_is_told_in_both_currencies(store):
    order = next(one for one in store.each("order") if one["presentmentCurrencyCode"] == "EUR")
    query = """query One($id: ID!) { order(id: $id) { totalPriceSet { shopMoney { amount currencyCode }
      presentmentMoney { amount currencyCode } } } }"""
    both = store.data(query, id=f"gid://shopify/Order/{order['id']}")["order"]["totalPriceSet"]
    assert both["shopMoney"]["currencyCode"] == "USD"
    assert both["presentmentMoney"]["currencyCode"] == "EUR"
    shop, own = (float(both[name]["amount"]) for name in ("shopMoney", "presentmentMoney"))
    assert round(own * 1.08, 2) == pytest.approx(shop, abs=0.011)
