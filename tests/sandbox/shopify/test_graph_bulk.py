"""Bulk operations: their files, states, refusals; and mutations over an uploaded file."""

import json

import pytest
from loaded_store import SAMPLE_DOMAIN, LoadedStore

from sandbox.shopify.graph import bulk
from sandbox.shopify.orders_jsonl import write_orders_jsonl
from sandbox.shopify.uploads import stage

START = """mutation Start($query: String!) { bulkOperationRunQuery(query: $query) {
  bulkOperation { id status objectCount url } userErrors { field message code } } }"""
LOOK = """query Look($id: ID!) { bulkOperation(id: $id) { id type status errorCode objectCount rootObjectCount
  fileSize completedAt url partialDataUrl } }"""
CANCEL = """mutation Stop($id: ID!) { bulkOperationCancel(id: $id) { bulkOperation { status }
  userErrors { field message } } }"""
ORDERS = """{ orders { edges { node { id name createdAt processedAt updatedAt cancelledAt test currencyCode
  displayFinancialStatus sourceName tags discountCodes customer { id }
  totalPriceSet { shopMoney { amount currencyCode } } currentTotalPriceSet { shopMoney { amount currencyCode } }
  totalRefundedSet { shopMoney { amount currencyCode } } totalDiscountsSet { shopMoney { amount currencyCode } }
  refunds { id createdAt totalRefundedSet { shopMoney { amount currencyCode } } }
  lineItems { edges { node { id title sku vendor isGiftCard product { id } variant { id } quantity
    currentQuantity originalUnitPriceSet { shopMoney { amount currencyCode } }
    discountedUnitPriceAfterAllDiscountsSet { shopMoney { amount currencyCode } }
    discountAllocations { discountApplication { ... on AutomaticDiscountApplication { title } } }
    lineItemGroup { id } } } } } } } }"""
CATALOGUE = """{ collections { edges { node { id title products { edges { node { id } } } } } }
  products { edges { node { id variants { edges { node { id sku
    inventoryItem { unitCost { amount } tracked } } } } } } } }"""
NOT_BY_NODES = (
    "All connection fields in a bulk query must select their contents using 'edges' > 'node', e.g: "
    "'orders { edges { node {'. Selecting via 'nodes' is not supported. Invalid connection fields: 'orders'."
)
NO_ID = (
    "The parent 'node' field for a nested connection must select the 'id' field without an alias and must be "
    "of 'ID' return type. Connection fields without 'id': products."
)
NOT_PARSED = "Failed to parse the mutation - syntax error, unexpected end of file at [1, 16]"


@pytest.fixture
def store(tmp_path):
    loaded = LoadedStore(tmp_path, customers=60)
    loaded.change(restoreRate=1_000_000, bucketSize=1_000_000)
    yield loaded
    loaded.world.settings["bulk_pause"] = 0.0
    for number in list(loaded.world.settings.get("bulk_jobs", {})):
        bulk.cancel(loaded.world, SAMPLE_DOMAIN, number)
    loaded.close()


def start(store, query=ORDERS):
    return store.data(START, query=query)["bulkOperationRunQuery"]


def finished(store, query=ORDERS):
    """The operation at its end."""
    number = start(store, query)["bulkOperation"]["id"]
    bulk.wait_for_all(store.world)
    return store.data(LOOK, id=number)["bulkOperation"]


def lines(store, operation, field="url"):
    path, expired = bulk.find_file(store.world, operation[field].rpartition("/")[2])
    assert not expired
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def test_an_operation_begins_as_created_and_ends_with_a_link_to_all_objects(store):
    begun = start(store)["bulkOperation"]
    assert (begun["status"], begun["objectCount"], begun["url"]) == ("CREATED", "0", None)
    bulk.wait_for_all(store.world)
    operation = store.data(LOOK, id=begun["id"])["bulkOperation"]
    found = lines(store, operation)
    assert operation["status"] == "COMPLETED"
    assert operation["objectCount"] == str(len(found))
    assert operation["rootObjectCount"] == str(len(store.each("order")))
    assert [topic for topic, _ in store.told] == ["bulk_operations/finish"]


@pytest.mark.parametrize("order", ["apart", "mixed", "wild", "grouped"])
def test_every_order_of_lines_holds_the_same_objects(store, order):
    store.world.settings["bulk_order"] = order
    found = lines(store, finished(store))
    parents = {one["id"] for one in found if "__parentId" not in one}
    children = [one for one in found if "__parentId" in one]
    assert parents == {f"gid://shopify/Order/{one['id']}" for one in store.each("order")}
    assert len(children) == sum(len(one["lines"]) for one in store.each("order"))
    assert {one["__parentId"] for one in children} == parents


def test_children_stand_apart_from_their_parents_by_default(store):
    found = lines(store, finished(store))
    kinds = ["__parentId" in one for one in found]
    assert kinds == sorted(kinds)


def test_connections_in_connections_name_the_nearest_parent(store):
    found = lines(store, finished(store, CATALOGUE))
    kind = {one["id"]: one["id"].split("/")[3] for one in found}
    parents = {(kind[one["id"]], one["__parentId"].split("/")[3]) for one in found if "__parentId" in one}
    assert parents == {("Product", "Collection"), ("ProductVariant", "Product")}
    assert sum("__parentId" not in one for one in found) == 82 + 6


def test_the_fast_file_for_benchmarks_holds_what_the_operation_gives(store, tmp_path):
    shop = next(store.state.each(SAMPLE_DOMAIN, "shop"))
    path = tmp_path / "orders.jsonl"
    objects = write_orders_jsonl(store.store, path, shop_id=shop["id"])
    fast = {line["id"]: line for line in map(json.loads, path.read_bytes().splitlines())}
    slow = {line["id"]: line for line in lines(store, finished(store))}
    assert len(fast) == objects
    assert fast == slow


def test_a_sixth_operation_at_once_is_refused_with_the_names_of_the_five(store):
    store.world.settings["bulk_pause"] = 30
    begun = [start(store)["bulkOperation"]["id"] for _ in range(5)]
    refused = start(store)
    assert refused["bulkOperation"] is None
    (error,) = refused["userErrors"]
    assert error["code"] == "OPERATION_IN_PROGRESS"
    assert error["message"].endswith(f"already in progress: {', '.join(begun)}.")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("{ shop { id } }", "Bulk queries must contain at least one connection."),
        ("", "Invalid bulk query: syntax error, unexpected end of file"),
        (
            "{ orders { edges { node { nope } } } }",
            "Invalid bulk query: Field 'nope' doesn't exist on type 'Order'",
        ),
        ("mutation { x }", "Invalid operation type. Only `query` operations are supported."),
        ("{ orders { nodes { id } } }", NOT_BY_NODES),
        ("{ products { edges { node { title variants { edges { node { id } } } } } } }", NO_ID),
        (
            "{ orders { edges { node { id refunds { refundLineItems { edges { node { quantity } } } } } } } }",
            "Queries that contain a connection field within a list field are not currently supported.",
        ),
        (
            CATALOGUE.replace("sku", "sku product { id collections { edges { node { id } } } }"),
            "Bulk queries cannot contain connections with a nesting depth greater than 2.",
        ),
    ],
)
def test_what_a_bulk_query_may_not_be_is_said_at_once(store, query, words):
    refused = start(store, query)
    assert refused["bulkOperation"] is None
    assert words in [error["message"] for error in refused["userErrors"]]
    assert {error["code"] for error in refused["userErrors"]} == {"INVALID"}


def test_a_cancelled_operation_ends_as_canceled_and_cannot_be_cancelled_twice(store):
    store.world.settings["bulk_pause"] = 30
    number = start(store)["bulkOperation"]["id"]
    stopped = store.data(CANCEL, id=number)["bulkOperationCancel"]
    assert stopped == {"bulkOperation": {"status": "CANCELING"}, "userErrors": []}
    bulk.wait_for_all(store.world)
    assert store.data(LOOK, id=number)["bulkOperation"]["status"] == "CANCELED"
    again = store.data(CANCEL, id=number)["bulkOperationCancel"]["userErrors"]
    assert again == [{"field": None, "message": "A bulk operation cannot be canceled when it is canceled"}]


def test_a_failure_leaves_what_was_written_as_partial_data(store):
    store.world.settings["bulk_fail_after"] = 25
    operation = finished(store)
    assert (operation["status"], operation["errorCode"]) == ("FAILED", "INTERNAL_SERVER_ERROR")
    assert operation["url"] is None
    assert len(lines(store, operation, "partialDataUrl")) == 25


def test_without_the_scope_an_operation_fails_with_access_denied(store):
    number = store.data(START, query=ORDERS, scopes=("read_orders",))["bulkOperationRunQuery"]["bulkOperation"][
        "id"
    ]
    bulk.wait_for_all(store.world)
    operation = store.data(LOOK, id=number)["bulkOperation"]
    assert (operation["status"], operation["errorCode"]) == ("FAILED", "ACCESS_DENIED")


def test_a_store_where_bulk_is_switched_off_answers_access_denied(store):
    store.change(bulkEnabled=False)
    assert store.error(START, query=ORDERS)["extensions"]["code"] == "ACCESS_DENIED"


def test_nothing_found_means_no_link(store):
    operation = finished(store, '{ orders(query: "tag:nobody-has-this") { edges { node { id } } } }')
    assert (operation["status"], operation["objectCount"], operation["url"]) == ("COMPLETED", "0", None)


def test_a_link_expires(store):
    store.world.settings["bulk_link_seconds"] = 0
    operation = finished(store)
    assert bulk.find_file(store.world, operation["url"].rpartition("/")[2])[1]


def test_an_operation_that_a_restart_cut_off_is_taken_up_again(store):
    store.world.settings["bulk_pause"] = 30
    number = start(store)["bulkOperation"]["id"]
    job = next(iter(store.world.settings["bulk_jobs"].values()))
    store.world.settings |= {"bulk_jobs": {}, "bulk_pause": 0.0}  # as a new process finds things
    assert bulk.resume(store.world) == 1
    bulk.wait_for_all(store.world)
    assert store.data(LOOK, id=number)["bulkOperation"]["status"] == "COMPLETED"
    store.world.state.clear(SAMPLE_DOMAIN, bulk.KIND)
    job.stop.set()
    job.thread.join()


def test_running_operations_are_listed_newest_first_and_found_by_status(store):
    first, second = (finished(store, "{ products { edges { node { id } } } }")["id"] for _ in range(2))
    query = """query List($query: String) { bulkOperations(first: 5, query: $query) { nodes { id } } }"""
    assert [one["id"] for one in store.data(query)["bulkOperations"]["nodes"]] == [second, first]
    assert store.data(query, query="status:running")["bulkOperations"]["nodes"] == []
    assert (
        len(store.data(query, query="status:completed AND operation_type:query")["bulkOperations"]["nodes"])
        == 2
    )


RUN = """mutation Run($mutation: String!, $path: String!, $client: String) {
  bulkOperationRunMutation(mutation: $mutation, stagedUploadPath: $path, clientIdentifier: $client) {
    bulkOperation { id status } userErrors { field message code } } }"""
ADD = """mutation Add($id: ID!, $tags: [String!]!) {
  tagsAdd(id: $id, tags: $tags) { node { id } userErrors { message } } }"""


def upload(store, folder, content):
    given = {
        "resource": "BULK_MUTATION_VARIABLES",
        "filename": "v.jsonl",
        "mimeType": "text/jsonl",
        "httpMethod": "POST",
    }
    document = stage(store.world, next(store.state.each(SAMPLE_DOMAIN, "shop")), given)
    if content is not None:
        path = folder / f"{document['id']}.jsonl"
        path.write_bytes(content)
        store.state.put(SAMPLE_DOMAIN, "staged_upload", document | {"path": str(path), "size": len(content)})
    return document["key"]


def test_a_bulk_mutation_runs_every_line_and_says_which_went_wrong(store, tmp_path):
    customers = store.each("customer")[:3]
    rows = [{"id": f"gid://shopify/Customer/{one['id']}", "tags": ["seg:vip"]} for one in customers]
    rows.append({"id": "gid://shopify/Customer/1", "tags": ["seg:vip"]})
    content = "\n".join([*map(json.dumps, rows), "no json", json.dumps({"id": "7", "tags": []})]).encode()
    begun = store.data(RUN, mutation=ADD, path=upload(store, tmp_path, content), client="kindred-labels-1")
    bulk.wait_for_all(store.world)
    operation = store.data(LOOK, id=begun["bulkOperationRunMutation"]["bulkOperation"]["id"])["bulkOperation"]
    found = {one["__lineNumber"]: one for one in lines(store, operation)}
    assert operation["status"] == "COMPLETED"
    assert found[0]["data"]["tagsAdd"]["userErrors"] == []
    assert found[3]["data"]["tagsAdd"]["userErrors"] == [{"message": "Customer does not exist"}]
    assert "errors" in found[4]
    assert found[5]["errors"][0]["extensions"]["code"] == "INVALID_VARIABLE"
    assert all("seg:vip" in one["tags"] for one in store.each("customer")[:3])


@pytest.mark.parametrize(
    ("mutation", "content", "client", "code", "words"),
    [
        (ADD, None, None, "NO_SUCH_FILE", "The JSONL file could not be found."),
        (ADD, b"", None, "INVALID_STAGED_UPLOAD_FILE", "The input file is empty."),
        (ADD, b"{}", "short", "INVALID_MUTATION", "is too short (minimum is 10 characters)"),
        ("mutation { not parseable", b"{}", None, "INVALID_MUTATION", NOT_PARSED),
        ("query { shop { id } }", b"{}", None, "INVALID_MUTATION", "Invalid operation type."),
        (RUN, b"{}", None, None, "You must use an allowed mutation name."),
    ],
)  # fmt: skip
def test_what_a_bulk_mutation_may_not_be_is_said_at_once(
    store, tmp_path, mutation, content, client, code, words
):
    given = {"mutation": mutation, "path": upload(store, tmp_path, content), "client": client}
    answer = store.data(RUN, **given)["bulkOperationRunMutation"]
    assert answer["bulkOperation"] is None
    (error,) = answer["userErrors"]
    assert error["code"] == code
    assert error["message"].startswith(words)
