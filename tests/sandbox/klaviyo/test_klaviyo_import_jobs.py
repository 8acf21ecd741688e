import pytest
from klaviyo_account import JOBS, Account, complaints, row
from patience import eventually


def test_a_job_is_queued_done_later_and_puts_everybody_into_one_list(tea):
    old, list_id = tea.person(1, properties={"Colour": "red"}), tea.make_list()
    tea.world.settings["queue_seconds"] = 200.0
    rows = [row("person-1@example.com", properties={"kindred_segment": "loyal"}), row("new@example.com")]
    answer = tea.import_rows(rows, into=list_id)
    assert answer.json()["data"]["attributes"]["status"] == "queued"
    assert tea.profile("new@example.com") is None
    job = tea.finish(answer)
    assert (job["status"], job["total_count"], job["completed_count"], job["failed_count"]) == (
        "complete",
        2,
        2,
        0,
    )
    assert tea.profile(old)["properties"] == {"Colour": "red", "kindred_segment": "loyal"}
    assert tea.members(list_id) == sorted([old, tea.profile("new@example.com")["id"]])
    key = answer.json()["data"]["id"]
    assert tea.get(f"{JOBS}/{key}/lists")["data"][0]["id"] == list_id
    assert len(tea.all(f"{JOBS}/{key}/profiles", **{"page[size]": 1})) == 2
    assert len(tea.all(f"{JOBS}/{key}/relationships/profiles")) == 2


def test_in_a_job_null_clears_nothing_and_unset_does(tea):
    key = tea.person(1, first_name="Ann", properties={"a": 1, "b": 2, "c": 3})
    unset = row(key=key, properties={"a": None}, first_name=None) | {
        "meta": {"patch_properties": {"unset": ["b"]}}
    }
    assert tea.finish(tea.import_rows([unset]))["completed_count"] == 1
    assert (tea.profile(key)["properties"], tea.profile(key)["first_name"]) == ({"a": 1, "c": 3}, "Ann")


def test_one_wrong_row_sinks_the_whole_and_every_wrong_row_is_named(tea):
    tea.person(1)
    rows = [
        row("person-1@example.com", properties={"a": 1}),
        row("not an address"),
        row(),
        row("b@example.com", x=1),
    ]
    rows.append(row("c@example.com", properties={"a": "x" * 100_000}))
    answer = tea.import_rows(rows)
    here = "/data/attributes/profiles/data"
    assert answer.status_code == 400
    assert {place for place, _ in complaints(answer)} == {
        f"{here}/1/attributes/email",
        f"{here}/2/attributes",
        f"{here}/3/attributes/x",
        f"{here}/4",
    }
    assert tea.get(JOBS)["data"] == []
    assert tea.profile("person-1@example.com")["properties"] == {}


@pytest.mark.parametrize("count", [0, 10_001])
def test_a_job_has_one_to_ten_thousand_rows(tea, count):
    assert tea.import_rows([row(f"p{number}@example.com") for number in range(count)]).status_code == 400


def test_a_body_has_at_most_five_megabytes(tea):
    rows = [row(f"p{number}@example.com", properties={"a": "x" * 90_000}) for number in range(60)]
    assert tea.import_rows(rows).status_code == 413


def test_a_job_goes_into_one_list_that_exists(tea):
    assert tea.import_rows([row("a@example.com")], into="AAAAAA").status_code == 404
    lists = [{"type": "list", "id": tea.make_list(name)} for name in ("One", "Two")]
    data = {"type": "profile-bulk-import-job", "attributes": {"profiles": {"data": [row("a@example.com")]}}}
    answer = tea.call("POST", JOBS, {"data": data | {"relationships": {"lists": {"data": lists}}}})
    assert complaints(answer) == [("/data/relationships/lists/data", "invalid")]


def test_rows_that_fail_later_are_told_with_what_was_sent(tea):
    tea.person(1)
    tea.do("create_profile", phone_number="+15005550006")
    gone = tea.person(2)
    tea.do("delete_profile", profile=gone)
    rows = [
        row(key=gone, properties={"a": 1}),
        row("person-1@example.com", phone_number="+15005550006"),
        row("person-1@example.com", properties={"a": 1}),
    ]
    answer = tea.import_rows(rows)
    job = tea.finish(answer)
    assert (job["status"], job["completed_count"], job["failed_count"]) == ("complete", 1, 2)
    errors = tea.all(f"{JOBS}/{answer.json()['data']['id']}/import-errors", **{"page[size]": 1})
    assert [one["attributes"]["code"] for one in errors] == ["not_found", "duplicate_profile"]
    assert [one["attributes"]["original_payload"] for one in errors] == rows[:2]
    assert tea.profile("person-1@example.com")["properties"] == {"a": 1}


def test_jobs_are_found_by_their_status(tea):
    tea.world.settings["queue_seconds"] = 1_000_000.0
    key = tea.import_rows([row("a@example.com")]).json()["data"]["id"]
    assert [one["id"] for one in tea.all(JOBS, filter='equals(status,"queued")')] == [key]
    assert tea.all(JOBS, filter='any(status,["complete","processing"])', sort="-created_at") == []
    assert tea.get(f"{JOBS}/{key}", include="lists")["included"] == []
    assert tea.call("GET", f"{JOBS}/01J00000000000000000000000").status_code == 404


def test_a_job_takes_time_by_its_rows(tea):
    tea.world.settings |= {"queue_seconds": 0.0, "rows_a_second": 0.1}  # a hundred a second here
    answer = tea.import_rows([row(f"p{number}@example.com") for number in range(41)])
    tea.finish(answer)
    job = tea.world.state.find(tea.id, "import_job", answer.json()["data"]["id"])
    assert job["completed_at"] - job["started_at"] >= 0.4


def test_the_same_job_again_gives_the_same_state(tea):
    rows, list_id = [row("a@example.com", properties={"kindred_segment": "loyal"})], tea.make_list()
    for _ in range(2):
        tea.finish(tea.import_rows(rows, into=list_id))
    (one,) = tea.all("/api/profiles")
    assert one["attributes"]["properties"] == {"kindred_segment": "loyal"}
    assert tea.members(list_id) == [one["id"]]


def test_a_job_goes_on_after_a_restart(tmp_path):
    account = Account(tmp_path / "klaviyo.sqlite", queue_seconds=0.0, rows_a_second=0.2)
    rows = [row(f"p{number}@example.com") for number in range(60)]
    key = account.import_rows(rows).json()["data"]["id"]
    eventually(lambda: _done(account, key) > 2)
    account.stop()
    again = Account(tmp_path / "klaviyo.sqlite", queue_seconds=0.0)
    try:
        eventually(lambda: _done(again, key) == 60)
        assert len(again.all("/api/profiles")) == 60
    finally:
        again.stop()


def test_a_stuck_job_gets_on_when_the_switch_is_lifted(tea):
    tea.fault("stick_job", count=1)
    stuck = tea.import_rows([row("a@example.com")])
    path = f"{JOBS}/{stuck.json()['data']['id']}"
    eventually(lambda: tea.get(path)["data"]["attributes"]["status"] == "processing")
    tea.finish(tea.import_rows([row("b@example.com")]))
    assert tea.get(path)["data"]["attributes"]["completed_count"] == 0
    tea.calm()
    assert tea.finish(stuck)["status"] == "complete"


def test_rows_fail_and_jobs_are_cancelled_by_switch(tea):
    tea.fault("fail_rows", every=2)
    job = tea.finish(tea.import_rows([row(f"p{number}@example.com") for number in range(5)]))
    assert (job["status"], job["completed_count"], job["failed_count"]) == ("complete", 2, 3)
    tea.fault("cancel_job", count=1)
    assert tea.finish(tea.import_rows([row("a@example.com")]))["status"] == "cancelled"
    assert tea.profile("a@example.com") is None


def _done(account, key):
    return account.get(f"{JOBS}/{key}")["data"]["attributes"]["completed_count"]
