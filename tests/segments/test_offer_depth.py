import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from segment_frames import law

from shop_app.segments.offer_depth import CAUTIOUS_DEPTH_RATIO, offer_depth, offer_depths
from shop_app.segments.playbook import PLAYBOOK
from shop_app.segments.plays import NEVER_DISCOUNTED

plays = st.sampled_from(list(PLAYBOOK.values()))
margins = st.floats(-0.5, 1.0)
risks = st.floats(0.0, 1.0)


def depth(slug, margin, risk):
    return offer_depth(PLAYBOOK[slug], margin, risk).depth_ratio


@pytest.mark.parametrize(
    ("margin", "risk", "expected"),
    [
        (0.60, 0.39, 0.0),
        (0.60, 0.40, 0.07),
        (0.60, 0.70, 0.15),
        (0.60, 1.00, 0.15),
        (0.60, None, 0.07),
        (0.24, 0.80, 0.12),
        (0.24, 0.50, 0.06),
        (0.00, 0.90, 0.0),
        (-0.2, 0.90, 0.0),
        (None, 0.90, 0.10),
        (None, 0.50, 0.05),
        (None, None, 0.05),
    ],
)
def test_margin_and_risk_bound_the_offer_to_those_at_risk(margin, risk, expected):
    assert depth("at-risk", margin, risk) == expected


def test_a_standing_offer_is_there_at_a_low_risk_too():
    assert depth("price-sensitive", 0.6, 0.1) == 0.10
    assert depth("price-sensitive", 0.6, 0.9) == 0.20


@pytest.mark.parametrize("slug", sorted(NEVER_DISCOUNTED))
def test_champions_and_vips_get_none_whatever_the_risk(slug):
    assert depth(slug, 0.9, 1.0) == 0.0
    assert depth(slug, None, None) == 0.0


@pytest.mark.parametrize(
    ("margin", "risk", "words"),
    [
        (0.6, 0.2, "No offer: the risk of losing them is low (20 %), so a reminder is enough."),
        (
            0.24,
            0.8,
            (
                "Up to 12 %: the risk of losing them is high (80 %), which allows the whole of the deepest "
                "offer; the margin of 24 % leaves room for half of it at most."
            ),
        ),
        (
            None,
            None,
            (
                "Up to 5 %: the risk of losing them is not known, which allows half of the deepest offer; "
                "the margin is not known, so no offer goes past 10 %."
            ),
        ),
        (0.01, 0.8, "No discount: the margin of 1 % leaves room for half of it at most."),
    ],
)
def test_the_words_say_what_bounded_it(margin, risk, words):
    assert offer_depth(PLAYBOOK["at-risk"], margin, risk).words == words


@pytest.mark.parametrize(
    ("margin", "risk"), [(1.01, 0.5), (float("nan"), 0.5), (0.5, -0.01), (0.5, float("nan"))]
)
def test_impossible_figures_are_refused(margin, risk):
    with pytest.raises(ValueError, match=r"margin_ratio|churn_probability"):
        offer_depth(PLAYBOOK["at-risk"], margin, risk)


@law
@given(plays, margins, margins, risks, risks)
def test_more_margin_or_more_risk_never_makes_an_offer_smaller(play, margin, other_margin, risk, other_risk):
    low, high = sorted((margin, other_margin))
    calm, alarmed = sorted((risk, other_risk))
    assert offer_depth(play, low, calm).depth_ratio <= offer_depth(play, high, alarmed).depth_ratio


@law
@given(plays, st.none() | margins, st.none() | risks)
def test_an_offer_never_goes_past_its_bounds(play, margin, risk):
    found = offer_depth(play, margin, risk).depth_ratio
    assert 0 <= found <= play.max_depth_ratio
    if margin is None:
        assert found <= CAUTIOUS_DEPTH_RATIO
    else:
        assert found <= max(margin, 0) / 2 + 1e-12


@law
@given(plays, st.none() | margins, st.lists(st.none() | risks, max_size=20))
def test_many_customers_at_once_get_the_same_depths(play, margin, risks):
    series = pl.Series("churn_probability_90d", risks, dtype=pl.Float64)
    assert offer_depths(play, margin, series).to_list() == [
        offer_depth(play, margin, r).depth_ratio for r in risks
    ]
