import polars as pl
import pytest
from hypothesis import given
from polars.testing import assert_series_equal
from rule_strategies import rules
from scored_customers import customers, scored_frames
from segment_frames import law

from shop_app.segments.grouping.rules import All, Any_, Condition, distances, holds, matches

THREE = customers({"order_count": 1}, {"order_count": 3}, {"order_count": 5})


def fits(frame, *condition, **options):
    return matches(frame, Condition(*condition), **options).to_list()


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        ("at_least", 3, [False, True, True]),
        ("more_than", 3, [False, False, True]),
        ("at_most", 3, [True, True, False]),
        ("less_than", 3, [True, False, False]),
        ("is", 3, [False, True, False]),
        ("is_not", 3, [True, False, True]),
        ("one_of", (1, 5), [True, False, True]),
        ("none_of", (1, 5), [False, True, False]),
        ("known", None, [True, True, True]),
        ("unknown", None, [False, False, False]),
    ],
)
def test_each_operator_asks_what_it_says(operator, value, expected):
    assert fits(THREE, "order_count", operator, value) == expected


@pytest.mark.parametrize(
    "operator", ["at_least", "more_than", "at_most", "less_than", "is", "is_not", "one_of", "none_of"]
)
def test_what_is_unknown_fits_nothing_but_unknown(operator):
    value = (0,) if operator in ("one_of", "none_of") else 0
    unknown = customers({"visits_30d": None})
    for frame in (unknown, unknown.drop("visits_30d"), unknown.with_columns(visits_30d=pl.lit(float("nan")))):
        assert fits(frame, "visits_30d", operator, value) == [False]
        assert fits(frame, "visits_30d", "unknown") == [True]
        assert fits(frame, "visits_30d", "known") == [False]


def test_a_column_that_is_not_there_is_unknown_for_everybody():
    assert fits(THREE, "is_member", "is", True) == [False] * 3
    assert fits(THREE, "channel", "one_of", ("web",)) == [False] * 3
    assert fits(THREE, "channel", "unknown") == [True] * 3


def test_texts_and_truths_are_compared_as_they_are():
    frame = customers({"top_category": "tea", "is_member": True}, {"top_category": None, "is_member": False})
    assert fits(frame, "top_category", "is_not", "cups") == [True, False]
    assert fits(frame, "is_member", "is", False) == [False, True]


def test_all_needs_every_rule_and_any_one_of_them():
    often, lately = Condition("order_count", "at_least", 3), Condition("recency_days", "less_than", 30.0)
    frame = customers({}, {"recency_days": 40.0}, {"order_count": 1}, {"order_count": 1, "recency_days": 40.0})
    assert matches(frame, All((often, lately))).to_list() == [True, False, False, False]
    assert matches(frame, Any_((often, lately))).to_list() == [True, True, True, False]
    assert matches(frame, All((Any_((often, lately)), lately))).to_list() == [True, False, True, False]


def test_borders_give_way_by_their_slack():
    frame = customers(*({"recency_days": days} for days in (54.0, 53.9, 66.0, 66.1)))
    at_least = ("recency_days", "at_least", 60.0, 0.1)
    at_most = ("recency_days", "at_most", 60.0, 0.1)
    assert fits(frame, *at_least) == [False, False, True, True]
    assert fits(frame, *at_least, relaxed=True) == [True, False, True, True]
    assert fits(frame, *at_most) == [True, True, False, False]
    assert fits(frame, *at_most, relaxed=True) == [True, True, True, False]
    assert holds(frame, Condition(*at_least), give=-1.0).to_list() == [False, False, True, True]
    assert holds(frame, Condition(*at_most), give=-1.0).to_list() == [True, True, False, False]


def test_a_border_below_zero_gives_way_outwards_too():
    frame = customers({"total_spent": -1_050})
    assert fits(frame, "total_spent", "at_least", -1_000, 0.1) == [False]
    assert fits(frame, "total_spent", "at_least", -1_000, 0.1, relaxed=True) == [True]


def test_nobody_fits_in_an_empty_shop():
    assert matches(customers(), Condition("order_count", "at_least", 1)).to_list() == []
    assert distances(customers(), Condition("is_member", "is", value=True)).to_list() == []


def test_distance_grows_with_the_way_to_the_border():
    frame = customers(*({"recency_days": days} for days in (0.0, 30.0, 60.0, 120.0, 600.0)))
    inside = distances(frame, Condition("recency_days", "at_least", 60.0))
    assert inside.to_list() == pytest.approx([-1 / 2, -1 / 3, 0, 1 / 2, 0.9])
    assert distances(frame, Condition("recency_days", "less_than", 60.0)).to_list() == (-inside).to_list()


def test_between_whole_numbers_the_border_lies_in_the_middle():
    assert distances(THREE, Condition("order_count", "at_least", 3)).to_list() == pytest.approx(
        [-0.375, 1 / 6, 0.5]
    )
    assert distances(THREE, Condition("order_count", "more_than", 1)).to_list() == pytest.approx(
        [-0.25, 0.5, 0.7]
    )


def test_the_nearest_border_counts_of_all_and_the_best_of_any():
    near, far = Condition("recency_days", "less_than", 11.0), Condition("order_count", "at_least", 1)
    frame = customers({})
    apart = [distances(frame, rule).item() for rule in (near, far, All((near, far)), Any_((near, far)))]
    assert apart[0] < apart[1]
    assert apart[2:] == apart[:2]


@law
@given(scored_frames(), rules())
def test_a_customer_fits_alone_as_among_others_and_is_as_far_from_the_border(frame, rule):
    for asked in (matches, distances):
        alone = [asked(row, rule) for row in frame.iter_slices(1)]
        together = asked(frame, rule)
        if alone:
            assert_series_equal(pl.concat(alone), together, check_exact=True)
        assert together.null_count() == 0


@law
@given(scored_frames(), rules())
def test_who_fits_is_inside_and_who_does_not_is_outside(frame, rule):
    fit, inside = matches(frame, rule), distances(frame, rule)
    assert (inside.filter(fit) >= 0).all()
    assert (inside.filter(~fit) <= 0).all()
    assert (inside.abs() <= 1).all()


@law
@given(scored_frames(), rules())
def test_a_relaxed_rule_loses_nobody_and_a_tightened_one_wins_nobody(frame, rule):
    strict = matches(frame, rule)
    assert (matches(frame, rule, relaxed=True) | ~strict).all()
    assert (strict | ~holds(frame, rule, give=-1.0)).all()
