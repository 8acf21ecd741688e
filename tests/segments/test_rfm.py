import json
import math

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from segment_frames import feature_frames, features, law

from shop_app.segments.rfm import MIN_BUYERS, RfmEdges, fit_rfm, score_levels, score_rfm
from shop_app.segments.rfm_edges import MEASURES, MeasureEdges

FIXED = fit_rfm(features(*[{"total_spent": 4_000}] * 10))


def marks(edges, **row):
    return score_rfm(features(row), edges).row(0)[1:]


def buyers(counts, *, days=None, spent=None):
    """Buyers with these order counts; recency and spend are all different unless given."""
    days = range(len(counts)) if days is None else days
    spent = range(len(counts)) if spent is None else spent
    return features(
        *(
            {"order_count": count, "recency_days": float(ago), "total_spent": money}
            for count, ago, money in zip(counts, days, spent, strict=True)
        )
    )


def test_a_small_shop_is_marked_against_fixed_edges_that_are_said_to_be():
    assert FIXED.source == "fixed"
    assert FIXED.recency_days == (30.0, 60.0, 120.0, 240.0)
    assert FIXED.order_count == (2, 3, 4, 6)
    assert FIXED.total_spent == (3_000, 6_000, 10_000, 20_000)
    assert (FIXED.thirds.recency_days, FIXED.thirds.order_count) == ((60.0, 180.0), (2, 4))
    assert FIXED.thirds.total_spent == (6_000, 16_000)


@pytest.mark.parametrize(
    ("days", "mark"),
    [(0.0, 5), (29.9, 5), (30.0, 4), (60.0, 3), (120.0, 2), (239.9, 2), (240.0, 1), (9e9, 1)],
)
def test_fewer_days_since_the_last_order_mark_higher(days, mark):
    assert marks(FIXED, recency_days=days)[0] == mark


@pytest.mark.parametrize(("count", "mark"), [(1, 1), (2, 2), (3, 3), (4, 4), (5, 4), (6, 5), (900, 5)])
def test_more_orders_mark_higher(count, mark):
    assert marks(FIXED, order_count=count)[1] == mark


@pytest.mark.parametrize(
    ("cents", "mark"), [(-1, 1), (2_999, 1), (3_000, 2), (6_000, 3), (10_000, 4), (20_000, 5)]
)
def test_more_money_marks_higher(cents, mark):
    assert marks(FIXED, total_spent=cents)[2] == mark


def test_a_hundred_different_buyers_fall_into_fifths():
    edges = fit_rfm(buyers(range(1, 101)))
    assert edges.source == "quintiles"
    assert edges.recency_days == (20.0, 40.0, 60.0, 80.0)
    assert edges.order_count == (21, 41, 61, 81)
    scored = score_rfm(buyers(range(1, 101)), edges)
    for name in ("recency_mark", "frequency_mark", "monetary_mark"):
        assert scored[name].value_counts().sort(name)["count"].to_list() == [20] * 5


def test_one_buyer_fewer_than_a_hundred_gets_fixed_edges():
    assert fit_rfm(buyers(range(1, MIN_BUYERS))).source == "fixed"
    assert fit_rfm(buyers(range(1, MIN_BUYERS + 1))).source == "quintiles"


def test_ties_are_never_torn_apart_and_move_the_later_edge_on():
    # Three of four ordered once, as in most shops: the edge at 0.2 is 2, and the others follow one by one.
    edges = fit_rfm(buyers([1] * 75 + [2] * 15 + [3] * 5 + [4] * 3 + [5, 6]))
    assert edges.order_count == (2, 3, 4, 5)


def test_ties_at_the_top_keep_room_for_every_edge():
    edges = fit_rfm(buyers([1, 2, 3, 4] + [5] * 96))
    assert edges.order_count == (2, 3, 4, 5)
    scored = score_rfm(buyers([1, 2, 3, 4, 5]), edges)
    assert scored["frequency_mark"].to_list() == [1, 2, 3, 4, 5]


def test_a_measure_with_too_few_values_is_fixed_alone():
    edges = fit_rfm(buyers([1] * 60 + [2] * 30 + [3] * 20))
    assert edges.source == "mixed"
    assert edges.fifths.sources == {
        "recency_days": "quintiles",
        "order_count": "fixed",
        "total_spent": "quintiles",
    }
    assert edges.thirds.sources["order_count"] == "tertiles"
    assert edges.order_count == (2, 3, 4, 6)


def test_everybody_alike_still_gets_marks():
    same = features(*[{}] * 500)
    edges = fit_rfm(same)
    assert edges.source == "fixed"
    assert score_rfm(same, edges).unique(["recency_mark", "frequency_mark", "monetary_mark"]).height == 1


def test_a_shop_with_nobody_or_only_prospects_has_edges_too():
    nobody = fit_rfm(features())
    assert nobody == fit_rfm(features(*[{"order_count": 0, "total_spent": 0}] * 3))
    assert nobody.buyer_count == 0
    assert score_rfm(features(), nobody).is_empty()
    assert marks(nobody, total_spent=5_000) == (5, 1, 2)


def test_free_orders_only_still_have_edges_that_ascend():
    assert fit_rfm(features(*[{"total_spent": 0}] * 3)).total_spent == (1, 2, 3, 4)
    assert fit_rfm(features(*[{"total_spent": -900}] * 3)).total_spent == (1, 2, 3, 4)


def test_a_prospect_has_no_marks():
    assert marks(FIXED, order_count=0, total_spent=0) == (None, None, None)
    assert score_levels(features({"order_count": 0}), FIXED).row(0)[1:] == (None, None, None)


def test_levels_run_from_one_to_three():
    rows = features(
        {"recency_days": 59.0, "order_count": 4, "total_spent": 16_000},
        {"recency_days": 60.0, "order_count": 3, "total_spent": 6_000},
        {"recency_days": 180.0, "order_count": 1, "total_spent": 5_999},
    )
    assert [row[1:] for row in score_levels(rows, FIXED).rows()] == [(3, 3, 3), (2, 2, 2), (1, 1, 1)]


def test_a_negative_recency_is_refused():
    with pytest.raises(ValueError, match="as_of lies before an order"):
        score_rfm(features({"recency_days": -0.5}), FIXED)


def test_edges_that_do_not_ascend_are_refused():
    with pytest.raises(ValueError, match="order_count"):
        MeasureEdges((1.0, 2.0), (3, 3), (1, 2), {})


@law
@given(feature_frames(max_size=200))
def test_edges_survive_being_stored_to_the_last_bit(shop):
    edges = fit_rfm(shop)
    assert RfmEdges.from_json(json.loads(json.dumps(edges.to_json()))) == edges


@law
@given(feature_frames(min_size=100, max_size=150), st.randoms())
def test_edges_depend_on_the_buyers_and_not_on_their_order(shop, random):
    shuffled = list(range(shop.height))
    random.shuffle(shuffled)
    assert fit_rfm(shop[shuffled]) == fit_rfm(shop)


@law
@given(st.lists(st.integers(0, 30), min_size=100, max_size=300))
def test_an_edge_is_the_smallest_value_with_its_share_below_it_or_the_next_free_one(values):
    edges = fit_rfm(buyers([1] * len(values), spent=values))
    if edges.fifths.sources["total_spent"] == "fixed":
        assert len(set(values)) < 5
        return
    assert set(edges.total_spent) <= set(values)
    former = -1
    for number, edge in enumerate(edges.total_spent, start=1):
        enough = [v for v in set(values) if sum(x < v for x in values) * 5 >= number * len(values)]
        wanted = min(enough, default=math.inf)
        free = min((v for v in set(values) if v > former), default=math.inf)
        room = sorted(set(values))[-(5 - number)]
        assert edge == min(max(wanted, free), room)
        former = edge
    marked = score_rfm(buyers([1] * len(values), spent=values), edges)["monetary_mark"]
    assert set(marked) == {1, 2, 3, 4, 5}


@law
@given(feature_frames(max_size=130), feature_frames(min_size=1))
def test_a_customer_gets_the_same_marks_alone_as_among_others(shop, scored):
    edges = fit_rfm(shop)
    for score in (score_rfm, score_levels):
        alone = [score(row, edges) for row in scored.iter_slices(1)]
        assert_frame_equal(pl.concat(alone), score(scored, edges))


@law
@given(
    feature_frames(min_size=100, max_size=130),
    st.sampled_from(MEASURES),
    st.integers(0, 9),
    st.integers(0, 9),
)
def test_a_later_order_another_order_or_more_money_never_lowers_a_mark(shop, measure, less, extra):
    edges = fit_rfm(shop)
    usual = {"recency_days": 40.0, "order_count": 3, "total_spent": 900}
    low = usual | {measure: type(usual[measure])(less + (measure == "order_count"))}
    high = low | {measure: low[measure] + extra}
    better, worse = (low, high) if measure == "recency_days" else (high, low)
    assert all(good >= bad for good, bad in zip(marks(edges, **better), marks(edges, **worse), strict=True))


@law
@given(feature_frames(max_size=130))
def test_every_buyer_has_marks_from_one_to_five_and_nobody_else_has_any(shop):
    scored = score_rfm(shop, fit_rfm(shop))
    assert scored["customer_id"].to_list() == shop["customer_id"].to_list()
    bought = shop["order_count"] > 0
    for name in ("recency_mark", "frequency_mark", "monetary_mark"):
        assert scored[name].dtype == pl.Int8
        assert scored.filter(bought)[name].is_between(1, 5).all()
        assert scored.filter(~bought)[name].null_count() == scored.filter(~bought).height
