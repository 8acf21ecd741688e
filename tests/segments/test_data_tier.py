import pytest

from shop_app.segments.data_tier import data_tier


@pytest.mark.parametrize(
    ("buyers", "repeat_buyers", "weeks", "name"),
    [
        (0, 0, 0, "rules_only"),
        (5_000, 299, 100, "rules_only"),
        (5_000, 300, 25.9, "rules_only"),
        (999, 300, 26, "predictions"),
        (1_000, 300, 51.9, "predictions"),
        (1_000, 300, 52, "full"),
    ],
)
def test_buyers_repeat_buyers_and_weeks_decide_the_tier(buyers, repeat_buyers, weeks, name):
    tier = data_tier(buyers, repeat_buyers, weeks)
    assert tier.name == name
    assert bool(tier.missing) == (name != "full")


def test_a_shop_without_orders_is_not_said_to_have_history():
    assert data_tier(0, 0, 0).words == "No orders yet; marks and named groups come with the first ones."
    assert data_tier(1, 0, 0).words.startswith("Enough history for RFM marks")


def test_what_is_missing_is_said_in_numbers():
    assert data_tier(700, 180, 20.7).missing == (
        "120 more customers with a second order (180 of 300).",
        "6 more weeks of orders (20 of 26).",
    )
    assert data_tier(700, 400, 60).missing == ("300 more customers with an order (700 of 1,000).",)


def test_a_time_is_named_only_where_the_pace_is_known():
    with_pace = data_tier(700, 180, 60, repeat_buyers_per_week=16.0).missing
    assert with_pace == (
        "120 more customers with a second order (180 of 300); at the present pace in about 8 weeks.",
    )
    assert "pace" not in data_tier(700, 180, 60, repeat_buyers_per_week=0.0).missing[0]


def test_a_tier_can_be_stored():
    assert data_tier(1_000, 300, 52).to_json() == {
        "name": "full",
        "words": "Enough history for RFM groups, predictions and clusters.",
        "missing": [],
    }
