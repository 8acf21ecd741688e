import json
import time

import pytest
import requests
from patience import eventually
from stand_in_and_app import TEA, StandInAndApp

RUN = """mutation Run($text: String!) { bulkOperationRunQuery(query: $text) {
  bulkOperation { id status } userErrors { message } } }"""
POLL = "query Poll($id: ID!) { bulkOperation(id: $id) { status url objectCount errorCode } }"
CUSTOMERS = "{ customers { edges { node { id firstName } } } }"
STAGE = """mutation Stage($input: [StagedUploadInput!]!) { stagedUploadsCreate(input: $input) {
  stagedTargets { url parameters { name value } } userErrors { message } } }"""
WRITE = """mutation Write($mutation: String!, $path: String!) { bulkOperationRunMutation(
  mutation: $mutation, stagedUploadPath: $path, clientIdentifier: "a-run-of-the-test") {
  bulkOperation { id } userErrors { message } } }"""
TAG = "mutation Tag($id: ID!, $tags: [String!]!) { tagsAdd(id: $id, tags: $tags) { userErrors { message } } }"
SUBSCRIBE = """mutation Subscribe($sub: WebhookSubscriptionInput!) { webhookSubscriptionCreate(
  topic: CUSTOMERS_UPDATE, webhookSubscription: $sub) { webhookSubscription { id } userErrors { message } } }"""


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    both = StandInAndApp(tmp_path_factory.mktemp("bulk") / "stores.sqlite", bulk_pause=0.01)
    yield both
    both.stop()


@pytest.fixture
def both(shared):
    shared.delete("/_faults")
    shared.access = shared.connect()["access_token"]
    return shared


def finished(both, number):
    for _ in range(500):
        found = both.ask(both.access, POLL, id=number).json()["data"]["bulkOperation"]
        if found["status"] not in ("CREATED", "RUNNING"):
            return found
        time.sleep(0.01)
    raise AssertionError(found)


def run_query(both):
    answer = both.ask(both.access, RUN, text=CUSTOMERS).json()["data"]["bulkOperationRunQuery"]
    assert answer["userErrors"] == []
    return finished(both, answer["bulkOperation"]["id"])


def test_a_bulk_file_is_at_its_link_for_everybody_and_in_parts(both):
    done = run_query(both)
    assert (done["status"], done["objectCount"]) == ("COMPLETED", "3")
    whole = requests.get(done["url"], timeout=10)
    assert [json.loads(line)["firstName"] for line in whole.text.splitlines()] == ["Ann1", "Ann2", "Ann3"]
    part = requests.get(done["url"], headers={"Range": "bytes=10-19"}, timeout=10)
    assert (part.status_code, part.content) == (206, whole.content[10:20])
    assert requests.get(f"{both.origin}/_bulk/{'0' * 40}.jsonl", timeout=10).status_code == 404


def test_the_end_of_a_bulk_operation_is_told(both):
    both.app.webhooks.clear()
    run_query(both)
    _, raw = both.app.wait_for("bulk_operations/finish")[0]
    told = json.loads(raw)
    assert (told["status"], told["type"], told["error_code"]) == ("completed", "query", None)
    assert told["admin_graphql_api_id"].startswith("gid://shopify/BulkOperation/")


def test_a_bulk_file_can_be_cut_short_or_its_link_run_out(both):
    url = run_query(both)["url"]
    both.fault("truncate_bulk", bytes=25, count=1)
    assert len(requests.get(url, timeout=10).content) == 25
    both.fault("truncate_bulk", bytes=25, declared=True, count=1)
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        assert requests.get(url, timeout=10).content
    both.fault("expire_bulk", count=1)
    assert requests.get(url, timeout=10).status_code == 403
    assert requests.get(url, timeout=10).status_code == 200


def test_a_file_of_variables_is_uploaded_and_written_line_by_line(both):
    wish = {"resource": "BULK_MUTATION_VARIABLES", "filename": "v.jsonl", "mimeType": "text/jsonl"}
    staged = both.ask(both.access, STAGE, input=[wish | {"httpMethod": "POST"}]).json()
    target = staged["data"]["stagedUploadsCreate"]["stagedTargets"][0]
    lines = [{"id": f"gid://shopify/Customer/{number}", "tags": ["by bulk"]} for number in (1, 2, 404)]
    form = [(one["name"], (None, one["value"])) for one in target["parameters"]]
    form.append(("file", ("v.jsonl", "\n".join(map(json.dumps, lines)), "text/jsonl")))
    assert requests.post(target["url"], files=form, timeout=10).status_code == 201
    key = next(one["value"] for one in target["parameters"] if one["name"] == "key")
    answer = both.ask(both.access, WRITE, mutation=TAG, path=key).json()["data"]["bulkOperationRunMutation"]
    assert answer["userErrors"] == []
    done = finished(both, answer["bulkOperation"]["id"])
    results = [json.loads(line) for line in requests.get(done["url"], timeout=10).text.splitlines()]
    assert [bool(one["data"]["tagsAdd"]["userErrors"]) for one in results] == [False, False, True]
    assert "by bulk" in both.world.state.find(TEA, "customer", 2)["tags"]


def test_a_subscription_made_by_call_is_served(both):
    uri = f"{both.app.url}/webhooks/shopify"
    made = both.ask(both.access, SUBSCRIBE, sub={"uri": uri, "name": "mine"}).json()["data"]
    assert made["webhookSubscriptionCreate"]["userErrors"] == []
    both.deed("edit_customer", customer_id=1)
    # Of what the other tests did to customers something may still be on its way.
    eventually(lambda: "mine" in [headers.get("X-Shopify-Name") for headers, _ in both.app.webhooks])
