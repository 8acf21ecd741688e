import pytest
import requests
from klaviyo_account import HEADERS, MIME, complaints, row

from sandbox.klaviyo import windows

ACCOUNTS, LISTS = "/api/accounts", "/api/lists"


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self):
        self.at = 1_800_000_000.0

    def __call__(self):
        return self.at


@pytest.fixture
def clock(tea, monkeypatch):
    """Real windows, and a clock that only the test moves."""
    tea.world.settings |= {"limits_on": True, "time_scale": 1.0}
    found = Clock()
    monkeypatch.setattr(windows, "now", found)
    return found


def new_list(tea, number, **more):
    return tea.call("POST", LISTS, {"data": {"type": "list", "attributes": {"name": f"List {number}"}}}, **more)


def told(answer):
    return [answer.headers.get(f"RateLimit-{name}") for name in ("Limit", "Remaining", "Reset")]


def test_a_second_holds_so_many_calls_and_the_next_one_is_told_when_to_come_back(tea, clock):
    first, second = tea.call("GET", ACCOUNTS), tea.call("GET", ACCOUNTS)
    assert (first.status_code, told(first)) == (200, ["15", "14", "60"])
    assert (second.status_code, second.headers["Retry-After"], told(second)) == (429, "1", [None] * 3)
    assert second.json()["errors"][0]["code"] == "throttled"
    clock.at += 1
    assert tea.call("GET", ACCOUNTS).status_code == 200


def test_a_minute_holds_so_many_calls_and_ends_for_all_at_once(tea, clock):
    clock.at += 12
    for _ in range(15):
        assert tea.call("GET", ACCOUNTS).status_code == 200
        clock.at += 1
    full = tea.call("GET", ACCOUNTS)
    assert (full.status_code, full.headers["Retry-After"]) == (429, "33")
    clock.at += 33
    assert told(tea.call("GET", ACCOUNTS)) == ["15", "14", "60"]


def test_a_day_holds_so_many_new_lists_and_segments(tea, clock):
    for number in range(150):
        assert new_list(tea, number, checked=False).status_code == 201
        clock.at += 0.5
    full = new_list(tea, 150)
    assert full.status_code == 429
    assert int(full.headers["Retry-After"]) > 300
    clock.at += int(full.headers["Retry-After"])
    assert new_list(tea, 151).status_code == 201


def test_a_refused_call_does_not_count_and_each_operation_has_its_own_windows(tea, clock):
    for _ in range(5):
        tea.call("GET", ACCOUNTS)
    assert tea.call("GET", LISTS).status_code == 200
    clock.at += 1
    assert told(tea.call("GET", ACCOUNTS))[1] == "13"


def test_some_options_cost_more(tea, clock):
    key, list_id = tea.person(1), tea.make_list()
    assert told(tea.call("GET", f"/api/profiles/{key}"))[0] == "750"
    assert told(tea.call("GET", f"/api/profiles/{key}", include="lists"))[0] == "15"
    assert (
        told(tea.call("GET", f"{LISTS}/{list_id}", **{"additional-fields[list]": "profile_count"}))[0] == "15"
    )
    predictive = {"additional-fields[profile]": "predictive_analytics"}
    assert told(tea.call("GET", "/api/profiles", **predictive))[0] == "150"


def test_private_keys_share_one_quota_and_an_oauth_token_has_its_own(tea, clock):
    other = tea.do("make_key")["key"]
    token = tea.do("make_key", kind="oauth")["key"]
    assert tea.call("GET", ACCOUNTS).status_code == 200
    assert tea.call("GET", ACCOUNTS, key=other).status_code == 429
    bearer = {"Authorization": f"Bearer {token}"}
    assert tea.call("GET", ACCOUNTS, headers=bearer).status_code == 200


def test_on_a_compressed_clock_windows_are_shorter(tea, clock):
    tea.world.settings["time_scale"] = 0.01
    assert [tea.call("GET", ACCOUNTS).status_code for _ in range(2)] == [200, 429]
    clock.at += 0.01
    assert tea.call("GET", ACCOUNTS).status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Authorization": None}, 401),
        ({"Authorization": "Klaviyo-API-Key pk_nobody"}, 401),
        ({"Authorization": "Basic abc"}, 401),
        ({"revision": None}, 400),
        ({"revision": "yesterday"}, 400),
        ({"revision": "2022-10-17"}, 410),
        ({"Accept": "text/html"}, 406),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
    ],
)
def test_a_header_that_is_missing_or_wrong_is_refused(tea, headers, status):
    answer = new_list(tea, 1, headers=headers)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, MIME)
    assert tea.get(LISTS)["data"] == []


def test_a_key_may_do_what_its_scopes_say_and_a_refusal_names_what_is_missing(tea):
    key = tea.do("make_key", scopes=["profiles:write", "lists:read"])["key"]
    assert tea.call("GET", LISTS, key=key).status_code == 200
    answer = tea.call("POST", "/api/profile-bulk-import-jobs", {"data": {}}, key=key)
    assert (answer.status_code, complaints(answer)) == (403, [("/data/", "permission_denied")])
    assert "lists:write" in answer.json()["errors"][0]["detail"]


def test_a_revoked_key_counts_no_more(tea):
    name = tea.do("make_key", name="Old")["name"]
    tea.do("revoke_key", name=name)
    assert tea.call("GET", ACCOUNTS).status_code == 200
    tea.do("revoke_key")
    assert tea.call("GET", ACCOUNTS).status_code == 401


def test_a_key_leads_to_its_own_account_alone(tea):
    other = tea.do("make_account", name="Rival")["account_id"]
    key = tea.do("make_key")["key"]
    tea.make_list("Ours")
    (account,) = tea.get(ACCOUNTS, key=key)["data"]
    assert (account["id"], account["attributes"]["timezone"]) == (tea.id, "America/New_York")
    assert tea.call("GET", f"{ACCOUNTS}/{other}").status_code == 404
    tea.fault("other_account")
    assert tea.get(ACCOUNTS, key=key)["data"][0]["id"] == other
    assert tea.get(LISTS)["data"] == []
    tea.calm()
    assert tea.get(ACCOUNTS)["data"][0]["id"] == tea.id


def test_keys_break_while_a_switch_is_on(tea):
    tea.fault("read_only_key")
    assert (new_list(tea, 1).status_code, tea.call("GET", LISTS).status_code) == (403, 200)
    tea.calm()
    tea.fault("revoke_key")
    assert tea.call("GET", LISTS).status_code == 401
    tea.calm()
    assert new_list(tea, 1).status_code == 201


def test_an_address_or_a_method_that_does_not_exist_is_refused_in_the_same_form(tea):
    assert complaints(tea.call("GET", "/api/nothing", checked=False)) == [(None, "not_found")]
    assert tea.call("PUT", LISTS, {}, checked=False).status_code == 405
    assert tea.call("GET", "/api/lists/").status_code == 200


def test_a_body_is_json_and_there_is_one(tea):
    url, headers = f"{tea.world.origin}{LISTS}", HEADERS | {"Authorization": f"Klaviyo-API-Key {tea.key}"}
    for body in (b"", b"{", b"[]"):
        answer = requests.post(url, data=body, headers=headers, timeout=5)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "invalid")


def test_the_log_tells_of_every_call_and_never_the_key(tea):
    tea.make_list()
    tea.finish(tea.import_rows([row("a@example.com"), row("b@example.com")]))
    (line,) = tea.lines(method="POST", path="import")
    assert (line["status"], line["rows"], line["operation"], line["account"]) == (
        202,
        2,
        "bulk_import_profiles",
        tea.id,
    )
    assert line["size"] > 100
    assert tea.key not in str(tea.lines())
