from klaviyo_account import complaints
from patience import eventually

from sandbox.klaviyo import events

PATH = "/api/event-bulk-create-jobs"


def metric(name="Segment changed"):
    return {"data": {"type": "metric", "attributes": {"name": name}}}


def event(number=1, *, name="Segment changed", **attributes):
    who = {"data": {"type": "profile", "attributes": {"email": f"person-{number}@example.com"}}}
    told = {"properties": {"to": "at-risk"}, "metric": metric(name), "profile": who} | attributes
    return {"data": {"type": "event", "attributes": told}}


def bulk(*packs):
    inner = []
    for number, entries in packs:
        who = {"data": {"type": "profile", "attributes": {"email": f"person-{number}@example.com"}}}
        told = [
            {"type": "event", "attributes": {"properties": {"a": 1}, "metric": metric(), **one}}
            for one in entries
        ]
        inner.append({"type": "event-bulk-create", "attributes": {"profile": who, "events": {"data": told}}})
    attributes = {"events-bulk-create": {"data": inner}}
    return {"data": {"type": "event-bulk-create-job", "attributes": attributes}}


def metric_id(tea, name):
    (found,) = [one["id"] for one in tea.all("/api/metrics") if one["attributes"]["name"] == name]
    return found


def test_an_event_makes_its_metric_and_its_profile(tea):
    assert tea.call("POST", "/api/events", event(value=3, value_currency="EUR")).status_code == 202
    (found,) = tea.all("/api/events", include="profile,metric")
    assert found["attributes"]["event_properties"] | {"$event_id": ""} == {
        "to": "at-risk",
        "$value": 3,
        "$value_currency": "EUR",
        "$event_id": "",
    }
    assert tea.profile("person-1@example.com")["id"] == found["relationships"]["profile"]["data"]["id"]
    assert tea.get(f"/api/events/{found['id']}", include="metric")["included"][0]["attributes"]["name"] == (
        "Segment changed"
    )
    known = tea.all("/api/metrics", filter='equals(integration.name,"API")')
    assert [one["id"] for one in known] == [metric_id(tea, "Segment changed")]
    assert tea.get(f"/api/metrics/{known[0]['id']}")["data"] == known[0]
    assert tea.all("/api/metrics", filter='equals(integration.name,"Klaviyo")') == []


def test_of_one_unique_id_the_first_event_wins(tea):
    for to in ("loyal", "at-risk"):
        assert tea.call("POST", "/api/events", event(unique_id="u1", properties={"to": to})).status_code == 202
    assert tea.call("POST", "/api/events", event(2, unique_id="u1")).status_code == 202
    assert tea.call("POST", "/api/events", event(name="Other", unique_id="u1")).status_code == 202
    found = tea.all("/api/events", filter=f'equals(profile_id,"{tea.profile("person-1@example.com")["id"]}")')
    assert len(tea.all("/api/events")) == 3
    assert {one["attributes"]["event_properties"]["to"] for one in found} == {"loyal", "at-risk"}
    assert len(found) == 2


def test_without_a_unique_id_there_is_one_event_a_second(tea):
    at = "2026-11-01T10:00:00.4+00:00"
    for moment in (at, "2026-11-01T10:00:00.9Z", "2026-11-01T10:00:01Z"):
        tea.call("POST", "/api/events", event(time=moment))
    assert len(tea.all("/api/events")) == 2


def test_a_repeated_unique_id_refuses_the_whole_bulk(tea):
    tea.call("POST", "/api/events", event(unique_id="known"))
    answer = tea.call("POST", PATH, bulk((1, [{"unique_id": "a"}, {"unique_id": "known"}]), (2, [{}])))
    place = "/data/attributes/events-bulk-create/data/0/attributes/events/data/1/attributes/unique_id"
    assert (answer.status_code, complaints(answer)) == (400, [(place, "invalid")])
    assert tea.call("POST", PATH, bulk((1, [{"unique_id": "b"}, {"unique_id": "b"}]))).status_code == 400
    assert len(tea.all("/api/events")) == 1
    assert tea.call("POST", PATH, bulk((1, [{"unique_id": "c"}]), (2, [{"unique_id": "c"}]))).status_code == 202
    assert len(tea.all("/api/events")) == 3


def test_at_most_a_thousand_events_come_at_once(tea):
    many = [{"unique_id": str(number)} for number in range(501)]
    assert tea.call("POST", PATH, bulk((1, many), (2, many))).status_code == 400


def test_an_event_names_a_metric_a_person_and_properties(tea):
    wrong = event(metric=metric("x" * 128))
    assert complaints(tea.call("POST", "/api/events", wrong)) == [
        ("/data/attributes/metric/data/attributes/name", "invalid")
    ]
    nobody = event(profile={"data": {"type": "profile", "attributes": {}}})
    assert tea.call("POST", "/api/events", nobody).status_code == 400
    assert tea.call("POST", "/api/events", event(time="yesterday")).status_code == 400


def test_events_are_read_in_windows_and_in_order(tea):
    key = tea.person(1)
    days = [f"2026-11-{day:02}T10:00:00Z" for day in (5, 1, 3, 2, 4)]
    for day in days:
        tea.do("click_email", profile=key, at=day)
    tea.do("open_email", profile=key, at=days[0], apple_privacy=True)
    clicked = metric_id(tea, "Clicked Email")
    window = "greater-or-equal(datetime,2026-11-02T10:00:00Z),less-than(datetime,2026-11-05T10:00:00Z)"
    options = {"filter": f'and(equals(metric_id,"{clicked}"),{window})', "sort": "datetime", "page[size]": 2}
    found = tea.all("/api/events", **options, **{"fields[event]": "datetime,event_properties,uuid"})
    assert [one["attributes"]["datetime"][8:10] for one in found] == ["02", "03", "04"]
    assert all("timestamp" not in one["attributes"] for one in found)
    newest = tea.all("/api/events")
    assert [one["attributes"]["timestamp"] for one in newest] == sorted(
        (one["attributes"]["timestamp"] for one in newest), reverse=True
    )
    assert tea.call("GET", "/api/events", filter=f'any(metric_id,["{clicked}"])').status_code == 400
    assert tea.call("GET", "/api/events", **{"page[size]": 1001}).status_code == 400


def test_openings_by_apple_and_clicks_by_scanners_are_marked(tea):
    key = tea.person(1)
    tea.do("open_email", profile=key, apple_privacy=True)
    tea.do("click_email", profile=key, bot=True)
    tea.do("receive_email", profile=key)
    told = {
        name: one["attributes"]["event_properties"]
        for one in tea.all("/api/events")
        for name in ("machine_open", "Bot Click")
        if name in one["attributes"]["event_properties"]
    }
    assert told["machine_open"]["machine_open"] is True
    assert told["Bot Click"]["Bot Click"] is True
    assert len(tea.all("/api/metrics", filter='equals(integration.name,"Klaviyo")')) == 3


def test_the_fixed_page_of_metrics_holds_two_hundred(tea):
    assert tea.call("GET", "/api/metrics", **{"page[size]": 10}).status_code == 400
    for number in range(205):
        events.metric(tea.world, tea.id, f"Metric {number:03}")
    page = tea.get("/api/metrics")
    assert len(page["data"]) == 200
    assert len(tea.all("/api/metrics")) == 205


def test_a_deleted_person_takes_everything_along_a_little_later(tea):
    key, list_id = tea.person(1), tea.make_list()
    tea.do("add_to_list", list=list_id, profile=key)
    tea.do("click_email", profile=key)
    resource = {"data": {"type": "profile", "attributes": {"email": "Person-1@example.com"}}}
    job = {"data": {"type": "data-privacy-deletion-job", "attributes": {"profile": resource}}}
    assert tea.call("POST", "/api/data-privacy-deletion-jobs", job).status_code == 202
    eventually(lambda: tea.profile(key) is None)
    assert (tea.members(list_id), tea.all("/api/events")) == ([], [])
    both = {"email": "a@example.com", "phone_number": "+15005550006"}
    resource = {"data": {"type": "profile", "attributes": both}}
    job = {"data": {"type": "data-privacy-deletion-job", "attributes": {"profile": resource}}}
    assert tea.call("POST", "/api/data-privacy-deletion-jobs", job).status_code == 400
