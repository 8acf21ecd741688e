from datetime import timedelta

import polars as pl
import pytest
from past_shops import TODAY, history_of

from shop_app.segments.predictions.looks import Look, known_by
from shop_app.segments.predictions.season import Season, find_season


def daily(days, *, per_day=lambda day: 3, people=400):
    """Orders of ever new and old customers, the first so many days ago."""
    ids, at = [], []
    for back in range(days, 0, -1):
        for number in range(per_day(back)):
            ids.append(1 + (len(ids) * 7 + number) % people)
            at.append(TODAY - timedelta(days=back, hours=number % 9))
    return history_of(pl.DataFrame({"customer_id": ids, "processed_at": at, "total": [1_000] * len(ids)}))


def season_of(history, steps=(1, 2, 4)):
    known = known_by(history, TODAY)
    first = known.first_order_at()
    origins = [TODAY - timedelta(days=91 * step) for step in steps]
    past = [Look(origin, (origin - first) / timedelta(weeks=1), None, None, None) for origin in origins]
    return find_season(known, past, as_of=TODAY)


def test_last_years_window_is_used_where_half_a_year_lay_before_it():
    season = season_of(daily(560))
    assert (season.kind, season.last_year, season.logit_shift) == ("last_year", 2, 0.0)


def test_a_younger_shop_goes_by_how_many_orders_last_years_window_had():
    busy_year_ago = daily(430, per_day=lambda back: 6 if 274 <= back <= 364 else 3, people=2_000)
    season = season_of(busy_year_ago)
    assert season.kind == "order_index"
    # Three windows are learned from, and last year's, twice as busy, is one of them.
    assert season.logit_shift == pytest.approx(0.69 * 2 / 3, abs=0.1)


def test_a_closed_circle_of_buyers_has_no_season():
    season = season_of(daily(430, people=40))
    assert (season.kind, season.logit_shift, season.last_year) == ("closed", 0.0, None)


def test_without_a_year_there_is_no_season_and_it_says_so():
    season = season_of(daily(300), steps=(1, 2))
    assert season.kind == "none"
    assert season.words == "Not corrected for the season: there is no year of orders yet."


def test_stored_and_read_back_it_is_equal():
    season = season_of(daily(300), steps=(1, 2))
    assert Season.from_json(season.to_json()) == season
