"""Fits, runs, scores and moves: what is newest, and that no shop sees another's."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from stored_rows import a_shop

from shop_app.segments.features import FEATURE_SCHEMA
from shop_app.segments.grouping.goals import GOALS
from shop_app.segments.predictions.model import PREDICTION_SCHEMA
from shop_app.storage import customer_scores, membership_changes, model_fits, segment_runs
from shop_app.storage.engine import shopless, transaction

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


SCHEMA = (
    {**FEATURE_SCHEMA, **PREDICTION_SCHEMA, "as_of": pl.Datetime("us", "UTC"), "fit_id": pl.Int64}
    | dict.fromkeys(("segment", "rfm_group", "settled_segment", "own_segments"), pl.String)
    | dict.fromkeys(("checkouts_abandoned_90d", "abandoned_value_90d", "email_clicks_30d"), pl.Int64)
    | dict.fromkeys(("margin", "last_checkout_days", "last_click_days"), pl.Float64)
    | dict.fromkeys(("is_outlier", "is_member"), pl.Boolean)
    | dict.fromkeys(customer_scores.MARK_COLUMNS, pl.Int8)
)


def a_scores_frame(*rows, as_of=NOON):
    """Return a frame of scores: (customer, segment, total spent)."""
    return pl.DataFrame(
        [
            {
                "customer_id": customer,
                "segment": segment,
                "rfm_group": segment,
                "total_spent": spent,
                "order_count": 1,
                "as_of": as_of,
            }
            for customer, segment, spent in rows
        ],
        schema=SCHEMA,
    )


def write(shop_id, *rows, of=None, as_of=NOON):
    with transaction(shop_id) as connection:
        return customer_scores.write(connection, a_scores_frame(*rows, as_of=as_of), as_of=as_of, of=of)


def stored(shop_id):
    frame = customer_scores.read_all(shop_id)
    return [tuple(row) for row in frame.select("customer_id", "segment", "total_spent").iter_rows()]


def test_what_is_kept_of_features_and_predictions_is_what_they_are_built_with():
    assert set(customer_scores.FEATURE_COLUMNS) <= set(FEATURE_SCHEMA)
    assert tuple(PREDICTION_SCHEMA) == customer_scores.PREDICTION_COLUMNS


def test_everything_that_groups_of_the_goals_and_archetypes_rest_on_is_kept_to_be_told():
    dimensions = {name for goal in GOALS.values() for name in goal.dimensions}
    assert dimensions <= set(customer_scores.SCORE_COLUMNS)


def test_only_rows_that_differ_are_written(shop_id):
    assert write(shop_id, (1, "new", 5), (2, "loyal", 7)).row_count == 2
    again = write(shop_id, (1, "new", 5), (2, "loyal", 8))
    assert (again.row_count, again.moved_count) == (1, 0)


def test_who_is_missing_from_a_full_frame_is_gone_and_from_a_part_only_who_was_meant(shop_id):
    write(shop_id, (1, "new", 5), (2, "loyal", 7), (3, "new", 1))
    write(shop_id, (1, "new", 6), of=[1, 2])
    assert stored(shop_id) == [(1, "new", 6), (3, "new", 1)]
    write(shop_id, (1, "new", 6))
    assert stored(shop_id) == [(1, "new", 6)]


def test_every_move_is_kept_with_both_sides(shop_id):
    write(shop_id, (1, "new", 5))
    write(shop_id, (1, "loyal", 5), as_of=NOON + timedelta(days=1))
    write(shop_id, as_of=NOON + timedelta(days=2))
    with transaction(shop_id) as connection:
        moves = membership_changes.list_of_customer(connection, 1)
    assert [(move.from_segment, move.to_segment, (move.changed_at - NOON).days) for move in moves] == [
        ("loyal", None, 2),
        ("new", "loyal", 1),
        (None, "new", 0),
    ]


def test_odd_texts_come_back_as_they_went_in(shop_id):
    odd = ['a,"b"\nc', "\\N", "", "ü\t", "NULL", "'"]
    frame = a_scores_frame(*[(place, "new", 0) for place in range(len(odd))]).with_columns(
        top_category=pl.Series(odd)
    )
    with transaction(shop_id) as connection:
        customer_scores.write(connection, frame, as_of=NOON, of=None)
    assert customer_scores.read_all(shop_id)["top_category"].to_list() == odd


def test_the_live_fit_is_the_newest_and_the_others_stay(shop_id):
    with transaction(shop_id) as connection:
        assert model_fits.find_live(connection, "rfm") is None
        for count in (3, 4):
            model_fits.add_live(
                connection, kind="rfm", as_of=NOON, customer_count=count, parameters={"edge": count + 0.1}
            )
        live = model_fits.find_live(connection, "rfm")
        assert (live.customer_count, live.parameters) == (4, {"edge": 4.1})
        assert connection.execute(text("SELECT count(*) FROM model_fits")).scalar_one() == 2


def test_one_summary_a_day_is_kept_and_the_newest_is_read(shop_id):
    with transaction(shop_id) as connection:
        assert segment_runs.read_newest(connection) is None
        for hours, number in ((0, 1), (2, 2), (24, 3), (25, 4)):
            segment_runs.write(
                connection,
                as_of=NOON + timedelta(hours=hours),
                timezone="Pacific/Auckland",
                summary={"number": number},
            )
        assert segment_runs.read_newest(connection)["number"] == 4
        kept = connection.execute(text("SELECT summary FROM segment_runs ORDER BY id")).scalars()
        assert [summary["number"] for summary in kept] == [2, 4]


@pytest.mark.parametrize("table", ["model_fits", "customer_scores", "membership_changes", "segment_runs"])
def test_no_shop_sees_or_writes_anothers_rows(shop_id, table):
    write(shop_id, (1, "new", 5))
    with transaction(shop_id) as connection:
        model_fits.add_live(connection, kind="rfm", as_of=NOON, customer_count=1, parameters={})
        segment_runs.write(connection, as_of=NOON, timezone="UTC", summary={})
    rival = a_shop()
    with transaction(rival) as connection:
        assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() == 0
        assert connection.execute(text(f"DELETE FROM {table}")).rowcount == 0
    smuggled = text(
        "INSERT INTO membership_changes (shop_id, customer_id, changed_at) VALUES (:shop, 1, now())"
    )
    with pytest.raises(DBAPIError), transaction(rival) as connection:
        connection.execute(smuggled, {"shop": shop_id})
    with pytest.raises(DBAPIError), shopless() as connection:
        connection.execute(text(f"SELECT count(*) FROM {table}"))
