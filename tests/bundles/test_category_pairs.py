import polars as pl
import pytest
from planted_shop import ITEMS, shop
from scipy import stats

from shop_app.bundles.category_pairs import LEAST_CUSTOMERS, category_pair_values

LINES = {
    "customer_id": pl.Int64,
    "item_id": pl.Int64,
    "quantity": pl.Int64,
    "bought": pl.Int64,
    "total": pl.Int64,
    "is_gift_card": pl.Boolean,
}
FEW_ITEMS = pl.DataFrame({"item_id": [1, 2, 3, 4], "category": ["Tea", "Books", "Candles", None]})


def pairs(rows, customers=None):
    lines = pl.DataFrame(rows, schema=LINES, orient="row")
    told = category_pair_values(lines, FEW_ITEMS, customers=customers)
    return {(row["first"], row["second"]): row for row in told.iter_rows(named=True)}


def line(customer, item, total, quantity=1, bought=1, *, card=False):
    return (customer, item, quantity, bought, total, card)


def test_customers_of_both_lines_are_held_against_those_of_one():
    rows = [line(customer, 1, 1_000 + customer) for customer in range(60)]
    rows += [line(customer, 2, 500) for customer in range(40, 100)]
    told = pairs(rows)["Books", "Tea"]
    assert (told["both_customers"], told["one_customers"], told["is_enough"]) == (20, 80, False)
    both = [1_500 + customer for customer in range(40, 60)]
    one = [1_000 + customer for customer in range(40)] + [500] * 40
    most = pl.Series(both + one).quantile(0.99, "linear")
    both = [min(value, most) for value in both]
    assert told["both_value"] == round(sum(both) / 20)
    assert told["one_value"] == round(sum(one) / 80)
    interval = stats.ttest_ind(both, one, equal_var=False).confidence_interval()
    assert (told["low"], told["high"]) == (round(interval.low), round(interval.high))


def test_what_was_returned_and_gift_cards_and_strangers_do_not_count():
    rows = [
        line(1, 1, 900, quantity=1, bought=3),
        line(1, 2, 400),
        line(2, 1, 700, quantity=0),
        line(2, 2, 100),
    ]
    rows += [line(1, 3, 5_000, card=True), line(None, 1, 900), line(None, 2, 900)]
    told = pairs(rows)
    assert told.keys() == {("Books", "Tea")}
    assert told["Books", "Tea"]["both_customers"] == 1
    assert told["Books", "Tea"]["one_customers"] == 1
    assert told["Books", "Tea"]["one_value"] == 100
    assert told["Books", "Tea"]["both_value"] == pytest.approx(700, abs=6)
    assert told["Books", "Tea"]["low"] is None


def test_what_has_no_category_counts_as_money_only():
    told = pairs([line(customer, item, 100) for customer in range(3) for item in (1, 2, 4)])
    assert told.keys() == {("Books", "Tea")}
    assert told["Books", "Tea"]["both_value"] == 300
    assert told["Books", "Tea"]["one_value"] is None
    assert told["Books", "Tea"]["difference"] is None


def test_only_the_customers_asked_for_are_looked_at():
    rows = [line(customer, item, 100) for customer in range(9) for item in (1, 2)]
    told = pairs(rows, customers=pl.DataFrame({"customer_id": [1, 2, 2, 77]}))
    assert told["Books", "Tea"]["both_customers"] == 2


def test_one_wholesaler_does_not_decide():
    rows = [line(customer, 1, 1_000) for customer in range(200)]
    rows += [line(customer, 2, 1_000) for customer in range(100, 250)]
    usual = pairs(rows)["Books", "Tea"]["difference"]
    with_wholesaler = pairs([*rows, line(0, 1, 90_000_000)])["Books", "Tea"]["difference"]
    assert abs(with_wholesaler - usual) < 50


def test_the_sample_store_has_every_pair_of_its_lines_and_enough_of_most():
    _, lines = shop()
    told = category_pair_values(lines, ITEMS)
    assert told.filter("is_enough").height == 10
    assert (told["low"] <= told["difference"]).all()
    assert category_pair_values(lines.reverse(), ITEMS).equals(told)
    enough = told.filter("is_enough")
    assert (
        enough.select(pl.min_horizontal("both_customers", "one_customers")).to_series().min() >= LEAST_CUSTOMERS
    )


def test_without_lines_or_categories_there_is_an_empty_table():
    assert pairs([]) == {}
    assert pairs([line(1, 4, 100)]) == {}
    assert pairs([line(1, 1, 100)]) == {}
