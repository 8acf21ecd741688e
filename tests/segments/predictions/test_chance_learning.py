"""Learning the chance of an order: what is learned from how much, and that it gets better by it."""

from datetime import timedelta

import numpy as np
import pytest
from past_shops import TODAY

from shop_app.segments.predictions.blend import fit_blend
from shop_app.segments.predictions.chance_learning import NOTHING, columns_of, learn, window_of
from shop_app.segments.predictions.looks import known_by, looks_back, sampled, shuffled
from shop_app.segments.predictions.measures import brier, level_shift
from shop_app.segments.predictions.order_chance import (
    chance_logits,
    coming_chance,
    fit_order_chance,
    usual_chance,
)
from shop_app.segments.predictions.season import Season

NO_SEASON = Season("none", "", None, 0.0)


@pytest.fixture(scope="module")
def looks(lively):
    return looks_back(known_by(lively, TODAY), TODAY, 3)


@pytest.fixture(scope="module")
def windows(looks):
    return [window_of(look) for look in looks[1:]]


def test_looks_lie_thirteen_weeks_apart_and_only_the_newest_has_no_outcome_yet(looks):
    assert [TODAY - look.origin for look in looks] == [timedelta(days=91 * step) for step in range(4)]
    assert [look.outcomes is None for look in looks] == [True, False, False, False]
    with pytest.raises(ValueError, match="not over"):
        window_of(looks[0])


def test_nobody_is_left_out_for_not_having_come_back(looks, windows):
    for look, window in zip(looks[1:], windows, strict=True):
        assert window.happened.size == look.buyers.height == look.outcomes.height
        assert look.outcomes["customer_id"].equals(look.buyers["customer_id"])
        assert 0 < window.happened.sum() < window.happened.size


def test_too_few_of_either_kind_teach_nothing(windows):
    few = windows[0]._replace(happened=np.zeros(windows[0].happened.size))
    assert learn([few]) == NOTHING
    assert learn([]) == NOTHING


def test_one_window_counts_the_logistic_model_and_the_closed_form_alike(windows):
    learned = learn(windows[:1])
    assert learned.blend.weights == (0.5, 0.5, 0.0)
    assert learned.trees is None


def test_several_windows_find_weights_of_their_own_that_add_up_to_about_one(windows):
    weights = learn(windows[1:], with_trees=False).blend.weights
    assert min(weights) >= 0
    assert sum(weights) == pytest.approx(1, abs=0.25)


def test_what_is_learned_is_better_than_the_level_alone(looks, windows):
    chance = fit_order_chance(windows[1:], windows[0].columns, NO_SEASON, with_trees=False)
    said = coming_chance(chance_logits(windows[0].columns, chance), chance)
    happened = windows[0].happened
    assert brier(happened, said).mean() < 0.9 * happened.mean() * (1 - happened.mean())
    assert ((said > 0) & (said < 1)).all()


def test_last_years_window_sets_the_level(looks, windows):
    busy = windows[1]._replace(
        happened=np.maximum(windows[1].happened, np.arange(windows[1].happened.size) % 3 == 0)
    )
    now = columns_of(looks[0].buyers, looks[0].teachers)
    plain = fit_order_chance([busy, windows[2]], now, NO_SEASON, with_trees=False)
    season = fit_order_chance([busy, windows[2]], now, Season("last_year", "", 0, 0.0), with_trees=False)
    logits = chance_logits(now, season)
    assert coming_chance(logits, season).mean() > coming_chance(chance_logits(now, plain), plain).mean()
    # It is the level of that window, and a usual season lies between.
    level = level_shift(chance_logits(busy.columns, season), busy.happened.sum())
    expected = 1 / (1 + np.exp(-(logits + level)))
    assert coming_chance(logits, season).sum() == pytest.approx(expected.sum(), rel=1e-6)
    assert usual_chance(logits, season).mean() < coming_chance(logits, season).mean()


def test_an_order_index_shifts_every_logit_by_one_number(windows):
    shifted = Season("order_index", "", None, 0.4)
    plain, moved = (
        fit_order_chance(windows[1:], windows[0].columns, season, with_trees=False)
        for season in (NO_SEASON, shifted)
    )
    assert moved.offset - plain.offset == pytest.approx(0.4)
    assert moved.usual_offset == plain.usual_offset


def test_a_forecast_that_knows_counts_and_one_that_guesses_does_not():
    chance = np.random.default_rng(1)
    true, noise = chance.normal(size=(2, 2, 3_000))
    happened = [(chance.uniform(size=3_000) < 1 / (1 + np.exp(-2 * one))).astype(float) for one in true]
    blend = fit_blend(
        [np.column_stack([2 * one, other]) for one, other in zip(true, noise, strict=True)], happened
    )
    assert blend.weights[0] == pytest.approx(1, abs=0.1)
    assert blend.weights[1] < 0.1


def test_how_busy_windows_were_does_not_change_the_weights():
    chance = np.random.default_rng(1)
    true = chance.normal(size=(2, 4_000))
    happened = [
        (chance.uniform(size=4_000) < 1 / (1 + np.exp(-(one + level)))).astype(float)
        for one, level in zip(true, (-2, 1), strict=True)
    ]
    assert fit_blend([one[:, None] for one in true], happened).weights[0] == pytest.approx(1, abs=0.12)


def test_a_sample_is_always_the_same_and_keeps_customers_whole(lively):
    known = known_by(lively, TODAY)
    few = sampled(known, 300)
    ids = few.orders["customer_id"].unique()
    assert ids.len() == 300
    assert few.orders.height == known.orders.filter(known.orders["customer_id"].is_in(ids.implode())).height
    assert sampled(known, 300).orders.equals(few.orders)
    assert sampled(known, 10_000).orders.equals(known.orders)
    assert np.unique(shuffled(np.arange(1_000))).size == 1_000
