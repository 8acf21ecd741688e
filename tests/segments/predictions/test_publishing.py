import pytest

from shop_app.segments.predictions.model import PREDICTION_SCHEMA
from shop_app.segments.predictions.publishing import DESCRIPTIONS, ShopFacts, missing, published

ENOUGH = {
    "buyers": 2_000,
    "repeat_buyers": 700,
    "weeks": 80.0,
    "expected_positives": 300.0,
    "repeat_buyers_per_week": 9.0,
}
SKILLED = {
    part: {"skill": {"ratio": 0.1, "low": 0.05, "high": 0.15}, "best_baseline_words": "the store's own rate"}
    for part in ("order_probability_90d", "expected_orders_90d", "predicted_clv_365d", "next_order")
}


def facts(**different):
    return ShopFacts(**(ENOUGH | different))


def test_every_column_has_a_say():
    assert set(published(facts(), SKILLED)) == set(PREDICTION_SCHEMA)


def test_with_enough_past_and_skill_everything_is_published():
    assert set(published(facts(), SKILLED).values()) == {""}
    assert missing(facts()) == []


@pytest.mark.parametrize(
    ("different", "sentence"),
    [
        (
            {"repeat_buyers": 180},
            (
                "120 more customers with a second purchase are needed (180 of 300); "
                "at the present pace in about 14 weeks."
            ),
        ),
        (
            {"repeat_buyers": 299, "repeat_buyers_per_week": None},
            "1 more customer with a second purchase is needed (299 of 300).",
        ),
        (
            {"repeat_buyers": 10, "repeat_buyers_per_week": 0.1},
            (
                "290 more customers with a second purchase are needed (10 of 300); "
                "at the present pace not within two years."
            ),
        ),
        ({"weeks": 25.2}, "1 more week of orders is needed (25 of 26)."),
        ({"weeks": 0.0}, "26 more weeks of orders are needed (0 of 26)."),
        (
            {"expected_positives": 12.7},
            "About 12 customers are expected to order in 90 days; 50 are needed.",
        ),
    ],
)
def test_what_is_missing_is_said_and_when_it_will_be_there(different, sentence):
    assert missing(facts(**different)) == [sentence]
    told = published(facts(**different), SKILLED)
    assert told["churn_probability_90d"] == told["next_order_to"] == sentence
    assert all(told[column] == "" for column in DESCRIPTIONS)


def test_a_prediction_without_skill_is_kept_back_and_the_others_are_not():
    worse = SKILLED["next_order"] | {"skill": {"ratio": 0.0, "low": -0.01, "high": 0.01}}
    told = published(facts(), SKILLED | {"next_order": worse})
    assert told["next_order_from"] == (
        "The day of the next order was not surely better than going by the store's own rate, "
        "on this shop's own past."
    )
    assert told["order_probability_90d"] == ""


def test_a_skill_too_small_to_show_is_kept_back_too():
    little = SKILLED["expected_orders_90d"] | {"skill": {"ratio": 0.021, "low": 0.01, "high": 0.03}}
    told = published(facts(), SKILLED | {"expected_orders_90d": little})
    assert told["expected_orders_90d"] == (
        "The number of orders was only 2 % better than going by the store's own rate, on this shop's own past; "
        "3 % is the least worth showing."
    )


def test_what_could_not_be_tried_is_not_published():
    told = published(facts(), SKILLED | {"predicted_clv_365d": {}})
    assert "could not be tried" in told["predicted_clv_365d_low"]
    assert told["expected_orders_90d"] == ""


def test_without_a_report_the_past_alone_decides():
    assert set(published(facts(), None).values()) == {""}
    assert published(facts(weeks=3.0), None)["order_probability_90d"] != ""
