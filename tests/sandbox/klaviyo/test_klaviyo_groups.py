import re

import pytest
from klaviyo_account import complaints, row
from patience import eventually

AT_RISK = {"type": "string", "operator": "equals", "value": "at-risk"}


def people(keys):
    return {"data": [{"type": "profile", "id": key} for key in keys]}


def segment_of(*groups):
    conditions = [
        {
            "conditions": [
                {"type": "profile-property", "property": name, "filter": wanted} for name, wanted in group
            ]
        }
        for group in groups
    ]
    return {"condition_groups": conditions}


def make_segment(tea, definition, name="Kindred: At risk"):
    body = {"data": {"type": "segment", "attributes": {"name": name, "definition": definition}}}
    return tea.call("POST", "/api/segments", body)


def settled(tea, key):
    path = f"/api/segments/{key}"
    eventually(lambda: not tea.get(path)["data"]["attributes"]["is_processing"])
    return {one["id"] for one in tea.all(f"{path}/profiles")}


def test_a_list_is_made_found_by_name_renamed_and_deleted(tea):
    key = tea.make_list("Kindred: At risk")
    assert re.fullmatch(r"[A-Za-z0-9]{6}", key)
    assert [one["id"] for one in tea.all("/api/lists", filter='any(name,["Kindred: At risk"])')] == [key]
    body = {"data": {"type": "list", "id": key, "attributes": {"name": "Kindred: Slipping"}}}
    assert (
        tea.call("PATCH", f"/api/lists/{key}", body).json()["data"]["attributes"]["name"] == "Kindred: Slipping"
    )
    assert tea.call("DELETE", f"/api/lists/{key}").status_code == 204
    assert tea.call("GET", f"/api/lists/{key}").status_code == 404
    assert tea.call("DELETE", f"/api/lists/{key}").status_code == 404


def test_two_lists_may_have_one_name(tea):
    assert tea.make_list("Same") != tea.make_list("Same")
    assert len(tea.all("/api/lists", filter='equals(name,"Same")')) == 2


def test_lists_come_in_pages_of_ten(tea):
    keys = {tea.make_list(f"List {number}") for number in range(23)}
    assert len(tea.get("/api/lists")["data"]) == 10
    assert {one["id"] for one in tea.all("/api/lists", sort="name")} == keys
    assert tea.call("GET", "/api/lists", **{"page[size]": 11}).status_code == 400


def test_adding_and_removing_changes_membership_and_no_consent(tea):
    list_id, keys = tea.make_list(), [tea.person(number) for number in range(3)]
    tea.do("unsubscribe", profile=keys[0])
    before = [tea.profile(key) for key in keys]
    path = f"/api/lists/{list_id}/relationships/profiles"
    assert tea.call("POST", path, people(keys)).status_code == 204
    assert tea.members(list_id) == sorted(keys)
    assert tea.call("DELETE", path, people(keys[:1])).status_code == 204
    assert tea.members(list_id) == sorted(keys[1:])
    assert [one["id"] for one in tea.all(path, **{"page[size]": 1})] == tea.members(list_id)
    assert [tea.profile(key) for key in keys] == before


def test_at_most_a_thousand_are_added_at_once_and_all_of_them_exist(tea):
    path = f"/api/lists/{tea.make_list()}/relationships/profiles"
    assert tea.call("POST", path, people(["x"] * 1001)).status_code == 400
    assert tea.call("POST", path, people([])).status_code == 400
    assert tea.call("POST", path, people([tea.person(1), "01J00000000000000000000000"])).status_code == 404
    assert tea.call("DELETE", path, people(["01J00000000000000000000000"])).status_code == 204
    assert tea.call("POST", "/api/lists/AAAAAA/relationships/profiles", people(["x"])).status_code == 404


def test_members_tell_when_they_joined(tea):
    list_id, keys = tea.make_list(), [tea.person(number) for number in range(5)]
    tea.call("POST", f"/api/lists/{list_id}/relationships/profiles", people(keys))
    options = {
        "page[size]": 2,
        "sort": "-joined_group_at",
        "filter": "greater-than(joined_group_at,2020-01-01)",
    }
    found = tea.all(f"/api/lists/{list_id}/profiles", **options)
    assert {one["id"] for one in found} == set(keys)
    assert all(one["attributes"]["joined_group_at"] for one in found)
    count = tea.get(f"/api/lists/{list_id}", **{"additional-fields[list]": "profile_count"})
    assert count["data"]["attributes"]["profile_count"] == 5


def test_a_segment_follows_what_is_written_on_profiles(tea):
    inside = tea.person(1, properties={"kindred_segment": "at-risk"})
    outside = tea.person(2, properties={"kindred_segment": "loyal"})
    answer = make_segment(tea, segment_of([("properties['kindred_segment']", AT_RISK)]))
    assert answer.status_code == 201
    key = answer.json()["data"]["id"]
    assert settled(tea, key) == {inside}
    tea.finish(tea.import_rows([row(key=outside, properties={"kindred_segment": "at-risk"})]))
    tea.do("set_property", profile=inside, name="kindred_segment", value="none")
    assert settled(tea, key) == {outside}
    assert [one["id"] for one in tea.all(f"/api/segments/{key}/relationships/profiles")] == [outside]
    assert [one["id"] for one in tea.get(f"/api/profiles/{outside}/segments")["data"]] == [key]


@pytest.mark.parametrize(
    ("wanted", "matches"),
    [
        ({"type": "numeric", "operator": "greater-than-or-equal", "value": 0.5}, [0.5, 1]),
        ({"type": "numeric", "operator": "equals", "value": 1}, [1]),
        ({"type": "string", "operator": "starts-with", "value": "0"}, ["0.9"]),
        ({"type": "string", "operator": "in", "value": ["0.9", "x"]}, ["0.9"]),
        ({"type": "boolean", "operator": "equals", "value": True}, [True]),
        ({"type": "list", "operator": "contains", "value": "a"}, [["a"]]),
        ({"type": "date", "operator": "after", "date": "2026-06-01T00:00:00Z"}, ["2026-07-01"]),
        ({"type": "existence", "operator": "not-set"}, [None]),
    ],
)
def test_a_value_of_another_type_is_in_no_segment_of_a_type(tea, wanted, matches):
    values = [0.5, 1, "0.9", True, ["a"], "2026-07-01", None]
    keys = {tea.person(place, properties={"x": value}): value for place, value in enumerate(values)}
    key = make_segment(tea, segment_of([("properties['x']", wanted)])).json()["data"]["id"]
    assert [keys[one] for one in sorted(settled(tea, key), key=list(keys).index)] == matches


def test_groups_are_joined_by_and_and_their_conditions_by_or(tea):
    either = tea.person(1, properties={"a": "at-risk", "b": "x"}, first_name="Ann")
    tea.person(2, properties={"a": "at-risk"})
    tea.person(3, first_name="Ann")
    ann = ("first_name", {"type": "string", "operator": "equals", "value": "Ann"})
    definition = segment_of([("properties['a']", AT_RISK), ("properties['b']", AT_RISK)], [ann])
    assert settled(tea, make_segment(tea, definition).json()["data"]["id"]) == {either}


def test_a_segment_may_ask_for_consent(tea):
    keys = [tea.person(number) for number in range(3)]
    tea.do("subscribe", profile=keys[0])
    tea.do("unsubscribe", profile=keys[1])
    wanted = {
        "channel": "email",
        "can_receive_marketing": True,
        "consent_status": {"subscription": "subscribed"},
    }
    condition = {"type": "profile-marketing-consent", "consent": wanted}
    definition = {"condition_groups": [{"conditions": [condition]}]}
    made = make_segment(tea, definition, "Consented")
    assert settled(tea, made.json()["data"]["id"]) == {keys[0]}


@pytest.mark.parametrize(
    ("definition", "place"),
    [
        ({}, "condition_groups"),
        ({"condition_groups": []}, "condition_groups"),
        ({"condition_groups": [{"conditions": [{"type": "x"}]}]}, "condition_groups/0/conditions/0/type"),
        (segment_of([("kindred_segment", AT_RISK)]), "condition_groups/0/conditions/0/property"),
        (
            segment_of([("properties['x']", {"type": "string", "operator": "equals", "value": 1})]),
            "condition_groups/0/conditions/0/filter/value",
        ),
    ],
)
def test_a_definition_that_cannot_be_read_is_refused_by_its_place(tea, definition, place):
    answer = make_segment(tea, definition)
    assert answer.status_code == 400
    assert complaints(answer) == [(f"/data/attributes/definition/{place}", "invalid")]


def test_a_segment_is_changed_listed_and_deleted(tea):
    key = make_segment(tea, segment_of([("properties['x']", AT_RISK)])).json()["data"]["id"]
    person = tea.person(1, properties={"y": "at-risk"})
    changed = {"name": "Other", "definition": segment_of([("properties['y']", AT_RISK)])}
    body = {"data": {"type": "segment", "id": key, "attributes": changed}}
    assert tea.call("PATCH", f"/api/segments/{key}", body).status_code == 200
    assert settled(tea, key) == {person}
    assert [one["id"] for one in tea.all("/api/segments", filter='equals(name,"Other")')] == [key]
    assert tea.call("DELETE", f"/api/segments/{key}").status_code == 204
    assert tea.call("GET", f"/api/segments/{key}/profiles").status_code == 404
