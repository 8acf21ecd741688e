"""Who is erased here is forgotten at destinations too, also where these are away for a while."""

from datetime import timedelta

import pytest
from push_shop import CUSTOMERS, NOW, foreign, ours, pushed, sent
from tellings import one, rows

from shop_app.services.erase import erase_due
from shop_app.services.push_due import push_due
from shop_app.services.redact_by_hand import redact_by_hand
from shop_app.storage import erasure_ledger

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
