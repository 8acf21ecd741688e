"""What keeps an offer from its shop: no leave, a stop, quiet hours, hands that were quicker, refusals."""

from datetime import timedelta

import pytest
from offer_shop import (
    CUP,
    NOW,
    SCOPES,
    TEA,
    a_native_segment,
    an_offer_shop,
    approved,
    bundle,
    buy_get,
    count_made,
    discounts,
    fixed,
    kept,
    kinds,
    made_products,
    notes,
)
from sqlalchemy import text

from sandbox.shopify import installs
from shop_app.services.change_scopes import change_scopes
from shop_app.services.decide_bundles import pause_bundle, resume_bundle, retire_bundle
from shop_app.services.push_choices import change_push_choices
from shop_app.storage import connections
from shop_app.storage.connections import Tokens
from shop_app.storage.engine import transaction

SOON = NOW + timedelta(hours=2)


def test_without_leave_it_waits_and_says_whose_leave_it_wants(store):
    shop = an_offer_shop(store, scopes=())
    products, codes = approved(shop, fixed(shop)), approved(shop, buy_get(shop))
    kept(shop)
    assert "products (write_products)" in bundle(shop, products).trouble
    assert "discounts (write_discounts)" in bundle(shop, codes).trouble
    assert count_made(store) == 0
    assert store.calls(kind="mutation") == []
    granted = installs.grant(store.world, store.domain, ["write_discounts"])
    change_scopes(shop, granted, at=SOON, now=SOON)
    _take_new_token(shop, store)
    kept(shop, SOON)
    made = bundle(shop, codes)
    assert made.state == "live"
    assert "product pages cannot show it" in made.trouble
    assert notes(store) == {}
    granted = installs.grant(store.world, store.domain, SCOPES)
    change_scopes(shop, granted, at=SOON + timedelta(hours=1), now=SOON + timedelta(hours=1))
    _take_new_token(shop, store)
    kept(shop, SOON + timedelta(hours=1))
    assert [bundle(shop, each).state for each in (products, codes)] == ["live", "live"]
    assert [bundle(shop, each).trouble for each in (products, codes)] == ["", ""]
    assert sorted(notes(store)) == [TEA, CUP]


def _take_new_token(shop, store):
    """Hand the shop a token of what is granted by now, as its next refresh would."""
    with transaction(shop) as connection:
        current = connections.find(connection, shop)
        connections.renew(connection, shop, Tokens(store.token(), None, None, None, current.scopes), at=SOON)


def test_without_a_word_on_channels_the_product_is_made_and_its_place_is_told(store):
    shop = an_offer_shop(store, scopes=("write_products",))
    number = approved(shop, fixed(shop))
    kept(shop)
    made = bundle(shop, number)
    assert made.state == "live"
    assert "no sales channel" in made.trouble
    assert [each["publishedAt"] for each in made_products(store)] == [None]


def test_leave_that_was_taken_back_is_told_and_nothing_is_lost(offers, store):
    number = approved(offers, buy_get(offers))
    kept(offers)
    granted = installs.revoke(store.world, store.domain, ["write_discounts"])
    change_scopes(offers, granted, at=SOON, now=SOON)
    retire_bundle(offers, number, who="Ann", at=SOON)
    kept(offers, SOON)
    waiting = bundle(offers, number)
    assert (waiting.state, waiting.settled) == ("retired", False)
    assert "write_discounts" in waiting.trouble


def test_nothing_goes_out_while_everything_is_stopped(offers, store):
    number = approved(offers, buy_get(offers))
    change_push_choices(offers, {"everything_stopped": True}, who="Ann", at=NOW)
    store.forget_calls()
    kept(offers)
    assert store.calls(kind="mutation") == []
    assert "stopped" in bundle(offers, number).trouble
    change_push_choices(offers, {"everything_stopped": False}, who="Ann", at=SOON)
    kept(offers, SOON)
    assert (bundle(offers, number).state, bundle(offers, number).trouble) == ("live", "")
    change_push_choices(offers, {"everything_stopped": True}, who="Ann", at=SOON)
    store.forget_calls()
    retire_bundle(offers, number, who="Ann", at=SOON)
    kept(offers, SOON)
    assert store.calls(kind="mutation") == []


def test_in_quiet_hours_nothing_is_made_and_what_is_to_go_goes(offers, store):
    quiet = NOW.replace(hour=2) + timedelta(days=1)
    change_push_choices(offers, {"quiet_from": 1, "quiet_to": 5}, who="Ann", at=NOW)
    number = approved(offers, buy_get(offers))
    kept(offers, quiet)
    assert count_made(store) == 0
    assert "quiet hours" in bundle(offers, number).trouble
    morning = quiet.replace(hour=5)
    assert bundle(offers, number).next_at == morning.replace(minute=0, second=0)
    kept(offers, morning)
    assert bundle(offers, number).state == "live"
    next_night = quiet + timedelta(days=1)
    pause_bundle(offers, number, who="Ann", at=next_night)
    kept(offers, next_night)
    assert discounts(store)[0]["endsAt"] is not None
    retire_bundle(offers, number, who="Ann", at=next_night)
    kept(offers, next_night)
    assert count_made(store) == 0


@pytest.mark.parametrize("form", ["fixed", "buy-get"])
def test_what_was_deleted_by_hand_is_told_and_not_made_again_by_itself(offers, store, form):
    number = approved(offers, kinds(offers)[form])
    kept(offers)
    kind = "product" if form == "fixed" else "discount"
    made = (made_products(store) or discounts(store))[0]
    store.world.state.delete(store.domain, kind, made["id"])
    kept(offers, SOON)
    paused = bundle(offers, number)
    assert (paused.state, paused.paused_for) == ("paused", "gone")
    assert "deleted in Shopify" in paused.reason
    assert (count_made(store), notes(store)) == (0, {})
    kept(offers, SOON + timedelta(days=1))
    assert count_made(store) == 0
    resume_bundle(offers, number, who="Ann", at=SOON + timedelta(days=1))
    kept(offers, SOON + timedelta(days=1))
    assert (bundle(offers, number).state, count_made(store)) == ("live", 1)


@pytest.mark.parametrize("form", ["fixed", "buy-get"])
def test_what_was_switched_off_by_hand_is_told_and_left_so(offers, store, form):
    number = approved(offers, kinds(offers)[form])
    kept(offers)
    if form == "fixed":
        store.put("product", made_products(store)[0] | {"status": "DRAFT"})
    else:
        store.put("discount", discounts(store)[0] | {"endsAt": "2026-01-01T00:00:00Z"})
    before = discounts(store)
    kept(offers, SOON)
    assert (bundle(offers, number).state, bundle(offers, number).paused_for) == ("paused", "off")
    assert discounts(store) == before
    resume_bundle(offers, number, who="Ann", at=SOON)
    kept(offers, SOON)
    assert bundle(offers, number).state == "live"
    assert [each["endsAt"] for each in discounts(store)] in ([], [None])


def test_what_was_changed_by_hand_is_told_in_words_and_left_so(offers, store):
    number = approved(offers, buy_get(offers))
    product = approved(offers, fixed(offers), title="Set")
    kept(offers)
    (made,) = discounts(store)
    gets = made["customerGets"] | {"value": {"quantity": 1, "percentage": 0.4}}
    store.put("discount", made | {"customerGets": gets})
    (bundled,) = made_products(store)
    (variant,) = store.world.state.children(store.domain, "variant", bundled["id"])
    store.put("variant", variant | {"price": 1}, parent=bundled["id"])
    store.forget_calls()
    kept(offers, SOON)
    assert "changed its discount in Shopify: how much cheaper" in bundle(offers, number).trouble
    assert "changed its product in Shopify: its price" in bundle(offers, product).trouble
    assert store.calls(kind="mutation") == []
    store.put("discount", made)
    kept(offers, SOON + timedelta(hours=2))
    assert bundle(offers, number).trouble == ""


def test_a_shop_that_may_have_no_bundles_is_told_what_to_do_instead(offers, store):
    store.deed("change_shop", bundlesEligible=False)
    number = approved(offers, fixed(offers))
    kept(offers)
    waiting = bundle(offers, number)
    assert waiting.state == "approved"
    assert "another app makes bundles here" in waiting.trouble
    assert "as a discount" in waiting.trouble
    assert count_made(store) == 0


def test_what_shopify_refuses_is_told_in_its_words_and_not_repeated(offers, store):
    taken = approved(offers, buy_get(offers, code="TEA-15"))
    kept(offers)
    (made,) = discounts(store)
    retire_bundle(offers, taken, who="Ann", at=NOW)
    kept(offers)
    store.put("discount", made | {"tags": []})  # somebody's own of that code
    number = approved(offers, buy_get(offers, code="tea-15"))
    kept(offers)
    store.forget_calls()
    kept(offers, SOON)
    assert "Code must be unique" in bundle(offers, number).trouble
    assert store.calls(kind="mutation") == []
    assert count_made(store) == 1
    retire_bundle(offers, number, who="Ann", at=SOON)
    kept(offers, SOON)
    assert discounts(store) == [made | {"tags": []}]


def test_without_its_segment_in_shopify_it_waits_and_says_where_that_comes_from(offers, store):
    a_native_segment(offers, store)
    number = approved(offers, buy_get(offers, segment="champions"))
    with transaction(offers) as connection:
        connection.execute(text("DELETE FROM remote_groups"))
    kept(offers)
    assert "Make Shopify segments" in bundle(offers, number).trouble
    assert count_made(store) == 0
