import pytest
import requests
from klaviyo_account import row

from sandbox.klaviyo.deeds import DEEDS


def post(tea, path, body):
    return requests.post(f"{tea.world.origin}{path}", json=body, timeout=5)


def look(tea, path):
    return requests.get(f"{tea.world.origin}{path}", timeout=5)


def test_a_foreign_writer_and_a_shopper_are_played_over_http(tea):
    made = post(tea, "/_deeds/create_profile", {"email": "ann@example.com", "properties": {"Colour": "red"}})
    key = made.json()["profile_id"]
    assert post(tea, "/_deeds/set_property", {"profile": key, "name": "Size", "value": 4}).status_code == 200
    assert post(tea, "/_deeds/unsubscribe", {"profile": "Ann@example.com"}).status_code == 200
    list_id = post(tea, "/_deeds/create_list", {"name": "Newsletter"}).json()["list_id"]
    post(tea, "/_deeds/add_to_list", {"list": "Newsletter", "profile": key})
    assert look(tea, f"/_store/member/{list_id}").json() == [key]
    held = look(tea, f"/_store/profile/{key}").json()
    assert (held["properties"], held["consent"]["email"]["consent"]) == (
        {"Colour": "red", "Size": 4},
        "UNSUBSCRIBED",
    )
    post(tea, "/_deeds/rename_list", {"list": list_id, "name": "News"})
    assert [one["name"] for one in look(tea, "/_store/list").json()] == ["News"]
    post(tea, "/_deeds/delete_list", {"list": list_id})
    assert look(tea, "/_store/list").json() == []
    assert look(tea, f"/_store/profile/{key}?account={tea.id}").json()["id"] == key


@pytest.mark.parametrize(
    ("deed", "arguments", "status"),
    [
        ("dance", {}, 404),
        ("unsubscribe", {"profile": "nobody@example.com"}, 400),
        ("unsubscribe", {}, 400),
        ("suppress", {"profile": "nobody@example.com", "reason": "x"}, 400),
        ("make_key", {"scopes": ["everything:write"]}, 400),
        ("delete_list", {"list": "AAAAAA"}, 400),
        ("click_email", {"profile": "ann@example.com", "colour": "red"}, 400),
    ],
)
def test_a_deed_that_cannot_be_done_is_refused_in_words(tea, deed, arguments, status):
    answer = post(tea, f"/_deeds/{deed}", arguments)
    assert answer.status_code == status
    assert answer.json()["error"]


def test_another_account_is_reached_by_its_id(tea):
    other = post(tea, "/_deeds/make_account", {"name": "Rival"}).json()["account_id"]
    post(tea, "/_deeds/create_profile", {"account": other, "email": "ann@example.com"})
    assert look(tea, "/_store/profile").json() == []
    assert len(look(tea, f"/_store/profile?account={other}").json()) == 1
    key = post(tea, "/_deeds/make_key", {"account": other}).json()["key"]
    assert tea.call("GET", "/api/accounts", key=key).json()["data"][0]["id"] == other
    assert look(tea, "/_store/profile?account=AAAAAA").status_code == 404
    assert look(tea, "/_health").json() == {"accounts": [tea.id, other], "ok": True}


def test_settings_change_while_it_runs_and_a_wrong_one_is_refused(tea):
    assert post(tea, "/_settings", {"rows_a_second": 5, "null_links": True}).status_code == 200
    assert look(tea, "/_settings").json()["rows_a_second"] == 5
    assert tea.call("GET", "/api/lists", checked=False).json()["links"]["next"] is None
    for wrong in ({"colour": 1}, {"limits_on": 1}, {"time_scale": "fast"}, {"time_scale": -1}):
        assert post(tea, "/_settings", wrong).status_code == 400


def test_the_calls_so_far_can_be_read_and_forgotten(tea):
    tea.make_list()
    tea.get("/api/lists")
    first = look(tea, "/_calls?operation=create_list").json()
    assert [one["status"] for one in first] == [201]
    assert [one["operation"] for one in look(tea, f"/_calls?after={first[0]['number']}").json()] == [
        "get_lists"
    ]
    requests.delete(f"{tea.world.origin}/_calls", timeout=5)
    assert look(tea, "/_calls").json() == []


def test_pages_show_what_the_app_wrote_beside_what_others_wrote(tea):
    key = tea.person(1, first_name="Ann", properties={"Colour": "red"})
    list_id = tea.make_list("Kindred: At risk")
    job = tea.import_rows(
        [row(key=key, properties={"kindred_segment": "at-risk"}), row(key="01GONE")], into=list_id
    )
    tea.finish(job)
    tea.do("click_email", profile=key, campaign="A letter")
    root = f"/account/{tea.id}"
    home = look(tea, "/").text
    assert tea.key in home
    assert "Kindred: At risk" in home
    person = look(tea, f"{root}/profiles/{key}").text
    ours, foreign = person.split("Properties by others")
    assert "kindred_segment" in ours
    assert "Colour" in foreign.split("Newest events")[0]
    assert "Clicked Email: A letter" in person
    assert "Ann" in look(tea, f"{root}/lists/{list_id}").text
    assert "01GONE" in look(tea, f"{root}/jobs/{job.json()['data']['id']}").text
    assert "Ann" in look(tea, f"{root}/profiles?q=colour").text
    assert "Ann" not in look(tea, f"{root}/profiles?q=blue").text
    for page in ("lists", "segments", "jobs", "calls"):
        assert look(tea, f"{root}/{page}").status_code == 200
    assert look(tea, f"{root}/lists/AAAAAA").status_code == 404
    assert look(tea, "/static/admin.css").headers["Content-Type"].startswith("text/css")


def test_a_button_does_a_deed_and_another_sites_form_does_not(tea):
    key, root = tea.person(1), f"{tea.world.origin}/account/{tea.id}"
    back = f"/account/{tea.id}/profiles/{key}"
    form = {"profile": key, "back": back}
    answer = requests.post(f"{root}/do/unsubscribe", data=form, timeout=5)
    assert answer.url.endswith(back)
    assert "Unsubscribe: done." in answer.text
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    assert requests.post(f"{root}/do/suppress", data=form, headers=elsewhere, timeout=5).status_code == 403
    assert [one["reason"] for one in tea.profile(key)["consent"]["suppression"]] == ["UNSUBSCRIBE"]
    away = requests.post(
        f"{root}/do/subscribe",
        data=form | {"back": "https://example.com/"},
        allow_redirects=False,
        timeout=5,
    )
    assert away.headers["Location"] == f"/account/{tea.id}"


def test_every_deed_says_what_it_does():
    assert all(deed.__doc__ for deed in DEEDS.values())
