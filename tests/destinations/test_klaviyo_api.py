import time

import pytest
from scripted_klaviyo import ScriptedKlaviyo, refused, told

from shop_app.destinations import klaviyo_api
from shop_app.destinations.errors import (
    BrokenConnectionError,
    OutcomeUnknownError,
    RejectedError,
    SlowDownError,
)
from shop_app.destinations.klaviyo_answers import CallRefusedError
from shop_app.destinations.klaviyo_api import REVISION, KlaviyoApi
from shop_app.destinations.klaviyo_limits import LISTS, PROFILE_IMPORT, PROFILES
from shop_app.errors import TemporaryError

KEY = "pk_of_the_tea_shop"
BODY = {"data": {"type": "profile", "attributes": {"email": "alice@example.com"}}}


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch):
    monkeypatch.setattr(klaviyo_api, "_PAUSES_SECONDS", (0.01, 0.01))


@pytest.fixture
def klaviyo():
    with ScriptedKlaviyo() as server:
        yield server


@pytest.fixture
def api(klaviyo):
    return KlaviyoApi(f"Klaviyo-API-Key {KEY}")


def write(api):
    return api.send("POST", PROFILE_IMPORT, BODY)


def test_a_call_names_the_key_and_the_revision(klaviyo, api):
    klaviyo.answers = [told([])]
    api.get(PROFILES)
    headers = klaviyo.asked[0].headers
    assert headers["Authorization"] == f"Klaviyo-API-Key {KEY}"
    assert headers["Revision"] == REVISION == "2026-07-15"
    assert headers["Accept"] == "application/vnd.api+json"


def test_a_write_says_what_it_sends(klaviyo, api):
    klaviyo.answers = [told({"id": "P1"}, 201)]
    assert write(api)["data"]["id"] == "P1"
    assert klaviyo.asked[0].headers["Content-Type"] == "application/vnd.api+json"
    assert klaviyo.asked[0].body == BODY


def test_pages_are_followed_to_the_end(klaviyo, api):
    more = f"{klaviyo.origin}/api/lists?page%5Bcursor%5D=abc"
    klaviyo.answers = [told([{"id": "A"}], links={"next": more}), told([{"id": "B"}], links={"next": None})]
    assert [each["id"] for page in api.pages(LISTS) for each in page] == ["A", "B"]
    assert klaviyo.asked[1].options == {"page[cursor]": "abc"}


def test_a_next_page_on_another_host_is_not_asked_for(klaviyo, api):
    klaviyo.answers = [told([{"id": "A"}], links={"next": "http://example.com/api/lists"})]
    with pytest.raises(RejectedError, match="another host"):
        list(api.pages(LISTS))
    assert len(klaviyo.asked) == 1


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (refused(401, "not_authenticated"), "private key"),
        (refused(400, "invalid_api_key"), "private key"),
        (refused(402, "payment_required"), "payment"),
        (refused(403, "permission_denied", detail="Missing scope profiles:write."), "profiles:write"),
        (refused(403, "permission_denied", detail="Not allowed."), "profiles:write"),
    ],
)
def test_what_only_a_person_can_mend_is_told_as_such(klaviyo, api, answer, words):
    klaviyo.answers = [answer]
    with pytest.raises(BrokenConnectionError, match=words):
        write(api)
    assert len(klaviyo.asked) == 1


def test_a_refusal_tells_klaviyos_number_and_words_and_never_what_was_sent(klaviyo, api):
    detail = "The address alice@example.com or phone +1 500 555 0006 is taken."
    klaviyo.answers = [refused(409, "duplicate_profile", "Conflict.", detail, "/data/attributes")]
    with pytest.raises(CallRefusedError) as told_error:
        write(api)
    assert "duplicate_profile" in str(told_error.value)
    assert "error-1" in str(told_error.value)
    assert "alice" not in str(told_error.value)
    assert "0006" not in str(told_error.value)
    assert told_error.value.status == 409


def test_a_short_wait_that_klaviyo_asks_for_is_kept_in_place(klaviyo, api):
    klaviyo.answers = [refused(429, "throttled", retry_after="1"), told({"id": "P1"})]
    began = time.monotonic()
    assert write(api)["data"]["id"] == "P1"
    assert 0.9 < time.monotonic() - began < 3


def test_a_long_wait_that_klaviyo_asks_for_is_told_and_held_for_all(klaviyo, api):
    klaviyo.answers = [refused(429, "throttled", retry_after="40"), told({"id": "P1"})]
    with pytest.raises(SlowDownError) as asked:
        write(api)
    assert asked.value.retry_after_seconds == 40
    with pytest.raises(SlowDownError):
        write(KlaviyoApi(f"Klaviyo-API-Key {KEY}"))
    assert len(klaviyo.asked) == 1


def test_a_minute_that_is_used_up_by_others_is_waited_for(klaviyo, api):
    klaviyo.answers = [told([], ratelimit_remaining="0", ratelimit_reset="30")]
    api.get(PROFILES)
    with pytest.raises(SlowDownError):
        api.get(PROFILES)


@pytest.mark.parametrize("answer", [None, refused(500), refused(504), (200, {}, b"<html>")])
def test_a_write_without_an_answer_may_have_been_done_and_is_not_repeated(klaviyo, api, answer):
    klaviyo.answers = [answer]
    with pytest.raises(OutcomeUnknownError):
        write(api)
    assert len(klaviyo.asked) == 1


def test_a_write_to_a_klaviyo_that_is_down_was_not_done(klaviyo, api):
    klaviyo.answers = [refused(503)]
    with pytest.raises(TemporaryError) as told_error:
        write(api)
    assert not isinstance(told_error.value, OutcomeUnknownError)


@pytest.mark.parametrize("answer", [None, refused(500), refused(503), (200, {}, b"<html>")])
def test_a_read_is_tried_again(klaviyo, api, answer):
    klaviyo.answers = [answer, answer, told([{"id": "P1"}])]
    assert api.get(PROFILES)["data"] == [{"id": "P1"}]


def test_a_read_is_given_up_in_the_end(klaviyo, api):
    klaviyo.answers = [refused(500)]
    with pytest.raises(TemporaryError):
        api.get(PROFILES)
    assert len(klaviyo.asked) == 3


def test_nobody_there_is_no_effect():
    klaviyo_api.configure("http://127.0.0.1:1")
    try:
        with pytest.raises(TemporaryError) as told_error:
            write(KlaviyoApi("Klaviyo-API-Key pk_x"))
        assert not isinstance(told_error.value, OutcomeUnknownError)
    finally:
        klaviyo_api.configure(None)


def test_an_answer_that_leads_elsewhere_is_not_followed(klaviyo, api):
    klaviyo.answers = [(302, {"Location": "http://example.com/"}, b"")]
    with pytest.raises(RejectedError):
        write(api)


def test_the_key_is_in_no_text_of_it(api):
    assert KEY not in repr(api)
    assert KEY not in repr(vars(api)["_budget"])
