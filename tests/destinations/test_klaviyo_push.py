import time
from dataclasses import replace

import orjson
import pytest
from stand_in_klaviyo import AT_RISK, LOYAL, SILENT, StandInKlaviyo, push, row, settle

from shop_app.destinations import klaviyo_account
from shop_app.destinations.base import Group, Job
from shop_app.destinations.errors import (
    BrokenConnectionError,
    OutcomeUnknownError,
    RejectedError,
    SlowDownError,
)
from shop_app.destinations.klaviyo import EVENTS, JOIN, LEAVE, PROPERTIES

GROUPS = [Group("at-risk", "Kindred: At risk"), Group("loyal", "Kindred: Loyal")]


@pytest.fixture
def klaviyo(tmp_path, monkeypatch):
    """An account at the stand-in."""
    stand_in = StandInKlaviyo(tmp_path, monkeypatch)
    yield stand_in
    stand_in.stop()


def lists_of(groups):
    return {group.slug: group.remote_id for group in groups if group.role == "list"}


def within(seconds, holds):
    """Wait until it holds, and no longer than so many seconds."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it does not come to hold"
        time.sleep(0.02)


def kinds(outcomes):
    return {customer_id: outcome.kind for customer_id, outcome in outcomes.items()}


def told(destination, labels, before=None):
    return destination.desired(labels, previous=before)


def test_a_key_is_tested_and_says_whose_account_it_leads_to(klaviyo):
    connected = klaviyo.destination(account=None).check()
    assert (connected.account_id, connected.account_name) == (klaviyo.account, "Thistle & Quire")
    assert connected.warnings == ()


def test_what_a_key_may_not_read_is_told_by_its_name(klaviyo):
    scopes = ["accounts:read", "profiles:read", "profiles:write", "lists:read", "lists:write"]
    key = klaviyo.do("make_key", scopes=scopes)["key"]
    warnings = klaviyo.destination(key=key).check().warnings
    assert len(warnings) == 3
    assert all(scope in " ".join(warnings) for scope in ("segments:read", "metrics:read", "events:read"))
    assert klaviyo.destination(key=key, segments=False, engagement=False).check().warnings == ()


def test_a_key_that_is_not_accepted_breaks_the_connection(klaviyo):
    klaviyo.fault("revoke_key")
    with pytest.raises(BrokenConnectionError, match="private key"):
        klaviyo.destination().check()


def test_without_a_key_a_sentence_says_so(klaviyo):
    destination = klaviyo.destination()
    destination = type(destination)({}, destination.access)
    with pytest.raises(BrokenConnectionError, match="no private key"):
        destination.check()


def test_the_key_of_another_account_sends_nothing(klaviyo):
    person = klaviyo.person(1)
    destination = klaviyo.destination(account="OTHER1")
    rows = [row(1, after=told(destination, AT_RISK), remote_id=person)]
    before = klaviyo.everything()
    for act in (
        destination.check,
        lambda: destination.prepare(GROUPS, []),
        lambda: destination.find([row(1)]),
        lambda: destination.read_back(rows, []),
        lambda: destination.drop_groups([]),
        *(lambda step=step: destination.submit(step, rows, []) for step in (LEAVE, PROPERTIES, JOIN, EVENTS)),
    ):
        with pytest.raises(BrokenConnectionError, match=klaviyo.account):
            act()
    assert klaviyo.everything() == before
    assert klaviyo.sent == []


def test_one_list_and_one_segment_are_made_for_each_group_and_found_again(klaviyo):
    destination = klaviyo.destination()
    groups, words = destination.prepare(GROUPS, [])
    assert words == []
    assert {(group.role, group.slug) for group in groups} == {
        (role, slug) for role in ("list", "segment") for slug in ("at-risk", "loyal")
    }
    klaviyo.forget_calls()
    assert destination.prepare(GROUPS, groups) == (groups, [])
    assert klaviyo.sent == []


def test_segments_follow_the_properties_by_themselves(klaviyo):
    destination = klaviyo.destination()
    groups, _ = destination.prepare([*GROUPS, Group("vip", "Kindred: VIP")], [])
    segments = {group.slug: group.remote_id for group in groups if group.role == "segment"}
    persons = [klaviyo.person(number) for number in (1, 2)]
    labels = (AT_RISK, replace(LOYAL, others=("vip",)))
    rows = [
        row(number, after=told(destination, label), remote_id=person)
        for number, label, person in zip((1, 2), labels, persons, strict=True)
    ]
    settle(destination, PROPERTIES, rows)
    end = [{persons[0]}, {persons[1]}, {persons[1]}]
    within(5, lambda: [klaviyo.members(segments[slug]) for slug in ("at-risk", "loyal", "vip")] == end)


def test_a_foreign_list_of_the_same_name_is_left_alone(klaviyo):
    person = klaviyo.person(1)
    foreign = klaviyo.do("create_list", name="Kindred: At risk")["list_id"]
    klaviyo.do("add_to_list", list=foreign, profile=person)
    destination = klaviyo.destination(segments=False)
    groups, words = destination.prepare(GROUPS, [])
    assert words == []
    ours = next(group for group in groups if group.slug == "at-risk")
    assert ours.remote_id != foreign
    assert ours.name == "Kindred: At risk (2)"
    push(destination, [row(1, after=told(destination, AT_RISK), remote_id=person)], groups)
    destination.drop_groups(groups)
    assert klaviyo.members(foreign) == {person}


def test_a_renamed_list_keeps_the_merchants_name(klaviyo):
    destination = klaviyo.destination(segments=False)
    groups, _ = destination.prepare(GROUPS[:1], [])
    klaviyo.do("rename_list", list=groups[0].remote_id, name="Wake them up")
    again, words = destination.prepare(GROUPS[:1], groups)
    assert words == []
    assert [(group.remote_id, group.name) for group in again] == [(groups[0].remote_id, "Wake them up")]


def test_whose_list_is_still_to_be_made_is_not_told_of_and_so_comes_again(klaviyo):
    destination = klaviyo.destination(segments=False)
    rows = [row(1, after=told(destination, AT_RISK), remote_id=klaviyo.person(1))]
    assert destination.submit("join-lists", rows, []).outcomes == {}


def test_a_list_that_the_merchant_has_deleted_is_told_and_not_made_again(klaviyo):
    destination = klaviyo.destination(segments=False)
    groups, _ = destination.prepare(GROUPS, [])
    gone, kept = sorted(groups, key=lambda group: group.slug)
    klaviyo.do("delete_list", list=gone.remote_id)
    for _ in range(2):
        found, words = destination.prepare(GROUPS, groups)
        assert found == [kept]
        assert len(words) == 1
        assert "Kindred: At risk" in words[0]
        assert "deleted" in words[0]
    person = klaviyo.person(1)
    rows = [row(1, after=told(destination, AT_RISK), remote_id=person)]
    outcome = push(destination, rows, groups)[1]
    assert (outcome.kind, "deleted" in outcome.words) == ("rejected", True)
    assert (
        push(destination, [row(1, before=rows[0].after, after=None, remote_id=person)], groups)[1].kind == "ok"
    )


def test_a_list_whose_making_went_unanswered_is_found_and_not_made_twice(klaviyo):
    klaviyo.fault("reset", after=True, operation="create_list", count=1)
    groups, words = klaviyo.destination(segments=False).prepare(GROUPS, [])
    assert words == []
    assert len(lists_of(groups)) == len(klaviyo.world.state.things(klaviyo.account, "list")) == 2


def test_what_was_made_is_told_even_where_the_rest_fails(klaviyo):
    destination = klaviyo.destination()
    klaviyo.fault("status", status=503, operation="create_segment", count=1)
    groups, words = destination.prepare(GROUPS, [])
    assert {(group.role, group.slug) for group in groups} == {("list", "at-risk"), ("list", "loyal")}
    assert "tried again in a minute" in words[0]
    again, words = destination.prepare(GROUPS, groups)
    assert (len(again), words) == (4, [])


def test_a_key_that_may_not_make_segments_still_tells_the_lists_that_it_has_made(klaviyo):
    scopes = ["accounts:read", "profiles:read", "profiles:write", "lists:read", "lists:write", "segments:read"]
    destination = klaviyo.destination(key=klaviyo.do("make_key", scopes=scopes)["key"])
    groups, words = destination.prepare(GROUPS, [])
    assert {group.role for group in groups} == {"list"}
    assert "segments:write" in words[0]
    with pytest.raises(BrokenConnectionError, match="segments:write"):
        destination.prepare(GROUPS, groups)
    assert len(klaviyo.world.state.things(klaviyo.account, "list")) == 2


def test_profiles_are_found_by_address_in_any_case(klaviyo):
    person = klaviyo.person(1)
    rows = [
        row(1, email="Person-1@Example.com"),
        row(2, email="nobody@example.com"),
        row(3, email=None),
        row(4, email='odd"address'),
        row(5, remote_id="KNOWN"),
    ]
    assert klaviyo.destination().find(rows) == {1: person, 2: None, 3: None, 4: None}


def test_a_few_profiles_are_written_one_by_one_and_read_back_as_written(klaviyo):
    destination = klaviyo.destination()
    groups, _ = destination.prepare(GROUPS, [])
    rows = [
        row(number, after=told(destination, labels), remote_id=klaviyo.person(number))
        for number, labels in ((1, AT_RISK), (2, LOYAL), (3, replace(AT_RISK, may_mail=False)))
    ]
    assert destination.steps(rows) == (PROPERTIES, JOIN)
    assert kinds(push(destination, rows, groups)) == {1: "ok", 2: "ok", 3: "ok"}
    assert destination.read_back(rows, groups) == {each.customer_id: each.after for each in rows}
    assert len(klaviyo.calls(operation="bulk_import_profiles")) == 0
    assert len(klaviyo.members(lists_of(groups)["at-risk"])) == 1


def test_a_customer_who_moves_leaves_one_list_and_joins_the_other(klaviyo):
    destination = klaviyo.destination()
    groups, _ = destination.prepare(GROUPS, [])
    person = klaviyo.person(1)
    was = told(destination, AT_RISK)
    push(destination, [row(1, after=was, remote_id=person)], groups)
    moved = [row(1, before=was, after=told(destination, LOYAL, was), remote_id=person)]
    assert destination.steps(moved) == (LEAVE, PROPERTIES, JOIN)
    assert kinds(push(destination, moved, groups)) == {1: "ok"}
    lists = lists_of(groups)
    assert (klaviyo.members(lists["at-risk"]), klaviyo.members(lists["loyal"])) == (set(), {person})
    assert destination.read_back(moved, groups) == {1: moved[0].after}


def test_who_is_left_out_leaves_every_list_and_says_none(klaviyo):
    destination = klaviyo.destination()
    groups, _ = destination.prepare(GROUPS, [])
    person = klaviyo.person(1)
    was = told(destination, AT_RISK)
    push(destination, [row(1, after=was, remote_id=person)], groups)
    back = [row(1, before=was, after=told(destination, SILENT, was), remote_id=person)]
    push(destination, back, groups)
    assert klaviyo.profile(person)["properties"]["kindred_segment"] == "none"
    assert klaviyo.members(lists_of(groups)["at-risk"]) == set()
    assert destination.read_back(back, groups) == {1: back[0].after}


@pytest.mark.parametrize("count", [3, 60])
def test_an_undone_first_write_leaves_everything_as_it_was(klaviyo, count):
    destination = klaviyo.destination()
    groups, _ = destination.prepare(GROUPS, [])
    persons = klaviyo.people(count)
    klaviyo.do("set_property", profile=persons[0], name="shoe_size", value=41)
    before = klaviyo.everything()["profiles"]
    after = told(destination, replace(AT_RISK, others=("vip", "no-discounts"), rfm="1-2-3"))
    after["lists"] = ["at-risk"]
    first = [row(n, after=after, remote_id=person) for n, person in enumerate(persons)]
    assert set(kinds(push(destination, first, groups)).values()) == {"ok"}
    undone = [replace(each, before=each.after, after=None) for each in first]
    assert set(kinds(push(destination, undone, groups)).values()) == {"ok"}
    assert klaviyo.everything()["profiles"] == before
    assert klaviyo.members(lists_of(groups)["at-risk"]) == set()
    assert set(destination.read_back(undone, groups).values()) == {None}


def test_properties_that_an_import_leaves_standing_are_cleared_one_by_one(klaviyo, monkeypatch):
    from sandbox.klaviyo import profiles

    real = profiles.fill

    def without_unset(profile, attributes, meta, *, null_clears):
        real(profile, attributes, {}, null_clears=null_clears)

    destination = klaviyo.destination(lists=False)
    persons = klaviyo.people(55)
    first = [row(n, after=told(destination, AT_RISK), remote_id=one) for n, one in enumerate(persons)]
    push(destination, first)
    monkeypatch.setattr(profiles, "fill", without_unset)
    assert set(
        kinds(push(destination, [replace(each, before=each.after, after=None) for each in first])).values()
    ) == {"ok"}
    assert all(klaviyo.profile(one)["properties"] == {} for one in persons)


def test_many_profiles_go_by_import_and_the_key_alone_finds_it_again(klaviyo):
    destination = klaviyo.destination()
    groups, _ = destination.prepare(GROUPS, [])
    rows = [
        row(number, after=told(destination, AT_RISK), remote_id=person)
        for number, person in enumerate(klaviyo.people(120))
    ]
    job = destination.submit(PROPERTIES, rows, groups)
    assert isinstance(job, Job)
    fresh = klaviyo.destination()  # another worker
    receipt = job
    while isinstance(receipt, Job):
        time.sleep(0.02)
        receipt = fresh.poll(PROPERTIES, job.key, rows, groups)
    assert set(kinds(receipt.outcomes).values()) == {"ok"}
    assert settle(destination, JOIN, rows, groups)[5].kind == "ok"
    assert destination.read_back(rows, groups) == {each.customer_id: each.after for each in rows}
    assert len(klaviyo.calls(operation="bulk_import_profiles")) == 1
    assert len(klaviyo.calls(operation="create_or_update_profile")) == 0


def test_only_what_has_changed_is_sent(klaviyo):
    destination = klaviyo.destination(lists=False)
    person = klaviyo.person(1)
    was = told(destination, AT_RISK)
    push(destination, [row(1, after=was, remote_id=person)])
    klaviyo.forget_calls()
    push(
        destination,
        [
            row(
                1,
                before=was,
                after=told(destination, replace(AT_RISK, churn_risk_90d=0.7), was),
                remote_id=person,
            )
        ],
    )
    (_, _, body) = klaviyo.sent[0]
    assert body["data"]["attributes"]["properties"] == {"kindred_churn_risk_90d": 0.7}
    assert "email" not in body["data"]["attributes"]


@pytest.mark.parametrize("count", [3, 60])
def test_nobody_is_made_where_profiles_are_only_updated(klaviyo, count):
    destination = klaviyo.destination()
    groups, _ = destination.prepare(GROUPS, [])
    rows = [row(number, after=told(destination, AT_RISK)) for number in range(count)]
    rows.append(row(900, after=told(destination, AT_RISK), remote_id="01NOSUCHPROFILE00000000000"))
    outcomes = push(destination, rows, groups)
    assert set(kinds(outcomes).values()) == {"absent"}
    assert klaviyo.profile_count() == 0


@pytest.mark.parametrize("count", [3, 60])
def test_profiles_are_made_where_the_merchant_says_so_with_nothing_but_the_address(klaviyo, count):
    destination = klaviyo.destination(create_profiles=True)
    groups, _ = destination.prepare(GROUPS, [])
    rows = [row(number, after=told(destination, AT_RISK)) for number in range(count)]
    assert set(kinds(push(destination, rows, groups)).values()) == {"ok"}
    assert klaviyo.profile_count() == count
    assert len(klaviyo.members(lists_of(groups)["at-risk"])) == count
    made = klaviyo.profile("person-1@example.com")
    assert made["phone_number"] is made["external_id"] is None
    assert made["consent"]["email"]["consent"] != "SUBSCRIBED" if made["consent"]["email"] else True
    assert destination.read_back(rows, groups) == {each.customer_id: each.after for each in rows}


def test_one_bad_address_among_ten_thousand_does_not_sink_the_job(klaviyo):
    klaviyo.world.settings["rows_a_second"] = 50_000.0
    destination = klaviyo.destination(create_profiles=True, lists=False)
    after = told(destination, AT_RISK)
    rows = [row(number, after=after) for number in range(9_999)]
    rows.insert(5_000, row(77_777, after=after, email="no address@@example"))
    outcomes = settle(destination, PROPERTIES, rows, seconds=120, every=1.0)  # to ask costs as much
    assert outcomes[77_777].kind == "rejected"
    assert "e-mail address" in outcomes[77_777].words
    del outcomes[77_777]
    assert (len(outcomes), set(kinds(outcomes).values())) == (9_999, {"ok"})
    assert klaviyo.profile_count() == 9_999


def test_rows_that_klaviyo_names_are_left_out_and_the_rest_is_sent_once_more(klaviyo, monkeypatch):
    from shop_app.destinations import klaviyo_profiles

    monkeypatch.setattr(
        klaviyo_profiles, "is_sound_email", lambda _: True
    )  # our own look is blinder than theirs
    destination = klaviyo.destination(create_profiles=True, lists=False)
    after = told(destination, AT_RISK)
    rows = [row(number, after=after) for number in range(60)]
    rows[30] = row(30, after=after, email="no-address")
    outcomes = settle(destination, PROPERTIES, rows)
    assert kinds(outcomes) == {number: "rejected" if number == 30 else "ok" for number in range(60)}
    assert outcomes[30].words.startswith("Klaviyo does not take this customer")
    assert "no-address" not in outcomes[30].words or "@" not in outcomes[30].words
    assert [line["status"] for line in klaviyo.calls(operation="bulk_import_profiles")] == [400, 202]


def test_errors_of_an_import_are_told_to_each_customer(klaviyo):
    destination = klaviyo.destination(lists=False)
    rows = [
        row(number, after=told(destination, AT_RISK), remote_id=person)
        for number, person in enumerate(klaviyo.people(100))
    ]
    klaviyo.fault("fail_rows", every=10)
    outcomes = settle(destination, PROPERTIES, rows)
    assert {number for number, kind in kinds(outcomes).items() if kind == "rejected"} == set(range(0, 100, 10))
    assert "This row fails by a switch" in outcomes[0].words


def test_an_id_that_was_merged_away_is_looked_up_by_address_once_again(klaviyo):
    destination = klaviyo.destination()
    groups, _ = destination.prepare(GROUPS, [])
    for count in (1, 60):
        kept, *others = [klaviyo.person(f"{count}-{number}") for number in range(count + 1)]
        gone = others[0]
        klaviyo.do("merge_profiles", kept=kept, gone=gone)
        rows = [
            row(n, after=told(destination, AT_RISK), remote_id=one, email=f"person-{count}-{n + 1}@example.com")
            for n, one in enumerate(others)
        ]
        rows[0] = row(
            0, after=told(destination, AT_RISK), remote_id=gone, email=f"person-{count}-0@example.com"
        )
        assert set(kinds(push(destination, rows, groups)).values()) == {"ok"}
        assert klaviyo.profile(kept)["properties"]["kindred_segment"] == "at-risk"
        assert kept in klaviyo.members(lists_of(groups)["at-risk"])
        assert destination.read_back(rows, groups)[0] == rows[0].after


def test_a_profile_that_is_gone_is_told_as_absent(klaviyo):
    destination = klaviyo.destination()
    groups, _ = destination.prepare(GROUPS, [])
    persons = [klaviyo.person(number) for number in (1, 2)]
    klaviyo.do("delete_profile", profile=persons[0])
    rows = [
        row(n, after=told(destination, AT_RISK), remote_id=one) for n, one in zip((1, 2), persons, strict=True)
    ]
    assert kinds(push(destination, rows, groups)) == {1: "absent", 2: "ok"}
    assert set(destination.read_back(rows, groups)) == {2}


def test_unsubscribed_and_suppressed_profiles_get_properties_and_keep_their_consent(klaviyo):
    destination = klaviyo.destination()
    groups, _ = destination.prepare(GROUPS, [])
    persons = [klaviyo.person(number) for number in (1, 2, 3)]
    klaviyo.do("subscribe", profile=persons[0])
    klaviyo.do("unsubscribe", profile=persons[1])
    klaviyo.do("suppress", profile=persons[2])
    consents = [klaviyo.profile(one)["consent"] for one in persons]
    unasked = replace(AT_RISK, may_mail=False)
    rows = [
        row(n, after=told(destination, labels), remote_id=one)
        for n, (labels, one) in enumerate(zip((AT_RISK, unasked, unasked), persons, strict=True))
    ]
    assert set(kinds(push(destination, rows, groups)).values()) == {"ok"}
    assert [klaviyo.profile(one)["properties"]["kindred_segment"] for one in persons] == ["at-risk"] * 3
    assert klaviyo.members(lists_of(groups)["at-risk"]) == {persons[0]}
    assert [klaviyo.profile(one)["consent"] for one in persons] == consents


def test_what_others_keep_in_the_account_is_the_same_byte_for_byte_afterwards(klaviyo):
    destination = klaviyo.destination(segment_changed_event=False)
    persons = [klaviyo.person(number, first_name="Carol", properties={"tier": "gold"}) for number in range(8)]
    theirs = klaviyo.do("create_list", name="Newsletter")["list_id"]
    for one in persons[:5]:
        klaviyo.do("add_to_list", list=theirs, profile=one)
    before = klaviyo.everything()
    groups, _ = destination.prepare(GROUPS, [])
    first = [row(n, after=told(destination, AT_RISK), remote_id=one) for n, one in enumerate(persons)]
    push(destination, first, groups)
    moved = [replace(each, before=each.after, after=told(destination, LOYAL, each.after)) for each in first]
    push(destination, moved, groups)
    push(destination, [replace(each, before=each.after, after=None) for each in moved], groups)
    destination.drop_groups(groups)
    assert orjson.dumps(klaviyo.everything()["profiles"]) == orjson.dumps(before["profiles"])
    assert klaviyo.everything()["members"] == before["members"]
    assert klaviyo.everything()["things"] == before["things"]


def test_groups_are_deleted_by_id_alone_and_twice_is_no_harm(klaviyo):
    destination = klaviyo.destination()
    groups, _ = destination.prepare(GROUPS, [])
    theirs = klaviyo.do("create_list", name="Kindred: theirs")["list_id"]
    destination.drop_groups(groups)
    destination.drop_groups(groups)
    assert [each["id"] for each in klaviyo.world.state.things(klaviyo.account, "list")] == [theirs]
    assert klaviyo.world.state.things(klaviyo.account, "segment") == []


@pytest.mark.parametrize(
    ("step", "operation", "count"),
    [
        (PROPERTIES, "create_or_update_profile", 3),
        (PROPERTIES, "bulk_import_profiles", 60),
        (JOIN, "add_profiles_to_list", 3),
        (LEAVE, "remove_profiles_from_list", 3),
        (EVENTS, "create_event", 3),
    ],
)
def test_a_call_that_worked_without_an_answer_is_told_and_again_gives_the_same_state(
    klaviyo, step, operation, count
):
    destination = klaviyo.destination(segment_changed_event=True)
    groups, _ = destination.prepare(GROUPS, [])
    was, now = told(destination, AT_RISK), told(destination, LOYAL)
    rows = [row(n, before=was, after=now, remote_id=one) for n, one in enumerate(klaviyo.people(count))]
    klaviyo.fault("reset", after=True, operation=operation, count=1)
    with pytest.raises(OutcomeUnknownError):
        destination.submit(step, rows, groups)
    assert set(kinds(settle(destination, step, rows, groups)).values()) == {"ok"}
    once = klaviyo.everything()
    settle(destination, step, rows, groups)
    again = klaviyo.everything()
    for table in ("profiles", "members", "events"):
        assert again[table] == once[table]


def test_an_import_whose_start_went_unanswered_is_found_and_told_by_what_the_profiles_hold(klaviyo):
    klaviyo.world.settings["queue_seconds"] = 300.0
    destination = klaviyo.destination(lists=False)
    rows = [
        row(number, after=told(destination, AT_RISK), remote_id=one)
        for number, one in enumerate(klaviyo.people(70))
    ]
    assert destination.recover(PROPERTIES, rows) is None
    klaviyo.fault("reset", after=True, operation="bulk_import_profiles", count=1)
    with pytest.raises(OutcomeUnknownError):
        destination.submit(PROPERTIES, rows, [])
    receipt = destination.recover(PROPERTIES, rows)
    assert isinstance(receipt, Job)
    while isinstance(receipt, Job):
        time.sleep(0.02)
        receipt = destination.poll(PROPERTIES, receipt.key, rows, [])
    assert set(kinds(receipt.outcomes).values()) == {"ok"}
    assert len(receipt.outcomes) == 70


def test_of_an_import_that_was_cancelled_nobody_is_told_to_be_done_who_is_not(klaviyo):
    klaviyo.fault("cancel_job", count=1)
    destination = klaviyo.destination(lists=False)
    rows = [
        row(number, after=told(destination, AT_RISK), remote_id=one)
        for number, one in enumerate(klaviyo.people(70))
    ]
    assert settle(destination, PROPERTIES, rows) == {}
    assert set(kinds(settle(destination, PROPERTIES, rows)).values()) == {"ok"}


def test_a_job_that_does_not_get_on_is_asked_after_again(klaviyo):
    klaviyo.fault("stick_job")
    destination = klaviyo.destination(lists=False)
    rows = [row(n, after=told(destination, AT_RISK), remote_id=one) for n, one in enumerate(klaviyo.people(60))]
    job = destination.submit(PROPERTIES, rows, [])
    again = destination.poll(PROPERTIES, job.key, rows, [])
    assert isinstance(again, Job)
    assert again.poll_after_seconds >= 5


def test_patience_that_is_asked_for_amid_many_is_told_with_who_is_done(klaviyo):
    destination = klaviyo.destination(lists=False)
    rows = [row(n, after=told(destination, AT_RISK), remote_id=one) for n, one in enumerate(klaviyo.people(6))]
    settle(destination, PROPERTIES, rows[:2])
    klaviyo.fault("throttle", seconds=40, operation="create_or_update_profile")
    with pytest.raises(SlowDownError) as asked:
        destination.submit(PROPERTIES, rows, [])
    assert asked.value.retry_after_seconds == 40


def test_a_key_that_may_only_read_stops_the_push_with_the_permission_it_lacks(klaviyo):
    destination = klaviyo.destination()
    person = klaviyo.person(1)
    klaviyo.fault("read_only_key")
    with pytest.raises(BrokenConnectionError, match="profiles:write"):
        destination.submit(PROPERTIES, [row(1, after=told(destination, AT_RISK), remote_id=person)], [])


def test_a_list_that_klaviyo_will_not_delete_is_told(klaviyo):
    destination = klaviyo.destination(segments=False)
    groups, _ = destination.prepare(GROUPS[:1], [])
    klaviyo.fault("status", status=409, operation="delete_list")
    with pytest.raises(RejectedError, match="could not be deleted"):
        destination.drop_groups(groups)


def test_moves_are_told_as_events_once_and_the_first_ones_start_no_flow(klaviyo):
    destination = klaviyo.destination(segment_changed_event=True, lists=False)
    persons = [klaviyo.person(number) for number in (1, 2)]
    was = told(destination, AT_RISK)
    rows = [
        row(1, after=was, remote_id=persons[0]),
        row(2, before=was, after=told(destination, LOYAL, was), remote_id=persons[1]),
    ]
    assert destination.steps(rows) == (PROPERTIES, EVENTS)
    for _ in range(2):
        assert set(kinds(push(destination, rows)).values()) == {"ok"}
    assert klaviyo.world.state.count("events", klaviyo.account) == 2
    bodies = [body["data"]["attributes"] for _, path, body in klaviyo.sent if path == "/api/events"][:2]
    assert [each["backfill"] for each in bodies] == [True, False]
    assert bodies[1]["properties"] == {
        "old_segment": "at-risk",
        "new_segment": "loyal",
        "old_segment_name": "At risk",
        "new_segment_name": "Loyal",
    }


def test_no_event_is_sent_unless_the_merchant_wants_it(klaviyo):
    destination = klaviyo.destination(lists=False)
    assert destination.steps([row(1, after=told(destination, AT_RISK), remote_id="P")]) == (PROPERTIES,)


@pytest.mark.parametrize("step", [PROPERTIES, JOIN])
def test_of_two_customers_with_one_profile_the_first_is_told_and_the_other_refused(klaviyo, step):
    destination = klaviyo.destination()
    groups, _ = destination.prepare(GROUPS, [])
    person = klaviyo.person(1)
    rows = [
        row(8, after=told(destination, LOYAL), remote_id=person, email="Person-1@example.com"),
        row(7, after=told(destination, AT_RISK), remote_id=person, email="person-1@example.com"),
    ]
    outcomes = settle(destination, step, rows, groups)
    assert kinds(outcomes) == {7: "ok", 8: "rejected"}
    assert "same e-mail address" in outcomes[8].words
    assert klaviyo.members(lists_of(groups)["loyal"]) == set()


def test_a_key_that_comes_to_lead_elsewhere_is_noticed_before_long(klaviyo, monkeypatch):
    destination = klaviyo.destination()
    person = klaviyo.person(1)
    rows = [row(1, after=told(destination, AT_RISK), remote_id=person)]
    assert settle(destination, PROPERTIES, rows)[1].kind == "ok"
    klaviyo.do("make_account", name="Somebody else")
    klaviyo.fault("other_account")
    monkeypatch.setattr(klaviyo_account, "_SEEN_SECONDS", 0.0)
    with pytest.raises(BrokenConnectionError, match="Nothing was sent"):
        destination.submit(PROPERTIES, rows, [])


def test_an_address_with_an_apostrophe_is_an_address(klaviyo):
    person = klaviyo.do("create_profile", email="o'hara+tea@example.com")["profile_id"]
    assert klaviyo.destination().find([row(1, email="O'Hara+tea@example.com")]) == {1: person}


@pytest.mark.parametrize("count", [1, 60])
def test_a_profile_that_an_id_was_merged_into_is_told_everything_not_the_difference_alone(klaviyo, count):
    destination = klaviyo.destination(lists=False)
    ids = klaviyo.people(count)
    was = told(destination, AT_RISK)
    now = told(destination, replace(AT_RISK, churn_risk_90d=0.9), was)
    rows = [row(n, before=was, after=now, remote_id=one) for n, one in enumerate(ids, start=1)]
    klaviyo.do("delete_profile", profile=ids[0])
    fresh = klaviyo.person(1)
    assert set(kinds(settle(destination, PROPERTIES, rows)).values()) == {"ok"}
    assert destination.read_back(rows[:1], []) == {1: now}
    assert klaviyo.profile(fresh)["properties"] == now["properties"]


def test_of_a_cancelled_import_that_was_to_make_profiles_nobody_is_told_to_be_absent(klaviyo):
    klaviyo.fault("cancel_job", count=1)
    destination = klaviyo.destination(lists=False, create_profiles=True)
    rows = [row(number, after=told(destination, AT_RISK)) for number in range(60)]
    assert settle(destination, PROPERTIES, rows) == {}
    assert set(kinds(settle(destination, PROPERTIES, rows)).values()) == {"ok"}
    assert klaviyo.profile_count() == 60
