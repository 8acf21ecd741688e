"""What sells together: pairs of items, sets of three and four, and the evidence that it is no chance."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shop_app.bundles.association_shape import SETS, AssociationRules, Associations
from shop_app.bundles.baskets import Baskets
from shop_app.bundles.counting import Pairs, count_pairs, sum_over_pairs
from shop_app.bundles.evidence import (
    Chance,
    Floats,
    chance_of_so_many,
    false_discovery,
    learn_chance,
    ratio_interval,
    strength,
)
from shop_app.bundles.itemsets import counts_of_sets, keys_of
from shop_app.bundles.set_evidence import JudgedSets, find_sets
from shop_app.bundles.since_launch import baskets_since, counts_since, day_column, first_days_of

__all__ = ["AssociationRules", "Associations", "find_associations"]


def find_associations(baskets: Baskets, rules: AssociationRules | None = None) -> Associations:
    """Find what is bought together more often than chance would have it in baskets of these sizes and days.

    Without days, support, confidence and lift are the textbook's, of all baskets. With days they are of the
    baskets since both items were on sale, so that a launch is not punished for the time before it.

    Parameters
    ----------
    baskets
        Of :func:`~shop_app.bundles.baskets.make_baskets` or ``baskets_of``.
    rules
        What is looked at, and what is called found.

    Returns
    -------
    Associations
    """
    rules = rules or AssociationRules()
    narrow = baskets.sizes <= rules.widest_basket
    mined = baskets.only(narrow)
    chance = learn_chance(mined)
    item_count = int((mined.item_counts >= rules.least_count).sum())
    tested_count = item_count * (item_count - 1) // 2
    counted = count_pairs(baskets, least_count=rules.least_count)
    described = _described(baskets, counted)
    counts, expected = _mined_counts(baskets, narrow, counted), chance.expected(*counted[:2])
    judged = described.with_columns(**_judged(counts, expected, rules, rules.least_adjusted_lift, tested_count))
    pairs = judged.filter(pl.col("support") >= rules.least_support_ratio).sort(
        ["is_found", "g", "a", "b"], descending=[True, True, False, False]
    )
    return Associations(
        pairs=_named(pairs, baskets),
        sets=_sets(baskets, mined, pairs, chance, rules),
        basket_count=baskets.basket_count,
        wide_basket_count=int((~narrow).sum()),
        tested_pair_count=tested_count,
        stretch_count=chance.line_counts.size,
        popular=tuple(baskets.popular_keys()),
    )


def _described(baskets: Baskets, counted: Pairs) -> pl.DataFrame:
    """Return the field's usual figures of each pair, of the baskets since both were on sale."""
    a, b, count = counted
    weights = 1.0 / np.maximum(baskets.sizes - 1, 1)
    since = first_days_of(baskets, a, b)
    frame = pl.DataFrame(
        {
            "a": a,
            "b": b,
            "count": count,
            "a_count": counts_since(baskets, a, since),
            "b_count": counts_since(baskets, b, since),
            "basket_count": baskets_since(baskets, since, a.size),
            "weight": sum_over_pairs(baskets, a, b, weights),
            "first_day": day_column(since, a.size),
        }
    )
    return frame.with_columns(
        support=pl.col("count") / pl.col("basket_count"),
        confidence_ab=pl.col("count") / pl.col("a_count"),
        confidence_ba=pl.col("count") / pl.col("b_count"),
        weighted_confidence_ab=pl.col("weight") / pl.col("a_count"),
        weighted_confidence_ba=pl.col("weight") / pl.col("b_count"),
        # The same order of operations as the textbook's: confidence over the share of baskets with b.
        lift=(pl.col("count") / pl.col("a_count")) / (pl.col("b_count") / pl.col("basket_count")),
    ).drop("weight")


def _mined_counts(baskets: Baskets, narrow: NDArray[np.bool_], counted: Pairs) -> NDArray[np.int64]:
    """Return the counts of pairs without the widest baskets."""
    a, b, count = counted
    if narrow.all():
        return count
    wide = baskets.only(~narrow)
    return count - np.rint(sum_over_pairs(wide, a, b, np.ones(wide.basket_count))).astype(np.int64)


def _judged(
    counts: NDArray[np.int64], expected: Floats, rules: AssociationRules, least_lift: float, tested_count: int
) -> dict[str, pl.Series]:
    """Return the columns of the evidence."""
    p_values = np.where(counts >= rules.least_count, chance_of_so_many(counts, expected), 1.0)
    q_values = false_discovery(p_values, tested_count)
    # Where items are in none but the widest baskets there is nothing to compare with: not a number, hence null.
    ratio, low, high = (np.where(expected > 0, part, np.nan) for part in ratio_interval(counts, expected))
    is_found = (q_values <= rules.false_discovery_ratio) & (ratio >= least_lift) & (counts >= rules.least_count)
    columns = {
        "mined_count": counts,
        "expected": expected,
        "adjusted_lift": ratio,
        "adjusted_lift_low": low,
        "adjusted_lift_high": high,
        "g": strength(counts, expected),
        "p_value": p_values,
        "q_value": q_values,
        "is_found": is_found,
    }
    return {name: pl.Series(name, values, nan_to_null=True) for name, values in columns.items()}


def _sets(
    baskets: Baskets, mined: Baskets, pairs: pl.DataFrame, chance: Chance, rules: AssociationRules
) -> pl.DataFrame:
    """Judge the sets among the strongest pairs, all sizes under one false-discovery rate."""
    strongest = pairs.filter("is_found").head(rules.most_pairs_for_sets).select("a", "b").to_numpy()
    levels = list(find_sets(mined, chance, strongest, least_count=rules.least_count))
    if not levels:
        return pl.DataFrame(schema=SETS)
    wide = baskets.only(baskets.sizes > rules.widest_basket)
    described = pl.concat([_described_sets(baskets, wide, level) for level in levels])
    counts = np.concatenate([level.counts for level in levels])
    expected = np.concatenate([level.expected for level in levels])
    judged = described.with_columns(**_judged(counts, expected, rules, rules.least_set_lift, counts.size))
    enough = (pl.col("count") >= rules.least_count) & (pl.col("support") >= rules.least_support_ratio)
    ordered = judged.filter(enough).sort(["is_found", "g"], descending=True, maintain_order=True)
    return ordered.select(list(SETS))


def _described_sets(baskets: Baskets, wide: Baskets, level: JudgedSets) -> pl.DataFrame:
    since = first_days_of(baskets, *level.items.T)
    counts = level.counts + counts_of_sets(wide, level.items)
    basket_counts = baskets_since(baskets, since, counts.size)
    return pl.DataFrame(
        {
            "items": keys_of(baskets, level.items),
            "names": keys_of(baskets, level.items, "name"),
            "item_count": np.full(counts.size, level.items.shape[1], np.int64),
            "count": counts,
            "basket_count": basket_counts,
            "support": counts / basket_counts,
            "first_day": day_column(since, counts.size),
        }
    )


def _named(pairs: pl.DataFrame, baskets: Baskets) -> pl.DataFrame:
    """Put keys and names in the place of numbers."""
    a, b = pairs["a"], pairs["b"]
    keys, names = baskets.keys["key"], baskets.keys["name"]
    columns = [keys.gather(a).alias("a"), keys.gather(b).alias("b")]
    named = [names.gather(a).alias("a_name"), names.gather(b).alias("b_name")]
    return pl.DataFrame([*columns, *named]).hstack(pairs.drop("a", "b"))
