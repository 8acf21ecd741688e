import polars as pl
from scored_customers import customers, mixed_shop

from shop_app.segments.grouping.drivers import Driver, find_drivers

SHOP = mixed_shop(1_000).filter(pl.col("order_count") > 0)


def euros(minor):
    return f"€{minor / 100:.2f}"


def drivers_of(condition, frame=SHOP):
    segments = frame.select(pl.when(condition).then(pl.lit("here")).otherwise(pl.lit("there"))).to_series()
    return find_drivers(frame, segments, euros, slugs=("here",))["here"]


def test_what_differs_most_comes_first_in_words_and_numbers():
    found = drivers_of(pl.col("order_count") >= 8)
    assert [driver.effect for driver in found] == sorted(
        (driver.effect for driver in found), key=abs, reverse=True
    )
    spent = next(driver for driver in found if driver.feature == "total_spent")
    assert spent.words.startswith("Spent more: €8")
    assert "for all buyers: " in spent.words
    assert spent.words.endswith("times the average.")
    assert spent.group_value > 3 * spent.store_value


def test_how_often_they_order_is_said_in_days():
    rhythm = SHOP.with_columns(
        usual_gap_days=pl.when(pl.col("order_count") >= 8)
        .then(24.0)
        .otherwise(pl.col("customer_id") % 40 + 60.0)
    )
    found = {driver.feature: driver.words for driver in drivers_of(pl.col("order_count") >= 8, rhythm)}
    assert found["usual_gap_days"] == (
        "Order 3.1 times as often as the store's average: every 24 days against 74."
    )


def test_of_features_that_tell_the_same_only_one_is_shown():
    features = [driver.feature for driver in drivers_of(pl.col("order_count") >= 8)]
    assert not {"order_count", "repeat_count"} <= set(features)
    assert len(features) <= 5


def test_rhythm_is_not_said_of_those_who_never_came_back():
    features = {driver.feature for driver in drivers_of(pl.col("repeat_count") == 0)}
    assert not features & {"usual_gap_days", "cadence_drift_ratio", "repeat_count"}


def test_a_frequent_text_is_told():
    tastes = SHOP.with_columns(
        top_category=pl.when(pl.col("order_count") >= 8).then(pl.lit("biscuits")).otherwise("top_category")
    )
    found = {driver.feature: driver.words for driver in drivers_of(pl.col("order_count") >= 8, tastes)}
    assert found["top_category"].startswith("100 % of them: spends most in biscuits; 11 % of all buyers")


def test_a_group_like_the_store_has_nothing_to_tell():
    assert drivers_of(pl.col("customer_id") > 0) == ()


def test_a_group_without_members_and_an_empty_shop_have_no_drivers():
    assert drivers_of(pl.col("customer_id") < 0) == ()
    assert drivers_of(pl.col("customer_id") > 0, customers()) == ()


def test_a_driver_is_stored_as_plain_values():
    for driver in drivers_of(pl.col("repeat_count") == 0):
        assert Driver.from_json(driver.to_json()) == driver
