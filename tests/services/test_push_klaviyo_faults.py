"""What a merchant does to our lists in Klaviyo, and two customers who are one person there."""

from datetime import timedelta

import pytest
from push_shop import NOW, a_push_shop, pushed
from stand_in_klaviyo import StandInKlaviyo
from tellings import one, rows

from shop_app.services import connect_destination as connecting
from shop_app.services.decide_pushes import approve_push
from shop_app.services.push_choices import change_push_choices
from shop_app.services.push_groups import make_groups_again
from shop_app.services.read_back_pushes import read_back_due
from shop_app.storage import due_work, push_states
from shop_app.storage.engine import shopless, transaction

CUSTOMERS = 6
NIGHT = NOW + timedelta(hours=16)


@pytest.fixture
def klaviyo(tmp_path, monkeypatch):
    made = StandInKlaviyo(tmp_path, monkeypatch)
    yield made
    made.stop()


@pytest.fixture
def shop_id(store, klaviyo):
    """Six buyers who may be mailed, all of them known to Klaviyo, their labels sent."""
    return sent_everybody(store, klaviyo)


def sent_everybody(store, klaviyo):
    found = a_push_shop(store, customers=CUSTOMERS, destination=None, consent="SUBSCRIBED")
    for number in range(1, CUSTOMERS + 1):
        klaviyo.do("create_profile", email=f"ann{number}@example.com", properties={"shoe_size": number})
    connecting.save_destination(found, "klaviyo", {"private_key": klaviyo.key}, who="Ann", at=NOW)
    change_push_choices(found, {"approve_ratio": 1.0}, who="Ann", at=NOW)
    connecting.switch_on(found, "klaviyo", who="Ann", at=NOW)
    pushed(found, NOW)
    approve_push(found, one(found, "SELECT id FROM pushes WHERE state = 'open'")["id"], who="Ann", at=NOW)
    pushed(found, NOW)
    assert one(found, "SELECT count(*) AS n FROM push_states WHERE state = 'settled'")["n"] == CUSTOMERS
    return found


def test_segments_that_could_not_be_made_at_once_are_made_within_minutes_though_nobody_buys(store, klaviyo):
    klaviyo.fault("status", status=503, operation="create_segment", count=1)
    found = sent_everybody(store, klaviyo)
    assert "yet" in one(found, "SELECT notices FROM destinations")["notices"][0]
    assert rows(found, "SELECT * FROM remote_groups WHERE role = 'segment'") == []
    with shopless() as connection:
        due = due_work.list_of_shop(connection, found)["push"]
    assert due <= NOW + timedelta(minutes=2)
    pushed(found, due)
    lists, segments = (
        {row["slug"] for row in rows(found, f"SELECT slug FROM remote_groups WHERE role = '{role}'")}
        for role in ("list", "segment")
    )
    assert set() < lists <= segments
    assert one(found, "SELECT notices FROM destinations")["notices"] == []


def filled_list(shop_id, klaviyo):
    """One of our lists that holds somebody, and who."""
    for group in rows(shop_id, "SELECT slug, remote_id, name FROM remote_groups WHERE role = 'list'"):
        if members := klaviyo.members(group["remote_id"]):
            return group, sorted(members)
    raise AssertionError("no list holds anybody")


def test_a_list_that_the_merchant_deletes_is_told_by_the_next_morning_and_not_made_again(shop_id, klaviyo):
    group, _ = filled_list(shop_id, klaviyo)
    count = len(klaviyo.world.state.things(klaviyo.account, "list"))
    klaviyo.do("delete_list", list=group["remote_id"])
    for day in range(2):
        read_back_due(shop_id, now=NIGHT + timedelta(days=day))
    (notices,) = rows(shop_id, "SELECT notices FROM destinations")
    assert len(notices["notices"]) == 1
    assert group["name"] in notices["notices"][0]
    assert len(klaviyo.world.state.things(klaviyo.account, "list")) == count - 1
    pushed(shop_id, NIGHT + timedelta(days=1))
    assert len(klaviyo.world.state.things(klaviyo.account, "list")) == count - 1


def test_a_list_that_was_deleted_is_made_again_where_the_merchant_says_so(shop_id, klaviyo):
    group, members = filled_list(shop_id, klaviyo)
    assert make_groups_again(shop_id, "klaviyo", who="Ann", at=NOW) == 0
    klaviyo.do("delete_list", list=group["remote_id"])
    read_back_due(shop_id, now=NIGHT)
    pushed(shop_id, NIGHT)
    refused = one(shop_id, "SELECT count(*) AS n FROM push_states WHERE state = 'rejected'")["n"]
    assert refused == len(members)
    assert make_groups_again(shop_id, "klaviyo", who="Ann", at=NIGHT) == 1
    pushed(shop_id, NIGHT)
    made = one(shop_id, f"SELECT remote_id FROM remote_groups WHERE role='list' AND slug='{group['slug']}'")
    assert made["remote_id"] != group["remote_id"]
    assert sorted(klaviyo.members(made["remote_id"])) == members
    assert one(shop_id, "SELECT notices FROM destinations")["notices"] == []


def test_whoever_is_taken_off_a_list_or_loses_a_property_by_hand_has_it_again(shop_id, klaviyo):
    group, (first, *_) = filled_list(shop_id, klaviyo)
    before = sorted(klaviyo.members(group["remote_id"]))
    held = klaviyo.profile(first)["properties"]
    klaviyo.do("remove_from_list", list=group["remote_id"], profile=first)
    klaviyo.do("change_profile", profile=first, properties={"kindred_segment": "mine"})
    read_back_due(shop_id, now=NIGHT)
    pushed(shop_id, NIGHT)
    assert sorted(klaviyo.members(group["remote_id"])) == before
    assert klaviyo.profile(first)["properties"] == held


def test_of_two_customers_with_one_profile_the_one_of_the_lowest_number_has_it(shop_id):
    first, second, third = (
        row["customer_id"]
        for row in rows(shop_id, "SELECT customer_id FROM push_states ORDER BY customer_id LIMIT 3")
    )
    with transaction(shop_id) as connection:
        connection.exec_driver_sql("UPDATE push_states SET remote_id = NULL")
        found = {third: "01TWIN", second: "01TWIN", first: None}
        assert push_states.keep_remote_ids(connection, "klaviyo", found) == [third]
        # Whoever has it keeps it, also against a lower number that comes later.
        assert push_states.keep_remote_ids(connection, "klaviyo", {first: "01TWIN"}) == [first]
        states = push_states.read_some(connection, "klaviyo", [first, second, third])
    assert {each: state.remote_id for each, state in states.items()} == {
        first: None,
        second: "01TWIN",
        third: None,
    }
