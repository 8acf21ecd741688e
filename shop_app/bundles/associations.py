"""What sells together: pairs of items, sets of three and four, and the evidence that it is no chance."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

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
from shop_app.errors import InvalidInputError

SETS = pl.Schema(
    {
        "items": pl.List(pl.String()),
        "names": pl.List(pl.String()),
        "item_count": pl.Int64(),
        "count": pl.Int64(),
        "basket_count": pl.Int64(),
        "support": pl.Float64(),
        "mined_count": pl.Int64(),
        "expected": pl.Float64(),
        "adjusted_lift": pl.Float64(),
        "adjusted_lift_low": pl.Float64(),
        "adjusted_lift_high": pl.Float64(),
        "g": pl.Float64(),
        "p_value": pl.Float64(),
        "q_value": pl.Float64(),
        "is_found": pl.Boolean(),
        "first_day": pl.Int32(),
    }
)


@dataclass(frozen=True, slots=True)
class AssociationRules:
    """What is looked at, and what is called found.

    Attributes
    ----------
    least_support_ratio
        A pair is looked at if it is in so large a share of the baskets since both items were on sale, 0 to 1.
    least_count
        And in at least so many of them, 1 or more.
    false_discovery_ratio
        Of the pairs called found, so large a share may be chance, above 0 and below 1.
    least_adjusted_lift
        A pair is found if it is so many times as frequent as by chance, 1 or more: a liking that is certain and
        tiny makes no bundle.
    least_set_lift
        The same for a set of three or four, against what its pairs already explain.
    widest_basket
        Baskets of more items are buyers' stock lists; they count for support and confidence, not as evidence.
    most_pairs_for_sets
        Sets are looked for among so many of the strongest pairs.
    """

    least_support_ratio: float = 0.0
    least_count: int = 10
    false_discovery_ratio: float = 0.05
    least_adjusted_lift: float = 1.5
    least_set_lift: float = 1.2
    widest_basket: int = 60
    most_pairs_for_sets: int = 2_000

    def __post_init__(self) -> None:
        """Refuse what cannot be meant.

        Raises
        ------
        InvalidInputError
            Naming the field.
        """
        allowed = {
            "least_support_ratio": (0 <= self.least_support_ratio <= 1, "from 0 to 1"),
            "least_count": (self.least_count >= 1, "1 or more"),
            "false_discovery_ratio": (0 < self.false_discovery_ratio < 1, "above 0 and below 1"),
            "least_adjusted_lift": (self.least_adjusted_lift >= 1, "1 or more"),
            "least_set_lift": (self.least_set_lift >= 1, "1 or more"),
            "widest_basket": (self.widest_basket > 1, "2 or more"),
            "most_pairs_for_sets": (self.most_pairs_for_sets >= 0, "0 or more"),
        }
        for field, (is_allowed, words) in allowed.items():
            if not is_allowed:
                name = field.replace("_", " ")
                raise InvalidInputError(
                    f"The {name} is {getattr(self, field)}; it must be {words}.", field=field
                )


@dataclass(frozen=True, slots=True)
class Associations:
    """What was found, and what it rests on.

    Attributes
    ----------
    pairs
        One row per pair with enough baskets; found ones first, then by evidence (``g``), never by lift.
        ``a``, ``b`` (keys, ``a < b`` by place), ``a_name``, ``b_name``; ``count``, ``a_count``, ``b_count``,
        ``basket_count`` (baskets with both, with each, and all, since both were on sale); ``support`` (0 to 1),
        ``confidence_ab`` (of the baskets with a, those with b), ``confidence_ba``; ``weighted_confidence_ab``,
        ``weighted_confidence_ba`` (a basket speaks with 1 / (its size - 1), so that wide ones say less);
        ``lift`` (the field's own, against independence); ``mined_count`` (without the widest baskets),
        ``expected`` (of these, by chance), ``adjusted_lift``, ``adjusted_lift_low`` and ``adjusted_lift_high``
        (95 %; null where the items are in none but the widest baskets), ``g``, ``p_value``, ``q_value``,
        ``is_found``, ``first_day`` (since when both were on sale).
    sets
        One row per set of three or four whose pairs are all found: ``items`` (keys), ``names``, ``item_count``,
        ``count``, ``basket_count``, ``support``, ``mined_count``, ``expected`` (what its pairs explain),
        ``adjusted_lift``, ``adjusted_lift_low``, ``adjusted_lift_high``, ``g``, ``p_value``, ``q_value``,
        ``is_found``, ``first_day``.
    basket_count, wide_basket_count
        All baskets, and those that were too wide to be evidence.
    tested_pair_count
        How many pairs of items share the false-discovery rate.
    stretch_count
        Into how many stretches of days time was cut.
    popular
        The keys in most baskets, first the most frequent.
    """

    pairs: pl.DataFrame
    sets: pl.DataFrame
    basket_count: int
    wide_basket_count: int
    tested_pair_count: int
    stretch_count: int
    popular: tuple[str, ...]


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
