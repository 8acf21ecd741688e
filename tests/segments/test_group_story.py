import numpy as np
import polars as pl
import pytest

from shop_app.segments.group_story import group_facts, nearest_rival
from shop_app.segments.grouping.centre_groups import CentreGroups, score_centre_groups
from shop_app.segments.grouping.goals import GOALS
from shop_app.segments.grouping.lifecycle import fit_lifecycle
from shop_app.segments.grouping.rule_groups import fit_rule_groups, score_rule_groups
from shop_app.segments.grouping.rule_matching import matches
from shop_app.segments.grouping.rules import Any_
from shop_app.segments.grouping.space import fit_space

DIMENSIONS = ("recency_days", "order_count", "average_order_value")
NAMES = {"often": "Often", "seldom": "Seldom", "dear": "Dear"}


def money(minor):
    return f"${minor / 100:,.0f}"


def shop(count=600):
    """Buyers of every kind and a few people without an order."""
    chance = np.random.default_rng(11)
    orders = np.minimum(chance.geometric(0.35, count), 12)
    orders[:10] = 0
    recency = np.where(orders > 3, chance.gamma(1.2, 25, count), chance.gamma(1.2, 120, count))
    value = chance.lognormal(8.5, 0.5, count).round()
    bought = pl.col("order_count") > 0
    frame = pl.DataFrame(
        {
            "customer_id": np.arange(1, count + 1),
            "order_count": orders,
            "recency_days": recency,
            "tenure_days": recency + 40.0 * (orders - 1),
            "average_order_value": value,
            "total_spent": (value * orders).astype(np.int64),
            "interval_trend_ratio": np.where(orders > 2, chance.lognormal(0, 0.4, count), np.nan),
            "discount_share_ratio": chance.beta(0.4, 1.2, count),
            "usual_gap_days": 40.0,
        }
    )
    return frame.with_columns(
        repeat_count=pl.col("order_count") - 1,
        interval_trend_ratio=pl.col("interval_trend_ratio").fill_nan(None),
        cadence_drift_ratio=pl.col("recency_days") / pl.col("usual_gap_days"),
        top_category=pl.lit("Tea"),
    ).with_columns(pl.when(bought).then(pl.exclude("customer_id", "order_count", "total_spent")))


SHOP = shop()
SPACE = fit_space(SHOP, DIMENSIONS)
RULES = fit_rule_groups(SHOP, GOALS["keep-the-best"], group_count=8)
FREE = CentreGroups(SPACE, ("often", "seldom", "dear"), ((-1, 1, 0), (1, -1, 0), (0, 0, 1.5)), ("", "", ""))
BY_STATE = CentreGroups(
    SPACE,
    ("often", "dear", "seldom"),
    ((-1.0, 1.0, 0.0), (-1.0, 0.0, 1.5), (1.0, -1.0, 0.0)),
    ("active", "active", "lapsed"),
    fit_lifecycle(SHOP),
)


@pytest.mark.parametrize("goal", ["keep-the-best", "win-back"])
def test_everybody_in_groups_by_rules_is_told_what_put_them_there(goal):
    groups = fit_rule_groups(SHOP, GOALS[goal], group_count=6)
    scored = SHOP.with_columns(score_rule_groups(SHOP, groups)["segment"])
    for row in scored.head(200).to_dicts():
        facts = group_facts(row, groups, row["segment"], names=NAMES, money=money)
        assert bool(facts) == (row["segment"] != "prospects")
        assert all(fact.words.endswith(".") for fact in facts)


def test_the_last_place_for_everybody_else_is_told_as_such():
    scored = SHOP.with_columns(score_rule_groups(SHOP, RULES)["segment"])
    told = {
        fact.words
        for row in scored.to_dicts()
        for fact in group_facts(row, RULES, row["segment"], names=NAMES, money=money)
    }
    own = [cell.rule for cell in RULES.partition.cells if cell.slug != "everybody"]
    leftover = scored.filter((pl.col("order_count") > 0) & ~matches(scored, Any_(tuple(own))))
    assert ("They fit no other group of this shop." in told) == (leftover.height > 0)


def test_of_centres_the_nearest_other_one_is_named():
    scored = SHOP.with_columns(score_centre_groups(SHOP, FREE)["segment"]).filter(pl.col("order_count") > 0)
    row = scored.row(0, named=True)
    facts = group_facts(row, FREE, row["segment"], names=NAMES, money=money)
    rival = nearest_rival(row, FREE, row["segment"], names=NAMES)
    assert facts
    assert all(rival.other_name in fact.words for fact in facts)
    assert rival.other_name != NAMES[row["segment"]]


def test_the_border_told_of_a_centre_is_where_the_group_changes():
    scored = SHOP.with_columns(score_centre_groups(SHOP, FREE)["segment"]).filter(pl.col("order_count") > 0)
    crossed = 0
    for row in scored.head(60).to_dicts():
        for fact in group_facts(row, FREE, row["segment"], names=NAMES, money=money):
            if fact.feature != "recency_days" or fact.border is None:
                continue
            beyond = fact.border + (1e-3 if fact.border > row["recency_days"] else -1e-3)
            moved = pl.DataFrame([row | {"recency_days": beyond}], schema=scored.schema)
            assert score_centre_groups(moved, FREE)["segment"].item() != row["segment"]
            crossed += 1
    assert crossed > 5


def test_inside_a_state_the_state_is_told_first_and_rivals_are_of_the_same():
    scored = SHOP.with_columns(score_centre_groups(SHOP, BY_STATE)["segment"]).filter(pl.col("order_count") > 3)
    row = scored.filter(pl.col("segment") == "often").row(0, named=True)
    facts = group_facts(row, BY_STATE, "often", names=NAMES, money=money)
    assert facts[0].feature in ("repeat_count", "cadence_drift_ratio", "recency_days")
    assert any("Dear" in fact.words for fact in facts)
    assert not any("Seldom" in fact.words for fact in facts)
    lapsed = SHOP.filter((pl.col("order_count") > 1) & (pl.col("recency_days") > 200)).row(0, named=True)
    assert nearest_rival(lapsed, BY_STATE, "seldom", names=NAMES) is None


def test_whose_state_has_no_group_may_go_to_any_and_is_told_no_rule_of_a_state():
    once = SHOP.filter((pl.col("order_count") == 1) & (pl.col("recency_days") < 100)).row(0, named=True)
    slug = score_centre_groups(pl.DataFrame([once], schema=SHOP.schema), BY_STATE)["segment"].item()
    facts = group_facts(once, BY_STATE, slug, names=NAMES, money=money)
    assert facts
    assert all("asked for" not in fact.words for fact in facts)
    assert nearest_rival(once, BY_STATE, "seldom", names=NAMES).other_name in ("Often", "Dear")


def test_a_group_that_is_not_known_has_no_facts():
    row = SHOP.row(0, named=True)
    for groups in (RULES, FREE, BY_STATE):
        assert group_facts(row, groups, "prospects", names=NAMES, money=money) == ()
