"""Staged uploads: a place is given out, and filled only by a form as strict as the real one."""

import io
import json
import re
import time

import pytest
import requests
from small_shop import RIVAL, TEA, SmallShop
from urllib3.filepost import encode_multipart_formdata

from sandbox.shopify import uploads
from sandbox.shopify.server import StandIn

STAGE = """mutation($input: [StagedUploadInput!]!) { stagedUploadsCreate(input: $input) {
  stagedTargets { url resourceUrl parameters { name value } } userErrors { field message } } }"""
WANTED = {
    "resource": "BULK_MUTATION_VARIABLES",
    "filename": "vars.jsonl",
    "mimeType": "text/jsonl",
    "httpMethod": "POST",
}
FILE = ("file", ("vars.jsonl", b'{"id": 1}\n', "text/jsonl"))


@pytest.fixture
def shop(tmp_path):
    with SmallShop(tmp_path) as shop:
        yield shop


def stage(shop):
    (target,) = shop.run(STAGE, input=[WANTED])["stagedTargets"]
    return target, [(one["name"], one["value"]) for one in target["parameters"]]


def send(shop, target, fields):
    body, kind = encode_multipart_formdata(fields)
    key = target["url"].partition(uploads.UPLOAD_PATH)[2]
    return uploads.receive_upload(shop.world, key, kind, io.BytesIO(body))


def key_of(fields):
    return dict(fields)["key"]


def test_a_form_with_all_parameters_and_the_file_last_is_taken(shop):
    target, fields = stage(shop)
    status, body = send(shop, target, [*fields, FILE])
    assert status == 201
    assert key_of(fields) in body
    path = uploads.uploaded_file(shop.world, TEA, key_of(fields))
    assert path.read_bytes() == b'{"id": 1}\n'


def test_requests_can_send_it_as_the_app_would(shop):
    target, fields = stage(shop)
    prepared = requests.Request("POST", target["url"], data=fields, files=[FILE]).prepare()
    key = target["url"].partition(uploads.UPLOAD_PATH)[2]
    body = io.BytesIO(prepared.body)
    assert uploads.receive_upload(shop.world, key, prepared.headers["Content-Type"], body)[0] == 201


@pytest.mark.parametrize(
    "change",
    [
        lambda fields: [FILE, *fields],
        lambda fields: fields,
        lambda fields: [*fields[1:], FILE],
        lambda fields: [*reversed(fields), FILE],
        lambda fields: [*fields, ("more", "x"), FILE],
        lambda fields: [*fields[:-1], (fields[-1][0], "forged"), FILE],
        lambda fields: [*fields, ("upload", FILE[1])],
    ],
    ids=["file first", "no file", "one missing", "order", "one too many", "forged", "wrong name"],
)
def test_any_other_form_is_refused(shop, change):
    target, fields = stage(shop)
    status, body = send(shop, target, change(fields))
    assert status == 400
    assert re.search("<Error><Code>\\w+</Code>", body)
    assert uploads.uploaded_file(shop.world, TEA, key_of(fields)) is None


def test_what_is_no_form_is_refused(shop):
    target, _ = stage(shop)
    key = target["url"].partition(uploads.UPLOAD_PATH)[2]
    for kind in ("application/json", "multipart/form-data", "multipart/form-data; boundary=x"):
        assert uploads.receive_upload(shop.world, key, kind, io.BytesIO(b"{}"))[0] == 400


def test_a_place_nobody_gave_out_is_denied(shop):
    _, fields = stage(shop)
    body, kind = encode_multipart_formdata([*fields, FILE])
    assert uploads.receive_upload(shop.world, "tmp/1/bulk/x/vars.jsonl", kind, io.BytesIO(body))[0] == 403


def test_a_place_belongs_to_the_shop_that_asked_for_it(shop):
    target, fields = stage(shop)
    send(shop, target, [*fields, FILE])
    assert uploads.uploaded_file(shop.world, RIVAL, key_of(fields)) is None


def test_an_unknown_resource_is_refused_before_anything_runs(shop):
    error = shop.ask(STAGE, input=[WANTED | {"resource": "X"}])["errors"][0]
    assert error["extensions"]["code"] == "INVALID_VARIABLE"
    assert 'Expected "X" to be one of: ' in error["message"]
    assert shop.errors(STAGE, input=[WANTED | {"filename": " "}])


TAG = "mutation($id: ID!, $tags: [String!]!) { tagsAdd(id: $id, tags: $tags) { userErrors { message } } }"
RUN = """mutation($path: String!, $mutation: String!) {
  bulkOperationRunMutation(mutation: $mutation, stagedUploadPath: $path, clientIdentifier: "kindred-tags") {
    bulkOperation { id } userErrors { message code } } }"""
FOLLOW = "query($id: ID!) { bulkOperation(id: $id) { status url } }"


def test_uploaded_lines_are_run_as_a_bulk_mutation_over_real_http(shop):
    shop.world.origin = ""
    lines = [{"id": shop.customer(number), "tags": ["x" * (number * 100)]} for number in (1, 2, 3)]
    with StandIn(shop.world):
        target, fields = stage(shop)
        body = "\n".join(map(json.dumps, lines))
        taken = requests.post(target["url"], data=fields, files={"file": ("vars.jsonl", body)}, timeout=10)
        assert taken.status_code == 201
        begun = shop.run(RUN, mutation=TAG, path=key_of(fields))
        assert begun["userErrors"] == []
        deadline = time.monotonic() + 20
        while (operation := shop.run(FOLLOW, id=begun["bulkOperation"]["id"]))["status"] != "COMPLETED":
            assert time.monotonic() < deadline, operation
            time.sleep(0.1)
        found = sorted(
            map(json.loads, requests.get(operation["url"], timeout=10).text.splitlines()),
            key=lambda line: line["__lineNumber"],
        )
    said = [[error["message"] for error in line["data"]["tagsAdd"]["userErrors"]] for line in found]
    assert said == [[], [], ["Tags is too long (maximum is 255 characters)"]]
    assert shop.find("customer", 2)["tags"] == ["x" * 200]
