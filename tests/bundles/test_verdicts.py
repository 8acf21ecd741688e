"""What is recommended: only what was measured is carried on, and what loses money is taken down."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from shop_app.bundles.before_after import CAVEAT, before_after
from shop_app.bundles.effect import (
    BETTER,
    CANNOT_BE_MEASURED,
    NO_DIFFERENCE,
    NOT_AS_PLANNED,
    TOO_EARLY,
    WORSE,
    Effect,
)
from shop_app.bundles.profit import ProfitAndLoss
from shop_app.bundles.verdicts import recommend, related_segments

ACCOUNT = ProfitAndLoss(
    order_count=80,
    use_count=85,
    customer_count=70,
    list_price=400_000,
    discount=20_000,
    paid=380_000,
    refunded=10_000,
    net_revenue=370_000,
    cost=150_000,
    uncosted_order_count=0,
    uncosted_revenue=0,
    other_costs=0,
    margin=220_000,
    discount_to_anyway=5_000,
)


def effect(verdict):
    return Effect(verdict, f"Measured: {verdict}.", 4_500, 500, 0.5)


@pytest.mark.parametrize(
    ("verdict", "word"),
    [
        (BETTER, "scale"),
        (WORSE, "retire"),
        (NO_DIFFERENCE, "keep"),
        (TOO_EARLY, "keep"),
        (CANNOT_BE_MEASURED, "keep"),
        (NOT_AS_PLANNED, "keep"),
    ],
)
def test_what_was_measured_decides(verdict, word):
    found = recommend(ACCOUNT, days_live=60, effect=effect(verdict), related=["loyal"])
    assert found.word == word
    assert found.scale_to == (("loyal",) if word == "scale" else ())
    assert found.reasons[0].words == f"Measured: {verdict}."
    assert found.reasons[-1].amount == 220_000


def test_a_loss_is_taken_down_even_where_more_is_sold():
    lossy = replace(ACCOUNT, margin=-1)
    found = recommend(lossy, days_live=60, effect=effect(BETTER))
    assert (found.word, found.reasons[0].amount) == ("retire", -1)


def test_more_sold_at_an_unknown_cost_is_not_carried_on():
    unknown = replace(ACCOUNT, uncosted_order_count=80, margin=0)
    assert recommend(unknown, days_live=60, effect=effect(BETTER)).word == "keep"


def test_a_discount_given_away_without_any_difference_is_stopped():
    given = replace(ACCOUNT, discount_to_anyway=15_000)
    found = recommend(given, days_live=60, effect=effect(NO_DIFFERENCE))
    assert found.word == "retire"
    assert 15_000 in [reason.amount for reason in found.reasons]


def test_an_offer_that_hardly_anybody_uses_gets_its_time_and_not_more():
    quiet = replace(ACCOUNT, use_count=2)
    assert recommend(quiet, days_live=10).word == "keep"
    assert recommend(quiet, days_live=60).word == "retire"


def test_without_a_control_group_nothing_is_claimed():
    past = before_after(np.full(50, 10.0), np.full(50, 30.0))
    found = recommend(ACCOUNT, days_live=60, past=past)
    assert found.word == "keep"
    assert CAVEAT in found.reasons[0].words
    assert "not known" in recommend(ACCOUNT, days_live=60).reasons[0].words
    assert found.to_json()["reasons"][0]["amount"] is None


@pytest.mark.parametrize(("change", "words"), [(20, "paid more"), (-20, "paid less"), (0, "cannot be told")])
def test_a_change_within_chance_is_neither_more_nor_less(change, words):
    noise = np.tile([-40.0, 40.0], 200)
    past = before_after(100 + noise, 100 + change - noise)
    assert words in recommend(ACCOUNT, days_live=60, past=past).reasons[0].words


def test_nothing_measured_yet_is_neither_more_nor_less():
    past = before_after(np.zeros(50), np.zeros(50))
    assert "cannot be told" in recommend(ACCOUNT, days_live=0, past=past).reasons[0].words


def test_few_customers_have_no_before_and_after():
    assert before_after(np.ones(29), np.ones(29)).difference is None


def test_before_and_after_has_an_interval_and_no_single_customer_rules_it():
    generator = np.random.default_rng(3)
    before = generator.gamma(2, 50, 400)
    after = before + generator.normal(5, 10, 400)
    after[0] = 1e9
    found = before_after(before, after)
    assert found.low < found.difference < found.high
    assert found.high < 20


def test_segments_with_the_same_pair_are_the_ones_to_carry_it_to():
    by_segment = pl.DataFrame(
        {
            "segment": ["loyal", "new", "champions", "big-spenders", "at-risk"],
            "a": ["1", "2", "1", "1", "1"],
            "b": ["2", "1", "2", "2", "3"],
            "count": [30, 60, 90, 20, 99],
            "is_found": [True, True, True, False, True],
            "is_enough": [True, True, True, True, True],
        }
    )
    assert related_segments(by_segment, "1", "2", taken=["champions"]) == ("new", "loyal")
    assert related_segments(by_segment, "1", "2", taken=["champions"], most=1) == ("new",)
    assert related_segments(by_segment, "1", "2", taken=[""]) == ()
