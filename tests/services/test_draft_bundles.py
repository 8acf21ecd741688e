"""Drafts: written down, changed, and every doubt about them said with the field that it is about."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from offer_shop import (
    CUP,
    HONEY,
    JUMPER,
    NOW,
    TEA,
    a_native_segment,
    approved,
    bundle,
    buy_get,
    change_variants,
    fixed,
    item,
)
from sqlalchemy import text
from stored_rows import a_product
from tellings import rows

from shop_app.bundles.terms import Form, Part, Terms
from shop_app.errors import InvalidInputError, NotFoundError, RefusedError
from shop_app.services.bundle_choices import change_bundle_choices
from shop_app.services.bundle_limits import Limits
from shop_app.services.check_terms import check_terms
from shop_app.services.draft_bundles import change_draft, draft_bundle, draft_from_candidate
from shop_app.storage import basket_findings
from shop_app.storage.basket_findings import Finding
from shop_app.storage.engine import transaction

ANN = {"who": "Ann", "at": NOW}


def doubts(shop, terms, title="Tea for two", at=NOW):
    """The fields that something speaks against, and what."""
    return {each.field: each.words for each in check_terms(shop, title, terms, at=at)}


def test_a_draft_holds_what_was_written_down_and_who_did_it(offers):
    made = draft_bundle(offers, buy_get(offers), title=" Tea for two ", facts={"lift": 2.5}, **ANN)
    kept = bundle(offers, made.id)
    assert (kept.state, kept.title, kept.terms, kept.facts) == (
        "draft",
        "Tea for two",
        buy_get(offers),
        {"lift": 2.5},
    )
    assert (kept.drafted_by, kept.drafted_at, kept.settled) == ("Ann", NOW, True)
    assert [row["to_state"] for row in rows(offers, "SELECT * FROM decisions")] == ["drafted"]


def test_a_candidate_becomes_a_draft_with_all_that_speaks_for_it(offers):
    facts = {"title": "Tea and cup", "terms": buy_get(offers).to_json(), "figures": {"margin": 12}}
    with transaction(offers) as connection:
        finding = Finding("candidate", "champions", 1, "a|b", facts)
        basket_findings.write(connection, as_of=NOW, at=NOW, facts={}, findings=[finding])
    made = draft_from_candidate(offers, "a|b", "champions", **ANN)
    assert (made.title, made.terms, made.facts["figures"]) == ("Tea and cup", buy_get(offers), {"margin": 12})
    assert (made.facts["key"], made.facts["segment"]) == ("a|b", "champions")
    with pytest.raises(NotFoundError, match="no longer among the newest"):
        draft_from_candidate(offers, "a|b", "", **ANN)


def test_what_is_changed_is_read_in_its_type(offers):
    number = draft_bundle(offers, buy_get(offers), title="Tea", facts={}, **ANN).id
    changed = change_draft(
        offers,
        number,
        {
            "title": "  Tea   time ",
            "discount_percent": "12",
            "gets": [str(item(offers, HONEY))],
            "ends_at": "2027-01-31T23:00:00+01:00",
            "uses_most": "",
            "code": " TEA-12 ",
            "once_per_customer": "on",
        },
        **ANN,
    )
    assert (changed.title, changed.terms.discount_percent, changed.terms.code) == ("Tea time", 12, "TEA-12")
    assert changed.terms.gets == (item(offers, HONEY),)
    assert changed.terms.ends_at == datetime.fromisoformat("2027-01-31T22:00:00+00:00")
    assert (changed.terms.uses_most, changed.terms.once_per_customer) == (None, True)
    assert changed.fingerprint != bundle(offers, number).terms.fingerprint


UNREADABLE = [
    ("discount_percent", "a lot"),
    ("discount_percent", True),
    ("ends_at", "2027-01-31"),
    ("parts", [{"quantity": 2}]),
    ("price", "12.50"),
    ("form", "fixed"),
    ("colour", "red"),
]


def test_what_cannot_be_read_is_named(offers):
    number = draft_bundle(offers, buy_get(offers), title="Tea", facts={}, **ANN).id
    for field, value in UNREADABLE:
        with pytest.raises(InvalidInputError) as refused:
            change_draft(offers, number, {field: value}, **ANN)
        assert refused.value.field == field


def test_a_bundle_s_price_follows_its_discount_unless_one_is_given(offers):
    number = draft_bundle(offers, fixed(offers), title="Tea", facts={}, **ANN).id
    assert change_draft(offers, number, {"discount_percent": 10}, **ANN).terms.price == 2340
    assert change_draft(offers, number, {"discount_percent": 10, "price": 2399}, **ANN).terms.price == 2399
    three = [{"item_id": item(offers, TEA), "quantity": 3}]
    assert change_draft(offers, number, {"parts": three}, **ANN).terms.price == 2700


def test_two_who_change_a_draft_at_once_do_not_undo_each_other_s_change(offers, monkeypatch):
    number = draft_bundle(offers, fixed(offers), title="Tea", facts={}, **ANN).id
    real = Limits.of

    def while_another_changes_it(shop_id, item_ids):
        monkeypatch.setattr(Limits, "of", real)
        change_draft(offers, number, {"title": "Tea and cups"}, who="Bob", at=NOW)
        return real(shop_id, item_ids)

    monkeypatch.setattr(Limits, "of", while_another_changes_it)
    with pytest.raises(RefusedError, match="Somebody else has changed it"):
        change_draft(offers, number, {"discount_percent": 10}, **ANN)
    assert (bundle(offers, number).title, bundle(offers, number).terms) == ("Tea and cups", fixed(offers))


def test_what_is_decided_on_is_not_changed_any_more(offers):
    number = approved(offers, buy_get(offers))
    with pytest.raises(RefusedError, match="decided on"):
        change_draft(offers, number, {"discount_percent": 20}, **ANN)
    with pytest.raises(NotFoundError):
        change_draft(offers, number + 1, {"discount_percent": 20}, **ANN)
    assert bundle(offers, number).terms.discount_percent == 15


def test_against_what_has_proper_terms_nothing_speaks(offers, store):
    a_native_segment(offers, store)
    tea, cup, honey = item(offers, TEA), item(offers, CUP), item(offers, HONEY)
    for terms in (
        buy_get(offers, segment="champions", code="TEA-15", once_per_customer=True),
        fixed(offers),
        Terms(Form.MIXED, buys=(tea,), gets=(cup, honey), discount_percent=20),
        Terms(Form.THIRD, buys=(tea, cup), buy_quantity=2, gets=(tea, cup), discount_percent=10),
    ):
        assert doubts(offers, terms) == {}


NO_DISCOUNTS = [
    ({"discount_percent": 0}, "discount_percent"),
    ({"discount_percent": 101}, "discount_percent"),
    ({"discount_percent": 21}, "discount_percent"),
    ({"gets": ()}, "gets"),
    ({"buy_quantity": 0}, "buys"),
    ({"uses_per_order": 0}, "uses_per_order"),
    ({"uses_most": 0}, "uses_most"),
    ({"once_per_customer": True}, "once_per_customer"),
    ({"code": "no spaces"}, "code"),
    ({"ends_at": NOW}, "ends_at"),
    ({"starts_at": NOW + timedelta(days=9), "ends_at": NOW + timedelta(days=8)}, "ends_at"),
    ({"starts_at": NOW + timedelta(days=999)}, "starts_at"),
    ({"starts_at": NOW.replace(tzinfo=None)}, "starts_at"),
    ({"segment": "champions"}, "segment"),
    ({"gets": (987_654,)}, "gets"),
    ({"parts": (Part(1, 2),)}, "parts"),
    ({"price": 900}, "price"),
]


def test_what_a_discount_cannot_be_is_said_with_its_field(offers):
    for changes, field in NO_DISCOUNTS:
        assert list(doubts(offers, buy_get(offers, **changes))) == [field], changes


NO_BUNDLES = [
    ({"price": None}, "price"),
    ({"price": 2601}, "price"),
    ({"price": 2079}, "price"),
    ({"parts": ((TEA, 1),)}, "parts"),
    ({"parts": ((TEA, 0), (CUP, 2))}, "parts"),
    ({"segment": "champions"}, "segment"),
    ({"code": "TEA-15"}, "code"),
    ({"buys": (1,)}, "buys"),
    ({"gets": (1,)}, "gets"),
]


def test_what_a_bundle_cannot_be_is_said_with_its_field(offers):
    for changes, field in NO_BUNDLES:
        assert list(doubts(offers, fixed(offers, **changes))) == [field], changes


def test_a_title_is_what_buyers_read(offers):
    for title in ("", "   ", "x" * 121, "two\nlines"):
        assert list(doubts(offers, buy_get(offers), title=title)) == ["title"]


def test_two_variants_of_one_product_are_no_two_parts(offers, store):
    twin = store.find("variant", JUMPER * 10) | {"id": 111, "title": "M / Blue", "position": 2}
    store.put("variant", twin, parent=JUMPER)
    change_variants(offers, store, {JUMPER: {}})
    other = rows(offers, "SELECT id FROM products WHERE source_key = 'variant:111'")[0]["id"]
    terms = Terms(Form.FIXED, parts=(Part(item(offers, JUMPER)), Part(other)), price=7000)
    assert "variants of one product" in doubts(offers, terms)["parts"]


def test_what_shopify_does_not_know_cannot_be_offered(offers):
    foreign = a_product(offers, title="From a file")
    assert "not known by a variant" in doubts(offers, buy_get(offers, gets=(foreign,)))["gets"]


def test_margin_floor_stock_and_unknown_costs_are_said_in_words(offers, store):
    change_variants(offers, store, {CUP: {"cost": 700}, TEA: {"cost": 700}})
    words = doubts(offers, buy_get(offers))["discount_percent"]
    assert words.startswith("Of €16.80 that are paid €2.80 would be left")
    assert "the floor is 30%" in words
    change_variants(offers, store, {CUP: {"cost": None}, TEA: {"cost": 300}})
    assert "cost of “Thing 8” is not known" in doubts(offers, buy_get(offers))["discount_percent"]
    change_bundle_choices(offers, {"assumed_cost_ratio": 0.4}, **ANN)
    assert doubts(offers, buy_get(offers)) == {}
    change_variants(offers, store, {CUP: {"inventoryQuantity": 11}})
    assert "has 11 left in stock, and 10 are never promised" in doubts(offers, fixed(offers))["parts"]
    assert doubts(offers, buy_get(offers)) == {}
    change_variants(offers, store, {CUP: {"inventoryQuantity": 10}})
    assert "has 10 left" in doubts(offers, buy_get(offers))["gets"]


def test_stock_is_enough_where_one_more_use_can_be_served_out_of_all_its_things(offers, store):
    tea, cup = item(offers, TEA), item(offers, CUP)
    third = Terms(Form.THIRD, buys=(tea,), buy_quantity=2, gets=(tea,), discount_percent=10)
    change_variants(offers, store, {TEA: {"inventoryQuantity": 12}})
    assert "has 12 left" in doubts(offers, third)["gets"]  # two may go, and a use takes three
    change_variants(offers, store, {TEA: {"inventoryQuantity": 13}})
    assert doubts(offers, third) == {}
    change_variants(offers, store, {TEA: {"inventoryQuantity": 11}, CUP: {"inventoryQuantity": 12}})
    assert doubts(offers, replace(third, buys=(tea, cup), gets=(tea, cup))) == {}


def test_the_merchant_s_own_rules_are_obeyed(offers):
    tea, cup = str(item(offers, TEA)), str(item(offers, CUP))
    change_bundle_choices(offers, {"never_together": [[tea, f"p{CUP}"]]}, **ANN)
    assert "never go together" in doubts(offers, buy_get(offers))["gets"]
    assert "never go together" in doubts(offers, fixed(offers))["parts"]
    change_bundle_choices(offers, {"never_together": [], "never_discounted": [cup]}, **ANN)
    assert "never make “Thing 8” cheaper" in doubts(offers, buy_get(offers))["gets"]
    assert doubts(offers, buy_get(offers, buys=(item(offers, CUP),), gets=(item(offers, TEA),))) == {}
    other_month = NOW.month % 12 + 1
    change_bundle_choices(offers, {"never_discounted": [], "seasons": {cup: [other_month]}}, **ANN)
    assert "out of season" in doubts(offers, buy_get(offers))["starts_at"]


def test_a_code_that_another_offer_has_is_taken_however_it_is_written(offers):
    approved(offers, buy_get(offers, code="TEA-15"))
    assert "has the code" in doubts(offers, buy_get(offers, code="tea-15"))["code"]


def test_without_a_connection_to_shopify_nothing_can_be_made(offers):
    with transaction(offers) as connection:
        connection.execute(text("DELETE FROM shop_connections"))
    assert "not connected to Shopify" in doubts(offers, buy_get(offers))["form"]


def test_the_same_terms_have_the_same_fingerprint_and_others_another(offers):
    one = draft_bundle(offers, buy_get(offers), title="Tea", facts={}, **ANN)
    two = draft_bundle(offers, buy_get(offers), title="Tea", facts={"other": "facts"}, **ANN)
    assert one.fingerprint == two.fingerprint
    assert replace(one, title="Coffee").fingerprint != one.fingerprint
    assert replace(one, terms=buy_get(offers, discount_percent=16)).fingerprint != one.fingerprint
