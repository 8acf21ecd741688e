"""A destination's strip: fresh only where everything is there, red by itself where something is late."""

from datetime import timedelta

import pytest
from labelled_shop import BUYERS, NOW, a_labelled_shop, with_all_labels_there
from sqlalchemy import text

from shop_app.services import connect_destination as connecting
from shop_app.services.arrange_pushes import arrange_pushes
from shop_app.services.plan_pushes import plan_pushes
from shop_app.services.push_choices import change_push_choices
from shop_app.services.push_freshness import read_freshness
from shop_app.storage import destinations, push_marks, push_states, pushes
from shop_app.storage.engine import transaction

SOON = NOW + timedelta(minutes=1)


@pytest.fixture
def labelled(shop_id):
    return a_labelled_shop(shop_id)


@pytest.fixture
def fresh(labelled):
    """The shop with all its labels there, and confirmed."""
    return with_all_labels_there(labelled)


def change(shop_id, statement, **values):
    with transaction(shop_id) as connection:
        connection.execute(text(statement), values)


def strip(shop_id, now=SOON):
    (found,) = read_freshness(shop_id, now=now)
    return found


def test_a_shop_without_destinations_has_no_strips(shop_id):
    assert read_freshness(shop_id, now=NOW) == []


def test_everything_sent_and_confirmed_is_fresh(fresh):
    found = strip(fresh)
    assert (found.state, found.is_red, found.words) == ("fresh", False, "Everything known is there.")
    assert (found.facts_at, found.computed_at, found.waiting) == (NOW, NOW, 0)
    assert found.sent_at is not None
    assert found.acknowledged_at is not None
    assert found.oldest_change_at is None


def test_a_destination_that_nobody_has_switched_on_is_paused_and_not_red(labelled):
    found = strip(labelled)
    assert (found.state, found.is_red) == ("paused", False)


def test_a_plan_that_waits_for_a_person_is_told(labelled):
    with transaction(labelled) as connection:
        destinations.set_state(connection, "shopify", "on")
        destinations.need_approval(connection, "shopify", needed=True)
    plan_pushes(labelled, now=NOW)
    assert strip(labelled).words == f"{BUYERS} customers wait for a plan, and for you to approve it."
    arrange_pushes(labelled, "shopify", now=NOW)
    found = strip(labelled, NOW + timedelta(minutes=20))
    assert (found.state, found.is_red, found.waiting) == ("waits", False, BUYERS)
    assert found.words == f"{BUYERS} customers wait for you to approve the plan."
    assert found.oldest_change_at == NOW


def test_a_mark_that_waits_is_never_called_fresh(fresh):
    with transaction(fresh) as connection:
        push_marks.mark(connection, [1])
    assert strip(fresh).state == "sending"


def test_facts_that_are_not_computed_yet_are_never_called_fresh(fresh):
    change(fresh, "INSERT INTO dirty_customers SELECT shop_id, min(id), 1 FROM customers GROUP BY shop_id")
    assert strip(fresh).state == "sending"


def test_a_difference_is_on_its_way_and_late_after_a_quarter_of_an_hour(fresh):
    change(
        fresh,
        "UPDATE push_states SET state = 'waiting', changed_at = :at "
        "WHERE customer_id = (SELECT min(customer_id) FROM push_states)",
        at=NOW,
    )
    assert (strip(fresh).state, strip(fresh).words) == ("sending", "1 customer on the way.")
    late = strip(fresh, NOW + timedelta(minutes=16))
    assert (late.state, late.is_red) == ("late", True)
    assert "wait to be sent since 2026-06-15 12:00 UTC" in late.words


def test_customers_of_an_approved_plan_are_in_time_while_others_are_confirmed(fresh):
    with transaction(fresh) as connection:
        plan = pushes.begin(connection, "shopify", "plan", at=NOW, who="Ann")
    long_ago = NOW - timedelta(days=1)
    change(
        fresh, "UPDATE push_states SET state = 'ready', changed_at = :at, push_id = :id", at=long_ago, id=plan
    )
    assert strip(fresh).state == "sending"
    assert strip(fresh, NOW + timedelta(minutes=16)).state == "late"


def test_in_quiet_hours_nothing_is_late(fresh):
    change(fresh, "UPDATE push_states SET state = 'waiting', changed_at = :at", at=NOW - timedelta(hours=1))
    change_push_choices(fresh, {"quiet_from": 10, "quiet_to": 22}, who="Ann", at=NOW)
    found = strip(fresh)
    assert (found.state, found.is_red) == ("waits", False)
    assert found.words.endswith("wait for quiet hours to end.")


def test_who_was_refused_is_told_and_not_called_fresh(fresh):
    with transaction(fresh) as connection:
        refused = dict.fromkeys(push_states.list_ids(connection, "shopify", after=0, limit=2), "No.")
        push_states.put_aside(connection, "shopify", "rejected", refused, next_at=None)
    found = strip(fresh)
    assert (found.state, found.rejected) == ("waits", 2)


def test_who_is_not_known_there_is_counted(fresh):
    with transaction(fresh) as connection:
        (number,) = push_states.list_ids(connection, "shopify", after=0, limit=1)
        push_states.put_aside(connection, "shopify", "absent", {number: "Gone."}, next_at=SOON)
    found = strip(fresh)
    assert (found.state, found.absent) == ("fresh", 1)
    assert found.words.endswith("1 customer is not known there.")


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE sync_marks SET read_until = :long_ago WHERE resource = 'orders'", "last read up to"),
        ("UPDATE destinations SET computed_at = :long_ago", "last computed as of"),
        ("UPDATE destinations SET planned_at = :long_ago", "last compared"),
        ("INSERT INTO due_work (shop_id, kind, due_at) VALUES (:shop, 'push', :long_ago)", "worker"),
    ],
)
def test_whatever_stands_still_turns_red_by_itself(fresh, statement, words):
    change(fresh, "UPDATE shop_settings SET source = 'shopify'")
    values = {"long_ago": NOW - timedelta(days=3)}
    change(fresh, statement, **values, **({"shop": fresh} if ":shop" in statement else {}))
    found = strip(fresh)
    assert (found.state, found.is_red) == ("late", True)
    assert words in found.words


def test_an_erasure_that_does_not_arrive_turns_red_after_a_week(fresh):
    change(
        fresh,
        "INSERT INTO farewells (shop_id, destination, document, asked_at, next_at) "
        "SELECT shop_id, 'shopify', '{}', :at, :at FROM destinations",
        at=NOW - timedelta(days=6),
    )
    assert strip(fresh).state == "sending"
    change(fresh, "UPDATE farewells SET asked_at = :at", at=NOW - timedelta(days=8))
    found = strip(fresh)
    assert (found.state, found.is_red) == ("late", True)
    assert "1 customer erased here" in found.words


def test_a_pause_with_a_reason_is_red_and_so_is_stopping_everything(fresh):
    connecting.pause(fresh, "shopify", reason="The key is not valid.", who="Ann", at=NOW)
    assert (strip(fresh).state, strip(fresh).is_red, strip(fresh).words) == (
        "paused",
        True,
        "The key is not valid.",
    )
    change_push_choices(fresh, {"everything_stopped": True}, who="Ann", at=NOW)
    assert (strip(fresh).state, strip(fresh).is_red) == ("stopped", True)


def test_a_shop_of_files_is_as_old_as_its_last_order_and_not_late_for_that(fresh):
    change(fresh, "UPDATE destinations SET computed_at = :long_ago", long_ago=NOW - timedelta(days=300))
    assert (strip(fresh).state, strip(fresh).is_red) == ("fresh", False)


def test_what_somebody_has_paused_is_not_red(fresh):
    change(fresh, "UPDATE destinations SET state = 'paused', reason = 'You paused it.'")
    assert (strip(fresh).state, strip(fresh).is_red) == ("paused", False)
