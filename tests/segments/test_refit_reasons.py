from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from drifting_shops import shop
from segment_frames import MOMENT

from shop_app.segments.drift import reference_of
from shop_app.segments.refit_reasons import ShopToday, refit_reasons

FITTED_AT = datetime(2026, 9, 20, 12, tzinfo=UTC)
ORDER_SCHEMA = {"order_id": pl.Int64, "customer_id": pl.Int64, "processed_at": MOMENT}
REFERENCE = reference_of(shop(), as_of=FITTED_AT)


def orders(*moments, buyers=400, first=1):
    rows = [(number, number % buyers, moment) for number, moment in enumerate(moments, start=first)]
    return pl.DataFrame(rows, schema=ORDER_SCHEMA, orient="row")


def spread(start, days, per_day):
    return [start + timedelta(days=day, minutes=7 * n) for day in range(days) for n in range(per_day)]


def categories(*rows):
    return pl.DataFrame(rows, schema={"order_id": pl.Int64, "category": pl.String}, orient="row")


def reasons(*, days=3, scored=None, sold=None, lines=None, cadence="monthly", timezone="UTC", **more):
    today = ShopToday(
        scored=shop() if scored is None else scored,
        orders=orders() if sold is None else sold,
        categories=categories() if lines is None else lines,
        as_of=FITTED_AT + timedelta(days=days),
        timezone=timezone,
    )
    return refit_reasons(REFERENCE, today, cadence=cadence, **more)


def of_kind(kind, found):
    return [reason for reason in found if reason.kind == kind]


def kinds(**shop_today):
    return [reason.kind for reason in reasons(**shop_today)]


def test_a_fresh_fit_of_an_unchanged_shop_needs_no_other():
    assert reasons() == []


@pytest.mark.parametrize(("cadence", "days"), [("weekly", 7), ("bi-weekly", 14), ("monthly", 30)])
def test_a_fit_is_due_when_its_time_has_come(cadence, days):
    assert kinds(cadence=cadence, days=days - 0.1, expected_orders=0.0) == []
    assert kinds(cadence=cadence, days=days, expected_orders=0.0) == ["cadence"]


def test_the_age_is_said():
    assert reasons(cadence="bi-weekly", days=15)[0].sentence == (
        "The last fit is 15 days old, and a new one is set to be made every two weeks."
    )


def test_customers_who_have_changed_ask_for_a_new_fit():
    (reason,) = reasons(scored=shop(seed=1, away=150.0))
    assert reason.kind == "drift"
    assert reason.sentence.startswith(
        "The customers are not those of the last fit: they have been away longer (drift "
    )


YEAR_OF_ORDERS = spread(datetime(2025, 8, 1, tzinfo=UTC), 415, 10)


def test_fewer_orders_than_expected_are_a_reason():
    sold = orders(*YEAR_OF_ORDERS, *spread(FITTED_AT + timedelta(hours=1), 20, 10))
    (reason,) = reasons(days=20, sold=sold, expected_orders=400.0)
    assert reason.kind == "orders"
    assert reason.sentence == (
        "Since the last fit its customers placed 200 orders, where 400 were expected (50 % fewer)."
    )
    assert reasons(days=20, sold=sold, expected_orders=220.0) == []


def test_orders_of_new_customers_are_no_surprise():
    old = orders(*YEAR_OF_ORDERS)
    new = orders(*spread(FITTED_AT + timedelta(hours=1), 20, 30), buyers=10**9, first=10**6)
    assert kinds(days=20, sold=pl.concat([old, new]), expected_orders=1.0) == []


def test_a_handful_of_orders_more_or_fewer_is_chance():
    sold = orders(*YEAR_OF_ORDERS, *spread(FITTED_AT + timedelta(hours=1), 6, 1))
    assert kinds(days=20, sold=sold, expected_orders=10.0) == []


def test_without_a_figure_the_expected_orders_are_taken_in_proportion():
    sold = orders(*YEAR_OF_ORDERS)
    assert kinds(days=20, sold=sold) == []
    assert kinds(days=45, sold=sold) == ["cadence", "orders"]
    (reason,) = of_kind("orders", reasons(days=45, sold=sold))
    assert "placed 0 orders, where 398 were" in reason.sentence


def test_the_season_turns_when_it_did_a_year_ago():
    autumn = spread(datetime(2025, 9, 1, tzinfo=UTC), 30, 40) + spread(
        datetime(2025, 11, 1, tzinfo=UTC), 30, 60
    )
    sold = orders(datetime(2025, 8, 2, tzinfo=UTC), *autumn)
    (reason,) = of_kind("season", reasons(days=60, sold=sold, expected_orders=0.0))
    assert reason.sentence == (
        "The season has turned: a year ago there were 50 % more orders a day in November than in September, "
        "the month of the last fit."
    )
    assert "season" not in kinds(days=5, sold=sold, expected_orders=0.0)


def test_months_of_different_length_are_no_season():
    days = spread(datetime(2024, 12, 1, tzinfo=UTC), 700, 40)
    assert "season" not in kinds(days=22, sold=orders(*days), expected_orders=0.0)


def test_a_season_nobody_has_seen_whole_or_of_few_orders_is_not_claimed():
    late = spread(datetime(2025, 9, 10, tzinfo=UTC), 20, 10) + spread(datetime(2025, 11, 1, tzinfo=UTC), 30, 60)
    assert "season" not in kinds(days=60, sold=orders(*late), expected_orders=0.0)
    few = spread(datetime(2025, 9, 1, tzinfo=UTC), 10, 1) + spread(datetime(2025, 11, 1, tzinfo=UTC), 14, 1)
    sold = orders(datetime(2025, 8, 2, tzinfo=UTC), *few)
    assert "season" not in kinds(days=60, sold=sold, expected_orders=0.0)


def test_a_new_line_of_products_is_a_reason_once_it_is_bought():
    sold = orders(*YEAR_OF_ORDERS, *spread(FITTED_AT + timedelta(hours=1), 20, 10))
    newest = sold["order_id"].tail(30).to_list()
    lines = categories((1, "Tea"), *((order, "Matcha bowls") for order in newest), (newest[0], None))
    (reason,) = reasons(days=20, sold=sold, lines=lines)
    assert reason == (
        "launch",
        "Matcha bowls is new since the last fit and already in 11 % of the orders of the last 28 days.",
    )
    assert reasons(days=20, sold=sold, lines=lines.filter(pl.col("order_id") < newest[7])) == []
    known = pl.concat([categories((2, "Matcha bowls")), lines])
    assert reasons(days=20, sold=sold, lines=known) == []


def test_a_new_line_that_four_people_bought_is_none_yet():
    sold = orders(*[FITTED_AT + timedelta(days=1, hours=hour) for hour in range(4)])
    lines = categories(*((order, "Matcha bowls") for order in sold["order_id"]))
    assert reasons(sold=sold, lines=lines) == []


def test_an_empty_shop_gives_no_reason_but_age():
    nobody = shop().clear()
    today = ShopToday(nobody, orders(), categories(), FITTED_AT + timedelta(days=31), "UTC")
    found = refit_reasons(reference_of(nobody, as_of=FITTED_AT), today, cadence="monthly")
    assert [reason.kind for reason in found] == ["cadence"]


def test_an_unknown_cadence_and_a_fit_from_the_future_are_refused():
    with pytest.raises(ValueError, match="weekly, bi-weekly, monthly"):
        reasons(cadence="hourly")
    with pytest.raises(ValueError, match="later moment"):
        reasons(days=-1)
