from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop_app.web.formats import (
    Formats,
    count,
    counted,
    days,
    month,
    percent,
    points,
    signed_percent,
)

EURO = Formats("EUR", "Europe/Berlin")
MINUS = "\u2212"


@pytest.mark.parametrize(
    ("currency", "minor", "text"),
    [
        ("EUR", 123456, "€1,234.56"),
        ("EUR", -5, f"{MINUS}€0.05"),
        ("JPY", 1234, "¥1,234"),
        ("KWD", 1234, "KWD\u00a01.234"),
        ("XXX", 123456, "1,234.56"),
        ("XXX", -100, f"{MINUS}1.00"),
    ],
)
def test_money_is_written_to_the_last_digit_of_its_currency(currency, minor, text):
    assert Formats(currency, "UTC").money(minor) == text


@pytest.mark.parametrize(
    ("minor", "text"), [(999_999, "€9,999.99"), (1_000_050, "€10,000"), (-2_000_000, f"{MINUS}€20,000")]
)
def test_large_money_goes_without_cents(minor, text):
    assert EURO.short_money(minor) == text


@given(st.integers(-(10**15), 10**15))
def test_no_hyphen_stands_for_a_minus(minor):
    assert "-" not in EURO.money(minor) + count(minor) + percent(minor / 100)


def test_what_is_unknown_is_a_dash_and_no_zero():
    assert {EURO.money(None), EURO.date(None), EURO.moment(None), percent(None), days(None)} == {"\u2013"}


def test_a_late_evening_in_utc_is_the_next_day_in_berlin():
    late = datetime(2026, 6, 30, 22, 30, tzinfo=UTC)
    assert EURO.date(late) == "1 Jul 2026"
    assert Formats("EUR", "UTC").moment(late) == "30 Jun 2026, 22:30 UTC"


@pytest.mark.parametrize(
    ("ratio", "text"), [(0, "0.0%"), (0.0001, "under 0.1%"), (0.1234, "12.3%"), (1, "100.0%")]
)
def test_a_trace_is_never_written_as_none(ratio, text):
    assert percent(ratio) == text


@pytest.mark.parametrize(
    ("ratio", "text"), [(0.081, "+8.1%"), (-0.081, f"{MINUS}8.1%"), (0.0001, "±0.0%"), (0, "±0.0%")]
)
def test_a_change_carries_its_sign(ratio, text):
    assert signed_percent(ratio) == text


@pytest.mark.parametrize(
    ("difference", "text"), [(0.014, "+1.4 pts"), (-0.014, f"{MINUS}1.4 pts"), (0, "±0.0 pts")]
)
def test_a_difference_of_shares_is_told_in_points(difference, text):
    assert points(difference) == text


def test_one_is_singular():
    assert [counted(1, "order"), counted(2, "order"), days(1.2), days(0.4)] == [
        "1 order",
        "2 orders",
        "1 day",
        "under a day",
    ]


def test_a_month_is_written_out():
    assert month("2026-10") == "Oct 2026"
