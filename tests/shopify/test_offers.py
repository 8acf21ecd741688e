"""Offers as Shopify's mutations take them, and what is asked of a merchant for them."""

from datetime import UTC, datetime

import pytest

from shop_app.bundles.terms import Form, Terms
from shop_app.shopify import documents, scopes
from shop_app.shopify.bundle_products import as_money
from shop_app.shopify.offer_discounts import input_of
from shop_app.shopify.offers import Offer

STARTS = datetime(2026, 11, 30, 12, tzinfo=UTC)
VARIANTS = {1: "gid://shopify/ProductVariant/10", 2: "gid://shopify/ProductVariant/20"}


def offer(**changes):
    terms = Terms(Form.BUY_GET, **({"buys": (1,), "gets": (2,), "discount_percent": 15} | changes))
    return Offer(7, "Tea for two", terms, STARTS, None, VARIANTS)


def test_only_what_makes_something_new_is_not_safe_to_repeat():
    names = ("Offer", "Bundle", "Product", "Definition", "Metafields")
    ours = {name for name in documents.all_documents() if any(part in name for part in names)}
    unsafe = {name for name in ours if not documents.get(name).is_repeatable}
    assert unsafe == {"CreateAutomaticOffer", "CreateCodeOffer", "CreateBundle"}


def test_an_offer_for_everybody_without_a_code_says_so_and_bears_our_mark():
    given = input_of(offer(uses_per_order=2, buy_quantity=3))
    assert given["context"] == {"all": "ALL"}
    assert given["tags"] == ["kindred-offer-7"]
    assert (given["startsAt"], given["endsAt"]) == ("2026-11-30T12:00:00Z", None)
    assert given["customerBuys"]["value"] == {"quantity": "3"}
    assert given["usesPerOrderLimit"] == "2"
    assert "code" not in given


def test_no_offer_adds_up_with_another_discount():
    for each in (offer(), offer(code="TEA-15")):
        assert set(input_of(each)["combinesWith"].values()) == {False}


@pytest.mark.parametrize(
    ("minor", "digits", "written"), [(1234, 2, "12.34"), (5, 2, "0.05"), (1234, 0, "1234"), (1234, 3, "1.234")]
)
def test_money_is_written_in_the_currency_s_own_units(minor, digits, written):
    assert as_money(minor, digits) == written


def test_each_form_asks_for_no_more_than_it_needs():
    assert scopes.offer_scopes(Form.FIXED) == (("write_products",), ("write_publications",))
    assert scopes.offer_scopes(Form.THIRD) == (("write_discounts",), ("write_products",))
    assert set(scopes.OPTIONAL_SCOPES) >= {"write_products", "write_discounts", "write_publications"}
    assert scopes.missing_scopes(["write_products"], ("read_products", "write_products")) == ()
