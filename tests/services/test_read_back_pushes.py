"""What somebody changes at a destination by hand is found in the night, and put right."""

from datetime import timedelta

import pytest
from push_shop import CUSTOMERS, NOW, foreign, ours, pushed, sent, tags, the_plan
from tellings import one, rows

from shop_app.services.push_choices import change_push_choices
from shop_app.services.read_back_pushes import read_back_due
from shop_app.storage import due_work, leases
from shop_app.storage.engine import shopless, transaction

NIGHT = NOW + timedelta(hours=16)


@pytest.fixture
def labelled(push_shop, store):
    """Everybody has their tag, and the merchant lets changes flow."""
    change_push_choices(push_shop, {"approve_ratio": 1.0}, who="Ann", at=NOW)
    sent(push_shop, store)
    store.forget_calls()
    return push_shop


def take_off(store, *numbers):
    for number in numbers:
        person = store.find("customer", number)
        kept = [tag for tag in person["tags"] if not tag.startswith("kindred:")]
        store.put("customer", person | {"tags": kept, "updatedAt": "2026-06-15T13:00:00Z"})


def due(shop_id):
    with shopless() as connection:
        return due_work.list_of_shop(connection, shop_id)


def test_a_tag_of_ours_that_somebody_took_off_is_put_back(labelled, store):
    before, others = tags(store), foreign(store)
    take_off(store, 3)
    read_back_due(labelled, now=NIGHT)
    assert store.calls(kind="mutation") == []
    assert due(labelled)["push"] <= NIGHT
    pushed(labelled, NIGHT)
    assert (tags(store), foreign(store)) == (before, others)


def test_who_holds_what_is_known_is_left_alone_and_the_next_look_is_in_the_shops_night(labelled, store):
    read_back_due(labelled, now=NIGHT)
    assert one(labelled, "SELECT count(*) AS n FROM push_states WHERE state <> 'settled'")["n"] == 0
    pushed(labelled, NIGHT)
    assert store.calls(kind="mutation") == []
    assert due(labelled)["push-check"] == NIGHT + timedelta(days=1)  # four in the morning, of UTC


def test_where_many_were_taken_off_a_person_is_asked_before_they_are_put_back(labelled, store):
    change_push_choices(labelled, {"approve_count": 3}, who="Ann", at=NOW)
    take_off(store, *range(1, 11))
    later = NIGHT + timedelta(days=1)
    read_back_due(labelled, now=later)
    pushed(labelled, later)
    assert "wait for you" in the_plan(labelled)["why"]
    assert ours(store)[1] == []


def test_a_destination_that_is_being_sent_to_is_looked_at_an_hour_later(labelled, store):
    take_off(store, 3)
    with transaction(labelled) as connection:
        assert leases.take(connection, "push-shopify", seconds=60)
    read_back_due(labelled, now=NIGHT)
    assert due(labelled)["push-check"] == NIGHT + timedelta(hours=1)
    assert one(labelled, "SELECT count(*) AS n FROM push_states WHERE state = 'settled'")["n"] == CUSTOMERS


def test_a_destination_that_is_away_is_looked_at_later_and_one_that_is_shut_is_paused(labelled, store):
    store.fault("status", status=503, count=30)
    read_back_due(labelled, now=NIGHT)
    assert due(labelled)["push-check"] == NIGHT + timedelta(hours=1)
    store.no_faults()
    store.fault("status", status=402)
    read_back_due(labelled, now=NIGHT)
    (kept,) = rows(labelled, "SELECT state, reason FROM destinations")
    assert kept["state"] == "paused"
    assert kept["reason"]


def test_where_everything_is_stopped_nobody_is_asked(labelled, store):
    change_push_choices(labelled, {"everything_stopped": True}, who="Ann", at=NOW)
    read_back_due(labelled, now=NIGHT)
    assert store.calls() == []
