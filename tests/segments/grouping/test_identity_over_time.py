import numpy as np
from scored_customers import mixed_shop

from shop_app.segments.grouping.centre_groups import ANY_STATE, CentreGroups
from shop_app.segments.grouping.identity_over_time import carry_over, match_groups
from shop_app.segments.grouping.space import Space, fit_space

DRAW = np.random.default_rng(1)
KIND = DRAW.integers(0, 3, 600)
COLUMNS = [KIND * 2.0 + DRAW.normal(0, 0.3, 600), DRAW.normal(size=600)]


def test_the_same_groups_under_other_numbers_are_found_again():
    assert match_groups(KIND, np.array([2, 0, 1])[KIND], COLUMNS) == {2: 0, 0: 1, 1: 2}


def test_a_group_that_splits_is_continued_by_its_larger_half():
    after = np.where((KIND == 1) & (COLUMNS[1] > 0.8), 3, KIND)
    assert match_groups(KIND, after, COLUMNS) == {0: 0, 1: 1, 2: 2}


def test_of_two_groups_that_become_one_only_one_is_continued():
    matched = match_groups(KIND, np.where(KIND == 2, 0, KIND), COLUMNS)
    assert matched[1] == 1
    assert matched[0] in (0, 2)
    assert len(matched) == 2


def test_groups_with_nothing_in_common_are_new_ones():
    halves = np.where(KIND == 1, DRAW.integers(0, 2, 600) * 2, KIND)
    lots = DRAW.integers(0, 8, 600)
    assert match_groups(halves, lots, [halves * 9.0]) == {}


def test_centres_keep_their_amounts_on_a_new_scale():
    shop = mixed_shop()
    old, new = (fit_space(frame, ("total_spent", "order_count")) for frame in (shop, shop.head(300)))
    groups = CentreGroups(old, ("a", "b"), ((0.0, 0.5), (1.0, -1.0)), (ANY_STATE, ANY_STATE))
    carried = carry_over(groups, new)
    again = carry_over(carried, old)
    assert np.abs(again.places - groups.places).max() < 1e-9
    assert carried.space == new


def test_centres_of_other_dimensions_are_not_carried_over():
    shop = mixed_shop()
    groups = CentreGroups(fit_space(shop, ("total_spent",)), ("a",), ((0.0,),), (ANY_STATE,))
    assert carry_over(groups, fit_space(shop, ("order_count",))) is None
    assert carry_over(None, Space((), {})) is None


def test_places_by_rank_are_only_carried_over_to_the_same_ranks():
    shop = mixed_shop()
    by_rank = fit_space(shop, ("total_spent",), even_sizes=True)
    groups = CentreGroups(by_rank, ("a",), ((0.0,),), (ANY_STATE,))
    assert carry_over(groups, by_rank) == groups
    assert carry_over(groups, fit_space(shop.head(200), ("total_spent",), even_sizes=True)) is None
