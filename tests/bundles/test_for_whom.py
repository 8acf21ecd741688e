import numpy as np
import polars as pl
import pytest
from planted_shop import KEYS, kinds, shop

from sandbox.sample_store.kinds import Kind
from sandbox.sample_store.planted import PAIRS
from shop_app.bundles.associations import AssociationRules, find_associations
from shop_app.bundles.baskets import baskets_of, make_baskets
from shop_app.bundles.for_whom import pairs_by_segment

SOMEBODYS = {
    (pair.kinds[0].slug, frozenset((str(pair.first), str(pair.second))))
    for pair in PAIRS
    if len(pair.kinds) == 1
}
NOBODY = pl.DataFrame(schema={"customer_id": pl.Int64, "segment": pl.String})


@pytest.fixture(scope="module")
def planted():
    store, lines = shop()
    baskets = make_baskets(lines.filter(~pl.col("is_gift_card")), KEYS)
    return baskets, kinds(store), find_associations(baskets).pairs


@pytest.fixture(scope="module")
def told(planted):
    return pairs_by_segment(*planted)


def found(frame):
    rows = frame.filter("is_found").select("segment", "a", "b").iter_rows()
    return {(segment, frozenset((a, b))) for segment, a, b in rows}


def test_pairs_planted_for_one_kind_are_found_for_that_kind_and_no_others(told):
    assert len(SOMEBODYS) == 4
    assert found(told) == SOMEBODYS
    best = told.filter("is_found")
    assert (best["lift_over_store_low"] > 3).all()
    assert best["is_enough"].all()
    assert (best["confidence_ab"] > best["store_confidence_ab"]).all()


def test_pairs_planted_for_everybody_are_nobodys_in_particular(told):
    everybody = [frozenset((str(pair.first), str(pair.second))) for pair in PAIRS if len(pair.kinds) > 1]
    inside = told.filter(pl.col("is_found_inside") & (pl.col("segment") == Kind.HABIT.slug))
    held = {frozenset(row) for row in inside.select("a", "b").iter_rows()}
    assert held >= set(everybody)
    assert not {pair for _, pair in found(told)} & set(everybody)


@pytest.mark.parametrize("seed", range(3))
def test_segments_dealt_at_random_have_no_pairs_of_their_own(planted, seed):
    baskets, segments, pairs = planted
    dealt = np.random.default_rng(seed).permutation(segments["segment"].to_numpy())
    assert found(pairs_by_segment(baskets, segments.with_columns(segment=pl.Series(dealt)), pairs)) == set()


def test_figures_are_of_the_baskets_since_both_were_on_sale():
    rows = [(order, order % 9, 100 + order, "tea") for order in range(40)]
    rows += [(order, order % 9, 100 + order, "cup") for order in range(20, 40)]
    frame = pl.DataFrame(rows, schema=["basket", "customer_id", "day", "item"], orient="row")
    baskets = baskets_of(frame.with_columns(pl.col("day").cast(pl.Int32)))
    segments = pl.DataFrame({"customer_id": [0, 1, 2, 3], "segment": ["some", "some", "some", "others"]})
    rules = AssociationRules(least_count=2, least_adjusted_lift=1)
    pairs = find_associations(baskets, rules).pairs.with_columns(is_found=True)
    told = pairs_by_segment(baskets, segments, pairs, rules)
    row = told.filter(pl.col("segment") == "some").row(0, named=True)
    theirs = [order for order in range(20, 40) if order % 9 < 3]
    assert row["count"] == row["a_count"] == row["b_count"] == row["segment_baskets"] == len(theirs)
    assert (row["store_count"], row["store_baskets"], row["store_support"]) == (20, 20, 1.0)
    assert (row["support"], row["confidence_ab"], row["lift_over_store"]) == (1.0, 1.0, 1.0)
    assert not row["is_enough"]
    assert "too few" in row["enough_words"]


def test_the_order_of_rows_does_not_matter(planted, told):
    baskets, segments, pairs = planted
    mixed = pl.concat([segments.reverse(), segments.head(9)])
    assert pairs_by_segment(baskets, mixed, pairs).equals(told)


def test_a_pair_that_only_one_segment_buys_is_told_though_the_store_does_not_show_it(planted):
    baskets, segments, pairs = planted
    told = pairs_by_segment(baskets, segments, pairs.clear())
    assert found(told) == SOMEBODYS
    assert not told["is_found_in_store"].any()


def test_without_segments_there_is_an_empty_table(planted, told):
    baskets, _, pairs = planted
    nothing = pairs_by_segment(baskets, NOBODY, pairs)
    assert nothing.height == 0
    assert nothing.columns == told.columns
