import numpy as np
import polars as pl
import pytest
from planted_shop import shop

from shop_app.bundles.associations import find_associations
from shop_app.bundles.baskets import baskets_of


@pytest.fixture(scope="module")
def lines():
    _, told = shop()
    return told.select("day", basket="order_id", item="item_id")


def test_the_pairs_planted_in_the_sample_store_are_in_the_first_places(lines):
    store, _ = shop()
    planted = {tuple(sorted((str(pair.first), str(pair.second)))) for pair in store.truth.pairs}
    found = find_associations(baskets_of(lines)).pairs.filter("is_found")
    assert set(found.select("a", "b").head(len(planted)).rows()) == planted
    assert found.height <= len(planted) + 2


@pytest.mark.parametrize("seed", range(3))
def test_where_its_lines_are_shuffled_hardly_a_pair_is_found(lines, seed):
    dealt = np.random.default_rng(seed).permutation(lines["item"].to_numpy())
    found = find_associations(baskets_of(lines.with_columns(item=pl.Series(dealt))))
    assert found.pairs["is_found"].sum() <= 1
    assert found.stretch_count > 50
