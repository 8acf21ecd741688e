"""Who is erased here is forgotten at destinations too, also where these are away for a while."""

from datetime import timedelta

import pytest
from push_shop import CUSTOMERS, NOW, foreign, ours, pushed, sent, the_plan
from tellings import one, rows

from shop_app.services import connect_destination as connecting
from shop_app.services.decide_pushes import approve_push
from shop_app.services.deliver_pushes import Delivery, send_next
from shop_app.services.erase import erase_due
from shop_app.services.push_access import built
from shop_app.services.push_due import push_due
from shop_app.services.redact_by_hand import redact_by_hand
from shop_app.storage import destinations, erasure_ledger, leases, push_states
from shop_app.storage.engine import transaction

NUMBER = 4


@pytest.fixture(autouse=True)
def ledger(tmp_path):
    erasure_ledger.keep_in(tmp_path)


def erase(shop_id):
    redact_by_hand(shop_id, f"gid://shopify/Customer/{NUMBER}", now=NOW)
    erase_due(shop_id, now=NOW)


def traces(shop_id):
    """Rows at destinations that still point to somebody who is gone here."""
    return rows(
        shop_id,
        "SELECT s.customer_id FROM push_states s LEFT JOIN customers c ON c.id = s.customer_id "
        "WHERE c.id IS NULL UNION ALL "
        "SELECT r.customer_id FROM push_rows r LEFT JOIN customers c ON c.id = r.customer_id "
        "WHERE c.id IS NULL",
    )


def test_our_labels_go_and_then_the_memory_of_them(push_shop, store):
    sent(push_shop, store)
    before = foreign(store)
    assert ours(store)[NUMBER]
    erase(push_shop)
    assert traces(push_shop) == []
    pushed(push_shop, NOW)
    assert ours(store)[NUMBER] == []
    assert foreign(store) == before
    assert rows(push_shop, "SELECT * FROM farewells") == []
    assert len([held for held in ours(store).values() if held]) == CUSTOMERS - 1


def test_a_destination_that_is_away_is_asked_again_until_it_has_confirmed(push_shop, store):
    sent(push_shop, store)
    store.fault("status", status=503, operation="tagsRemove", count=4)
    erase(push_shop)
    assert one(push_shop, "SELECT count(*) AS n FROM customers WHERE shopify_id = 4")["n"] == 0
    push_due(push_shop, now=NOW)
    assert one(push_shop, "SELECT count(*) AS n FROM farewells")["n"] == 1
    store.no_faults()
    pushed(push_shop, NOW + timedelta(hours=1))
    assert ours(store)[NUMBER] == []
    assert rows(push_shop, "SELECT * FROM farewells") == []


def test_whom_the_destination_does_not_know_any_more_is_done_with(push_shop, store):
    sent(push_shop, store)
    store.deed("delete_customer", customer_id=NUMBER, force=True)
    erase(push_shop)
    pushed(push_shop, NOW)
    assert rows(push_shop, "SELECT * FROM farewells") == []


def metafields(store):
    return {
        each["ownerId"]
        for each in store.world.state.each(store.domain, "metafield")
        if each["ownerKind"] == "customer" and each["namespace"].startswith("app--")
    }


def begin_to_send(shop_id, steps):
    """Send everybody's first labels as far as that, as a worker does whose turn is over then."""
    connecting.switch_on(shop_id, "shopify", who="Ann", at=NOW)
    pushed(shop_id, NOW)
    approve_push(shop_id, the_plan(shop_id)["id"], who="Ann", at=NOW)
    with transaction(shop_id) as connection:
        lease = leases.take(connection, "push-shopify", seconds=60)
        stored = destinations.find(connection, shop_id, "shopify")
    delivery = Delivery(shop_id, built(shop_id, stored, now=NOW), lease)
    for _ in range(1 + steps):
        assert send_next(delivery, now=NOW)
    with transaction(shop_id) as connection:
        leases.give_back(connection, lease)


@pytest.mark.parametrize("steps", [0, 1, 2])
def test_whoever_is_erased_while_their_labels_are_on_their_way_keeps_none(push_shop, store, steps):
    begin_to_send(push_shop, steps)
    assert one(push_shop, "SELECT step FROM push_jobs")["step"] == steps
    erase(push_shop)
    pushed(push_shop, NOW + timedelta(hours=1))
    assert len(metafields(store)) > CUSTOMERS / 2
    assert ours(store)[NUMBER] == []
    assert NUMBER not in metafields(store)
    assert rows(push_shop, "SELECT * FROM farewells") == []
    assert traces(push_shop) == []


def test_whoever_is_erased_after_they_were_chosen_is_sent_nothing(push_shop, store):
    sent(push_shop, store)
    with transaction(push_shop) as connection:
        chosen = connection.exec_driver_sql("SELECT customer_id FROM push_states").scalars().all()
        names = {each: ["kindred:active"] for each in [*chosen, max(chosen) + 1]}
        assert push_states.own_before_sending(connection, "shopify", names) == set(chosen)
