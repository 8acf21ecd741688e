import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from segment_frames import law

from shop_app.segments.centre_story import Rival, centre_facts, value_at
from shop_app.segments.grouping.clusters import distances
from shop_app.segments.grouping.space import Space, coordinates, fit_space

FEATURES = ("recency_days", "order_count", "average_order_value", "order_probability_90d")


def money(minor):
    return f"${minor / 100:,.0f}"


def shop(count=400):
    chance = np.random.default_rng(5)
    return pl.DataFrame(
        {
            "customer_id": np.arange(count),
            "order_count": chance.geometric(0.4, count),
            "recency_days": chance.gamma(1.5, 40, count),
            "average_order_value": chance.lognormal(8.5, 0.5, count),
            "order_probability_90d": chance.beta(2, 5, count),
        }
    )


SPACE = fit_space(shop(), FEATURES, weights={"recency_days": 2.0})
EVEN = fit_space(shop(), FEATURES, even_sizes=True)
OWN, OTHER = (0.9, -0.6, 0.3, -0.4), (-0.7, 0.8, 0.1, 0.5)


def at(space, row):
    frame = pl.DataFrame({name: [row[name]] for name in FEATURES})
    return [column[0] for column in coordinates(frame, space)]


def lead(space, row, rival):
    """How much nearer the own centre is; below 0 the other is."""
    columns = coordinates(pl.DataFrame({name: [row[name]] for name in FEATURES}), space)
    own, other = distances(columns, np.array([rival.own, rival.other]))[0]
    return other - own


RIVAL = Rival(OWN, OTHER, "Loyal")
ROW = {"recency_days": 120.0, "order_count": 1, "average_order_value": 5_000.0, "order_probability_90d": 0.1}


def test_the_weightiest_feature_comes_first_and_is_told_in_its_own_unit():
    facts = centre_facts(ROW, SPACE, RIVAL, money=money)
    assert [fact.feature for fact in facts] == ["recency_days", "order_count", "order_probability_90d"]
    first = facts[0].words
    assert first.startswith("Last ordered 120 days ago; this group is around ")
    assert " days, Loyal around " in first
    assert first.endswith(" away.")


@pytest.mark.parametrize("space", [SPACE, EVEN], ids=["standardised", "even sizes"])
def test_the_border_is_where_the_two_centres_are_equally_near(space):
    borders = 0
    for row in shop(60).to_dicts():
        for fact in centre_facts(row, space, RIVAL, money=money, most=4):
            # Equal counts share one rank, so with even sizes the decision jumps over the border there.
            if fact.border is not None and (space is SPACE or fact.feature != "order_count"):
                there = row | {fact.feature: fact.border}
                assert lead(space, there, RIVAL) == pytest.approx(0.0, abs=1e-6)
                borders += 1
    assert borders > 20


def test_what_no_value_would_change_says_so():
    far = Rival((5.0, 5.0, 0.3, 5.0), (5.0, 5.0, 0.31, 5.0), "Loyal")
    facts = centre_facts(ROW | {"average_order_value": 100.0}, SPACE, far, money=money)
    assert [fact.feature for fact in facts] == ["average_order_value"]
    far = Rival((-5.0, 0.0, 0.3, 0.0), (-5.0, 0.0, 9.0, 0.0), "Loyal")
    (fact,) = centre_facts(ROW, SPACE, far, money=money)
    assert (fact.border, fact.distance) == (None, None)
    assert fact.words.endswith("This alone would not move them.")


def test_equal_centres_leave_nothing_to_tell():
    assert centre_facts(ROW, SPACE, Rival(OWN, OWN, "Loyal"), money=money) == ()
    assert centre_facts(ROW, Space((), {}), Rival((), (), "Loyal"), money=money) == ()


def test_what_is_not_known_stands_at_the_median_and_is_said_to_be_unknown():
    facts = centre_facts(ROW | {"recency_days": None}, SPACE, RIVAL, money=money, most=4)
    unknown = [fact for fact in facts if fact.value is None]
    assert all(fact.words.startswith("Days since the last order: not known") for fact in unknown)


@law
@given(st.sampled_from([SPACE, EVEN]), st.sampled_from(FEATURES), st.floats(0.01, 0.99))
def test_a_coordinate_turned_back_is_the_value_it_came_from(space, feature, share):
    dimension = space.dimensions[space.features.index(feature)]
    value = float(shop()[feature].cast(pl.Float64).quantile(share, "linear"))
    place = at(space, ROW | {feature: value})[space.features.index(feature)]
    back = value_at(dimension, float(place))
    again = at(space, ROW | {feature: back})[space.features.index(feature)]
    assert again == pytest.approx(place, abs=1e-9)
