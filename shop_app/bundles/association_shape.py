"""What associations are looked for by, and what they come as: the rules, and the pairs and sets found."""

from dataclasses import dataclass

import polars as pl

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
