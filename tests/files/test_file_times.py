from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from order_files import read, table, written

from shop_app.errors import InvalidInputError
from shop_app.files.date_formats import find_format, settle_order
from shop_app.files.dates import parse_times


def moments(*texts, order=None, timezone="UTC"):
    column = pl.Series("time", texts, dtype=pl.String)
    date_format = settle_order(find_format(column, "time"), order, "time", [column])
    return parse_times(column, date_format, timezone).to_list()


@pytest.mark.parametrize(
    "text",
    [
        "2010-12-31 08:30:00",
        "2010-12-31T08:30:00Z",
        "2010-12-31T08:30:00.000Z",
        "2010-12-31 08:30:00 UTC",
        "2010-12-31 03:30:00 -0500",
        "2010-12-31T10:30:00+02:00",
        "2010-12-31T14:00+05:30",
        "2010-12-31 08:30",
        "2010/12/31 8:30",
        "2010.12.31 8:30",
        "20101231083000",
        "20101231 08:30",
        "31/12/2010 08:30",
        "12/31/2010 08:30",
        "12/31/2010 8:30:00 AM",
        "12/31/10 8:30 a.m.",
        "31.12.2010 08:30",
        "31-12-10 08:30",
        "12/31/2010, 08:30",
        "Dec 31, 2010 08:30",
        "December 31st, 2010 8:30 AM",
        "31 Dec 2010 08:30",
        "31-Dec-10 08:30",
        "31-Dec-2010 08:30:00,000",
        "Fri, 31 Dec 2010 08:30:00 +0000",
        "1293784200",
        "1293784200000",
        "1293784200.0",
    ],
)
def test_a_moment_is_the_same_however_it_is_written(text):
    assert moments(text) == [datetime(2010, 12, 31, 8, 30, tzinfo=UTC)]


@pytest.mark.parametrize("text", ["19970101", "1997-01-01", "1-Jan-97", "Jan 1, 1997", "1997/1/1"])
def test_a_day_without_a_time_begins_at_midnight(text):
    assert moments(text) == [datetime(1997, 1, 1, tzinfo=UTC)]


def test_forms_may_change_within_a_column():
    assert moments(
        "2010-12-31 08:30:00", "2010-12-31", "2010-12-31T08:30:00.25Z", "2010-12-31 8:30 PM", None
    ) == [
        datetime(2010, 12, 31, 8, 30, tzinfo=UTC),
        datetime(2010, 12, 31, tzinfo=UTC),
        datetime(2010, 12, 31, 8, 30, 0, 250_000, tzinfo=UTC),
        datetime(2010, 12, 31, 20, 30, tzinfo=UTC),
        None,
    ]


def test_two_digit_years_beside_full_ones_are_no_year_ten():
    assert moments("1/13/2010", "1/2/10") == [
        datetime(2010, 1, 13, tzinfo=UTC),
        datetime(2010, 1, 2, tzinfo=UTC),
    ]


def test_times_without_an_offset_are_the_shops():
    assert moments("2026-01-31 08:30", timezone="America/New_York") == [
        datetime(2026, 1, 31, 13, 30, tzinfo=UTC)
    ]


def test_the_hours_of_the_clock_change_do_no_harm():
    skipped, doubled = moments("2026-03-29 02:30", "2026-10-25 02:30", timezone="Europe/Berlin")
    assert skipped == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert doubled == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert moments("2011-12-30 12:00", timezone="Pacific/Apia") != [None]


@pytest.mark.parametrize(("order", "day"), [("dmy", (3, 4)), ("mdy", (4, 3))])
def test_the_order_of_day_and_month_is_as_the_user_says(order, day):
    assert moments("03/04/2025", order=order) == [datetime(2025, day[1], day[0], tzinfo=UTC)]


def test_a_two_digit_year_may_come_first_if_that_is_said_or_seen():
    assert moments("10-12-01", order="ymd") == [datetime(2010, 12, 1, tzinfo=UTC)]
    assert moments("97-12-01") == [datetime(1997, 12, 1, tzinfo=UTC)]
    with pytest.raises(InvalidInputError, match="ymd does not fit"):
        moments("10-12-2001", order="ymd")
    with pytest.raises(InvalidInputError, match="or --date-order ymd"):
        moments("10-12-01")


def test_no_column_of_times_is_found_where_there_is_none():
    assert find_format(pl.Series(["soon", "later"]), "time") is None
    assert find_format(pl.Series([None], dtype=pl.String), "time") is None


def test_the_order_is_looked_for_to_the_end_of_the_file(tmp_path):
    rows = [f"{n},a,0{1 + n % 9}/0{1 + n % 8}/2025,5.00" for n in range(40_000)]
    header = "order_id,customer_id,date,price"
    ambiguous = table(*rows, header=header)
    with pytest.raises(InvalidInputError, match="no value of the file decides") as refusal:
        read(written(tmp_path, ambiguous), block_bytes=50_000)
    assert refusal.value.field == "date_order"
    decided = read(written(tmp_path, ambiguous + "9,a,25/01/2025,5.00\n"))
    assert decided.file_format.times["time"].order == "dmy"
    assert decided.orders["processed_at"][1] == datetime(2025, 2, 2, tzinfo=UTC)


def test_values_of_the_other_order_further_down_are_rejected(tmp_path):
    rows = [f"{n},a,13/01/2025,5.00" for n in range(60_000)]
    text = table(*rows, "9,a,01/14/2025,5.00", header="order_id,customer_id,date,price")
    found = read(written(tmp_path, text))
    assert found.reasons() == [(60_002, "date", "is no time as the others of this file with the day first")]


def naive(first_year, last_year):
    return st.datetimes(datetime(first_year, 1, 1), datetime(last_year, 12, 31))  # noqa: DTZ001 (local times)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(naive(1971, 2068), min_size=1, max_size=8),
    st.sampled_from(
        [
            "%d/%m/%Y %H:%M:%S",
            "%m-%d-%Y %I:%M:%S %p",
            "%Y-%m-%dT%H:%M:%S",
            "%d.%m.%y %H:%M:%S",
            "%b %d, %Y %H:%M:%S",
        ]
    ),
)
def test_what_was_written_in_one_form_is_read_back(times, form):
    order = "mdy" if form.startswith("%m") else "dmy"
    whole = [time.replace(microsecond=0) for time in times]
    found = moments(*(time.strftime(form) for time in whole), order=order)
    assert [time.replace(tzinfo=None) for time in found] == whole


@settings(max_examples=40, deadline=None)
@given(
    naive(1971, 2037),
    st.sampled_from(["Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Africa/Casablanca", "UTC"]),
)
def test_every_local_time_becomes_a_moment_within_a_day(time, timezone):
    (found,) = moments(time.strftime("%Y-%m-%d %H:%M:%S"), timezone=timezone)
    assert abs(found.replace(tzinfo=None) - time) < timedelta(days=1)
