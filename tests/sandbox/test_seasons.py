from datetime import date

import pytest

from sandbox.sample_store.seasons import first_day_of, make_calendar

CALENDAR = make_calendar(date(2024, 5, 1), date(2026, 10, 31))


def occasions(name):
    return [
        (CALENDAR.date_of(one.first_day), CALENDAR.date_of(one.last_day))
        for one in (*CALENDAR.offers, *CALENDAR.gift_seasons)
        if one.name == name
    ]


@pytest.mark.parametrize(
    ("until", "months", "first"),
    [
        (date(2026, 10, 31), 30, date(2024, 5, 1)),
        (date(2026, 1, 14), 1, date(2025, 12, 15)),
        (date(2026, 3, 30), 13, date(2025, 2, 28)),
    ],
)
def test_a_history_begins_so_many_months_before_its_end(until, months, first):
    assert first_day_of(until, months) == first


def test_the_sale_is_the_week_of_black_friday():
    assert occasions("sale") == [
        (date(2024, 11, 25), date(2024, 12, 2)),
        (date(2025, 11, 24), date(2025, 12, 1)),
    ]


def test_presents_are_bought_before_mothers_day_and_before_christmas():
    """Mother's Day was 11 May 2025 and 10 May 2026; what is cut off by the first day is cut off."""
    assert occasions("mothers day") == [
        (date(2024, 5, 1), date(2024, 5, 7)),
        (date(2025, 4, 23), date(2025, 5, 6)),
        (date(2026, 4, 22), date(2026, 5, 5)),
    ]
    assert [first.year for first, _ in occasions("christmas")] == [2024, 2025]


def test_no_two_offers_fall_on_one_day():
    days = [day for offer in CALENDAR.offers for day in range(offer.first_day, offer.last_day + 1)]
    assert len(days) == len(set(days))
    assert (CALENDAR.offer_of_day >= 0).sum() == len(days)


def test_the_busiest_ten_years_can_be_drawn_from():
    assert make_calendar(date(2016, 11, 1), date(2026, 10, 31)).busy[-1] < 2**31
