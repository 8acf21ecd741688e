"""Uses of offers as orders tell them: by every title that a discount had, by every product that was made."""

from datetime import timedelta

import pytest
from live_bundles import BEGAN, a_live_bundle, bought, result
from offer_shop import NOW, approved, bundle, buy_get, discounts, kept
from sqlalchemy import text
from stored_rows import a_customer

from shop_app.bundles.terms import Form, Part, Terms
from shop_app.services.decide_bundles import resume_bundle
from shop_app.storage import bundle_steps, bundles
from shop_app.storage.engine import transaction

TITLE = "Tea and cup"
PRODUCT, PRODUCT_BEFORE = 771, 770


@pytest.fixture
def discount(shop_id, tea, cup):
    """A discount that comes by itself: with the tea, the cup is 10 % cheaper."""
    return a_live_bundle(shop_id, Terms(Form.BUY_GET, buys=(tea,), gets=(cup,), discount_percent=10))


@pytest.fixture
def whole(shop_id, tea, cup):
    """A fixed bundle of both for 17.20."""
    return a_live_bundle(shop_id, Terms(Form.FIXED, parts=(Part(tea), Part(cup)), price=1720))


def sold(shop_id, *lines, titles=(), product=None):
    """An order that tells: the discounts stand on its second line, and all are parts of the bundle."""
    order = bought(shop_id, a_customer(shop_id), BEGAN + timedelta(days=1), *lines)
    with transaction(shop_id) as connection:
        connection.execute(
            text("""
                UPDATE line_items SET bundle_product_id = :product,
                    automatic_discounts = CASE line_no WHEN 2 THEN CAST(:titles AS text[]) ELSE '{}' END
                WHERE order_id = :order"""),
            {"product": product, "titles": list(titles), "order": order},
        )
    return order


def made(shop_id, bundle_id, remote):
    with transaction(shop_id) as connection:
        bundles.write_remote(connection, bundle_id, remote)


def test_a_discount_is_used_by_the_orders_that_name_it_and_by_no_others(shop_id, discount, tea, cup):
    cheaper = (tea, 1000, 1000), (cup, 800, 720)
    sold(shop_id, *cheaper, titles=[TITLE.upper(), "Free shipping"])
    sold(shop_id, *cheaper, titles=["Spring sale"])
    sold(shop_id, *cheaper)
    assert result(shop_id, discount)["orders"] == 1


def test_orders_that_were_read_before_they_told_are_judged_by_what_was_paid(shop_id, discount, tea, cup):
    sold(shop_id, (tea, 1000, 1000), (cup, 800, 720), titles=[TITLE])
    bought(shop_id, a_customer(shop_id), BEGAN + timedelta(days=1), (tea, 1000, 1000), (cup, 800, 720))
    bought(shop_id, a_customer(shop_id), BEGAN + timedelta(days=1), (tea, 1000, 1000), (cup, 800, 800))
    found = result(shop_id, discount)
    assert (found["orders"], found["account"]["discount"]) == (2, 160)


def test_a_discount_that_was_renamed_is_known_by_both_titles(shop_id, discount, tea, cup):
    made(shop_id, discount, {"id": "gid://shopify/DiscountAutomaticNode/1", "titles": ["Cup with tea"]})
    for title in (TITLE, "Cup with tea", "Cup"):
        sold(shop_id, (tea, 1000, 1000), (cup, 800, 720), titles=[title])
    assert result(shop_id, discount)["orders"] == 2


def test_a_bundle_is_bought_by_its_product_and_not_by_parts_at_its_price(shop_id, whole, tea, cup):
    made(shop_id, whole, {"id": f"gid://shopify/Product/{PRODUCT}"})
    for product in (PRODUCT, None, 7):
        sold(shop_id, (tea, 956, 956), (cup, 764, 764), product=product)
    found = result(shop_id, whole)
    assert (found["orders"], found["account"]["discount"]) == (1, 80)


def test_a_bundle_that_was_made_anew_is_known_by_both_products(shop_id, whole, tea, cup):
    made(shop_id, whole, {"id": f"gid://shopify/Product/{PRODUCT}"})
    with transaction(shop_id) as connection:
        step = bundle_steps.begin(connection, whole, "make", at=BEGAN)
        remote_id = f"gid://shopify/Product/{PRODUCT_BEFORE}"
        bundle_steps.end(connection, whole, step, "done", remote_id=remote_id)
    for product in (PRODUCT_BEFORE, PRODUCT):
        sold(shop_id, (tea, 956, 956), (cup, 764, 764), product=product)
    assert result(shop_id, whole)["orders"] == 2


def test_an_order_that_tells_may_hold_a_bundle_and_use_a_discount_of_ours(shop_id, discount, whole, tea, cup):
    made(shop_id, whole, {"id": f"gid://shopify/Product/{PRODUCT}"})
    order = sold(shop_id, (tea, 1000, 1000), (cup, 800, 720), (tea, 956, 956), (cup, 764, 764), titles=[TITLE])
    with transaction(shop_id) as connection:
        connection.execute(
            text("UPDATE line_items SET bundle_product_id = :p WHERE order_id = :o AND line_no > 2"),
            {"p": PRODUCT, "o": order},
        )
    assert [result(shop_id, each)["orders"] for each in (discount, whole)] == [1, 1]


def test_each_title_that_a_discount_is_seen_to_have_is_kept_though_it_be_made_anew(offers, store):
    number = approved(offers, buy_get(offers), title=TITLE)
    kept(offers)
    for hours, title in ((2, "Cup with tea"), (4, "Tea with cup"), (6, TITLE)):
        store.put("discount", discounts(store)[0] | {"title": title})
        kept(offers, NOW + timedelta(hours=hours))
    assert bundle(offers, number).remote["titles"] == ["Cup with tea", "Tea with cup"]
    store.world.state.delete(store.domain, "discount", discounts(store)[0]["id"])
    later = NOW + timedelta(hours=8)
    kept(offers, later)
    resume_bundle(offers, number, who="Ann", at=later)
    kept(offers, later)
    assert bundle(offers, number).state == "live"
    assert bundle(offers, number).remote["titles"] == ["Cup with tea", "Tea with cup"]
