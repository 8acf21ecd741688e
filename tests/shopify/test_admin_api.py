import gzip
import json
import logging
import time
from dataclasses import replace

import pytest
from scripted_shopify import SHOP, TOKEN, ScriptedShopify, cost, problem, told

from shop_app.errors import TemporaryError
from shop_app.shopify import admin_api, config, http
from shop_app.shopify.admin_api import AdminApi
from shop_app.shopify.admin_errors import (
    AccessDeadError,
    OutcomeUnknownError,
    PermanentError,
    RefusedByShopifyError,
    ShopFrozenError,
    ShopGoneError,
    ThrottledError,
    UserErrorsError,
)
from shop_app.shopify.cost_budget import budget_of
from shop_app.wire import http as wire

SHOP_DATA = {"shop": {"name": "Tea"}}
CREATED = {"webhookSubscriptionCreate": {"webhookSubscription": {"id": "gid://x/1"}, "userErrors": []}}
NEW = {"topic": "ORDERS_CREATE", "subscription": {"uri": "https://a.example/", "format": "JSON"}}
THROTTLED = told(errors=[problem("THROTTLED", "Throttled")], extensions=cost(200, available=100))


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch):
    monkeypatch.setattr(admin_api, "_PAUSES_SECONDS", (0.0, 0.0, 0.0))


@pytest.fixture
def shopify():
    with ScriptedShopify() as scripted:
        yield scripted


def test_a_call_is_a_named_document_with_the_shops_token_at_the_pinned_version(shopify):
    answer = shopify.says(told(SHOP_DATA)).api().run("ShopFacts")
    assert answer.data == SHOP_DATA
    assert (answer.errors, answer.warnings) == ((), ())
    assert shopify.asked[0]["operationName"] == "ShopFacts"
    assert shopify.headers[0]["x-shopify-access-token"] == TOKEN
    assert shopify.headers[0]["host"] == SHOP  # one address serves every shop here
    assert answer.cost.requested == 10


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, AccessDeadError),
        (402, ShopFrozenError),
        (423, ShopFrozenError),
        (403, RefusedByShopifyError),
        (404, ShopGoneError),
        (400, PermanentError),
    ],
)
def test_a_status_that_says_no_is_told_by_its_kind_and_not_tried_again(shopify, status, error):
    shopify.says((status, {}, b'{"errors":"[API] a reason"}'))
    with pytest.raises(error):
        shopify.api().run("ShopFacts")
    assert len(shopify.asked) == 1


def test_a_refusal_comes_with_shopifys_own_reason(shopify):
    shopify.says((403, {}, b'{"errors":"The IP address is not allowed"}'))
    with pytest.raises(RefusedByShopifyError) as refused:
        shopify.api().run("ShopFacts")
    assert refused.value.reason == "The IP address is not allowed"


def test_a_token_that_has_ended_is_replaced_once(shopify):
    shopify.says((401, {}, b"{}"), told(SHOP_DATA))
    refused = []
    api = shopify.api(renew=lambda token: refused.append(token) or "fresh")
    assert api.run("ShopFacts").data == SHOP_DATA
    assert refused == [TOKEN]
    assert shopify.headers[1]["x-shopify-access-token"] == "fresh"


def test_a_token_that_is_refused_again_is_dead(shopify):
    shopify.says((401, {}, b"{}"))
    with pytest.raises(AccessDeadError):
        shopify.api(renew=lambda _: "fresh").run("ShopFacts")
    assert len(shopify.asked) == 2


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_query_is_asked_again_where_shopify_fails(shopify, status):
    assert shopify.says((status, {}, b"oops"), told(SHOP_DATA)).api().run("ShopFacts").data == SHOP_DATA


def test_a_query_is_not_asked_for_ever(shopify):
    with pytest.raises(TemporaryError):
        shopify.says((503, {}, b"")).api().run("ShopFacts")
    assert len(shopify.asked) == 4


def test_a_page_of_html_in_place_of_an_answer_is_a_failure_of_shopifys(shopify):
    assert shopify.says((200, {}, b"<html>"), told(SHOP_DATA)).api().run("ShopFacts").data == SHOP_DATA


@pytest.mark.parametrize(
    "answer", [(502, {}, b""), (200, {}, b"<html>"), told(errors=[problem("INTERNAL_SERVER_ERROR")])]
)
def test_what_must_not_be_done_twice_is_sent_once_and_its_outcome_is_unknown(shopify, answer):
    with pytest.raises(OutcomeUnknownError):
        shopify.says(answer, told(CREATED)).api().run("CreateSubscription", NEW)
    assert len(shopify.asked) == 1


def test_a_mutation_that_may_be_done_twice_is_sent_again(shopify):
    data = {"webhookSubscriptionDelete": {"deletedWebhookSubscriptionId": "gid://x/1", "userErrors": []}}
    shopify.says((502, {}, b""), told(data)).api().run("DeleteSubscription", {"id": "gid://x/1"})
    assert len(shopify.asked) == 2


def test_a_server_that_cannot_be_reached_has_done_nothing(shopify, monkeypatch):
    monkeypatch.setattr(admin_api, "_PAUSES_SECONDS", (0.0,))
    config.configure(replace(shopify.settings(), admin_origin="http://127.0.0.1:1"))
    with pytest.raises(http.NotReachedError):
        AdminApi(SHOP, TOKEN, budget_of(1)).run("CreateSubscription", NEW)


def test_a_throttled_call_waits_as_long_as_is_needed_and_is_no_failure(shopify):
    full = told(SHOP_DATA)
    shopify.says(THROTTLED, THROTTLED, THROTTLED, THROTTLED, THROTTLED, full)
    began = time.monotonic()
    assert shopify.api().run("ShopFacts").data == SHOP_DATA
    assert len(shopify.asked) == 6
    assert time.monotonic() - began < 10


def test_a_mutation_that_was_throttled_was_not_done_and_is_sent_again(shopify):
    assert shopify.says(THROTTLED, told(CREATED)).api().run("CreateSubscription", NEW).data == CREATED


@pytest.mark.parametrize("headers", [{"Retry_After": "0.2"}, {}, {"Retry_After": "soon"}])
def test_too_many_requests_is_waited_out(shopify, headers):
    began = time.monotonic()
    assert shopify.says((429, headers, b""), told(SHOP_DATA)).api().run("ShopFacts").data == SHOP_DATA
    assert 0.1 < time.monotonic() - began < 5


def test_throttling_without_an_end_is_left_to_later(shopify, monkeypatch):
    monkeypatch.setattr(admin_api, "_LONGEST_THROTTLING_SECONDS", 1.0)
    with pytest.raises(ThrottledError):
        shopify.says(THROTTLED).api().run("ShopFacts")


def test_what_a_call_costs_is_learnt_and_waited_for_before_the_next_one(shopify):
    shopify.says(told(SHOP_DATA, extensions=cost(400, available=10, rate=1000.0)))
    api = shopify.api()
    api.run("OrdersCount", {"query": "learnt"})
    began = time.monotonic()
    api.run("OrdersCount", {"query": "learnt"})
    assert 0.3 < time.monotonic() - began < 1.5


def test_a_call_that_costs_too_much_is_never_repeated(shopify):
    shopify.says(told(errors=[problem("MAX_COST_EXCEEDED", "Query cost is 1200")]))
    with pytest.raises(PermanentError, match="MAX_COST_EXCEEDED"):
        shopify.api().run("ShopFacts")
    assert len(shopify.asked) == 1


def test_data_of_which_a_part_is_withheld_is_kept_and_the_rest_told_once(shopify, caplog):
    denied = problem("ACCESS_DENIED", "Access denied for email field.", ["customers", "nodes", 0, "email"])
    shopify.says(told({"customers": {"nodes": [{"id": "1"}]}}, errors=[denied], X_Request_ID="r-1"))
    with caplog.at_level(logging.WARNING):
        answer = shopify.api().run("CustomersPage", {"first": 1})
    assert answer.data["customers"]["nodes"] == [{"id": "1"}]
    assert answer.errors[0].path == ("customers", "nodes", "0", "email")
    (record,) = [each for each in caplog.records if each.name == admin_api.__name__]
    assert (record.codes, record.request) == (["ACCESS_DENIED"], "r-1")


def test_an_answer_without_data_for_lack_of_a_scope_is_a_refusal(shopify):
    shopify.says(told(errors=[problem("ACCESS_DENIED", "Required access: `read_orders`")]))
    with pytest.raises(RefusedByShopifyError) as refused:
        shopify.api().run("OrdersPage", {"first": 1})
    assert "read_orders" in refused.value.reason


def test_other_errors_beside_data_are_never_taken_for_success(shopify):
    shopify.says(told(SHOP_DATA, errors=[problem("undefinedField", "Field 'x' doesn't exist")]))
    with pytest.raises(PermanentError, match="undefinedField"):
        shopify.api().run("ShopFacts")


def test_errors_in_plain_words_are_errors_too(shopify):
    shopify.says((200, {}, b'{"errors": "Not Found"}'))
    with pytest.raises(PermanentError, match="Not Found"):
        shopify.api().run("ShopFacts")


def test_user_errors_are_never_success_and_keep_what_else_came(shopify):
    wrong = {"field": ["subscription", "uri"], "message": "Address is invalid", "code": "INVALID"}
    data = {"webhookSubscriptionCreate": {"webhookSubscription": None, "userErrors": [wrong]}}
    with pytest.raises(UserErrorsError, match="Address is invalid") as refused:
        shopify.says(told(data)).api().run("CreateSubscription", NEW)
    (error,) = refused.value.errors
    assert (error.alias, error.field, error.code) == (
        "webhookSubscriptionCreate",
        ("subscription", "uri"),
        "INVALID",
    )
    assert refused.value.data == data


def test_a_search_that_shopify_does_not_understand_is_warned_of(shopify):
    search = [{"path": ["orders"], "warnings": [{"field": "typo", "message": "Invalid search field."}]}]
    shopify.says(told({"orders": {"nodes": []}}, extensions=cost() | {"search": search}))
    assert shopify.api().run("OrdersPage", {"first": 1}).warnings == ("typo: Invalid search field.",)


def test_another_version_than_the_pinned_one_raises_an_alarm(shopify, caplog):
    shopify.says(told(SHOP_DATA, X_Shopify_API_Version="2027-01"))
    with caplog.at_level(logging.WARNING):
        (warning,) = shopify.api().run("ShopFacts").warnings
    assert "2027-01" in warning
    assert caplog.records


def test_half_a_character_in_an_answer_does_not_break_it(shopify):
    shopify.says((200, {}, b'{"data": {"shop": {"name": "Tea \\ud83c"}}}'))
    assert shopify.api().run("ShopFacts").data == {"shop": {"name": "Tea ?"}}


def test_a_redirect_is_not_followed(shopify):
    shopify.says((302, {"Location": "https://elsewhere.example/"}, b""))
    with pytest.raises(PermanentError):
        shopify.api().run("ShopFacts")
    assert len(shopify.asked) == 1


def test_an_answer_that_is_too_large_is_left(shopify, monkeypatch):
    monkeypatch.setattr(wire, "Limits", lambda: _limits(answer_bytes=1_000))
    shopify.says(told({"shop": {"name": "x" * 2_000}}))
    with pytest.raises(PermanentError, match="larger"):
        shopify.api().run("ShopFacts")


def test_a_small_answer_that_unpacks_to_a_large_one_is_left(shopify, monkeypatch):
    monkeypatch.setattr(wire, "Limits", lambda: _limits(answer_bytes=100_000))
    shopify.says((200, {"Content_Encoding": "gzip"}, gzip.compress(b" " * 50_000_000)))
    with pytest.raises(PermanentError, match="larger"):
        shopify.api().run("ShopFacts")


def test_a_packed_answer_is_unpacked(shopify):
    packed = gzip.compress(json.dumps({"data": SHOP_DATA}).encode())
    assert shopify.says((200, {"Content_Encoding": "gzip"}, packed)).api().run("ShopFacts").data == SHOP_DATA


def test_an_answer_that_ends_in_the_middle_is_none(shopify):
    packed = gzip.compress(json.dumps({"data": SHOP_DATA}).encode())[:-12]
    with pytest.raises(TemporaryError):
        shopify.says((200, {"Content_Encoding": "gzip"}, packed)).api().run("ShopFacts")


def test_the_token_goes_to_no_other_host():
    with pytest.raises(PermanentError):
        http.post("https://evil.example/admin", host="tea-shop.myshopify.com", body=b"", headers={})
    with pytest.raises(PermanentError):
        http.post("https://tea-shop.myshopify.com@evil.example/", host=SHOP, body=b"", headers={})


def test_neither_token_nor_what_was_asked_is_in_any_error(shopify):
    shopify.says((500, {}, b""))
    with pytest.raises(TemporaryError) as failed:
        shopify.api().run("OrdersPage", {"first": 1, "query": "email:ann@example.com"})
    assert TOKEN not in str(failed.value)
    assert "ann@example.com" not in str(failed.value)


def _limits(**values):
    return replace(_LIMITS, **values)


_LIMITS = http.Limits()
