import time

import pytest
import requests
from patience import eventually
from stand_in_and_app import RIVAL, TEA, StandInAndApp

QUERY = "query Shop { shop { name } }"
TAG = "mutation Tag($id: ID!, $tags: [String!]!) { tagsAdd(id: $id, tags: $tags) { userErrors { message } } }"


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    both = StandInAndApp(tmp_path_factory.mktemp("faults") / "stores.sqlite")
    yield both
    both.stop()


@pytest.fixture
def both(shared):
    shared.delete("/_faults")
    shared.delete("/_calls")
    shared.access = shared.connect()["access_token"]
    shared.delete("/_calls")
    return shared


def tags(both):
    return both.world.state.find(TEA, "customer", 1)["tags"]


def tag(both, word):
    return both.ask(both.access, TAG, id="gid://shopify/Customer/1", tags=[word])


def test_a_status_is_answered_so_often_and_nothing_is_done(both):
    both.fault("status", status=502, operation="tagsAdd", count=2)
    assert [tag(both, "one").status_code for _ in range(3)] == [502, 502, 200]
    assert tags(both).count("one") == 1
    assert both.ask(both.access, QUERY).status_code == 200


def test_a_fault_may_be_for_one_store_or_one_path(both):
    both.fault("status", status=503, shop=RIVAL)
    both.fault("status", status=503, path="/oauth/")
    assert both.ask(both.access, QUERY).status_code == 200
    assert both.app.exchange(both.id_token()).status_code == 503


def test_latency_waits_and_other_faults_still_strike(both):
    both.fault("latency", seconds=0.3)
    both.fault("status", status=500, count=1)
    began = time.monotonic()
    assert both.ask(both.access, QUERY).status_code == 500
    assert time.monotonic() - began >= 0.3


@pytest.mark.parametrize(("after", "done"), [(False, False), (True, True)])
def test_a_reset_comes_before_or_behind_the_effect(both, after, done):
    word = f"reset-{after}"
    both.fault("reset", after=after, count=1)
    with pytest.raises(requests.ConnectionError):
        tag(both, word)
    assert (word in tags(both)) is done


def test_a_timeout_comes_behind_the_effect(both):
    both.fault("timeout", seconds=3, count=1, operation="Tag")
    with pytest.raises(requests.ReadTimeout):
        requests.post(
            f"{both.origin}/admin/api/2026-10/graphql.json",
            json={"query": TAG, "variables": {"id": "gid://shopify/Customer/1", "tags": ["late"]}},
            headers={"X-Shopify-Access-Token": both.access},
            timeout=0.7,
        )
    assert "late" in tags(both)


def test_a_storm_of_throttling_looks_like_an_empty_bucket(both):
    both.fault("throttle", count=1)
    answer = both.ask(both.access, QUERY)
    assert answer.status_code == 200
    assert answer.json()["errors"][0]["extensions"]["code"] == "THROTTLED"
    assert answer.json()["extensions"]["cost"]["throttleStatus"]["restoreRate"] == 100.0
    assert "data" not in answer.json()


def test_killed_tokens_are_dead_for_calls_or_for_refreshing(both):
    pair = both.app.exchange(both.id_token()).json()
    both.fault("kill_tokens", which="access", shop=TEA)
    assert both.ask(pair["access_token"]).status_code == 401
    fresh = both.refresh(pair["refresh_token"]).json()
    assert both.ask(fresh["access_token"]).status_code == 200
    both.fault("kill_tokens", which="refresh")
    assert both.refresh(fresh["refresh_token"]).json()["error"] == "invalid_grant"
    assert both.ask(fresh["access_token"]).status_code == 200


def test_subscriptions_can_be_forgotten(both):
    both.world.state.put(TEA, "webhook_subscription", {"id": 1, "topic": "ORDERS_CREATE", "uri": "/x"})
    assert both.fault("forget_subscriptions")["done"] == 1
    assert not both.world.state.count(TEA, "webhook_subscription")


def test_a_refused_address_a_page_and_a_slow_answer(both):
    both.fault("refuse_ip", count=1)
    assert both.ask(both.access, QUERY).status_code == 403
    both.fault("html", count=1)
    assert both.ask(both.access, QUERY).headers["Content-Type"].startswith("text/html")
    both.fault("slow", seconds=0.002, count=1)
    assert both.ask(both.access, QUERY).json()["data"]["shop"]["name"] == "Tea Shop"


def test_answers_without_end_and_bombs_can_be_cut_off(both):
    both.fault("endless", count=1)
    url, headers = f"{both.origin}/admin/api/2026-10/graphql.json", {"X-Shopify-Access-Token": both.access}
    with requests.post(url, json={"query": QUERY}, headers=headers, stream=True, timeout=10) as answer:
        assert (
            sum(len(chunk) for _, chunk in zip(range(40), answer.iter_content(65_536), strict=False))
            > 2_000_000
        )
    both.fault("gzip_bomb", bytes=5_000_000, count=1)
    with requests.post(url, json={"query": QUERY}, headers=headers, stream=True, timeout=10) as answer:
        assert int(answer.headers["Content-Length"]) < 20_000
        assert len(answer.content) > 5_000_000


def test_faults_are_listed_with_their_hits_and_nonsense_is_refused(both):
    number = both.fault("status", count=5, rate=1.0)["number"]
    both.ask(both.access, QUERY)
    assert [(one["number"], one["hits"], one["count"]) for one in both.get("/_faults").json()] == [
        (number, 1, 4)
    ]
    assert both.post("/_faults", kind="earthquake").status_code == 400
    assert both.post("/_faults", kind="status", colour="red").status_code == 400
    both.delete(f"/_faults/{number}")
    assert both.get("/_faults").json() == []


def test_the_log_tells_each_call_without_secrets(both):
    tag(both, "logged")
    both.ask(both.access, "query Wrong { nothing }")
    both.refresh("shprt_unknown")
    first, second, third = both.get("/_calls").json()
    assert (first["operation"], first["kind"], first["fields"]) == ("Tag", "mutation", ["tagsAdd"])
    assert (first["shop"], first["status"], first["user_errors"]) == (TEA, 200, 0)
    assert first["variables"] == {"id": "gid://shopify/Customer/1", "tags": ["logged"]}
    assert first["cost"] >= 10
    assert second["error_codes"] == ["undefinedField"]
    assert (third["kind"], third["status"], third["error_codes"]) == ("refresh_token", 400, ["invalid_grant"])
    assert len(both.get("/_calls", operation="tagsAdd").json()) == 1
    assert both.get("/_calls", after=first["number"], shop=TEA).json()[0]["operation"] == "Wrong"
    assert "shprt_" not in both.get("/_calls").text


def test_a_call_that_was_cut_off_is_logged_too(both):
    both.fault("reset", count=1)
    with pytest.raises(requests.ConnectionError):
        both.ask(both.access, QUERY)
    # The caller knows of the cut before the log does.
    calls = eventually(lambda: both.get("/_calls").json(), seconds=10)
    assert calls[0]["fault"] == "reset"
