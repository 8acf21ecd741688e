"""Which orders used an offer, where they tell: by the title of its discount, by the product of its bundle."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_shelf import item, items_frame, line, lines_frame, told

from shop_app.bundles.terms import Form, Part, Terms
from shop_app.bundles.usage import attach_rate, orders_using, untold

LIVE = datetime(2026, 3, 1, tzinfo=UTC)
AT = LIVE + timedelta(days=3)
ITEMS = items_frame(item(1), item(2), item(9))
BUY_GET = Terms(Form.BUY_GET, buys=(1,), gets=(2,), discount_percent=10, uses_per_order=3)
FIXED = Terms(Form.FIXED, parts=(Part(1), Part(2, 2)), discount_percent=10, price=5400)
OURS, OURS_RENAMED, THEIRS = "Tea for two", "Two for tea", "Spring sale"
PRODUCT, ANOTHER_PRODUCT = 77, 78


def used(terms, *rows, titles=(OURS,)):
    numbers = (PRODUCT,) if terms.form is Form.FIXED else ()
    return orders_using(
        lines_frame(*rows), terms, ITEMS, live_from=LIVE, titles=titles, product_numbers=numbers
    )


def times(found):
    return dict(found.select("order_id", "times").iter_rows())


def both(order_id, *titles, total=1800):
    """Tea at full price, and a cup at the offer's, which these discounts made it."""
    return told(line(order_id, 1, AT)), told(line(order_id, 2, AT, total=total), *titles)


def whole(order_id, bundle=PRODUCT, pieces=1):
    """Every part at the bundle's price."""
    tea, cups = line(order_id, 1, AT, bought=pieces, total=1800 * pieces), 2 * pieces
    return told(tea, bundle=bundle), told(line(order_id, 2, AT, bought=cups, total=1800 * cups), bundle=bundle)


def test_another_discount_as_deep_on_the_same_goods_is_no_use():
    assert times(used(BUY_GET, *both(7, OURS), *both(8, THEIRS), *both(9))) == {7: 1}


def test_an_order_that_tells_is_a_use_at_whatever_price():
    found = used(BUY_GET, *both(7, OURS, total=1999)).to_dicts()[0]
    assert (found["times"], found["list_price"], found["discount"], found["paid"]) == (1, 4000, 1, 3999)


def test_the_title_counts_only_where_it_stands_on_what_is_cheaper():
    rows = told(line(7, 1, AT, total=1800), OURS), told(line(7, 2, AT)), told(line(7, 9, AT), OURS)
    assert used(BUY_GET, *rows).is_empty()


@pytest.mark.parametrize("title", [OURS, "TEA FOR TWO", "  tea for  two ", "Tea for two\u00a0"])
def test_a_title_is_the_same_in_any_letters_and_spaces(title):
    assert times(used(BUY_GET, *both(7, title))) == {7: 1}


def test_a_discount_that_was_renamed_is_known_by_each_title_that_it_had():
    rows = (*both(7, OURS), *both(8, OURS_RENAMED), *both(9, THEIRS))
    assert times(used(BUY_GET, *rows, titles=(OURS, OURS_RENAMED))) == {7: 1, 8: 1}
    assert times(used(BUY_GET, *rows)) == {7: 1}  # nobody saw its new title


def test_what_another_discount_made_cheaper_in_the_same_order_is_no_further_use():
    rows = (
        told(line(7, 1, AT, bought=3)),
        told(line(7, 2, AT, total=1800), OURS),
        told(line(7, 2, AT, bought=2, total=3600), THEIRS),
    )
    assert times(used(BUY_GET, *rows)) == {7: 1}


def test_it_counts_no_more_often_than_the_terms_allow():
    rows = told(line(7, 1, AT, bought=9)), told(line(7, 2, AT, bought=9, total=16_200), OURS)
    assert times(used(BUY_GET, *rows)) == {7: 3}
    assert times(used(replace(BUY_GET, uses_per_order=1), *rows)) == {7: 1}


def test_a_till_that_rounds_each_piece_loses_no_use():
    paid = 3 * 4333  # 4814 less 10 %, each piece rounded up
    rows = told(line(7, 1, AT, bought=3)), told(line(7, 2, AT, bought=3, unit_price=4814, total=paid), OURS)
    assert times(used(BUY_GET, *rows)) == {7: 3}


def test_orders_that_tell_and_orders_that_do_not_stand_side_by_side():
    silent = line(8, 1, AT), line(8, 2, AT, total=1800)
    assert times(used(BUY_GET, *both(7, THEIRS), *silent, *both(9, OURS))) == {8: 1, 9: 1}
    parts = line(8, 1, AT, total=1800), line(8, 2, AT, bought=2, total=3600)
    assert times(used(FIXED, *whole(7, None), *parts, *whole(9))) == {8: 1, 9: 1}


def test_an_order_of_which_one_line_tells_is_one_that_tells():
    assert used(BUY_GET, line(7, 1, AT), line(7, 2, AT, total=1800), told(line(7, 9, AT))).is_empty()
    assert times(used(BUY_GET, line(7, 1, AT), told(line(7, 2, AT, total=1800), OURS))) == {7: 1}


def test_a_code_is_told_by_the_order_as_ever():
    coded = [row | {"codes": ["tea"]} for row in both(7)]
    assert times(used(replace(BUY_GET, code="TEA"), *coded, *both(8, OURS))) == {7: 1}


def test_parts_bought_singly_at_the_bundles_price_are_no_bundle():
    assert times(used(FIXED, *whole(7), *whole(8, None), *whole(9, ANOTHER_PRODUCT))) == {7: 1}


def test_a_bundle_is_one_at_whatever_price_and_its_money_is_that_of_its_own_lines():
    rows = (
        told(line(7, 1, AT), bundle=PRODUCT),
        told(line(7, 2, AT, bought=2), bundle=PRODUCT),
        told(line(7, 2, AT, bought=2, total=100)),
    )
    found = used(FIXED, *rows).to_dicts()[0]
    assert (found["times"], found["list_price"], found["paid"]) == (1, 6000, 6000)


def test_as_many_bundles_were_sold_as_the_parts_make():
    assert times(used(FIXED, *whole(7, pieces=3), *whole(7))) == {7: 4}


def test_a_bundle_whose_parts_were_changed_in_shopify_was_sold_once_at_least():
    rows = told(line(7, 9, AT, total=500), bundle=PRODUCT), told(line(7, 1, AT), bundle=PRODUCT)
    found = used(FIXED, *rows)
    assert times(found) == {7: 1}
    assert found["paid"].to_list() == [2500]


def test_an_order_that_used_it_with_other_parts_could_have():
    rows = (told(line(7, 9, AT), bundle=PRODUCT), told(line(8, 1, AT)))
    found = attach_rate(lines_frame(*rows), used(FIXED, *rows), FIXED, live_from=LIVE)
    assert (found.used_count, found.eligible_count) == (1, 2)


def test_orders_of_which_a_line_tells_are_told_apart_from_the_rest():
    rows = lines_frame(told(line(7, 1, AT)), line(7, 2, AT), line(8, 1, AT), line(8, 2, AT))
    assert untold(rows)["order_id"].to_list() == [8, 8]
    assert untold(rows.clear()).is_empty()


dealt_orders = st.lists(
    st.fixed_dictionaries(
        {
            "uses": st.integers(0, 3),
            "title": st.sampled_from([OURS, OURS.upper(), OURS_RENAMED]),
            "by_others": st.integers(0, 3),
            "bundles": st.integers(0, 3),
            "other_bundles": st.integers(0, 3),
            "singly": st.integers(0, 3),
            "price": st.integers(100, 9_999),
        }
    ),
    min_size=1,
    max_size=6,
)


def lines_of(number, order):
    """An order as it was dealt: uses, another discount as deep, bundles, and their parts singly, as cheap."""
    price = order["price"]

    def at(percent, item_id, pieces, *titles, bundle=None):
        if not pieces:
            return []
        paid = round(price * percent / 100) * pieces
        row = line(number, item_id, AT, bought=pieces, unit_price=price, total=paid)
        return [told(row, *titles, bundle=bundle)]

    rows = at(90, 2, order["uses"], order["title"]) + at(90, 2, order["by_others"], THEIRS)
    rows += at(100, 1, order["uses"] + order["by_others"])
    for name, product in (("bundles", PRODUCT), ("other_bundles", ANOTHER_PRODUCT), ("singly", None)):
        rows += at(80, 1, order[name], bundle=product) + at(80, 2, 2 * order[name], bundle=product)
    return rows


@settings(deadline=None)
@given(dealt_orders, st.randoms(use_true_random=False))
def test_of_orders_that_tell_as_many_uses_are_found_as_were_dealt(dealt, shuffling):
    rows = [row for number, order in enumerate(dealt) for row in lines_of(number, order)]
    shuffling.shuffle(rows)
    lines = lines_frame(*rows)
    discount = orders_using(lines, BUY_GET, ITEMS, live_from=LIVE, titles=(OURS, OURS_RENAMED))
    bundle = orders_using(lines, FIXED, ITEMS, live_from=LIVE, product_numbers=(PRODUCT,))
    for found, name in ((discount, "uses"), (bundle, "bundles")):
        assert times(found) == {number: order[name] for number, order in enumerate(dealt) if order[name]}
    assert bundle["paid"].sum() == lines.filter(pl.col("bundle_product_id") == PRODUCT)["total"].sum()
