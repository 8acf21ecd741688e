"""What to suggest to whoever has something in the basket: what goes with it, not what lifts highest."""

from collections.abc import Sequence

import polars as pl


def suggest(
    pairs: pl.DataFrame, shown: Sequence[str], *, popular: Sequence[str], most: int = 3
) -> tuple[str, ...]:
    """Suggest items that go with those shown.

    Items are ordered by the sum over the shown ones of the weighted confidence: of the baskets with the shown
    item, the share with the other, where a basket speaks with 1 / (its size - 1), so that a wide one, which
    holds everything, says little. Where too few go with it, the shop's most popular items follow. Ordered by
    lift instead, suggestions are worse than popularity alone.

    Parameters
    ----------
    pairs
        ``Associations.pairs``: found ones and others.
    shown
        The keys in the basket or on the page.
    popular
        The keys in most baskets, the first the most frequent (``Associations.popular``).
    most
        How many, 1 or more.

    Returns
    -------
    tuple of str
        Keys, the best first, none of them shown; fewer than ``most`` only in a shop with so few items.
    """
    scores = [
        pairs.filter(pl.col(one).is_in(list(shown))).select(
            key=other, score=f"weighted_confidence_{one}{other}"
        )
        for one, other in (("a", "b"), ("b", "a"))
    ]
    drawn = (
        pl.concat(scores)
        .filter(~pl.col("key").is_in(list(shown)))
        .group_by("key")
        .agg(pl.col("score").sum())
        .sort(["score", "key"], descending=[True, False])
    )
    best = drawn["key"].head(most).to_list()
    rest = [key for key in popular if key not in best and key not in shown]
    return tuple([*best, *rest][:most])
