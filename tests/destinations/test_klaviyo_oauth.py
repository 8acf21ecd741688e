import hashlib
import json
from base64 import b64decode, urlsafe_b64encode
from urllib.parse import parse_qs, urlsplit

import pytest
from scripted_klaviyo import ScriptedKlaviyo, told

from shop_app.destinations import klaviyo_api, klaviyo_oauth
from shop_app.destinations.base import Access
from shop_app.destinations.errors import BrokenConnectionError
from shop_app.destinations.klaviyo import Klaviyo
from shop_app.errors import StartRefusedError, TemporaryError

BACK = "https://kindred.example.com/klaviyo/back"


@pytest.fixture
def klaviyo():
    with ScriptedKlaviyo() as server:
        klaviyo_oauth.configure("client", "hush")
        yield server
        klaviyo_oauth.configure(None, None)


def given(**fields):
    return 200, {}, json.dumps(fields).encode()


def test_the_browser_is_sent_with_a_challenge_and_a_fresh_state(klaviyo):
    first, second = (klaviyo_oauth.ask_for_consent(BACK) for _ in range(2))
    asked = {name: values[0] for name, values in parse_qs(urlsplit(first.url).query).items()}
    digest = hashlib.sha256(first.verifier.encode()).digest()
    assert asked["code_challenge"] == urlsafe_b64encode(digest).decode().rstrip("=")
    assert (asked["code_challenge_method"], asked["response_type"]) == ("S256", "code")
    assert (asked["client_id"], asked["redirect_uri"], asked["state"]) == ("client", BACK, first.state)
    assert "subscriptions:write" not in asked["scope"]
    assert first.state != second.state
    assert 43 <= len(first.verifier) <= 128
    assert first.verifier not in repr(first)


def test_the_real_klaviyo_asks_on_its_own_pages():
    klaviyo_oauth.configure("client", "hush")
    try:
        assert klaviyo_oauth.ask_for_consent(BACK).url.startswith("https://www.klaviyo.com/oauth/authorize?")
    finally:
        klaviyo_oauth.configure(None, None)


def test_a_code_becomes_tokens(klaviyo):
    klaviyo.answers = [given(access_token="at_1", refresh_token="rt_1", expires_in=3600)]
    tokens = klaviyo_oauth.exchange_code("code", verifier="v", redirect_uri=BACK)
    assert (tokens.access_token, tokens.refresh_token, tokens.expires_in_seconds) == ("at_1", "rt_1", 3600)
    assert "at_1" not in repr(tokens)
    asked = klaviyo.asked[0]
    assert asked.path == "/oauth/token"
    assert b64decode(asked.headers["Authorization"].removeprefix("Basic ")) == b"client:hush"
    assert asked.form == {
        "grant_type": "authorization_code",
        "code": "code",
        "code_verifier": "v",
        "redirect_uri": BACK,
    }


def test_a_refresh_keeps_the_old_token_where_none_comes_back(klaviyo):
    klaviyo.answers = [given(access_token="at_2", expires_in=1800)]
    tokens = klaviyo_oauth.refresh("rt_1")
    assert (tokens.access_token, tokens.refresh_token, tokens.expires_in_seconds) == ("at_2", "rt_1", 1800)


def test_consent_that_ended_has_to_be_given_anew(klaviyo):
    klaviyo.answers = [(400, {}, b'{"error": "invalid_grant"}')]
    with pytest.raises(BrokenConnectionError, match="connect it anew"):
        klaviyo_oauth.refresh("rt_1")
    assert len(klaviyo.asked) == 1


@pytest.mark.parametrize(
    "answer", [(503, {}, b""), (429, {}, b""), (200, {}, b"<html>"), (200, {}, b"[]"), None]
)
def test_an_answer_that_says_nothing_is_asked_for_again_later(klaviyo, answer):
    klaviyo.answers = [answer]
    with pytest.raises(TemporaryError):
        klaviyo_oauth.refresh("rt_1")


def test_without_an_app_of_ones_own_there_is_no_consent():
    assert not klaviyo_oauth.is_configured()
    with pytest.raises(StartRefusedError, match="KLAVIYO_CLIENT_ID"):
        klaviyo_oauth.ask_for_consent(BACK)


def test_a_token_is_used_in_place_of_a_key(klaviyo):
    klaviyo.answers = [told([{"id": "ABC123", "attributes": {}}]), told([])]
    access = Access(1, "tea.myshopify.com", lambda: None, None)
    destination = Klaviyo({"access_token": "at_1"}, access)
    assert destination.check().account_id == "ABC123"
    assert {each.headers["Authorization"] for each in klaviyo.asked} == {"Bearer at_1"}
    assert klaviyo.asked[0].headers["Revision"] == klaviyo_api.REVISION
