"""Two customers become one in the store: the one that stays has the tags of both, ours among them."""

from datetime import timedelta

import pytest
from push_shop import NOW, foreign, ours, sent, told, wanted, without_spared
from sqlalchemy import text
from tellings import rows

from shop_app.services.push_choices import change_push_choices
from shop_app.services.push_due import push_due
from shop_app.services.refresh_customers import refresh_customers
from shop_app.services.resolve_people import resolve_people
from shop_app.storage.engine import transaction

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def two(push_shop, store):
    """One of the best customers and one who drifts away, tagged as everybody is."""
    change_push_choices(push_shop, {"approve_ratio": 1}, who="Ann", at=NOW)
    sent(push_shop, store)
    held = without_spared(ours(store))
    assert (held[2], held[1]) == (["kindred:best-customers"], ["kindred:drifting-away"])
    return 2, 1


def merge(push_shop, store, kept, gone):
    """Let the merchant merge them, and the app hear of it."""
    store.deed("merge_customers", kept_id=kept, deleted_id=gone)
    told(push_shop, NOW, LATER)
    with transaction(push_shop) as connection:
        connection.execute(
            text("""
                UPDATE customers SET merged_into_id = (SELECT id FROM customers WHERE shopify_id = :kept)
                WHERE shopify_id = :gone"""),
            {"kept": kept, "gone": gone},
        )
    resolve_people(push_shop)
    refresh_customers(push_shop, None, as_of=LATER)


def test_the_label_of_who_was_merged_away_goes_from_the_one_who_stays(push_shop, store, two):
    kept, gone = two
    before = foreign(store)[kept]
    merge(push_shop, store, kept, gone)
    assert len(without_spared(ours(store))[kept]) == 2, "the store gave them the tags of both"
    push_due(push_shop, now=LATER)
    assert without_spared(ours(store))[kept] == wanted(push_shop)[kept]
    assert foreign(store)[kept] == before
    assert rows(push_shop, "SELECT DISTINCT state FROM push_states") == [{"state": "settled"}]


def test_it_goes_too_where_nothing_of_ours_was_on_the_one_who_stays(push_shop, store, two):
    _, gone = two
    store.customer(777, tags=["Wholesale"], at="2026-06-14T10:00:00Z")
    for order in range(3):
        store.order(77_700 + order, customer=777, at="2026-06-15T12:30:00Z")
    merge(push_shop, store, 777, gone)
    push_due(push_shop, now=LATER)
    assert without_spared(ours(store))[777] == wanted(push_shop)[777] != ["kindred:drifting-away"]
    assert "Wholesale" in foreign(store)[777]
