from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from stored_rows import a_customer, a_product, a_refund, a_shop, an_order

from shop_app.bundles.left_out import LeftOut
from shop_app.services.basket_frames import read_basket_frames
from shop_app.services.set_rates import set_rates
from shop_app.storage import basket_lines, shop_settings
from shop_app.storage.engine import transaction

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
THEN = NOW - timedelta(days=40)


def frames(shop_id, level="variant"):
    with transaction(shop_id) as connection:
        shop = shop_settings.read(connection)
    return read_basket_frames(shop_id, shop, level=level, left_out=LeftOut(), as_of=NOW)


def keep(shop_id, order_id, line_no, quantity):
    with transaction(shop_id) as connection:
        connection.execute(
            text("UPDATE line_items SET kept_quantity = :q WHERE order_id = :o AND line_no = :n"),
            {"q": quantity, "o": order_id, "n": line_no},
        )


def bought(found):
    rows = found.lines.sort("order_id", "item_id")
    return list(zip(rows["item_id"].to_list(), rows["quantity"].to_list(), strict=True))


def test_guests_count_and_what_does_not_count_as_a_purchase_is_no_basket(shop_id):
    tea, cup = a_product(shop_id), a_product(shop_id, title="Cup")
    ann = a_customer(shop_id)
    an_order(shop_id, ann, at=THEN, lines=[(tea, 500), (cup, 500)])
    an_order(shop_id, None, at=THEN, lines=[(cup, 500)], total=500)
    an_order(shop_id, ann, at=THEN, lines=[(tea, 500)], cancelled_at=THEN)
    an_order(shop_id, ann, at=THEN, lines=[(tea, 500)], test=True)
    an_order(shop_id, ann, at=NOW + timedelta(days=1), lines=[(tea, 500)])
    found = frames(shop_id)
    assert bought(found) == [(tea, 1), (cup, 1), (cup, 1)]
    assert found.lines["customer_id"].to_list() == [ann, ann, None]


def test_lines_say_which_discounts_came_by_themselves_or_that_nobody_said(shop_id):
    tea = a_product(shop_id)
    for told in (None, [], ["Autumn", "Third tin"]):
        order = an_order(shop_id, a_customer(shop_id), at=THEN, lines=[(tea, 500)])
        with transaction(shop_id) as connection:
            connection.execute(
                text(
                    "UPDATE line_items SET automatic_discounts = :told, bundle_product_id = 880 "
                    "WHERE order_id = :o"
                ),
                {"told": told, "o": order},
            )
    found = frames(shop_id).lines.sort("order_id")
    assert found["automatic_discounts"].to_list() == [None, [], ["Autumn", "Third tin"]]
    assert found["bundle_product_id"].to_list() == [880] * 3


def test_what_was_sent_back_is_taken_off_by_what_shopify_says_is_left(shop_id):
    tea, cup = a_product(shop_id), a_product(shop_id, title="Cup")
    order = an_order(shop_id, a_customer(shop_id), at=THEN, lines=[(tea, 500), (cup, 500)])
    keep(shop_id, order, 2, 0)
    assert bought(frames(shop_id)) == [(tea, 1), (cup, 0)]


def test_what_was_sent_back_is_taken_off_by_a_credit_note_of_the_item(shop_id):
    tea, cup = a_product(shop_id), a_product(shop_id, title="Cup")
    order = an_order(
        shop_id, a_customer(shop_id), at=THEN, total=1500, lines=[(tea, 500), (cup, 500), (cup, 500)]
    )
    a_refund(shop_id, order_id=order, amount=500, at=THEN, product_id=cup, quantity=1.0)
    assert sorted(bought(frames(shop_id))) == [(tea, 1), (cup, 0), (cup, 1)]


def test_gift_cards_and_samples_are_told_and_left_out(shop_id):
    tea, card, sample = (
        a_product(shop_id),
        a_product(shop_id, title="Gift card"),
        a_product(shop_id, title="Sample sachet"),
    )
    an_order(shop_id, a_customer(shop_id), at=THEN, lines=[(tea, 500), (card, 2500), (sample, 0)])
    found = frames(shop_id)
    assert bought(found) == [(tea, 1)]
    assert found.left_out["item_id"].to_list() == [card, sample]
    assert all(found.left_out["reason_words"])


def test_an_item_without_a_list_price_has_the_price_it_is_sold_for_as_a_rule(shop_id):
    tea = a_product(shop_id)
    for price in (500, 500, 900):
        an_order(shop_id, a_customer(shop_id), at=THEN, total=price, lines=[(tea, price)])
    assert frames(shop_id).items["price"].to_list() == [500]


@pytest.mark.parametrize(("level", "key"), [("variant", None), ("product", "p77"), ("collection", "Loose tea")])
def test_an_item_has_the_key_of_the_level(shop_id, level, key):
    tea = a_product(shop_id, shopify_id=77, category="Loose tea")
    keys = frames(shop_id, level).keys
    assert keys["key"].to_list() == [key or str(tea)]


def test_what_was_paid_in_another_currency_is_told_in_the_shops():
    """A yen has no cents: 500 of them are 500 minor units."""
    shop_id = a_shop(currency="EUR")
    set_rates(shop_id, {"JPY": "0.006"})
    tea, cup = a_product(shop_id), a_product(shop_id, title="Cup")
    an_order(shop_id, a_customer(shop_id), at=THEN, total=500, lines=[(tea, 500)])
    an_order(shop_id, a_customer(shop_id), at=THEN, total=500, lines=[(cup, 500)], currency="JPY")
    an_order(shop_id, a_customer(shop_id), at=THEN, total=500, lines=[(cup, 500)], currency="USD")  # no rate
    found = frames(shop_id)
    assert found.lines.sort("item_id").select("unit_price", "total").rows() == [(500, 500), (300, 300)]
    assert found.items.sort("item_id")["price"].to_list() == [500, 300]


def test_the_day_is_that_of_the_shops_clock():
    shop_id = a_shop(timezone="Australia/Sydney")
    tea = a_product(shop_id)
    an_order(shop_id, a_customer(shop_id), at=datetime(2026, 5, 1, 20, tzinfo=UTC), lines=[(tea, 500)])
    day = frames(shop_id).lines["day"].item()
    assert datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day) == datetime(2026, 5, 2, tzinfo=UTC)


def test_categories_that_sell_since_a_moment_are_told(shop_id):
    tea, wax = a_product(shop_id, category="Tea"), a_product(shop_id, category="Candles")
    an_order(shop_id, a_customer(shop_id), at=THEN - timedelta(days=9), lines=[(tea, 500)])
    an_order(shop_id, a_customer(shop_id), at=THEN, lines=[(wax, 500)])
    with transaction(shop_id) as connection:
        assert basket_lines.categories_sold_since(connection, THEN - timedelta(days=1)) == ["Candles"]
