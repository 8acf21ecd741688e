"""What an offer is expected to bring: whole uses within stock, and a range around the expectation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop_app.bundles.cannibalisation import bought_anyway
from shop_app.bundles.expectation import Occasion, Uptake, expect, extra_ratio, unrounded_margin

shares = st.integers(1, 2_000).flatmap(lambda first: st.tuples(st.integers(0, first), st.just(first)))
occasions = st.builds(
    Occasion,
    first_baskets=st.integers(0, 5_000),
    anyway=shares.map(lambda drawn: bought_anyway(*drawn)),
    added_price=st.integers(1, 9_000),
    added_cost=st.integers(0, 9_000),
    discount=st.integers(0, 2_000),
)


@given(occasions, st.one_of(st.none(), st.integers(0, 3_000)))
def test_uses_are_whole_within_stock_and_baskets_and_add_up(occasion, most_uses):
    found = expect(occasion, Uptake(), most_uses=most_uses)
    assert 0 <= found.uses <= occasion.first_baskets
    assert most_uses is None or found.uses <= most_uses
    assert found.uses == found.would_have_bought + found.extra_uses
    assert min(found.would_have_bought, found.extra_uses) >= 0
    assert (
        found.extra_margin
        == found.extra_uses * occasion.added_margin - found.would_have_bought * occasion.discount
    )
    assert found.low <= found.extra_margin <= found.high


@given(occasions)
def test_nobody_is_moved_without_a_discount_and_never_more_than_there_are(occasion):
    assert 0 <= extra_ratio(occasion, Uptake()) <= 1 - occasion.anyway.ratio + 1e-12
    free = Occasion(occasion.first_baskets, occasion.anyway, occasion.added_price, occasion.added_cost, 0)
    assert extra_ratio(free, Uptake()) == 0


def test_rounding_to_whole_uses_changes_little():
    occasion = Occasion(10_000, bought_anyway(100, 1_000), 2_000, 600, 200)
    whole = expect(occasion, Uptake(), most_uses=None).extra_margin
    assert whole == pytest.approx(unrounded_margin(occasion, Uptake(), most_uses=None), rel=0.01)
    cut = expect(occasion, Uptake(), most_uses=145).extra_margin
    assert cut == pytest.approx(whole / 10, rel=0.05)


def test_where_stock_is_short_the_rounding_is_against_the_offer():
    occasion = Occasion(100, bought_anyway(50, 100), 2_000, 600, 200)
    assert expect(occasion, Uptake(), most_uses=None).uses == 62
    cut = expect(occasion, Uptake(), most_uses=3)  # 50 of 62 of three is two and a half
    assert (cut.would_have_bought, cut.extra_uses) == (3, 0)
