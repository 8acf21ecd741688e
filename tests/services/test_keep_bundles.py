"""Offers in Shopify: made exactly as approved, shown, paused, resumed, taken down; nothing else is changed."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from offer_shop import (
    CUP,
    HONEY,
    JUMPER,
    NOW,
    SEGMENT_NUMBER,
    TEA,
    a_native_segment,
    approved,
    bundle,
    buy_get,
    change_variants,
    discounts,
    everything,
    fixed,
    item,
    kept,
    made_products,
    notes,
    steps,
)
from tellings import rows

from shop_app.bundles.terms import Form, Terms
from shop_app.services.decide_bundles import pause_bundle, resume_bundle, retire_bundle
from shop_app.storage import due_work
from shop_app.storage.engine import shopless

SOON, LATER = NOW + timedelta(hours=2), NOW + timedelta(days=30)


def forms(shop):
    """One offer of each form."""
    tea, cup, honey = item(shop, TEA), item(shop, CUP), item(shop, HONEY)
    return {
        "fixed": fixed(shop),
        "buy-get": buy_get(shop),
        "mixed": Terms(Form.MIXED, buys=(tea,), gets=(cup, honey), discount_percent=10, uses_per_order=2),
        "third": Terms(
            Form.THIRD, buys=(tea, cup, honey), buy_quantity=2, gets=(tea, cup, honey), discount_percent=12
        ),
        "code": buy_get(shop, code="TEA-15", uses_most=50, once_per_customer=True, ends_at=LATER),
    }


def variant_numbers(shop, items):
    return sorted(
        int(row["source_key"].removeprefix("variant:"))
        for row in rows(shop, "SELECT id, source_key FROM products")
        if row["id"] in items
    )


def test_a_discount_stands_there_with_every_term_as_it_was_approved(offers, store):
    a_native_segment(offers, store)
    starts = NOW + timedelta(days=1)
    terms = replace(
        forms(offers)["third"], segment="champions", starts_at=starts, ends_at=LATER, uses_per_order=3
    )
    number = approved(offers, terms, title="The third is yours")
    kept(offers)
    (made,) = discounts(store)
    assert made | {"id": 0, "createdAt": 0, "updatedAt": 0} == {
        "id": 0,
        "createdAt": 0,
        "updatedAt": 0,
        "method": "automatic",
        "sort": "Bxgy",
        "title": "The third is yours",
        "code": None,
        "codeId": None,
        "startsAt": starts.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "endsAt": LATER.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "usageLimit": None,
        "appliesOncePerCustomer": False,
        "recurringCycleLimit": None,
        "usesPerOrderLimit": 3,
        "combinesWith": {"orderDiscounts": False, "productDiscounts": False, "shippingDiscounts": False},
        "context": {"kind": "customerSegments", "ids": [SEGMENT_NUMBER]},
        "customerBuys": {
            "value": {"quantity": 2},
            "items": {
                "all": False,
                "products": [],
                "variants": variant_numbers(offers, terms.buys),
                "collections": [],
            },
            "isOneTimePurchase": True,
            "isSubscription": False,
        },
        "customerGets": {
            "value": {"quantity": 1, "percentage": 0.12},
            "items": {
                "all": False,
                "products": [],
                "variants": variant_numbers(offers, terms.gets),
                "collections": [],
            },
            "appliesOnOneTimePurchase": True,
        },
        "minimumRequirement": None,
        "tags": [f"kindred-offer-{number}"],
        "asyncUsageCount": 0,
    }


def test_a_code_stands_there_with_its_limits(offers, store):
    approved(offers, forms(offers)["code"])
    kept(offers)
    (made,) = discounts(store)
    wanted = {
        "method": "code",
        "code": "TEA-15",
        "usageLimit": 50,
        "appliesOncePerCustomer": True,
        "usesPerOrderLimit": 1,
        "context": {"kind": "all", "ids": []},
        "startsAt": NOW.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    assert {name: made[name] for name in wanted} == wanted


def test_a_fixed_bundle_is_a_product_of_exactly_its_parts_at_its_price(offers, store):
    approved(offers, fixed(offers, parts=((JUMPER, 1), (CUP, 2)), price=5000), title="Warm evening")
    kept(offers)
    (made,) = made_products(store)
    (variant,) = store.world.state.children(store.domain, "variant", made["id"])
    parts = [
        (each["productId"], each["quantity"], [chosen["values"] for chosen in each["optionSelections"]])
        for each in made["bundleComponents"]
    ]
    assert sorted(parts) == [(CUP, 2, [["Default Title"]]), (JUMPER, 1, [["L"], ["Red"]])]
    assert (made["title"], made["status"], made["publications"]) == ("Warm evening", "ACTIVE", [1, 2])
    assert (variant["price"], variant["compareAtPrice"]) == (5000, 4000 + 2 * 800)


@pytest.mark.parametrize("form", ["fixed", "buy-get", "mixed", "third", "code"])
def test_whatever_is_taken_down_leaves_the_store_as_it_was_before(offers, store, form):
    before = everything(store)
    number = approved(offers, forms(offers)[form])
    kept(offers)
    made = bundle(offers, number)
    assert (made.state, made.settled, made.trouble) == ("live", True, "")
    assert everything(store) != before
    assert len(discounts(store)) + len(made_products(store)) == 1
    retire_bundle(offers, number, who="Ann", at=SOON)
    kept(offers, SOON)
    assert everything(store) == before
    over = bundle(offers, number)
    assert (over.state, over.settled, over.trouble, over.ended_at) == ("retired", True, "", SOON)
    with shopless() as connection:
        assert "bundles-live" not in due_work.list_of_shop(connection, offers)


@pytest.mark.parametrize("form", ["fixed", "buy-get", "code"])
def test_what_is_paused_counts_no_longer_and_comes_back_as_it_was_approved(offers, store, form):
    number = approved(offers, forms(offers)[form])
    kept(offers)
    before = everything(store)
    pause_bundle(offers, number, who="Ann", at=SOON)
    kept(offers, SOON)
    assert notes(store) == {}
    if form == "fixed":
        assert [each["status"] for each in made_products(store)] == ["DRAFT"]
    else:
        assert all(each["endsAt"] is not None for each in discounts(store))
    assert (bundle(offers, number).state, bundle(offers, number).reason) == ("paused", "Paused by Ann.")
    resume_bundle(offers, number, who="Ann", at=SOON)
    kept(offers, SOON)
    after = everything(store)
    for both in (before, after):  # written anew, these have numbers of their own
        both["metafield"] = sorted((each["ownerId"], each["value"]) for each in both["metafield"].values())
        both["metafield_definition"] = len(both["metafield_definition"])
    assert after == before
    assert bundle(offers, number).state == "live"


def test_product_pages_can_show_an_offer_and_know_no_secret_of_it(offers, store):
    a_native_segment(offers, store)
    approved(offers, buy_get(offers, segment="champions", code="SECRET-15"))
    approved(offers, fixed(offers, parts=((TEA, 1), (HONEY, 1)), price=1400), title="Sweet tea")
    kept(offers)
    told = {number: json.loads(value) for number, value in notes(store).items()}
    assert sorted(told) == [TEA, CUP, HONEY]
    assert [each["title"] for each in told[TEA]] in (["Tea for two", "Sweet tea"], ["Sweet tea", "Tea for two"])
    assert told[HONEY][0]["bundle"] == "sweet-tea"
    assert told[CUP][0]["customer_tag"] == "kindred:champions"
    assert not any("SECRET" in value for value in notes(store).values())
    (definition,) = store.world.state.each(store.domain, "metafield_definition")
    assert definition["access"]["storefront"] == "PUBLIC_READ"


def test_of_two_offers_on_one_product_the_other_stays_shown(offers, store):
    first = approved(offers, buy_get(offers))
    approved(offers, fixed(offers, parts=((TEA, 1), (HONEY, 1)), price=1400), title="Sweet tea")
    kept(offers)
    retire_bundle(offers, first, who="Ann", at=SOON)
    kept(offers, SOON)
    told = {number: [each["title"] for each in json.loads(value)] for number, value in notes(store).items()}
    assert told == {TEA: ["Sweet tea"], HONEY: ["Sweet tea"]}


def test_what_begins_later_is_ready_and_counts_from_its_beginning(offers, store):
    starts = NOW + timedelta(days=2)
    product = approved(offers, fixed(offers, starts_at=starts), title="Later")
    discount = approved(offers, buy_get(offers, starts_at=starts))
    kept(offers)
    assert [each["status"] for each in made_products(store)] == ["DRAFT"]
    assert notes(store) == {}
    assert [bundle(offers, each).state for each in (product, discount)] == ["approved", "approved"]
    kept(offers, starts)
    assert [each["status"] for each in made_products(store)] == ["ACTIVE"]
    assert [bundle(offers, each).live_from for each in (product, discount)] == [starts, starts]
    assert sorted(notes(store)) == [TEA, CUP]


def test_at_its_end_it_is_over_and_is_told_so(offers, store):
    number = approved(offers, fixed(offers, ends_at=LATER))
    kept(offers)
    kept(offers, LATER + timedelta(minutes=1))
    over = bundle(offers, number)
    assert (over.state, over.paused_for, over.ended_at) == ("paused", "end", LATER)
    assert [each["status"] for each in made_products(store)] == ["DRAFT"]


def test_after_so_many_uses_it_is_over(offers, store):
    number = approved(offers, buy_get(offers, uses_most=3))
    kept(offers)
    (made,) = discounts(store)
    store.put("discount", made | {"asyncUsageCount": 3})
    kept(offers, SOON)
    kept(offers, SOON + timedelta(minutes=15))
    assert (bundle(offers, number).state, bundle(offers, number).paused_for) == ("paused", "uses")
    assert discounts(store)[0]["endsAt"] is not None


def test_low_stock_pauses_it_and_stock_that_is_back_lets_it_go_on(offers, store):
    number = approved(offers, buy_get(offers))
    kept(offers)
    before = discounts(store)
    change_variants(offers, store, {CUP: {"inventoryQuantity": 10}})
    kept(offers, SOON)
    paused = bundle(offers, number)
    assert (paused.state, paused.paused_for) == ("paused", "stock")
    assert "“Thing 8” has 10 left in stock" in paused.reason
    assert discounts(store)[0]["endsAt"] is not None
    change_variants(offers, store, {CUP: {"inventoryQuantity": 60}})
    kept(offers, SOON + timedelta(hours=1))
    assert bundle(offers, number).state == "live"
    assert [each | {"updatedAt": ""} for each in discounts(store)] == [
        each | {"updatedAt": ""} for each in before
    ]
    told = [row["note"] for row in rows(offers, "SELECT * FROM decisions WHERE who = 'Kindred' ORDER BY id")]
    assert len(told) == 2


def test_what_a_person_paused_does_not_go_on_by_itself(offers, store):
    number = approved(offers, buy_get(offers))
    kept(offers)
    pause_bundle(offers, number, who="Ann", at=NOW)
    kept(offers, SOON)
    change_variants(offers, store, {CUP: {"inventoryQuantity": 500}})
    kept(offers, SOON + timedelta(days=1))
    assert bundle(offers, number).state == "paused"


@pytest.mark.parametrize("form", ["fixed", "buy-get"])
def test_a_cost_that_leaves_too_little_margin_pauses_it(offers, store, form):
    number = approved(offers, forms(offers)[form])
    kept(offers)
    change_variants(offers, store, {CUP: {"cost": 780}, TEA: {"cost": 700}})
    kept(offers, SOON)
    paused = bundle(offers, number)
    assert (paused.state, paused.paused_for) == ("paused", "margin")
    assert "the floor is 30%" in paused.reason
    change_variants(offers, store, {CUP: {"cost": 240}, TEA: {"cost": 300}})
    kept(offers, SOON + timedelta(hours=1))
    assert bundle(offers, number).state == "paused"
    resume_bundle(offers, number, who="Ann", at=SOON + timedelta(hours=1))
    kept(offers, SOON + timedelta(hours=1))
    assert bundle(offers, number).state == "live"


def test_every_call_is_written_down_with_what_came_of_it(offers):
    number = approved(offers, fixed(offers))
    kept(offers)
    deeds = steps(offers, number)
    assert [deed for deed, _ in deeds if deed != "finish"] == ["make", "price", "publish", "start", "show"]
    assert {state for _, state in deeds} == {"done"}
