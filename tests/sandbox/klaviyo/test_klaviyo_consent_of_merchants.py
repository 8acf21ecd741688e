"""OAuth as a browser and an app go through it."""

import hashlib
import re
from base64 import urlsafe_b64encode
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

BACK, APP = "http://127.0.0.1:9/klaviyo/back", ("app-1", "hush")
VERIFIER = "v" * 64
CHALLENGE = urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
ASKED = {
    "response_type": "code",
    "client_id": APP[0],
    "redirect_uri": BACK,
    "scope": "accounts:read lists:read",
    "state": "s-1",
    "code_challenge_method": "S256",
    "code_challenge": CHALLENGE,
}


@pytest.fixture
def door(tea):
    tea.do("register_app", client_id=APP[0], client_secret=APP[1], redirect_uris=[BACK])
    return f"{tea.world.origin}/oauth"


def code_of(tea, door, answer="allow"):
    form = {"account": tea.id, "answer": answer}
    sent = requests.post(f"{door}/authorize", params=ASKED, data=form, allow_redirects=False, timeout=5)
    assert sent.headers["Location"].startswith(BACK)
    return {name: values[0] for name, values in parse_qs(urlsplit(sent.headers["Location"]).query).items()}


def token(door, *, signed=APP, **fields):
    return requests.post(f"{door}/token", auth=signed, data=fields, timeout=5)


def trade(door, code, **changed):
    fields = {"code": code, "code_verifier": VERIFIER, "redirect_uri": BACK} | changed
    return token(door, grant_type="authorization_code", **fields)


def status(tea, access, path="/api/lists"):
    return tea.call("GET", path, headers={"Authorization": f"Bearer {access}"}).status_code


def test_a_merchant_agrees_and_the_app_may_do_what_was_asked_for(tea, door):
    page = requests.get(f"{door}/authorize", params=ASKED, timeout=5).text
    assert re.search(r"lists:read.*Allow", page, re.DOTALL)
    back = code_of(tea, door)
    assert back["state"] == "s-1"
    given = trade(door, back["code"]).json()
    assert (given["expires_in"], given["scope"]) == (3600, "accounts:read lists:read")
    assert status(tea, given["access_token"]) == 200
    assert status(tea, given["access_token"], "/api/segments") == 403
    assert trade(door, back["code"]).json() == {"error": "invalid_grant"}


def test_a_merchant_may_refuse(tea, door):
    assert code_of(tea, door, "deny") == {"state": "s-1", "error": "access_denied"}


@pytest.mark.parametrize(
    "changed",
    [
        {"client_id": "app-2"},
        {"redirect_uri": "http://127.0.0.1:9/elsewhere"},
        {"code_challenge_method": "plain"},
        {"state": ""},
        {"scope": "everything:write"},
    ],
)
def test_a_question_that_is_not_in_order_leads_nowhere(door, changed):
    assert requests.get(f"{door}/authorize", params=ASKED | changed, timeout=5).status_code == 400


@pytest.mark.parametrize("changed", [{"code_verifier": "w" * 64}, {"redirect_uri": "http://x"}])
def test_a_code_is_for_who_asked_for_it(tea, door, changed):
    assert trade(door, code_of(tea, door)["code"], **changed).status_code == 400


def test_tokens_run_out_are_refreshed_and_are_ended(tea, door):
    tea.world.settings["access_token_seconds"] = 0.0
    given = trade(door, code_of(tea, door)["code"]).json()
    assert status(tea, given["access_token"]) == 401
    tea.world.settings["access_token_seconds"] = 60.0
    again = token(door, grant_type="refresh_token", refresh_token=given["refresh_token"]).json()
    assert status(tea, again["access_token"]) == 200
    wrong = token(
        door, signed=(APP[0], "wrong"), grant_type="refresh_token", refresh_token=given["refresh_token"]
    )
    assert wrong.status_code == 401
    ended = requests.post(f"{door}/revoke", auth=APP, data={"token": given["refresh_token"]}, timeout=5)
    assert ended.status_code == 200
    assert status(tea, again["access_token"]) == 401
    refused = token(door, grant_type="refresh_token", refresh_token=given["refresh_token"])
    assert (refused.status_code, refused.json()) == (400, {"error": "invalid_grant"})
