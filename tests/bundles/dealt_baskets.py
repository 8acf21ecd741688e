"""Baskets made up for tests: their sizes have a heavy tail as a wholesaler's, and items are dealt to them."""

import numpy as np
import polars as pl

from shop_app.bundles.baskets import Baskets, baskets_of


def wholesale_sizes(rng, count):
    """Sizes of baskets: most hold a few things, and one in twelve holds tens of them."""
    return np.minimum(rng.geometric(0.35, count) + (rng.random(count) < 0.08) * rng.geometric(0.05, count), 80)


def dealt(rng, sizes, item_count):
    """Deal items to baskets of these sizes: a set per basket, and nothing but popularity and size tells."""
    chances = 1 / (np.arange(item_count) + 20.0)
    drawn = np.searchsorted(np.cumsum(chances) / chances.sum(), rng.random(int(sizes.sum())))
    ends = np.cumsum(sizes)
    return [set(part.tolist()) for part in np.split(np.minimum(drawn, item_count - 1), ends[:-1])]


def put_together(rng, sets, a, b, times):
    """Bring two items together so many times more, by swapping lines: all sizes and all item counts stay."""
    only_a = [place for place, held in enumerate(sets) if a in held and b not in held and len(held) > 1]
    only_b = [place for place, held in enumerate(sets) if b in held and a not in held]
    for to, out_of in zip(rng.permutation(only_a)[:times], rng.permutation(only_b)[:times], strict=False):
        given = sorted(sets[to] - sets[out_of] - {a})
        if given:
            gift = given[int(rng.integers(len(given)))]
            sets[to] = sets[to] - {gift} | {b}
            sets[out_of] = sets[out_of] - {b} | {gift}


def as_baskets(sets, days=None) -> Baskets:
    """Make baskets of sets of whole numbers; the name of item 7 is "00007"."""
    sizes = [len(held) for held in sets]
    columns = {
        "basket": np.repeat(np.arange(len(sets)), sizes),
        "item": [f"{item:05d}" for held in sets for item in sorted(held)],
    }
    if days is not None:
        columns["day"] = pl.Series(np.repeat(np.asarray(days), sizes), dtype=pl.Int32)
    return baskets_of(pl.DataFrame(columns))
