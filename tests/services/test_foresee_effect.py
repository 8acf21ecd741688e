"""Before an offer begins it is said how large its effect would have to be, or that none can be told."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

from shop_app.services.foresee_effect import foresee, foresight_words

NOW = datetime(2026, 6, 15, tzinfo=UTC)


def shop(customers, seed=3):
    chance = np.random.default_rng(seed)
    spent = np.where(chance.random(customers) < 0.3, chance.lognormal(8, 1, customers), 0).astype(np.int64)
    people = pl.DataFrame({"customer_id": range(customers), "segment": ["loyal"] * customers})
    bought = people.with_columns(net_revenue=pl.Series(spent), at=pl.lit(NOW - timedelta(days=9)))
    return bought.filter(pl.col("net_revenue") > 0).drop("segment"), people


def test_more_customers_see_smaller_effects_and_a_small_control_group_sees_less():
    few, many = (foresee(*shop(n), {"loyal": 50}, as_of=NOW)["loyal"] for n in (3_000, 30_000))
    small = foresee(*shop(30_000), {"loyal": 5}, as_of=NOW)["loyal"]
    assert 0 < many["least_effect_ratio"] < few["least_effect_ratio"] < 1
    assert many["least_effect_ratio"] < small["least_effect_ratio"]
    assert (few["is_enough"], few["has_control"]) == (True, True)


def test_a_small_segment_is_told_that_it_cannot_be_measured():
    facts = foresee(*shop(300), {"loyal": 10}, as_of=NOW)["loyal"]
    assert "cannot be measured" in foresight_words(facts, "Loyal")


def test_without_a_control_group_that_is_said_with_what_one_could_tell():
    facts = foresee(*shop(5_000), {}, as_of=NOW)["loyal"]
    words = foresight_words(facts, "Loyal")
    assert words.startswith("Loyal has no control group")
    assert "With 10 % left out by lot, spending must change by about" in words


def test_a_segment_in_which_nobody_bought_of_late_is_told_so():
    orders, people = shop(5_000)
    facts = foresee(orders, people, {"loyal": 10}, as_of=NOW + timedelta(days=90))["loyal"]
    assert facts["least_effect_ratio"] is None
    assert "nobody of them bought" in foresight_words(facts, "Loyal")


def test_of_a_segment_that_nobody_has_looked_at_nothing_is_said():
    assert foresight_words({}, "Loyal") == ""
