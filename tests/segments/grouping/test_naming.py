import numpy as np
import polars as pl
from scored_customers import mixed_shop

from shop_app.segments.grouping.archetypes import ARCHETYPES
from shop_app.segments.grouping.naming import NO_GROUP, name_groups

SHOP = mixed_shop(1_000).filter(pl.col("order_count") > 0)


def labels_by(*conditions):
    """Number everybody by the first condition that holds; the rest comes last."""
    chosen = pl.coalesce(
        *(pl.when(condition).then(pl.lit(number)) for number, condition in enumerate(conditions)),
        pl.lit(len(conditions)),
    )
    return SHOP.select(chosen.cast(pl.Int64)).to_series().to_numpy()


ONCE = pl.col("repeat_count") == 0
OLD = pl.col("recency_days") > 60
LABELS = labels_by(ONCE & OLD, ONCE, pl.col("recency_days") > 200, pl.col("discount_share_ratio") > 0.5)


def names(labels, kept=None, count=5):
    named = name_groups(SHOP, labels, kept=kept or {}, count=count)
    return {number: one.archetype for number, one in named.items()}


def test_each_group_has_the_name_whose_rule_its_members_satisfy():
    found = names(LABELS)
    assert found[0] == "one-and-done"
    assert found[1] == "new"
    assert found[2] in ("dormant", "hibernating", "previously-loyal")
    assert found[3] == "price-sensitive"
    assert found[4] in ("active", "high-value-active")


def test_no_name_is_given_twice_and_none_that_is_no_group():
    by_lot = np.arange(SHOP.height) % 8
    found = names(by_lot, count=8)
    assert len(set(found.values())) == 8
    assert not set(found.values()) & set(NO_GROUP)
    assert set(found.values()) <= set(ARCHETYPES)


def test_a_name_that_this_shop_cannot_tell_is_not_given():
    assert not set(names(LABELS).values()) & {"members", "habit-buyers", "high-intent", "interested"}


def test_a_group_keeps_its_name_while_that_still_fits():
    assert names(LABELS, {4: "potential-loyalist"})[4] in ("potential-loyalist", "active")
    assert names(LABELS, {2: "hibernating"})[2] == "hibernating"
    assert names(LABELS, {0: "champions"})[0] == "one-and-done"


def test_how_well_a_name_fits_is_told():
    once = name_groups(SHOP, LABELS, kept={}, count=5)[0]
    assert once.fit == 1.0
    assert once.words == ("100 % of this group satisfy the rule of One-and-done, 0 % of the other buyers.")


def test_an_empty_group_gets_a_name_too():
    assert len(names(LABELS, count=6)) == 6
