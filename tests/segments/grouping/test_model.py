import json
from dataclasses import replace
from datetime import timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from polars.testing import assert_frame_equal
from sample_shop import SampleShop
from scored_customers import scored_frames
from segment_frames import law

from shop_app.segments.grouping.agreement import adjusted_rand
from shop_app.segments.grouping.archetypes import ARCHETYPES
from shop_app.segments.grouping.goals import GOALS
from shop_app.segments.grouping.model import Grouping, GroupingChoices, fit_grouping, score_grouping
from shop_app.segments.grouping.past import buyers_of
from shop_app.segments.grouping.ways import fit_way, label, numbered, refit

BEST = GOALS["keep-the-best"]


def fit(shop, *, as_of=None, goal=BEST, previous=None, **choices):
    return fit_grouping(
        shop.scored_at,
        shop.history,
        as_of=as_of or shop.as_of,
        goal=goal,
        choices=GroupingChoices(**choices),
        previous=previous,
    )


@pytest.fixture(scope="module")
def fitted(shop):
    return fit(shop, method="hybrid")


@pytest.fixture(scope="module")
def small(shop):
    return smaller(shop, 400)


def smaller(shop, buyer_count):
    """The same shop with only so many of its buyers."""
    ids = shop.history.orders["customer_id"].unique().sort().head(buyer_count)
    small = object.__new__(SampleShop)
    small.as_of, small.kinds, small._known = shop.as_of, shop.kinds, {}
    orders = shop.history.orders.filter(pl.col("customer_id").is_in(ids.implode()))
    small.history = replace(shop.history, orders=orders)
    return small


def test_planted_kinds_are_found_again(shop, fitted):
    buyers = shop.scored_at(shop.as_of).filter(pl.col("order_count") > 0)
    kinds = shop.kinds_of(buyers)
    segments = score_grouping(buyers, fitted.grouping, None)["segment"]
    truth, found = (numbered(names, names.unique().sort().to_list()) for names in (kinds, segments))
    assert adjusted_rand(truth, found) >= 0.7


def test_every_group_has_a_name_of_its_own_a_definition_and_what_sets_it_apart(fitted):
    groups = fitted.grouping.groups
    assert 5 <= len(groups) <= 8
    assert len({group.name for group in groups}) == len(groups)
    assert sum(group.size_ratio for group in groups) == pytest.approx(1.0)
    assert sum(group.revenue_ratio for group in groups) == pytest.approx(1.0)
    for group in groups:
        assert group.archetype in ARCHETYPES
        assert group.definition
        assert group.drivers
        assert all(sentence.endswith(".") for sentence in group.definition)


def test_a_fit_tells_all_that_was_looked_at_in_plain_values(fitted):
    told = json.loads(json.dumps(fitted.to_json()))
    assert [check["words"] for check in told["checks"] if not check["passed"]] == []
    assert told["importance"][0]["explained_ratio"] > 0.1
    assert [row["method"] for row in told["candidates"]] == ["rules", "clusters", "hybrid", "rfm"]
    assert {dimension["weight"] for dimension in told["space"]["dimensions"]} == {1.0}
    assert set(told["start_with"]) <= {group.slug for group in fitted.grouping.groups}
    assert "habit-buyers" in told["missing"]
    assert set(told["counts"]) == {"clusters", "hybrid"}


def test_a_grouping_is_stored_as_plain_values(fitted, small, shop):
    scored = shop.scored_at(shop.as_of)
    for found in (fitted, fit(small)):
        again = Grouping.from_json(json.loads(json.dumps(found.grouping.to_json())))
        assert again == found.grouping
        assert_frame_equal(score_grouping(scored, again, None), score_grouping(scored, found.grouping, None))


def test_choices_are_stored_as_plain_values():
    choices = GroupingChoices("hybrid", ("total_spent",), 5, {"order_count": 2.0}, even_sizes=True, seed=3)
    assert GroupingChoices.from_json(json.loads(json.dumps(choices.to_json()))) == choices


def test_the_order_of_rows_changes_nothing(shop, buyers, pasts, brief):
    mixed = buyers_of(shop.scored_at(shop.as_of).sample(fraction=1, shuffle=True, seed=2))
    for method in ("rules", "clusters", "hybrid"):
        assert fit_way(method, mixed, brief, pasts) == fit_way(method, buyers, brief, pasts)


def test_twenty_seeds_keep_nearly_every_label(buyers, pasts, brief):
    fixed = replace(brief, cluster_count=5, bootstraps=1)
    for method in ("hybrid", "clusters"):
        way = fit_way(method, buyers, fixed, pasts[:1])
        first = label(buyers, way.groups)["segment"]
        other = fit_way(method, buyers, replace(fixed, seed=99), pasts[:1])
        assert (label(buyers, other.groups)["segment"] == first).mean() >= 0.95
        for seed in range(1, 21):
            again = refit(way, buyers, replace(fixed, seed=seed))
            assert (label(buyers, again)["segment"] == first).mean() >= 0.95


def test_after_one_more_week_nearly_everybody_without_a_new_order_keeps_the_label(fitted):
    week = fitted.stability["week"]
    assert week["kept_ratio"] >= 0.95
    assert week["quiet_kept_ratio"] >= 0.95
    assert fitted.stability["seeds"]["kept_ratio"] >= 0.95
    assert len(fitted.stability["words"]) == 2


def test_a_refit_keeps_names_says_who_would_move_and_leaves_out_what_is_switched_off(shop, fitted):
    again = fit(
        shop,
        method="hybrid",
        previous=fitted.grouping,
        switched_off=("average_order_value",),
        weights={"total_spent": 1.2},
    )
    slugs = {group.slug for group in fitted.grouping.groups}
    assert len(slugs & {group.slug for group in again.grouping.groups}) >= len(slugs) - 1
    moves = next(check for check in again.checks if check["check"] == "moves")
    assert moves["figures"]["moved_ratio"] < 0.15
    weights = {one.feature: one.weight for one in again.grouping.parameters.space.dimensions}
    assert weights["total_spent"] == 1.2
    assert "average_order_value" not in weights
    shown = {row["feature"]: row for row in again.importance}
    assert shown["average_order_value"]["is_switched_off"]


def test_a_fit_that_moves_more_than_is_allowed_asks_for_a_person(small):
    live = fit(small).grouping
    other = fit(small, goal=GOALS["raise-order-value"], previous=live, move_limit_ratio=0.05)
    moves = next(check for check in other.checks if check["check"] == "moves")
    assert (moves["passed"], moves["needs_person"]) == (False, True)


@pytest.mark.parametrize(("buyer_count", "most"), [(0, 3), (1, 3), (10, 3), (100, 4), (500, 5)])
def test_a_small_shop_gets_a_few_groups_by_rules_and_is_told_why(shop, buyer_count, most):
    small = smaller(shop, buyer_count)
    found = fit(small, method="clusters")
    assert found.grouping.method == "rules"
    assert f"this shop has {buyer_count}" in found.choice
    assert "taken up as soon as there are enough" in found.choice
    assert 1 <= len(found.grouping.groups) <= most
    assert [check["words"] for check in found.checks if not check["passed"] and not check["needs_person"]] == []
    labels = score_grouping(small.scored_at(small.as_of), found.grouping, None)
    assert labels["segment"].null_count() == 0
    assert labels["margin"].is_nan().sum() == 0
    assert "NaN" not in json.dumps(found.to_json() | found.grouping.to_json())


def test_people_without_an_order_are_prospects_and_in_no_group(shop, fitted, small):
    nobody = (
        shop.scored_at(shop.as_of)
        .head(1)
        .with_columns(order_count=pl.lit(0, pl.Int64), recency_days=pl.lit(None, pl.Float64))
    )
    for found in (fitted, fit(small)):
        row = score_grouping(nobody, found.grouping, None).row(0, named=True)
        assert (row["segment"], row["margin"], row["is_outlier"]) == ("prospects", None, False)


@law
@given(scored_frames(min_size=1, max_size=10))
def test_everybody_gets_the_same_label_alone_as_among_others(fitted, frame):
    for found in (fitted,):
        whole = score_grouping(frame, found.grouping, None)
        alone = pl.concat([score_grouping(row, found.grouping, None) for row in frame.iter_slices(1)])
        assert_frame_equal(alone, whole, check_exact=True)


def test_slices_of_the_sample_store_give_the_same_bits(shop, fitted):
    scored = shop.scored_at(shop.as_of)
    settled = pl.Series(
        np.random.default_rng(1).choice([group.slug for group in fitted.grouping.groups], 5_000)
    )
    settled = settled.head(scored.height)
    whole = score_grouping(scored, fitted.grouping, settled)
    for start, length in ((0, 1), (5, 3), (100, 64), (777, 1_001)):
        part = score_grouping(scored.slice(start, length), fitted.grouping, settled.slice(start, length))
        assert_frame_equal(part, whole.slice(start, length), check_exact=True)


def test_what_happened_later_changes_nothing_of_a_fit_of_that_day(small):
    day = small.as_of - timedelta(days=200)
    cut = smaller(small, 400)
    known = small.history.orders.filter(pl.col("processed_at") <= day)
    cut.history = replace(small.history, orders=known, as_of=day)
    first, again = (fit(one, as_of=day) for one in (small, cut))
    assert again.to_json() == first.to_json()
    assert again.grouping == first.grouping
