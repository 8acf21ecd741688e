"""What goes wrong between an offer and its shop: lost answers, dead workers, no leave, other hands."""

from datetime import timedelta

import pytest
from offer_kills import alive_again, killed_at, operations_end, until_killed
from offer_shop import (
    CUP,
    NOW,
    TEA,
    approved,
    bundle,
    buy_get,
    change_variants,
    count_made,
    discounts,
    everything,
    fixed,
    kept,
    kinds,
    made_products,
    notes,
    steps,
)

from shop_app.services import do_offer_deeds
from shop_app.services.decide_bundles import pause_bundle, resume_bundle, retire_bundle
from shop_app.services.keep_bundles import keep_bundles_due
from shop_app.storage import leases
from shop_app.storage.engine import transaction

SOON = NOW + timedelta(hours=2)


@pytest.mark.parametrize(("form", "after"), [("fixed", "end"), ("buy-get", "end"), ("code", "begin")])
def test_killed_after_any_call_it_comes_to_the_same_and_never_to_two(offers, store, monkeypatch, form, after):
    store.world.settings["product_operation_seconds"] = 0.05
    before = everything(store)
    wanted = approved(offers, kinds(offers)[form])
    kept(offers)
    there = everything(store)
    retire_bundle(offers, wanted, who="Ann", at=NOW)
    kept(offers)
    now, place = NOW - timedelta(days=2), 1  # the stand-in's clock is the real one, and is not to be behind
    while True:
        number = approved(offers, kinds(offers)[form], at=now)
        with monkeypatch.context() as patch:
            killed_at(patch, place, after=after)
            was_killed = until_killed(offers, now)
        now = alive_again(offers, store, now)
        assert (bundle(offers, number).state, count_made(store)) == ("live", 1)
        assert _shape(everything(store)) == _shape(there)
        retire_bundle(offers, number, who="Ann", at=now)
        with monkeypatch.context() as patch:
            killed_at(patch, place, after=after)
            until_killed(offers, now)
        now = alive_again(offers, store, now)
        assert everything(store) == before
        if not was_killed:
            break
        place += 1
    assert place > 2


def _shape(there):
    """What stands in a store, but for numbers and moments that are new each time."""
    changing = {"id", "codeId", "createdAt", "startsAt", "ownerId", "tags", "value", "compareDigest", "options"}
    changing |= {"productId", "inventoryItemId", "publishedAt"}
    return {
        kind: sorted(
            str(sorted((name, str(value)) for name, value in each.items() if name not in changing))
            for each in held.values()
        )
        for kind, held in there.items()
    }


@pytest.mark.parametrize("form", ["fixed", "buy-get", "code"])
@pytest.mark.parametrize("fault", ["reset-before", "reset-after", "500"])
def test_a_making_without_an_answer_is_looked_up_before_anything_is_made_again(offers, store, form, fault):
    operation = {"fixed": "CreateBundle", "buy-get": "CreateAutomaticOffer", "code": "CreateCodeOffer"}[form]
    how = (
        {"kind": "status", "status": 500}
        if fault == "500"
        else {"kind": "reset", "after": fault == "reset-after"}
    )
    store.world.settings["product_operation_seconds"] = 0.05
    store.fault(operation=operation, count=1, **how)
    number = approved(offers, kinds(offers)[form])
    kept(offers)
    assert steps(offers, number)[-1] == ("make", "unknown")
    assert "no answer" in bundle(offers, number).trouble
    operations_end(store)
    later = kept(offers, NOW + timedelta(minutes=3))
    kept(offers, later + timedelta(minutes=3))
    assert (bundle(offers, number).state, bundle(offers, number).trouble) == ("live", "")
    assert count_made(store) == 1


def test_what_is_retired_while_nobody_knows_whether_it_was_made_leaves_nothing_behind(offers, store):
    before = everything(store)
    store.fault("reset", operation="CreateAutomaticOffer", after=True, count=1)
    number = approved(offers, buy_get(offers))
    kept(offers)
    assert count_made(store) == 1
    retire_bundle(offers, number, who="Ann", at=NOW)
    kept(offers)
    assert everything(store) == before


@pytest.mark.parametrize("form", ["fixed", "buy-get"])
def test_a_shopify_that_asks_for_patience_or_is_down_is_asked_again_later(offers, store, form):
    store.fault("status", status=503, count=40)
    number = approved(offers, kinds(offers)[form])
    keep_bundles_due(offers, now=NOW)
    waiting = bundle(offers, number)
    assert (waiting.state, count_made(store)) == ("approved", 0)
    assert waiting.next_at > NOW
    store.no_faults()
    store.fault("status", status=429, count=2, headers={"Retry-After": "0.1"})
    kept(offers, NOW + timedelta(minutes=20))
    kept(offers, NOW + timedelta(minutes=30))
    assert (bundle(offers, number).state, bundle(offers, number).failures) == ("live", 0)
    assert count_made(store) == 1


def test_a_part_that_vanishes_while_the_bundle_is_made_is_told(offers, store):
    store.world.settings["product_operation_seconds"] = 3600
    number = approved(offers, fixed(offers))
    store.fault("status", status=503, operation="BundleOperation", count=1_000)
    kept(offers)
    store.no_faults()
    store.world.state.delete(store.domain, "product", CUP)
    kept(offers, NOW + timedelta(minutes=5))
    assert "could not put the bundle together" in bundle(offers, number).trouble
    assert bundle(offers, number).state == "approved"


def test_a_shop_that_is_cut_off_is_told_of_with_every_offer_and_spoken_to_later(offers, store):
    number = approved(offers, buy_get(offers))
    store.deed("change_shop", frozen=True)
    keep_bundles_due(offers, now=NOW)
    assert bundle(offers, number).trouble
    assert bundle(offers, number).next_at == NOW + timedelta(hours=1)


def test_only_one_worker_at_a_time_keeps_a_shop_s_offers(offers, store):
    approved(offers, buy_get(offers))
    with transaction(offers) as connection:
        leases.take(connection, "bundles", seconds=60)
    store.forget_calls()
    keep_bundles_due(offers, now=NOW)
    assert store.calls() == []


def test_what_was_decided_while_a_call_was_out_stands(offers, store, monkeypatch):
    number = approved(offers, buy_get(offers))
    real = do_offer_deeds.do

    def slow(deed, making):
        made = real(deed, making)
        if deed == "make":
            retire_bundle(offers, number, who="Ann", at=NOW)
        return made

    monkeypatch.setattr(do_offer_deeds, "do", slow)
    kept(offers)
    assert (bundle(offers, number).state, count_made(store), notes(store)) == ("retired", 0, {})


def test_an_offer_is_paused_even_while_shopify_is_away(offers, store):
    number = approved(offers, buy_get(offers))
    kept(offers)
    change_variants(offers, store, {CUP: {"inventoryQuantity": 0}})
    store.fault("status", status=503, count=40)
    keep_bundles_due(offers, now=SOON)
    assert (bundle(offers, number).state, bundle(offers, number).settled) == ("paused", False)
    store.no_faults()
    kept(offers, SOON + timedelta(hours=1))
    assert bundle(offers, number).settled
    assert discounts(store)[0]["endsAt"] is not None


def test_a_product_that_is_gone_keeps_no_other_from_showing_an_offer_and_loses_none(offers, store):
    number = approved(offers, buy_get(offers))
    store.world.state.delete(store.domain, "product", TEA)
    kept(offers)
    assert (bundle(offers, number).state, list(notes(store))) == ("live", [CUP])
    retire_bundle(offers, number, who="Ann", at=SOON)
    kept(offers, SOON)
    assert (count_made(store), notes(store)) == (0, {})


def test_an_operation_that_shopify_has_forgotten_is_not_begun_again_where_it_made_something(offers, store):
    store.world.settings["product_operation_seconds"] = 0.05
    store.fault("status", status=503, operation="BundleOperation", count=1_000)
    number = approved(offers, fixed(offers))
    kept(offers)
    store.no_faults()
    operations_end(store)
    store.world.state.clear(store.domain, "product_operation")
    kept(offers, NOW + timedelta(minutes=20))
    assert (bundle(offers, number).state, count_made(store)) == ("live", 1)


@pytest.mark.parametrize("form", ["fixed", "buy-get"])
@pytest.mark.parametrize("answer", ["lost", "never waited for"])
def test_what_is_paused_while_nobody_knows_whether_it_was_switched_on_again_is_off(
    offers, store, monkeypatch, form, answer
):
    number = approved(offers, kinds(offers)[form])
    kept(offers)
    pause_bundle(offers, number, who="Ann", at=NOW)
    kept(offers)
    resume_bundle(offers, number, who="Ann", at=NOW)
    if answer == "lost":
        _kept_without_answer(
            offers, store, {"fixed": "SetProductStatus", "buy-get": "UpdateAutomaticOffer"}[form]
        )
    else:
        with monkeypatch.context() as patch:
            killed_at(patch, 1, after="end")
            assert until_killed(offers, NOW)
    assert _is_on(store, form)
    pause_bundle(offers, number, who="Ann", at=NOW)
    kept(offers, SOON)
    assert (bundle(offers, number).state, bundle(offers, number).settled) == ("paused", True)
    assert not _is_on(store, form)
    assert bundle(offers, number).trouble == ""


def test_what_goes_on_while_nobody_knows_whether_it_was_switched_off_is_on(offers, store):
    number = approved(offers, buy_get(offers))
    kept(offers)
    pause_bundle(offers, number, who="Ann", at=NOW)
    _kept_without_answer(offers, store, "StopAutomaticOffer")
    assert not _is_on(store, "buy-get")
    resume_bundle(offers, number, who="Ann", at=NOW)
    kept(offers, SOON)
    assert (bundle(offers, number).state, bundle(offers, number).reason) == ("live", "")
    assert _is_on(store, "buy-get")


@pytest.mark.parametrize("decide", [pause_bundle, retire_bundle])
def test_what_is_taken_out_of_sight_while_nobody_knows_whether_it_was_shown_is_hidden(offers, store, decide):
    number = approved(offers, buy_get(offers))
    _kept_without_answer(offers, store, "SetMetafields")
    assert sorted(notes(store)) == [TEA, CUP]
    decide(offers, number, who="Ann", at=NOW)
    kept(offers, SOON)
    assert notes(store) == {}


def test_what_goes_on_while_nobody_knows_whether_it_was_hidden_is_shown(offers, store):
    number = approved(offers, buy_get(offers))
    kept(offers)
    pause_bundle(offers, number, who="Ann", at=NOW)
    _kept_without_answer(offers, store, "DeleteMetafields")
    assert notes(store) == {}
    resume_bundle(offers, number, who="Ann", at=NOW)
    kept(offers, SOON)
    assert sorted(notes(store)) == [TEA, CUP]


def _kept_without_answer(shop_id, store, operation):
    """Have one turn in which Shopify does a thing, however often it is asked, and never answers."""
    store.fault("reset", operation=operation, after=True, count=40)
    keep_bundles_due(shop_id, now=NOW)
    store.no_faults()


def _is_on(store, form):
    if form == "fixed":
        return made_products(store)[0]["status"] == "ACTIVE"
    return discounts(store)[0]["endsAt"] is None
