import polars as pl
from polars.testing import assert_series_equal

from shop_app.segments.fairness_people import is_business, is_new, with_offers
from shop_app.segments.playbook import PLAYBOOK


def test_a_business_is_known_by_its_name_or_by_a_tag():
    tags = pl.Series([["VIP", " B2B "], ["vip"], [], None, None, ["Horeca"]], dtype=pl.List(pl.String))
    company = pl.Series([None, "Tea House Ltd", " ", "Tea House Ltd", None, None])
    assert is_business(tags, company).to_list() == [True, True, False, True, None, False]
    assert is_business(tags, company, business_tags=["horeca"]).to_list() == [
        False,
        True,
        False,
        True,
        None,
        True,
    ]


def test_without_companies_the_tags_alone_decide():
    tags = pl.Series([["b2b"], ["vip"], None], dtype=pl.List(pl.String))
    assert is_business(tags).to_list() == [True, False, None]


def test_nobody_knows_of_an_empty_frame():
    assert is_business(pl.Series([], dtype=pl.List(pl.String)), pl.Series([], dtype=pl.String)).to_list() == []


def test_somebody_is_new_for_ninety_days():
    assert is_new(pl.Series([0.0, 89.9, 90.0, None])).to_list() == [True, True, False, None]


def test_everybody_is_offered_what_their_own_play_allows():
    scored = pl.DataFrame(
        {
            "segment": ["at-risk", "at-risk", "at-risk", "vip", "price-sensitive", "gone"],
            "churn_probability_90d": [0.9, 0.5, None, 0.9, 0.1, 0.9],
        }
    )
    found = with_offers(scored, PLAYBOOK, margin_ratio=0.6)
    assert found["has_offer"].to_list() == [True, True, True, False, True, None]
    assert found["depth_ratio"].to_list() == [0.15, 0.07, 0.07, 0.0, 0.10, None]
    assert_series_equal(found["segment"], scored["segment"])
