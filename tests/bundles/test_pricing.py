"""The margin floor holds on the whole offer, after rounding, whatever the buyer chooses within its terms."""

from dataclasses import replace
from fractions import Fraction
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from shop_app.bundles.brand_rules import BrandRules
from shop_app.bundles.pricing import (
    PricedItem,
    cost_of,
    discount_on,
    exact,
    figures_of_discount,
    figures_of_fixed,
    most_discount_percent,
    price_of_fixed,
    worst_figures,
)
from shop_app.bundles.terms import Form, Part, Terms

prices = st.integers(1, 50_000)
costs = st.integers(0, 40_000)
floors = st.sampled_from([0.0, 0.1, 0.25, 0.3, 0.333, 0.5, 0.9, 1.0])


@st.composite
def shelves(draw, least=2, most=6):
    count = draw(st.integers(least, most))
    return {number: PricedItem(number, draw(prices), draw(costs)) for number in range(1, count + 1)}


def left_of(full, cheaper, percent):
    """What is paid and what is left, worked out by hand."""
    paid = sum(one.price for one in full) + sum(one.price - -(-one.price * percent // 100) for one in cheaper)
    return paid, paid - sum(one.cost for one in full + cheaper)


@given(shelves(), floors, st.integers(0, 100), st.data())
def test_no_choice_within_the_terms_goes_below_the_floor(shelf, floor, limit, data):
    numbers = sorted(shelf)
    buys = tuple(data.draw(st.lists(st.sampled_from(numbers), min_size=1, unique=True)))
    gets = tuple(data.draw(st.lists(st.sampled_from(numbers), min_size=1, unique=True)))
    form = data.draw(st.sampled_from([Form.BUY_GET, Form.MIXED, Form.THIRD]))
    buy_quantity = 2 if form is Form.THIRD else 1
    terms = Terms(form, buys=buys, buy_quantity=buy_quantity, gets=gets)
    rules = BrandRules(most_discount_percent=limit, margin_floor_ratio=floor)
    percent = most_discount_percent(terms, shelf, rules)
    choices = product(product(buys, repeat=buy_quantity), gets)
    worked_out = [
        left_of([shelf[each] for each in bought], [shelf[got]], percent or 0) for bought, got in choices
    ]
    holds = all(Fraction(left) >= exact(floor) * paid and paid > 0 for paid, left in worked_out)
    if percent is None:
        assert not holds
    else:
        assert 0 <= percent <= limit
        assert holds


@given(shelves(), floors, st.integers(0, 100), st.data())
def test_a_fixed_bundle_keeps_the_floor_at_its_rounded_price(shelf, floor, limit, data):
    quantities = data.draw(st.lists(st.integers(1, 3), min_size=len(shelf), max_size=len(shelf)))
    parts = tuple(Part(number, quantity) for number, quantity in zip(shelf, quantities, strict=True))
    rules = BrandRules(most_discount_percent=limit, margin_floor_ratio=floor)
    percent = most_discount_percent(Terms(Form.FIXED, parts=parts), shelf, rules)
    if percent is None:
        return
    goods = [replace(shelf[part.item_id], quantity=part.quantity) for part in parts]
    price = price_of_fixed(goods, percent)
    cost = sum(each.cost * each.quantity for each in goods)
    assert price >= cost
    assert Fraction(price - cost) >= exact(floor) * price
    total = sum(each.price * each.quantity for each in goods)
    assert total - price <= total * percent / 100


@given(shelves(), floors, st.data())
def test_one_percent_more_would_break_the_floor(shelf, floor, data):
    buys, gets = (min(shelf),), (max(shelf),)
    terms = Terms(Form.BUY_GET, buys=buys, gets=gets)
    rules = BrandRules(most_discount_percent=100, margin_floor_ratio=floor)
    percent = most_discount_percent(terms, shelf, rules)
    if percent is not None and percent < 100:
        deeper = worst_figures(replace(terms, discount_percent=percent + 1), shelf, rules)
        assert not deeper.keeps(floor)


def test_a_cost_that_is_not_known_is_assumed_only_where_the_merchant_says_so():
    assert cost_of(999, None, BrandRules()) is None
    assert cost_of(999, None, BrandRules(assumed_cost_ratio=0.4)) == 400  # 399.6, rounded up
    assert cost_of(999, 120, BrandRules(assumed_cost_ratio=0.4)) == 120
    unknown = {1: PricedItem(1, 1000, 300), 2: PricedItem(2, 1000, None)}
    terms = Terms(Form.BUY_GET, buys=(1,), gets=(2,), discount_percent=10)
    assert worst_figures(terms, unknown, BrandRules()) is None
    assert most_discount_percent(terms, unknown, BrandRules()) is None
    assert worst_figures(terms, unknown, BrandRules(assumed_cost_ratio=0.5)).cost == 800


def test_a_price_that_fell_or_a_cost_that_rose_is_noticed():
    rules = BrandRules(margin_floor_ratio=0.3)
    terms = Terms(Form.FIXED, parts=(Part(1), Part(2)), discount_percent=10, price=3600)
    today = {1: PricedItem(1, 2000, 1000), 2: PricedItem(2, 2000, 1000)}
    assert worst_figures(terms, today, rules).keeps(0.3)
    dearer = today | {2: PricedItem(2, 2000, 1600)}
    assert not worst_figures(terms, dearer, rules).keeps(0.3)
    assert worst_figures(terms, {1: today[1]}, rules) is None


def test_discounts_are_rounded_against_the_shop_and_prices_for_it():
    assert discount_on(999, 10) == 100
    assert price_of_fixed([PricedItem(1, 999, 0), PricedItem(2, 1, 0, 2)], 10) == 901
    figures = figures_of_discount([PricedItem(1, 1000, 400)], [PricedItem(2, 999, 300)], 10)
    assert (figures.list_price, figures.discount, figures.price, figures.cost) == (1999, 100, 1899, 700)
    assert figures.margin == 1199
    assert figures_of_fixed([PricedItem(1, 0, 0)], 0).margin_ratio == 0.0
