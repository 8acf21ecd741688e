"""From a label to a tag: planned, approved, sent, kept true, taken back; nothing else is touched."""

from datetime import timedelta

import pytest
from push_shop import CUSTOMERS, NOW, foreign, ours, pushed, sent, tags, the_plan, told, wanted, without_spared
from tellings import one, rows

from shop_app.errors import RefusedError
from shop_app.services import connect_destination as connecting
from shop_app.services.decide_pushes import clean_up, reject_push, undo_push
from shop_app.services.push_choices import change_push_choices
from shop_app.services.refresh_customers import refresh_customers


def test_nothing_is_sent_before_somebody_approves_the_first_plan(push_shop, store):
    connecting.switch_on(push_shop, "shopify", who="Ann", at=NOW)
    pushed(push_shop, NOW)
    assert the_plan(push_shop)["kind"] == "plan"
    assert one(push_shop, "SELECT count(*) AS n FROM push_rows")["n"] == CUSTOMERS
    assert not any(ours(store).values())


def test_an_approved_plan_is_sent_whole_and_leaves_every_other_tag_alone(push_shop, store):
    before = foreign(store)
    sent(push_shop, store)
    assert without_spared(ours(store)) == wanted(push_shop)
    assert foreign(store) == before
    assert rows(push_shop, "SELECT DISTINCT state FROM push_states") == [{"state": "settled"}]
    assert one(push_shop, "SELECT state FROM pushes")["state"] == "done"


def test_a_second_look_finds_nothing_to_send(push_shop, store):
    sent(push_shop, store)
    store.forget_calls()
    pushed(push_shop, NOW + timedelta(minutes=1))
    assert [call for call in store.calls() if call["kind"] == "mutation"] == []


def test_ageing_alone_rewrites_nobody(push_shop, store):
    sent(push_shop, store)
    refresh_customers(push_shop, None, as_of=NOW + timedelta(days=1))
    store.forget_calls()
    pushed(push_shop, NOW + timedelta(days=1))
    moved = one(
        push_shop, "SELECT count(*) AS n FROM membership_changes WHERE changed_at > '2026-06-15 13:00+00'"
    )
    written = one(
        push_shop,
        "SELECT count(*) AS n FROM push_rows r JOIN pushes p ON p.id = r.push_id AND p.kind <> 'plan'",
    )
    assert written["n"] <= moved["n"]


def test_a_customer_who_moves_is_sent_on_without_asking_where_few_do(push_shop, store):
    change_push_choices(push_shop, {"approve_ratio": 0.5}, who="Ann", at=NOW)
    sent(push_shop, store)
    later = NOW + timedelta(minutes=10)
    for number in range(900, 906):
        store.order(number * 100, customer=1, at="2026-06-15T12:05:00Z")
    told(push_shop, NOW, later)
    pushed(push_shop, later)
    assert without_spared(ours(store)) == wanted(push_shop)


def test_undo_brings_back_what_was_there_and_pauses(push_shop, store):
    before = tags(store)
    sent(push_shop, store)
    push = one(push_shop, "SELECT id FROM pushes")["id"]
    undo_push(push_shop, push, who="Ann", at=NOW)
    pushed(push_shop, NOW)
    assert tags(store) == before
    assert one(push_shop, "SELECT state FROM destinations")["state"] == "paused"
    pushed(push_shop, NOW + timedelta(hours=1))
    assert tags(store) == before
    with pytest.raises(RefusedError):
        undo_push(push_shop, push, who="Ann", at=NOW)


def test_everything_that_we_wrote_can_be_taken_back_at_once(push_shop, store):
    before = tags(store)
    sent(push_shop, store)
    clean_up(push_shop, "shopify", who="Ann", at=NOW)
    pushed(push_shop, NOW)
    assert tags(store) == before
    assert rows(push_shop, "SELECT customer_id FROM push_states WHERE cardinality(owned) > 0") == []


def test_a_plan_that_was_turned_down_sends_nothing_and_pauses(push_shop, store):
    connecting.switch_on(push_shop, "shopify", who="Ann", at=NOW)
    pushed(push_shop, NOW)
    reject_push(push_shop, the_plan(push_shop)["id"], who="Ann", at=NOW)
    pushed(push_shop, NOW)
    assert not any(ours(store).values())
    assert one(push_shop, "SELECT state FROM destinations")["state"] == "paused"
