from datetime import timedelta

import polars as pl
import pytest
from segment_frames import MOMENT, day

from shop_app.segments.stability import flip_rate

AS_OF = day(100, hour=0)
CHANGE_SCHEMA = {
    "customer_id": pl.Int64,
    "from_segment": pl.String,
    "to_segment": pl.String,
    "changed_at": MOMENT,
}


def moved(*rows):
    """Changes as ``(customer, from, to, days before the end)``."""
    full = [(customer, was, now, AS_OF - timedelta(days=ago)) for customer, was, now, ago in rows]
    return pl.DataFrame(full, schema=CHANGE_SCHEMA, orient="row")


def facts(*rows):
    full = [(customer, AS_OF - timedelta(days=ago)) for customer, ago in rows]
    return pl.DataFrame(full, schema={"customer_id": pl.Int64, "happened_at": MOMENT}, orient="row")


def rate(changes, new_facts=None, **more):
    return flip_rate(
        changes, facts() if new_facts is None else new_facts, **{"customer_count": 10, "as_of": AS_OF} | more
    )


def test_each_of_the_last_four_weeks_is_counted_for_itself():
    found = rate(
        moved((1, "loyal", "at-risk", 1), (2, "new", "loyal", 6.9), (3, "new", "loyal", 7), (4, "a", "b", 29))
    )
    assert [week["changed_count"] for week in found["weeks"]] == [0, 0, 1, 2]
    assert found["weeks"][-1]["until"] == "2026-04-10T00:00:00+00:00"
    assert found["changed_ratio"] == pytest.approx(0.3 / 4)


def test_somebody_who_changes_twice_in_a_week_is_one_of_those_who_changed():
    assert rate(moved((1, "a", "b", 2), (1, "b", "a", 1)))["weeks"][-1]["changed_ratio"] == 0.1


def test_whoever_did_something_new_is_not_among_the_ones_that_only_aged():
    found = rate(moved((1, "new", "loyal", 2), (2, "loyal", "at-risk", 2)), facts((1, 2.5), (1, 2.1), (3, 1)))
    week = found["weeks"][-1]
    assert (week["changed_count"], week["quiet_count"], week["aged_count"]) == (2, 8, 1)
    assert week["aged_ratio"] == 1 / 8


def test_coming_and_leaving_is_no_change_of_segment():
    found = rate(moved((1, None, "new", 1), (2, "loyal", None, 1), (3, "loyal", "loyal", 1)))
    assert found["changed_ratio"] == 0


def test_a_change_is_undone_when_the_customer_is_back_within_four_weeks():
    changes = moved(
        (1, "a", "b", 40), (1, "b", "a", 20),  # back after 20 days
        (2, "a", "b", 50), (2, "b", "a", 21),  # back after 29
        (3, "a", "b", 30), (3, "b", "c", 20),  # gone on
        (4, "a", "b", 45), (4, "b", "c", 40), (4, "c", "a", 29),  # back by another way; b and c not
    )  # fmt: skip
    found = rate(changes)
    assert found["judged_change_count"] == 6
    assert found["back_ratio"] == pytest.approx(2 / 6)


def test_a_change_too_young_to_be_judged_is_not():
    found = rate(moved((1, "a", "b", 20), (1, "b", "a", 10), (2, "a", "b", 57)))
    assert (found["judged_change_count"], found["back_ratio"]) == (0, None)


def test_weeks_without_labels_are_left_out():
    found = rate(moved((1, "a", "b", 1)), labelled_since=AS_OF - timedelta(days=15))
    assert len(found["weeks"]) == 2
    assert found["changed_ratio"] == 0.05


def test_a_shop_of_yesterday_and_a_shop_without_anybody_say_that_nothing_is_known():
    for found in (rate(moved(), labelled_since=AS_OF), rate(moved(), customer_count=0)):
        assert (found["verdict"], found["changed_ratio"], found["back_ratio"]) == ("unknown", None, None)
        assert found["words"] == ["How steady the segments are is known after the first week."]


def test_more_movers_than_customers_are_all_of_them_and_not_more():
    assert rate(moved((1, "a", "b", 1), (2, "a", "b", 1)), customer_count=1)["weeks"][-1]["aged_ratio"] == 1.0


@pytest.mark.parametrize(
    ("movers", "verdict"), [(5, "steady"), (6, "moving"), (10, "moving"), (11, "restless")]
)
def test_the_verdict_goes_by_those_who_did_nothing_new(movers, verdict):
    changes = moved(*[(person, "a", "b", 7 * week + 1) for week in range(4) for person in range(movers)])
    assert rate(changes, customer_count=100)["verdict"] == verdict


def test_the_words_are_for_the_merchant():
    changes = moved((1, "a", "b", 40), (1, "b", "a", 20), (2, "a", "b", 3))
    assert rate(changes, customer_count=200)["words"] == [
        "The segments are steady: who does nothing new stays where they are.",
        "In a week 0.2 % of the customers changed their segment, and 0.2 % of those who did nothing new in it.",
        "100 % of the changes were undone within 28 days (1 looked at).",
    ]
