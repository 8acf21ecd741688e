"""Where everybody stood at midnight, which borders are held against."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from shop_app.services.score_people import settle

NOON = datetime(2026, 6, 30, 12, tzinfo=UTC)


def standing(*rows):
    schema = {
        "customer_id": pl.Int64,
        "segment": pl.String,
        "settled_segment": pl.String,
        "as_of": pl.Datetime("us", "UTC"),
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def settled(*rows, timezone="UTC"):
    found = settle(standing(*rows), as_of=NOON, timezone=timezone)
    return dict(found.iter_rows())


def test_a_label_of_an_earlier_day_is_what_held_at_midnight():
    assert settled((1, "loyal", "new", NOON - timedelta(days=1))) == {1: "loyal"}


def test_a_label_of_today_has_kept_what_held_at_midnight():
    assert settled((1, "loyal", "new", NOON - timedelta(hours=3))) == {1: "new"}


def test_who_was_first_labelled_today_has_nothing_held_against_them():
    assert settled((1, "loyal", None, NOON - timedelta(hours=3))) == {1: None}


def test_a_label_from_after_the_moment_says_nothing_of_it():
    assert settled((1, "loyal", "new", NOON + timedelta(hours=1))) == {}


@pytest.mark.parametrize(("timezone", "held"), [("UTC", "new"), ("Pacific/Kiritimati", "loyal")])
def test_the_day_is_the_shops_own(timezone, held):
    """At noon UTC it is two in the morning of the next day on Kiritimati."""
    assert settled((1, "loyal", "new", NOON - timedelta(hours=4)), timezone=timezone) == {1: held}
