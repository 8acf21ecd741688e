import json
from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from past_shops import TODAY, ZONE, first_customers, lively_shop
from segment_frames import law

from shop_app.segments.features import FEATURE_SCHEMA
from shop_app.segments.predictions.model import (
    PREDICTION_SCHEMA,
    Predictions,
    fit_predictions,
    score_predictions,
)


def scored_by(predictions, features):
    return score_predictions(features, predictions, as_of=TODAY, timezone=ZONE)


@pytest.fixture(scope="module")
def everything(fitted):
    """The fit with nothing kept back, so that every column has something in it."""
    return replace(fitted, published={})


@pytest.fixture(scope="module")
def features(lively):
    return lively.features_at(TODAY)


@pytest.fixture(scope="module")
def scored(everything, features):
    return scored_by(everything, features)


def test_the_frame_has_the_columns_it_promises_in_the_order_of_the_features(scored, features):
    assert scored.schema == {"customer_id": pl.Int64, **PREDICTION_SCHEMA}
    assert scored["customer_id"].equals(features["customer_id"])
    turned = features.reverse()
    assert turned["customer_id"].to_list() == scored["customer_id"].reverse().to_list()


def test_numbers_lie_where_they_can(scored):
    chance = scored["order_probability_90d"]
    assert chance.is_between(0, 1).all()
    assert (scored["churn_probability_90d"] == 1 - chance).all()
    assert scored["expected_orders_90d"].is_between(0, 90).all()
    assert (scored["predicted_clv_365d_low"] <= scored["predicted_clv_365d"]).all()
    assert (scored["predicted_clv_365d"] <= scored["predicted_clv_365d_high"]).all()
    assert (scored["predicted_clv_365d_low"] >= 0).all()
    assert scored["send_hour"].is_between(0, 23).all()
    assert scored["send_weekday"].is_between(1, 7).all()


def test_a_band_is_given_only_where_an_order_is_likelier_than_not(scored):
    given_one = scored.drop_nulls("next_order_from")
    assert 0 < given_one.height < scored.height
    today = TODAY.date()
    assert given_one["next_order_from"].is_between(today, today + timedelta(days=180)).all()
    assert (given_one["next_order_from"] <= given_one["next_order_to"]).all()
    left_out = scored.filter(pl.col("next_order_from").is_null())
    assert given_one["order_probability_90d"].mean() > left_out["order_probability_90d"].mean()


def test_a_customer_alone_is_scored_as_among_others(everything, features, scored):
    for begin, length in ((0, 1), (5, 1), (17, 8), (100, 33), (features.height - 1, 1)):
        alone = scored_by(everything, features.slice(begin, length))
        assert alone.equals(scored.slice(begin, length))


@law
@given(st.lists(st.integers(0, 800), min_size=1, max_size=6))
def test_who_else_is_in_the_frame_and_in_which_order_changes_no_bit(everything, features, scored, places):
    places = [place % features.height for place in places]
    assert scored_by(everything, features[places]).equals(scored[places])


def test_who_never_ordered_has_nothing_foretold(everything, features, scored):
    prospect = pl.DataFrame({"customer_id": [-1], "order_count": [0], "total_spent": [0]}).select(
        pl.col(name).cast(kind)
        if name in ("customer_id", "order_count", "total_spent")
        else pl.lit(None, kind).alias(name)
        for name, kind in FEATURE_SCHEMA.items()
    )
    told = scored_by(everything, pl.concat([prospect, features.head(2)]))
    assert told.row(0) == (-1, *[None] * len(PREDICTION_SCHEMA))
    assert told[1:].equals(scored.head(2))


def test_what_is_not_published_is_empty_for_everybody_and_descriptions_stay(fitted, features):
    hidden = replace(fitted, published={"order_probability_90d": "why", "next_order_from": "why"})
    told = scored_by(hidden, features)
    assert told["order_probability_90d"].null_count() == told["next_order_from"].null_count() == told.height
    assert told["churn_probability_90d"].null_count() == 0
    assert told["usual_gap_days"].null_count() == told["price_sensitivity_index"].null_count() == 0


def test_stored_and_read_back_it_scores_the_same(everything, features, scored):
    stored = json.dumps(everything.to_json(), allow_nan=False)
    again = Predictions.from_json(json.loads(stored))
    assert scored_by(again, features).equals(scored)
    assert json.dumps(again.to_json()) == stored


def test_dates_are_the_shops_own(everything, features, scored):
    ahead = score_predictions(features, everything, as_of=TODAY, timezone="Pacific/Kiritimati")
    assert ((ahead["next_order_from"] - scored["next_order_from"]).drop_nulls() == timedelta(days=1)).all()


@pytest.mark.parametrize("count", [0, 1, 10, 100])
def test_the_smallest_shops_have_everything_defined_and_nothing_published(count):
    shop = first_customers(lively_shop(120), count)
    predictions = fit_predictions(shop, as_of=TODAY)
    json.dumps([predictions.to_json(), predictions.report], allow_nan=False)
    told = scored_by(predictions, shop.features_at(TODAY))
    assert told.height == count
    foretold = ["order_probability_90d", "expected_orders_90d", "predicted_clv_365d", "next_order_from"]
    for column in foretold:
        assert "customers with a second purchase" in predictions.published[column]
        assert told[column].null_count() == count
    for column in ("send_hour", "price_sensitivity_index"):
        assert told[column].null_count() == 0
    assert predictions.report["words"][0].startswith(predictions.report["missing"][0])


def test_empty_frames_give_empty_frames(everything, features):
    assert scored_by(everything, features.clear()).schema == {"customer_id": pl.Int64, **PREDICTION_SCHEMA}
