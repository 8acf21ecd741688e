"""Where one customer's labels are: what is there, what is to come, and why something is held back."""

import json
from datetime import timedelta

import pytest
from labelled_shop import NOW, a_labelled_shop, with_all_labels_there
from sqlalchemy import text
from tellings import one

from shop_app.services import connect_destination as connecting
from shop_app.services.export_person import export_person
from shop_app.services.plan_pushes import plan_pushes
from shop_app.services.push_choices import change_push_choices
from shop_app.services.push_of_customer import customer_at_destinations
from shop_app.storage import push_states
from shop_app.storage.engine import transaction


@pytest.fixture
def labelled(shop_id):
    return a_labelled_shop(shop_id)


@pytest.fixture
def there(labelled):
    """The shop with all its labels there, and confirmed."""
    return with_all_labels_there(labelled)


@pytest.fixture
def somebody(labelled):
    return one(labelled, "SELECT min(customer_id) AS id FROM customer_scores")["id"]


def at(shop_id, customer_id):
    (found,) = customer_at_destinations(shop_id, customer_id)
    return found


def test_where_nothing_is_connected_there_is_nothing_to_tell(shop_id):
    assert customer_at_destinations(shop_id, 1) == []


def test_before_the_first_plan_nothing_is_there(labelled, somebody):
    found = at(labelled, somebody)
    assert (found.kind, found.name, found.state) == ("shopify", "Shopify customers", "nothing")
    assert (found.holds, found.wanted, found.guards) == ([], [], [])


def test_what_waits_is_wanted_and_not_held(labelled, somebody):
    plan_pushes(labelled, now=NOW)
    found = at(labelled, somebody)
    segment = one(labelled, f"SELECT segment FROM customer_scores WHERE customer_id = {somebody}")["segment"]
    assert (found.state, found.holds, found.acknowledged_at) == ("waiting", [], None)
    assert {f"kindred:{segment}", f"segment: {segment}"} <= set(found.wanted)
    assert found.words == "A change waits to be sent. The destination is paused."
    connecting.pause(labelled, "shopify", reason="You paused it.", who="Ann", at=NOW)
    assert at(labelled, somebody).words.endswith("The destination is paused. You paused it.")


def test_what_was_sent_is_held_and_says_since_when(there, somebody):
    found = at(there, somebody)
    assert (found.state, found.holds) == ("settled", found.wanted)
    assert found.holds
    assert found.acknowledged_at >= NOW


def test_a_guard_is_told_with_its_end(there, somebody):
    with transaction(there) as connection:
        connection.execute(
            text("UPDATE orders SET cancelled_at = :at WHERE customer_id = :id"), {"at": NOW, "id": somebody}
        )
    change_push_choices(there, {"cancel_days": 10}, who="Ann", at=NOW)
    plan_pushes(there, now=NOW)
    found = at(there, somebody)
    assert ("They had an order cancelled within 10 days.", NOW + timedelta(days=10)) in found.guards
    assert any(until is None and "agreed to e-mail" in words for words, until in found.guards)
    assert not any(each.startswith("kindred:") for each in found.wanted)


@pytest.mark.parametrize("state", ["rejected", "absent"])
def test_why_a_destination_refused_is_told(there, somebody, state):
    with transaction(there) as connection:
        push_states.put_aside(connection, "shopify", state, {somebody: "Too many tags."}, next_at=None)
    found = at(there, somebody)
    assert found.state == state
    assert "Too many tags." in found.words


def test_the_records_of_one_person_are_told_together(there, somebody):
    with transaction(there) as connection:
        other = connection.execute(
            text(
                "UPDATE customers SET person_id = :id WHERE id = (SELECT max(id) FROM customers) RETURNING id"
            ),
            {"id": somebody},
        ).scalar_one()
        push_states.put_aside(connection, "shopify", "rejected", {other: "No."}, next_at=None)
    for asked in (somebody, other):
        assert at(there, asked).state == "rejected"


def test_who_asks_for_their_data_gets_what_destinations_hold_of_them(there, somebody):
    number = one(there, f"SELECT shopify_id FROM customers WHERE id = {somebody}")["shopify_id"]
    told = json.loads("".join(export_person(there, {"id": number}, now=NOW)))
    (state,) = told["push_states"]
    assert (state["destination"], state["customer_id"]) == ("shopify", somebody)
    assert state["acknowledged"]["tags"]
    assert [guard["kind"] for guard in state["guards"]] == ["no-consent"]
    assert {"push_rows", "holdout_members", "email_engagement"} <= set(told)
