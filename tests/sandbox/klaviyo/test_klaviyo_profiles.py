import re

import pytest
from klaviyo_account import complaints, row

from sandbox.klaviyo.refusals import RefusedError


def write(tea, path, resource, method="POST"):
    return tea.call(method, path, {"data": resource})


def test_a_profile_has_an_id_of_26_characters_and_times_in_whole_seconds(tea):
    answer = write(tea, "/api/profiles", row("Ann@Example.com", first_name="Ann", properties={"Colour": "red"}))
    made = answer.json()["data"]
    assert answer.status_code == 201
    assert re.fullmatch(r"01[0-9A-HJKMNP-TV-Z]{24}", made["id"])
    assert made["attributes"]["email"] == "ann@example.com"
    assert made["attributes"]["properties"] == {"Colour": "red"}
    assert tea.get(f"/api/profiles/{made['id']}")["data"] == made


def test_a_profile_that_exists_is_not_made_again(tea):
    key = tea.person(1)
    answer = write(tea, "/api/profiles", row("PERSON-1@example.com"))
    assert answer.status_code == 409
    (error,) = answer.json()["errors"]
    assert (error["code"], error["meta"]) == ("duplicate_profile", {"duplicate_profile_id": key})


def test_null_clears_what_is_named_and_nothing_else(tea):
    key = tea.person(1, first_name="Ann", properties={"Colour": "red", "Size": 4, "kindred_segment": "loyal"})
    patch = row(key=key, properties={"kindred_segment": None}, first_name=None)
    assert write(tea, f"/api/profiles/{key}", patch, "PATCH").status_code == 200
    held = tea.profile(key)
    assert (held["properties"], held["first_name"]) == ({"Colour": "red", "Size": 4}, None)
    assert held["email"] == "person-1@example.com"


def test_an_import_of_one_makes_or_changes_a_profile(tea):
    first = write(tea, "/api/profile-import", row("ann@example.com", properties={"a": 1, "b": 2}))
    again = write(tea, "/api/profile-import", row("Ann@example.com", properties={"b": None, "c": 3}))
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["data"]["id"] == first.json()["data"]["id"]
    assert tea.profile("ann@example.com")["properties"] == {"a": 1, "c": 3}


def test_an_import_of_one_with_a_wrong_id_finds_nobody(tea):
    tea.person(1)
    answer = write(tea, "/api/profile-import", row("person-1@example.com", key="01J00000000000000000000000"))
    assert answer.status_code == 404
    assert complaints(answer) == [("/data/", "not_found")]


def test_identifiers_of_two_people_are_refused(tea):
    tea.person(1)
    other = tea.do("create_profile", phone_number="+15005550006")["profile_id"]
    answer = write(tea, "/api/profile-import", row("person-1@example.com", phone_number="+15005550006"))
    assert answer.status_code == 409
    assert answer.json()["errors"][0]["meta"] == {"duplicate_profile_id": other}
    assert tea.profile("person-1@example.com")["phone_number"] is None


def test_an_address_of_another_person_is_refused_to_everybody(tea):
    key, other = tea.person(1), tea.person(2)
    patch = row("person-2@example.com", key=key)
    assert write(tea, f"/api/profiles/{key}", patch, "PATCH").status_code == 409
    with pytest.raises(RefusedError):
        tea.do("change_profile", profile=key, email="person-2@example.com")
    tea.do("change_profile", profile=key, email="moved@example.com")
    assert tea.profile("moved@example.com")["id"] == key
    assert tea.profile("person-2@example.com")["id"] == other


def test_lists_of_a_property_grow_and_shrink_and_names_are_unset(tea):
    key = tea.person(1, properties={"tags": ["a", "b"], "old": 1, "other": True})
    patch = row(key=key) | {
        "meta": {
            "patch_properties": {"append": {"tags": ["b", "c"]}, "unappend": {"tags": "a"}, "unset": "old"}
        }
    }
    assert write(tea, f"/api/profiles/{key}", patch, "PATCH").status_code == 200
    assert tea.profile(key)["properties"] == {"tags": ["b", "c"], "other": True}


@pytest.mark.parametrize(
    ("resource", "place"),
    [
        (row("nobody"), "/data/attributes/email"),
        (row("a@example..com"), "/data/attributes/email"),
        (row("a@example.com", phone_number="0171 555"), "/data/attributes/phone_number"),
        (row("a@example.com", nickname="A"), "/data/attributes/nickname"),
        (row("a@example.com", properties=[1]), "/data/attributes/properties"),
        (row(properties={"a": 1}), "/data/attributes"),
        ({"type": "person", "attributes": {"email": "a@example.com"}}, "/data/type"),
    ],
)
def test_what_is_wrong_in_a_body_is_named_by_its_place(tea, resource, place):
    answer = write(tea, "/api/profile-import", resource)
    assert answer.status_code == 400
    assert complaints(answer) == [(place, "invalid")]


def test_one_profile_is_at_most_100_kilobytes(tea):
    answer = write(tea, "/api/profile-import", row("a@example.com", properties={"a": "x" * 100_000}))
    assert answer.status_code == 413


def test_profiles_are_found_by_any_of_several_identifiers(tea):
    keys = [tea.person(number, external_id=f"shop-{number}") for number in range(3)]
    tea.person(9)
    options = {"filter": 'any(email,["person-0@example.com","PERSON-1@example.com","x@example.com"])'}
    assert {one["id"] for one in tea.all("/api/profiles", **options)} == set(keys[:2])
    assert [one["id"] for one in tea.all("/api/profiles", filter='equals(external_id,"shop-2")')] == [keys[2]]
    assert [one["id"] for one in tea.all("/api/profiles", filter=f"any(id,['{keys[1]}'])")] == [keys[1]]
    assert tea.all("/api/profiles", filter='equals(phone_number,"+15005550006")') == []


def test_pages_are_followed_by_their_link_and_hold_everybody_once(tea):
    keys = {tea.person(number) for number in range(45)}
    options = {"page[size]": 20, "sort": "-updated", "fields[profile]": "email,updated"}
    page = tea.get("/api/profiles", **options, filter="greater-than(updated,2020-01-01T00:00:00Z)")
    assert len(page["data"]) == 20
    assert set(page["data"][0]["attributes"]) == {"email", "updated"}
    assert page["links"]["next"].startswith(f"{tea.world.origin}/api/profiles?")
    found = tea.all("/api/profiles", **options)
    assert len(found) == 45
    assert {one["id"] for one in found} == keys
    assert tea.all("/api/profiles", filter="greater-than(updated,2099-01-01)") == []


@pytest.mark.parametrize(
    "options",
    [
        {"page[size]": 101},
        {"page[size]": 0},
        {"page[cursor]": "nonsense"},
        {"sort": "first_name"},
        {"filter": "contains(email,'a')"},
        {"filter": "equals(first_name,'a')"},
        {"filter": "any(email,'a@example.com')"},
        {"filter": "equals(email,'a@example.com'"},
        {"filter": "greater-than(updated,yesterday)"},
        {"fields[profile]": "nickname"},
        {"additional-fields[profile]": "opinions"},
        {"limit": 3},
    ],
)
def test_an_option_that_is_not_offered_is_refused_by_name(tea, options):
    answer = tea.call("GET", "/api/profiles", **options)
    assert answer.status_code == 400
    assert complaints(answer) == [(next(iter(options)), "invalid")]


def test_consent_is_told_only_where_it_is_asked_for(tea):
    key = tea.person(1)
    tea.do("unsubscribe", profile=key)
    assert "subscriptions" not in tea.get(f"/api/profiles/{key}")["data"]["attributes"]
    options = {"additional-fields[profile]": "subscriptions", "fields[profile]": "email"}
    (found,) = tea.all("/api/profiles", **options)
    told = found["attributes"]["subscriptions"]["email"]["marketing"]
    assert (told["consent"], told["can_receive_email_marketing"]) == ("UNSUBSCRIBED", False)
    assert [one["reason"] for one in told["suppression"]] == ["UNSUBSCRIBE"]


def test_a_profile_merged_away_is_gone_and_its_lists_and_events_are_the_others(tea):
    kept, gone = tea.person(1), tea.person(2, properties={"Colour": "red"})
    tea.do("create_list", name="Newsletter")
    list_id = tea.do("add_to_list", list="Newsletter", profile=gone)["list_id"]
    tea.do("click_email", profile=gone)
    tea.do("merge_profiles", kept=kept, gone=gone)
    assert tea.call("GET", f"/api/profiles/{gone}").status_code == 404
    assert tea.members(list_id) == [kept]
    assert tea.profile(kept)["properties"] == {"Colour": "red"}
    (event,) = tea.all("/api/events", filter=f'equals(profile_id,"{kept}")')
    assert event["relationships"]["profile"]["data"]["id"] == kept


def test_one_profile_brings_its_lists_and_segments_along_when_asked(tea):
    key, list_id = tea.person(1), tea.make_list()
    tea.do("add_to_list", list=list_id, profile=key)
    answer = tea.get(f"/api/profiles/{key}", include="lists,segments")
    assert [one["id"] for one in answer["included"]] == [list_id]
    assert [one["id"] for one in tea.get(f"/api/profiles/{key}/lists")["data"]] == [list_id]
    assert tea.get(f"/api/profiles/{key}/relationships/lists")["data"] == [{"type": "list", "id": list_id}]
    assert tea.get(f"/api/profiles/{key}/segments")["data"] == []
    assert tea.get(f"/api/profiles/{key}/relationships/segments")["data"] == []
