import polars as pl
import pytest

from shop_app.bundles.left_out import REASONS, LeftOut, goods, items_left_out

ITEMS = {
    "item_id": pl.Int64,
    "name": pl.String,
    "category": pl.String,
    "price": pl.Int64,
    "is_gift_card": pl.Boolean,
}
LINES = {
    "order_id": pl.Int64,
    "item_id": pl.Int64,
    "bought": pl.Int64,
    "total": pl.Int64,
    "is_gift_card": pl.Boolean,
}


def items(*names, price=500):
    rows = [(number, name, None, price, False) for number, name in enumerate(names)]
    return pl.DataFrame(rows, schema=ITEMS, orient="row")


def lines(*rows):
    return pl.DataFrame(
        [(order, item, 1, total, False) for order, item, total in rows], schema=LINES, orient="row"
    )


def reasons(frame):
    return dict(frame.select("item_id", "reason").iter_rows())


@pytest.mark.parametrize(
    "name",
    [
        "Gift Card 50",
        "Gift wrapping, red",
        "Earl Grey SAMPLE",
        "Free samples of the month",
        "Shipping Protection by Anybody",
        "Package protection",
        "POSTAGE",
        "Tip",
        " tips ",
    ],
)
def test_what_is_no_merchandise_is_known_by_its_name(name):
    assert reasons(items_left_out(lines((1, 0, 500)), items(name))) == {0: "words"}


@pytest.mark.parametrize(
    "name", ["Felt tip pen", "Sampler quilt", "Card holder", "Tipi tent", "Wrap dress", None]
)
def test_a_word_that_only_sounds_like_it_leaves_nothing_out(name):
    assert items_left_out(lines((1, 0, 500)), items(name)).height == 0


def test_gift_cards_and_what_nobody_ever_paid_for_are_left_out_with_their_reasons():
    shop = pl.DataFrame(
        [
            (0, "Fifty", None, 5000, True),
            (1, "Fifty more", None, 5000, False),
            (2, "Sticker", None, 300, False),
            (3, "Leaflet", None, 0, False),
            (4, "Tea", "Samples and testers", 300, False),
            (5, "Mug", None, 900, False),
            (6, "Pot", None, None, None),
        ],
        schema=ITEMS,
        orient="row",
    )
    sold = pl.DataFrame(
        [
            (1, 1, 1, 5000, True),
            (1, 2, 1, 0, False),
            (2, 2, 1, 0, False),
            (2, 5, 1, 0, False),
            (3, 5, 1, 900, False),
        ],
        schema=LINES,
        orient="row",
    )
    found = items_left_out(sold, shop)
    assert reasons(found) == {0: "gift card", 1: "gift card", 2: "free", 3: "no price", 4: "words"}
    assert found["reason_words"].to_list()[2] == REASONS["free"]
    assert goods(sold, shop).select("order_id", "item_id").rows() == [(3, 5)]


def test_an_item_of_which_it_is_not_known_what_was_paid_stays():
    sold = lines((1, 0, None), (2, 0, None))
    assert items_left_out(sold, items("Mug", price=None)).height == 0
    assert goods(sold, items("Mug", price=None)).height == 2


def test_the_merchant_has_the_last_word():
    left_out = LeftOut(item_ids=frozenset({1}), kept_item_ids=frozenset({0}))
    shop, sold = items("Sample box of six", "Mug", "Pot"), lines((1, 0, 0), (1, 1, 900), (1, 2, 900))
    assert reasons(items_left_out(sold, shop, left_out)) == {1: "named"}
    assert goods(sold, shop, left_out)["item_id"].to_list() == [0, 2]


def test_without_words_only_facts_speak():
    shop = items("Gift card", "Tip")
    assert items_left_out(lines((1, 0, 500)), shop, LeftOut(words=(), whole_names=())).height == 0


def test_lines_that_name_no_item_are_no_goods():
    assert goods(lines((1, None, 500), (1, 0, 500)), items("Mug"))["item_id"].to_list() == [0]


def test_a_line_whose_pieces_were_all_taken_back_is_no_present():
    taken_back = lines((1, 0, 0)).with_columns(bought=pl.lit(0, dtype=pl.Int64))
    assert goods(taken_back, items("Mug")).height == 1
