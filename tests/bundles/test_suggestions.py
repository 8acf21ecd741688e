import numpy as np
import polars as pl
from dealt_baskets import as_baskets, wholesale_sizes

from shop_app.bundles.associations import AssociationRules, find_associations
from shop_app.bundles.suggestions import suggest

PAIRS = pl.DataFrame(
    {
        "a": ["cup", "cup", "pot"],
        "b": ["pot", "tea", "tea"],
        "weighted_confidence_ab": [0.2, 0.5, 0.4],
        "weighted_confidence_ba": [0.3, 0.1, 0.2],
    }
)


def test_what_goes_best_with_all_that_is_shown_comes_first():
    assert suggest(PAIRS, ["cup"], popular=[], most=3) == ("tea", "pot")
    assert suggest(PAIRS, ["tea"], popular=[], most=1) == ("pot",)
    assert suggest(PAIRS, ["cup", "pot"], popular=[]) == ("tea",)


def test_where_too_few_go_with_it_the_popular_ones_follow_and_none_comes_twice():
    assert suggest(PAIRS, ["cup"], popular=["cup", "tea", "egg", "jam"], most=4) == ("tea", "pot", "egg", "jam")
    assert suggest(PAIRS, ["never sold"], popular=["tea", "egg"], most=1) == ("tea",)


def shop_of_tastes(rng, count):
    """Baskets of a shop with twelve tastes; wholesalers take some of everything."""
    sizes, sets = wholesale_sizes(rng, count), []
    for size in sizes:
        taste = int(rng.integers(12))
        near = taste * 30 + np.minimum(rng.geometric(0.12, size), 30) - 1
        far = np.minimum(rng.geometric(0.01, size), 360) - 1
        sets.append(set(np.where(rng.random(size) < (0.7 if size < 12 else 0.1), near, far).tolist()))
    return sets


def hits(scored, later, most=3):
    """Of later baskets, how often one of the suggestions for one item is among the others."""
    found = [
        bool(set(scored(f"{shown:05d}")[:most]) & {f"{item:05d}" for item in held - {shown}})
        for shown, held in later
    ]
    return float(np.mean(found))


def test_suggestions_are_better_than_popularity_and_than_the_order_of_lift():
    rng = np.random.default_rng(11)
    found = find_associations(as_baskets(shop_of_tastes(rng, 6_000)), AssociationRules(least_count=5))
    later = [(int(rng.choice(sorted(held))), held) for held in shop_of_tastes(rng, 600) if 2 <= len(held) <= 60]
    both = pl.concat(
        found.pairs.select(shown=one, key=other, lift="lift") for one, other in (("a", "b"), ("b", "a"))
    ).sort("lift", descending=True)
    by_lift = {shown[0]: rows["key"].to_list() for shown, rows in both.group_by("shown", maintain_order=True)}
    ours = hits(lambda shown: suggest(found.pairs, [shown], popular=found.popular), later)
    popularity = hits(lambda shown: [key for key in found.popular if key != shown], later)
    assert ours > 1.1 * popularity
    assert ours > 1.1 * hits(lambda shown: by_lift.get(shown, []), later)
