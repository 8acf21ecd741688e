import pytest

from shop_app.segments.special_categories import confirmation_words, suspicions


@pytest.mark.parametrize(
    ("name", "category"),
    [
        ("Religion: Catholic", "religion or belief"),
        ("halal", "religion or belief"),
        ("kosher_buyer", "religion or belief"),
        ("église", "religion or belief"),
        ("pregnant 2026", "health"),
        ("schwanger", "health"),
        ("Gluten-free", "health"),
        ("HIV", "health"),
        ("santé", "health"),
        ("LGBTQ+", "sex life or orientation"),
        ("gay", "sex life or orientation"),
        ("ethnicity", "ethnic origin"),
        ("trade-union", "trade union"),
        ("Gewerkschaft IGM", "trade union"),
        ("political_donor", "political opinion"),
        ("DNA kit", "genetic or biometric data"),
        ("convicted", "criminal record"),
    ],
)
def test_a_name_that_tells_something_protected_is_suspected(name, category):
    (found,) = suspicions([name])
    assert (found.name, found.category) == (name, category)


@pytest.mark.parametrize(
    "name",
    [
        *("order_count", "discount_share_ratio", "churn_probability_90d", "usual_weekday", "top_category"),
        *(
            "Black Friday",
            "wholesale",
            "VIP",
            "racetrack",
            "raids",
            "Gayle's list",
            "newsletter",
            "recency_days",
        ),
        *("Tea", "hives and honey", "union square store", "partner", "cancelled"),
    ],
)
def test_an_ordinary_name_is_not(name):
    assert suspicions([name]) == []


def test_the_merchant_is_told_why_they_are_asked():
    (found,) = suspicions(["halal"])
    assert confirmation_words(found) == (
        '"halal" may tell something about religion or belief. The law allows its use only with the customers\' '
        "explicit consent or another of its few reasons. Confirm that you have one; your name, the day and "
        "what it is about are kept in the log."
    )
