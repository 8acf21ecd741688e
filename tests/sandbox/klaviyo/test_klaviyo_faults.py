import time

import pytest
import requests
from klaviyo_account import row

LISTS = "/api/lists"


def new_list(tea, name):
    return tea.call("POST", LISTS, {"data": {"type": "list", "attributes": {"name": name}}}, checked=False)


def names(tea):
    return [one["attributes"]["name"] for one in tea.all(LISTS)]


def test_a_status_is_answered_so_often_and_nothing_is_done(tea):
    tea.fault("status", status=503, operation="create_list", count=2)
    assert [new_list(tea, "One").status_code for _ in range(3)] == [503, 503, 201]
    assert names(tea) == ["One"]


def test_a_fault_may_be_for_one_method_or_one_path(tea):
    tea.fault("status", status=500, method="POST", path="/lists")
    assert (new_list(tea, "One").status_code, tea.call("GET", LISTS).status_code) == (500, 200)


def test_a_storm_of_429_says_how_long_to_wait_and_nothing_else(tea):
    tea.fault("throttle", seconds=7, count=3)
    answers = [tea.call("GET", LISTS) for _ in range(4)]
    assert [one.status_code for one in answers] == [429, 429, 429, 200]
    assert (answers[0].headers["Retry-After"], answers[0].headers.get("RateLimit-Limit")) == ("7", None)


@pytest.mark.parametrize(("after", "found"), [(False, []), (True, ["One"])])
def test_a_reset_comes_before_or_behind_the_effect(tea, after, found):
    tea.fault("reset", after=after, count=1)
    with pytest.raises(requests.ConnectionError):
        new_list(tea, "One")
    assert names(tea) == found


def test_a_timeout_comes_behind_the_effect(tea):
    tea.fault("timeout", seconds=0.2, count=1)
    began = time.monotonic()
    with pytest.raises(requests.ConnectionError):
        tea.import_rows([row("a@example.com")])
    assert time.monotonic() - began >= 0.2
    assert len(tea.all("/api/profile-bulk-import-jobs")) == 1


def test_a_page_of_html_and_an_answer_in_drops_come_instead_of_the_true_one(tea):
    tea.fault("html", count=1)
    assert tea.call("GET", LISTS, checked=False).headers["Content-Type"].startswith("text/html")
    tea.fault("slow", seconds=0.001, count=1)
    assert tea.call("GET", LISTS).json()["data"] == []


def test_latency_waits_and_other_faults_still_strike(tea):
    tea.fault("latency", seconds=0.2)
    tea.fault("status", status=502, count=1)
    began = time.monotonic()
    assert tea.call("GET", LISTS, checked=False).status_code == 502
    assert time.monotonic() - began >= 0.2
    assert tea.lines()[-1]["fault"] == "latency,status"
    tea.calm()


def test_switches_are_set_and_lifted_over_http(tea):
    doors = f"{tea.world.origin}/_faults"
    made = requests.post(doors, json={"kind": "status", "status": 500}, timeout=5)
    assert made.status_code == 201
    assert [one["kind"] for one in requests.get(doors, timeout=5).json()] == ["status"]
    assert requests.delete(f"{doors}/{made.json()['number']}", timeout=5).status_code == 204
    assert requests.get(doors, timeout=5).json() == []
    for wrong in ({"kind": "nonsense"}, {"kind": "status", "shop": "x"}, {"kind": "fail_rows", "every": 0}):
        assert requests.post(doors, json=wrong, timeout=5).status_code == 400
