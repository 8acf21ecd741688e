import json

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_series_equal
from rule_strategies import rules
from scored_customers import customers, scored_frames
from segment_frames import law

from shop_app.segments.grouping.partition import Cell, Partition, divide_up, margins
from shop_app.segments.grouping.rules import All, Condition

AWAY = Condition("recency_days", "at_least", 60.0, 0.1)
HERE = Condition("recency_days", "less_than", 60.0, 0.1)
OFTEN = Condition("order_count", "at_least", 3)
RICH = Condition("total_spent", "at_least", 10_000, 0.1)
QUIET_OR_NOT = Partition((Cell("away", AWAY, "away"), Cell("here", HERE, "here")))


def group(partition, row, settled=None):
    before = None if settled is None else pl.Series([settled], dtype=pl.String)
    return divide_up(customers(row), partition, before).item()


def margin(partition, row):
    frame = customers(row)
    return margins(frame, partition, divide_up(frame, partition)).item()


def test_the_first_rule_that_holds_decides():
    partition = Partition((Cell("rich", RICH, "rich"), Cell("often", OFTEN, "often")))
    assert group(partition, {"total_spent": 10_000}) == "rich"
    assert group(partition, {"total_spent": 9_999}) == "often"
    assert group(partition, {"total_spent": 9_999, "order_count": 2}) is None


def test_cells_of_one_group_are_one_group():
    partition = Partition(
        (Cell("rich", RICH, "best"), Cell("away", AWAY, "away"), Cell("often", OFTEN, "best"))
    )
    assert partition.groups == ("best", "away")
    assert group(partition, {"total_spent": 0}) == "best"
    assert group(partition, {"total_spent": 0, "recency_days": 70.0}) == "away"


@pytest.mark.parametrize(
    ("days", "settled", "expected"),
    [
        (60.0, None, "away"),
        (60.0, "here", "here"),
        (65.9, "here", "here"),
        (66.0, "here", "away"),
        (59.9, "away", "away"),
        (54.0, "away", "away"),
        (53.9, "away", "here"),
        (65.9, "gone", "away"),
    ],
)
def test_who_is_settled_stays_up_to_a_tenth_behind_the_border(days, settled, expected):
    assert group(QUIET_OR_NOT, {"recency_days": days}, settled) == expected


def test_a_count_of_orders_moves_at_once():
    partition = Partition(
        (Cell("often", OFTEN, "often"), Cell("all", Condition("order_count", "at_least", 1), "all"))
    )
    assert group(partition, {"order_count": 3}, "all") == "often"
    assert group(partition, {"order_count": 2}, "often") == "all"


def test_an_earlier_rule_has_to_hold_clearly_before_it_takes_somebody_who_is_settled():
    partition = Partition((Cell("rich", RICH, "rich"), Cell("often", OFTEN, "often")))
    assert group(partition, {"total_spent": 10_900}, "often") == "often"
    assert group(partition, {"total_spent": 11_000}, "often") == "rich"


def test_nobody_is_held_by_a_border_inside_their_own_group():
    partition = Partition(
        (Cell("rich", RICH, "best"), Cell("away", AWAY, "best"), Cell("often", OFTEN, "rest"))
    )
    assert margin(partition, {"total_spent": 10_000, "recency_days": 600.0}) == pytest.approx(0.9)


def test_margin_is_the_way_to_the_nearest_border_with_another_group():
    assert margin(QUIET_OR_NOT, {"recency_days": 60.0}) == 0.0
    assert margin(QUIET_OR_NOT, {"recency_days": 120.0}) == pytest.approx(0.5)
    assert margin(QUIET_OR_NOT, {"recency_days": 30.0}) == pytest.approx(1 / 3)
    assert margin(Partition((Cell("away", AWAY, "away"),)), {}) is None


def test_who_is_only_held_by_slack_stands_on_the_border():
    frame = customers({"recency_days": 63.0})
    held = divide_up(frame, QUIET_OR_NOT, pl.Series(["here"]))
    assert margins(frame, QUIET_OR_NOT, held).to_list() == [0.0]


def test_a_shop_without_customers_or_rules_has_no_groups():
    assert divide_up(customers(), QUIET_OR_NOT, pl.Series([], dtype=pl.String)).to_list() == []
    assert divide_up(customers({}), Partition(())).to_list() == [None]
    assert margins(customers(), QUIET_OR_NOT, pl.Series([], dtype=pl.String)).to_list() == []


@st.composite
def partitions(draw):
    found = draw(st.lists(rules(2), max_size=4))
    return Partition(tuple(Cell(str(n), rule, draw(st.sampled_from("abc"))) for n, rule in enumerate(found)))


@law
@given(partitions())
def test_a_partition_survives_being_stored(partition):
    assert Partition.from_json(json.loads(json.dumps(partition.to_json()))) == partition


@law
@given(scored_frames(), partitions(), st.data())
def test_alone_as_among_others(frame, partition, data):
    before = st.lists(st.sampled_from(["a", "b", "c", "z", None]), min_size=frame.height, max_size=frame.height)
    settled = pl.Series(data.draw(before), dtype=pl.String)
    groups = divide_up(frame, partition, settled)
    inside = margins(frame, partition, groups)
    for place in range(frame.height):
        one, own = frame[place : place + 1], groups[place : place + 1]
        assert divide_up(one, partition, settled[place : place + 1]).item() == own.item()
        assert_series_equal(margins(one, partition, own), inside[place : place + 1], check_exact=True)


@law
@given(scored_frames(), partitions())
def test_staying_put_moves_nobody_and_margins_run_from_nought_to_one(frame, partition):
    groups = divide_up(frame, partition)
    assert divide_up(frame, partition, groups).to_list() == groups.to_list()
    inside = margins(frame, partition, groups)
    assert inside.is_null().to_list() == groups.is_null().to_list()
    assert inside.drop_nulls().is_between(0, 1).all()


def test_rules_with_all_inside_are_stored_too():
    partition = Partition((Cell("x", All((OFTEN, RICH)), "y"),))
    assert partition.to_json()[0]["group"] == "y"
