"""The calls that nobody here makes: they do what the real ones do, and every one of them shows."""

import pytest


def job(kind, resources, *, into=None, **attributes):
    data = {"type": kind, "attributes": {"profiles": {"data": resources}, **attributes}}
    if into:
        data["relationships"] = {"list": {"data": {"type": "list", "id": into}}}
    return {"data": data}


def wish(email, consent):
    told = {"email": email, "subscriptions": {"email": {"marketing": {"consent": consent}}}}
    return {"type": "profile", "attributes": told}


def address(email):
    return {"type": "profile", "attributes": {"email": email}}


def reasons(tea, key):
    return [one["reason"] for one in tea.profile(key)["consent"]["suppression"]]


def consent(tea, key):
    return (tea.profile(key)["consent"]["email"] or {}).get("consent")


def test_subscribing_lifts_what_a_person_had_asked_for_and_not_a_bounce(tea):
    key, list_id = tea.person(1), tea.make_list("Newsletter")
    tea.do("unsubscribe", profile=key)
    tea.do("suppress", profile=key, reason="HARD_BOUNCE")
    body = job(
        "profile-subscription-bulk-create-job",
        [wish("person-1@example.com", "SUBSCRIBED"), wish("new@example.com", "SUBSCRIBED")],
        into=list_id,
    )
    assert tea.call("POST", "/api/profile-subscription-bulk-create-jobs", body).status_code == 202
    assert (consent(tea, key), reasons(tea, key)) == ("SUBSCRIBED", ["HARD_BOUNCE"])
    assert len(tea.members(list_id)) == 2
    assert consent(tea, "new@example.com") == "SUBSCRIBED"


def test_unsubscribing_from_a_list_that_one_is_not_in_unsubscribes_from_everything(tea):
    inside, outside = tea.person(1), tea.person(2)
    for key in (inside, outside):
        tea.do("subscribe", profile=key)
    list_id = tea.do("create_list", name="Newsletter")["list_id"]
    tea.do("add_to_list", list=list_id, profile=inside)
    leaving = [wish(f"person-{number}@example.com", "UNSUBSCRIBED") for number in (1, 2)]
    body = job("profile-subscription-bulk-delete-job", leaving, into=list_id)
    assert tea.call("POST", "/api/profile-subscription-bulk-delete-jobs", body).status_code == 202
    assert (consent(tea, inside), reasons(tea, inside)) == ("SUBSCRIBED", [])
    assert (consent(tea, outside), reasons(tea, outside)) == ("UNSUBSCRIBED", ["UNSUBSCRIBE"])
    assert tea.members(list_id) == []


def test_suppressions_come_and_go_by_address_and_by_list(tea):
    key, other, list_id = tea.person(1), tea.person(2), tea.make_list()
    tea.do("add_to_list", list=list_id, profile=other)
    body = job(
        "profile-suppression-bulk-create-job", [address("person-1@example.com"), address("x@example.com")]
    )
    answer = tea.call("POST", "/api/profile-suppression-bulk-create-jobs", body).json()
    assert (answer["data"]["attributes"]["completed_count"], answer["data"]["attributes"]["skipped_count"]) == (
        1,
        1,
    )
    related = {"list": {"data": {"type": "list", "id": list_id}}}
    whole = {
        "data": {"type": "profile-suppression-bulk-create-job", "attributes": {}, "relationships": related}
    }
    assert tea.call("POST", "/api/profile-suppression-bulk-create-jobs", whole).status_code == 202
    assert reasons(tea, key) == reasons(tea, other) == ["USER_SUPPRESSED"]
    tea.do("suppress", profile=key, reason="SPAM_COMPLAINT")
    body = job("profile-suppression-bulk-delete-job", [address("person-1@example.com")])
    assert tea.call("POST", "/api/profile-suppression-bulk-delete-jobs", body).status_code == 202
    assert reasons(tea, key) == ["SPAM_COMPLAINT"]


@pytest.mark.parametrize("kind", ["create", "delete"])
def test_a_careful_key_cannot_change_consent_and_the_try_shows(tea, kind):
    key = tea.do("make_key")["key"]
    body = job(f"profile-subscription-bulk-{kind}-job", [wish("a@example.com", "SUBSCRIBED")])
    answer = tea.call("POST", f"/api/profile-subscription-bulk-{kind}-jobs", body, key=key)
    assert answer.status_code == 403
    assert "subscriptions:write" in answer.json()["errors"][0]["detail"]
    (line,) = tea.lines(consent="true")
    assert (line["method"], line["status"], line["rows"]) == ("POST", 403, 1)


def test_nothing_else_changes_consent(tea):
    key, list_id = tea.person(1), tea.make_list()
    tea.do("unsubscribe", profile=key)
    before = tea.profile(key)["consent"]
    rows = [{"type": "profile", "id": key, "attributes": {"properties": {"a": 1}}}]
    tea.finish(tea.import_rows(rows, into=list_id))
    tea.call("POST", f"/api/lists/{list_id}/relationships/profiles", {"data": [{"type": "profile", "id": key}]})
    assert tea.profile(key)["consent"] == before
    assert tea.lines(consent="true") == []


def test_a_shopper_may_refuse_that_openings_are_counted(tea):
    key = tea.person(1)
    tea.do("refuse_open_tracking", profile=key)
    options = {"additional-fields[profile]": "subscriptions"}
    told = tea.get(f"/api/profiles/{key}", **options)["data"]["attributes"]["subscriptions"]["email"]
    assert (told["open_tracking"]["consent"], told["open_tracking"]["can_receive"]) == ("UNSUBSCRIBED", False)
