"""For whom things belong together: each segment's pairs beside those of everybody else."""

from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import special

from shop_app.bundles.associations import AssociationRules, find_associations
from shop_app.bundles.baskets import Baskets
from shop_app.bundles.counting import sum_over_pairs
from shop_app.bundles.evidence import Floats, false_discovery, learn_chance
from shop_app.bundles.shares import ratio_of_shares
from shop_app.bundles.since_launch import baskets_since, counts_since, first_days_of

LEAST_LIFT_OVER_STORE = 1.5
# Less is too little to make an offer to some and not to others.
LEAST_ITEM_BASKETS = 30
# Of the rarer of two items; of fewer a share may lie anywhere.
MOST_PAIRS = 1_000
# So many of the store's strongest pairs, and of each segment's, are told of.
_COLUMNS = (
    *("segment", "a", "b", "a_name", "b_name", "count", "a_count", "b_count", "segment_baskets", "support"),
    *("confidence_ab", "confidence_ba", "store_count", "store_a_count", "store_b_count", "store_baskets"),
    *("store_support", "store_confidence_ab", "store_confidence_ba", "adjusted_lift", "is_found_inside"),
    *("is_found_in_store", "others_confidence_ab", "others_confidence_ba", "lift_over_store"),
    *("lift_over_store_low", "lift_over_store_high", "p_value", "q_value", "is_found", "is_enough"),
    "enough_words",
)
Items = NDArray[np.int32]
Counts = NDArray[np.int64]


def pairs_by_segment(
    baskets: Baskets, segments: pl.DataFrame, pairs: pl.DataFrame, rules: AssociationRules | None = None
) -> pl.DataFrame:
    """Tell for each segment which things belong together, and whether more than for everybody else.

    Parameters
    ----------
    baskets
        Of the whole store, guests too.
    segments
        ``customer_id``, ``segment``; a customer is in one segment or in none (of several, the first in
        the alphabet counts).
    pairs
        ``pairs`` of :class:`~shop_app.bundles.associations.Associations` of the same baskets.
    rules
        Those by which ``pairs`` was found.

    Returns
    -------
    DataFrame
        One row a segment and pair, of the pairs found in the store and of those found in the segment alone
        (:data:`MOST_PAIRS` of each, the strongest): those found for a segment first, then by how much.

        ``segment``, ``a``, ``b``, ``a_name``, ``b_name``; ``count``, ``a_count``, ``b_count``,
        ``segment_baskets`` (the segment's baskets with both, with each, and all, since both were on sale);
        ``support``, ``confidence_ab``, ``confidence_ba`` (null where there is nothing to divide by);
        the same of the whole store with ``store_`` before it; ``adjusted_lift`` in the segment (seen over
        expected by chance); ``is_found_inside`` (the evidence within the segment alone), ``is_found_in_store``;
        ``others_confidence_ab``, ``others_confidence_ba`` of everybody else's baskets; ``lift_over_store``: how
        many times the segment's confidence is theirs, of the two directions the smaller, with its 95 % interval
        ``lift_over_store_low`` to ``lift_over_store_high`` (null where nobody else, or nobody here, has both);
        ``p_value``, ``q_value``; ``is_found``: found inside, the lift :data:`LEAST_LIFT_OVER_STORE` or more,
        and the tie closer than among the others beyond chance;
        ``is_enough``, ``enough_words``: whether there are baskets enough to say anything of it, in words.

    Notes
    -----
    A segment that simply buys more of something has more baskets with both and no closer tie. So what is tested
    is whether the odds ratio of the two things is higher in the segment than among everybody else, which does
    not depend on how popular either is there (Woolf, 1955, Annals of Human Genetics 19, p. 251; with half a
    basket added to every cell, Haldane, 1956, ibid. 20, p. 309). Both directions count because one alone also
    rises where the others merely buy one of the two for more reasons. The false-discovery rate is kept over all
    pairs of items looked at in all segments; those that were not found inside count as p = 1.
    """
    rules = replace(rules or AssociationRules(), most_pairs_for_sets=0)
    labelled = (
        segments.select("customer_id", "segment")
        .drop_nulls()
        .group_by("customer_id")
        .agg(pl.col("segment").min())
    )
    label = baskets.orders.join(labelled, on="customer_id", how="left", maintain_order="left")["segment"]
    of_store = _found_codes(pairs, baskets)
    none = of_store[:0]
    parts, tested = [_described(baskets, baskets, none, rules, segment="", found=none)], 0
    for segment in label.drop_nulls().unique().sort():
        own = baskets.only((label == segment).fill_null(value=False).to_numpy())
        inside = find_associations(own, rules)
        tested += inside.tested_pair_count
        found = _found_codes(inside.pairs, baskets)
        codes = np.union1d(of_store, found)
        parts.append(_described(own, baskets, codes, rules, segment=segment, found=found))
    in_store = pl.col("code").is_in(of_store.tolist())
    return _judged(pl.concat(parts).with_columns(is_found_in_store=in_store), tested, rules)


def _found_codes(pairs: pl.DataFrame, baskets: Baskets) -> Counts:
    """Return the strongest of what was found as ``a * items + b``, rows of the keys, ascending."""
    places = baskets.keys.select("key").with_row_index("place")
    strongest = pairs.filter("is_found").head(MOST_PAIRS).select("a", "b")
    found = strongest.join(places, left_on="a", right_on="key").join(places, left_on="b", right_on="key")
    a, b = (found[name].cast(pl.Int64).to_numpy() for name in ("place", "place_right"))
    return np.sort(a * baskets.keys.height + b)


def _described(
    own: Baskets, store: Baskets, codes: Counts, rules: AssociationRules, *, segment: str, found: Counts
) -> pl.DataFrame:
    """Describe pairs among a segment's baskets and in all, and what chance would do among the segment's."""
    a, b = (side.astype(np.int32) for side in np.divmod(codes, max(store.keys.height, 1)))
    mined = own.only(own.sizes <= rules.widest_basket)
    seen = sum_over_pairs(mined, a, b, np.ones(mined.basket_count))
    expected = learn_chance(mined).expected(a, b)
    keys, names = store.keys["key"], store.keys["name"]
    return pl.DataFrame(
        {
            "code": codes,
            "a": keys.gather(a),
            "b": keys.gather(b),
            "a_name": names.gather(a),
            "b_name": names.gather(b),
            **_counted(own, a, b),
            **{f"store_{name}": values for name, values in _counted(store, a, b).items()},
            "adjusted_lift": np.divide(seen, expected, out=np.full(a.size, np.nan), where=expected > 0),
            "is_found_inside": np.isin(codes, found),
        }
    ).with_columns(pl.col("adjusted_lift").fill_nan(None), segment=pl.lit(segment))


def _counted(baskets: Baskets, a: Items, b: Items) -> dict[str, Counts]:
    """Return the baskets with both, with each, and all, since both were on sale."""
    since = first_days_of(baskets, a, b)
    both = sum_over_pairs(baskets, a, b, np.ones(baskets.basket_count))
    return {
        "count": np.rint(both).astype(np.int64),
        "a_count": counts_since(baskets, a, since),
        "b_count": counts_since(baskets, b, since),
        "baskets": baskets_since(baskets, since, a.size),
    }


def _judged(told: pl.DataFrame, tested: int, rules: AssociationRules) -> pl.DataFrame:
    """Add the shares, the comparison with everybody else, and whether there is enough to go by."""
    names = ("count", "a_count", "b_count", "baskets")
    own = [told[name].to_numpy() for name in names]
    others = [told[f"store_{name}"].to_numpy() - mine for name, mine in zip(names, own, strict=True)]
    both, rest = own[0], others[0]
    ways = [ratio_of_shares(*(np.maximum(n, 1) for n in (both, own[way], rest, others[way]))) for way in (1, 2)]
    smaller = np.argmin([way[0] for way in ways], axis=0)
    lift, low, high = (np.choose(smaller, [way[part] for way in ways]) for part in range(3))
    p_value = np.where(told["is_found_inside"].to_numpy(), _chance_of_no_closer_tie(own, others), 1.0)
    judged = told.with_columns(
        **_shares(),
        others_confidence_ab=pl.Series(rest / np.maximum(others[1], 1)),
        others_confidence_ba=pl.Series(rest / np.maximum(others[2], 1)),
        lift_over_store=pl.Series(lift),
        lift_over_store_low=pl.Series(low),
        lift_over_store_high=pl.Series(high),
        p_value=pl.Series(p_value),
        q_value=pl.Series(false_discovery(p_value, tested)),
        as_others=pl.Series(rest / np.maximum(others[1], 1) * own[1]),
    )
    seen = pl.Series((both > 0) & (rest > 0))
    judged = judged.with_columns(pl.when(seen).then(pl.col("^lift_over_store.*$")))
    best = ["is_found", "p_value", "count", "segment", "a", "b"]
    ordered = _with_words(judged, rules).sort(best, descending=[True, False, True, False, False, False])
    return ordered.select(_COLUMNS)


def _chance_of_no_closer_tie(own: list[Counts], others: list[Counts]) -> Floats:
    """Return how likely so much higher an odds ratio is where there is no difference (one-sided)."""
    logarithms, variances = [], []
    for both, a, b, every in (own, others):
        cells = [cell + 0.5 for cell in (both, a - both, b - both, every - a - b + both)]
        logarithms.append(np.log(cells[0] * cells[3] / (cells[1] * cells[2])))
        variances.append(sum(1 / cell for cell in cells))
    chance: Floats = special.ndtr((logarithms[1] - logarithms[0]) / np.sqrt(variances[0] + variances[1]))
    return chance


def _shares() -> dict[str, pl.Expr]:
    """Return the field's usual figures of the segment and of the store."""
    shares: dict[str, pl.Expr] = {}
    for side in ("", "store_"):
        for name, of in (("support", "baskets"), ("confidence_ab", "a_count"), ("confidence_ba", "b_count")):
            base = pl.col(side + of)
            shares[side + name] = pl.when(base > 0).then(pl.col(side + "count") / base)
    return shares


def _with_words(judged: pl.DataFrame, rules: AssociationRules) -> pl.DataFrame:
    """Add what is found for the segment, and whether there is enough to go by, in words as well."""
    rarer, both, least = pl.min_horizontal("a_count", "b_count"), pl.col("count"), rules.least_count
    enough_of_each = rarer >= LEAST_ITEM_BASKETS
    enough_of_both = pl.max_horizontal(both.cast(pl.Float64), "as_others") >= least
    closer = pl.col("lift_over_store").is_null() | (pl.col("lift_over_store") >= LEAST_LIFT_OVER_STORE)
    beyond_chance = pl.col("q_value") <= rules.false_discovery_ratio
    needed = pl.lit(LEAST_ITEM_BASKETS)
    held = pl.format("Of the segment's {} baskets {} hold both", "baskets", both)
    few = pl.format("{} and {} the rarer of the two: too few to tell ({} are needed).", held, rarer, needed)
    rare = pl.format(
        "{}; bought as by everybody else it would be under {}: too few to tell.", held, pl.lit(least)
    )
    return judged.with_columns(
        is_found=pl.col("is_found_inside") & closer & beyond_chance,
        is_enough=enough_of_each & enough_of_both,
        enough_words=pl.when(~enough_of_each)
        .then(few)
        .when(~enough_of_both)
        .then(rare)
        .otherwise(pl.format("{}: enough to go by.", held)),
    ).rename({"baskets": "segment_baskets"})
