"""What happens later changes nothing that is said earlier, and nobody is judged by coming back alone."""

import json
from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest
from past_shops import TODAY, history_of
from segment_frames import ORDER_SCHEMA

from shop_app.segments.predictions.backtest import TEACHING_STEPS, run_trials, teaching, wait_trials
from shop_app.segments.predictions.knowledge import learn_all
from shop_app.segments.predictions.looks import STEP_DAYS, WINDOW_DAYS, known_by, looks_back
from shop_app.segments.predictions.model import fit_predictions, score_predictions

THEN = TODAY - timedelta(days=100)


def fitted_then(history):
    return json.dumps(fit_predictions(history, as_of=THEN, report=False).to_json())


def test_deleting_everything_after_the_day_changes_nothing(lively):
    until_then = lively.orders.filter(pl.col("processed_at") <= THEN)
    assert until_then.height < lively.orders.height
    without = replace(lively, orders=until_then, as_of=THEN)
    assert fitted_then(lively) == fitted_then(without)


def test_orders_put_in_after_the_day_change_nothing(lively):
    last = lively.orders.tail(200)
    later = last.with_columns(
        order_id=pl.col("order_id") + 1_000_000, processed_at=THEN + pl.duration(days=3), total=pl.lit(999_999)
    ).cast(ORDER_SCHEMA)
    more = replace(lively, orders=pl.concat([lively.orders, later]))
    assert fitted_then(lively) == fitted_then(more)


def test_the_order_of_rows_changes_nothing(lively):
    turned = replace(lively, orders=lively.orders.sample(fraction=1.0, shuffle=True, seed=3))
    assert fitted_then(lively) == fitted_then(turned)


def test_windows_that_are_learned_from_end_before_the_day(lively):
    known = known_by(lively, TODAY)
    looks = looks_back(known, TODAY, 4)
    for step, look in enumerate(looks):
        for taught_by in teaching(looks, step):
            assert taught_by.origin + timedelta(days=WINDOW_DAYS) <= look.origin
    assert min(TEACHING_STEPS) * STEP_DAYS >= WINDOW_DAYS


def test_a_window_that_ends_after_the_day_is_refused(lively):
    known = known_by(lively, TODAY)
    looks = looks_back(known, TODAY, 2)
    with pytest.raises(ValueError, match="ends after the day"):
        learn_all(known, looks[1], [looks[1]])


def test_a_day_of_the_past_is_tried_as_if_it_were_today(lively):
    """What the report card foretold of a past day is what a fit on that day says."""
    known = known_by(lively, TODAY)
    trial = run_trials(known, looks_back(known, TODAY, 3), with_trees=False)[0]
    origin = trial.look.origin
    then = known_by(lively, origin)
    looks = looks_back(then, origin, 2)
    alone = learn_all(then, looks[0], teaching(looks, 0), with_trees=False)
    assert json.dumps(alone.to_json()) == json.dumps(trial.knowledge.to_json())


def test_who_has_not_come_back_is_judged_with_the_others(lively):
    known = known_by(lively, TODAY)
    looks = looks_back(known, TODAY, 3)
    trials = run_trials(known, looks, with_trees=False)
    for trial in trials:
        bought = known.features_at(trial.look.origin).filter(pl.col("order_count") > 0)
        assert trial.came.size == trial.forecast.chance.size == bought.height
    for waits in wait_trials(known, looks, trials):
        assert waits.waited.size == waits.trial.customers.size
        assert pl.Series(waits.waited).is_nan().any()


def test_silence_lowers_the_chance_of_who_came_once():
    """In BG/NBD who came once is a customer for ever; the chance of an order must fall all the same."""
    rows = [(customer, TODAY - timedelta(days=back)) for customer, back in enumerate(range(1, 400, 3), start=1)]
    rows += [(customer, when - timedelta(days=30)) for customer, when in rows[::4]]
    shop = history_of(
        pl.DataFrame(rows, orient="row", schema=["customer_id", "processed_at"]).with_columns(total=1_000)
    )
    fitted = replace(fit_predictions(shop, as_of=TODAY, report=False), published={})
    once = shop.features_at(TODAY).filter(pl.col("order_count") == 1).sort("recency_days")
    chance = score_predictions(once, fitted, as_of=TODAY, timezone=shop.timezone)["order_probability_90d"]
    assert chance.is_sorted(descending=True)
    assert chance[0] > 2 * chance[-1]
