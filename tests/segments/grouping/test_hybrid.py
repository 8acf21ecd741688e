from dataclasses import replace

import numpy as np
import polars as pl
from scored_customers import mixed_shop

from shop_app.segments.grouping.agreement import adjusted_rand
from shop_app.segments.grouping.centre_groups import score_centre_groups
from shop_app.segments.grouping.hybrid import Ground, fit_hybrid
from shop_app.segments.grouping.lifecycle import fit_lifecycle
from shop_app.segments.grouping.space import fit_space
from shop_app.segments.grouping.ways import fit_way, label, numbered


def ground_of(buyers, brief):
    space = fit_space(buyers, brief.goal.dimensions)
    return Ground(buyers, space, fit_lifecycle(buyers), brief.goal.outcome)


def test_planted_kinds_are_found_again(shop, buyers, pasts, brief):
    way = fit_way("hybrid", buyers, brief, pasts)
    found = numbered(label(buyers, way.groups)["segment"], way.groups.slugs)
    kinds = shop.kinds_of(buyers)
    assert adjusted_rand(found, numbered(kinds, kinds.unique().sort().to_list())) >= 0.7


def test_a_state_is_divided_only_where_that_tells_more_of_what_followed(buyers, pasts, brief):
    groups, table = fit_hybrid(ground_of(buyers, brief), pasts=pasts, group_count=7, bootstraps=2)
    chosen = {look.state: look.chosen for look in table}
    assert chosen["active"] >= 2
    assert chosen["one_time"] == 1
    assert len(groups.slugs) == sum(chosen.values()) <= 7
    once = next(look.to_json() for look in table if look.state == "one_time")
    assert {row["words"] for row in once["tried"]} == {
        "Not taken: what followed is much the same in all of its clusters."
    }


def test_when_what_followed_was_by_lot_no_state_is_divided(buyers, pasts, brief):
    draw = np.random.default_rng(5)
    by_lot = tuple(replace(past, outcome=draw.permutation(past.outcome)) for past in pasts)
    _, table = fit_hybrid(ground_of(buyers, brief), pasts=by_lot, group_count=8, bootstraps=2)
    assert {look.chosen for look in table} == {1}


def test_no_more_groups_are_made_than_wanted(buyers, pasts, brief):
    for wanted in (3, 4, 5):
        groups, _ = fit_hybrid(ground_of(buyers, brief), pasts=pasts, group_count=wanted, bootstraps=1)
        assert len(groups.slugs) <= wanted
        assert label(buyers, groups)["segment"].null_count() == 0


def test_the_last_fits_division_is_kept_when_it_is_as_good(buyers, pasts, brief):
    ground = ground_of(buyers, brief)
    first, _ = fit_hybrid(ground, pasts=pasts, group_count=7, bootstraps=2)
    later = replace(ground, buyers=buyers.filter(pl.col("customer_id") % 10 > 0))
    again, _ = fit_hybrid(later, pasts=pasts, group_count=7, bootstraps=2, previous=first)
    assert again.states == first.states
    assert np.abs(again.places - first.places).max() < 0.3


def test_without_a_past_it_is_still_defined(brief):
    buyers = mixed_shop(1_500).filter(pl.col("order_count") > 0)
    groups, _ = fit_hybrid(ground_of(buyers, brief), pasts=(), group_count=6, bootstraps=1)
    assert 3 <= len(groups.slugs) <= 6
    assert set(score_centre_groups(buyers, groups)["segment"]) == set(groups.slugs)
