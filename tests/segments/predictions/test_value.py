import json

import numpy as np
import pytest

from shop_app.segments.predictions.value import Brought, Spread, fit_spread, interval


def customers(count, seed):
    """Expected orders, expected money, and what came: Poisson orders of about 50.00 each."""
    chance = np.random.default_rng(seed)
    orders = np.exp(chance.uniform(-4, 2.5, count))
    placed = chance.poisson(orders)
    revenue = np.where(placed > 0, chance.gamma(4.0 * np.maximum(placed, 1), 1_250), 0.0)
    return Brought(orders, orders * 5_000, revenue)


def test_intervals_hold_four_of_five_of_other_customers_than_learned_from():
    spread = fit_spread([customers(6_000, 1)])
    later = customers(20_000, 2)
    low, high = interval(later.orders, later.value, spread)
    inside = (later.revenue >= low) & (later.revenue <= high)
    frequent = later.orders > 2.5
    assert inside[frequent].mean() == pytest.approx(0.8, abs=0.03)
    # Of who seldom orders most bring nothing, and no interval from 0 on holds fewer.
    assert 0.78 <= inside.mean() <= 0.93


def test_an_interval_holds_what_is_expected_and_begins_at_nothing_where_many_bring_nothing():
    spread = fit_spread([customers(6_000, 1)])
    later = customers(2_000, 2)
    low, high = interval(later.orders, later.value, spread)
    assert ((low <= later.value) & (later.value <= high)).all()
    assert (low[later.orders < 1] == 0).all()


def test_few_customers_give_no_interval():
    assert fit_spread([]) is None
    assert fit_spread([customers(99, 1)]) is None


def test_the_order_of_customers_does_not_matter():
    one = customers(3_000, 1)
    turned = Brought(*(part[::-1] for part in one))
    assert fit_spread([one]) == fit_spread([turned])


def test_stored_and_read_back_it_is_equal():
    spread = fit_spread([customers(500, 1)])
    assert Spread.from_json(json.loads(json.dumps(spread.to_json()))) == spread
