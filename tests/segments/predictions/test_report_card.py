import json

import numpy as np
import pytest
from past_shops import TODAY, first_customers, lottery, passing_shop, shuffled_in_time

from shop_app.segments.predictions.model import fit_predictions, score_predictions
from shop_app.segments.predictions.publishing import GATED, has_skill
from shop_app.segments.predictions.report_card import score_drift
from shop_app.segments.predictions.warning_days import warning_days


@pytest.fixture(scope="module")
def card(fitted):
    return fitted.report


def test_it_is_plain_data(card):
    assert json.loads(json.dumps(card, allow_nan=False)) == card


def test_every_prediction_is_tried_on_days_of_the_past(card):
    origins = [row["origin"] for row in card["order_probability_90d"]["origins"]]
    assert len(origins) >= 2
    assert origins == sorted(origins, reverse=True)
    for part in GATED:
        assert set(card[part]["skill"]) == {"ratio", "low", "high"}
        assert card[part]["best_baseline"] in card[part]["baselines"]
    assert card["predicted_clv_365d"]["days"] in (90, 182, 364)


def test_chances_of_a_lively_shop_come_true_and_beat_the_rules_of_thumb(card):
    chance = card["order_probability_90d"]
    assert 0.8 < chance["calibration"]["slope"] < 1.25
    assert chance["auc"] > 0.75
    assert chance["skill"]["low"] > 0
    assert sum(group["customers"] for group in chance["groups"]) == chance["customers"]


def test_intervals_and_bands_hold_about_what_they_promise(card):
    assert card["predicted_clv_365d"]["interval"]["coverage_ratio"] == pytest.approx(0.82, abs=0.1)
    band = card["next_order"]["band"]
    assert 0 < band["given_ratio"] < 1
    assert band["coverage_ratio"] == pytest.approx(0.8, abs=0.1)


def test_the_words_say_what_the_figures_do(card):
    words = " ".join(card["words"])
    times = round(100 * card["order_probability_90d"]["auc"])
    assert f"{times} times in 100" in words
    assert "!" not in words


def test_the_score_has_not_drifted_from_itself(lively, fitted):
    features = lively.features_at(TODAY)
    scored = score_predictions(features, fitted, as_of=TODAY, timezone=lively.timezone)
    chance = scored["order_probability_90d"].drop_nulls().to_numpy()
    assert score_drift(chance, fitted.report) == pytest.approx(0, abs=0.001)
    assert score_drift(chance**4, fitted.report) > 0.25
    assert score_drift(np.zeros(0), fitted.report) is None
    assert score_drift(chance, {}) is None


def test_without_a_day_that_could_be_tried_no_warning_is_compared():
    assert warning_days([], []) is None


def no_skill(report, parts):
    return not any(has_skill(report[part]["skill"]) for part in parts)


def test_where_the_dice_decide_there_is_no_skill_and_nothing_is_published():
    shop = lottery()
    fitted = fit_predictions(shop, as_of=TODAY)
    assert fitted.report["missing"] == []
    assert no_skill(fitted.report, GATED)
    kept_back = {column for columns in GATED.values() for column in columns}
    assert {column for column, reason in fitted.published.items() if reason} == kept_back
    assert "not surely better than" in fitted.published["order_probability_90d"]
    scored = score_predictions(shop.features_at(TODAY), fitted, as_of=TODAY, timezone=shop.timezone)
    assert all(scored[column].null_count() == scored.height for column in kept_back)


def test_orders_shuffled_in_time_leave_no_skill():
    shop = passing_shop()
    in_time, shuffled = (fit_predictions(one, as_of=TODAY).report for one in (shop, shuffled_in_time(shop)))
    assert in_time["missing"] == shuffled["missing"] == []
    assert all(has_skill(in_time[part]["skill"]) for part in GATED)
    assert no_skill(shuffled, GATED)


def test_a_small_shop_is_shown_the_stores_rate_as_low_data(lively):
    fitted = fit_predictions(first_customers(lively, 150), as_of=TODAY)
    rate = fitted.report["store_rate_90d"]
    assert rate["low_data"] is True
    assert 0 < rate["ratio"] < 1
    assert any("low data" in sentence for sentence in fitted.report["words"])
    assert "customers with a second purchase" in fitted.published["churn_probability_90d"]
