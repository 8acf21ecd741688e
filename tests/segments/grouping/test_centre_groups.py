import polars as pl
from hypothesis import given
from polars.testing import assert_frame_equal
from scored_customers import customers, mixed_shop, scored_frames
from segment_frames import law

from shop_app.segments.grouping.centre_groups import ANY_STATE, CentreGroups, score_centre_groups
from shop_app.segments.grouping.lifecycle import Lifecycle
from shop_app.segments.grouping.space import fit_space

SPACE = fit_space(mixed_shop(), ("total_spent", "order_count"))
CLUSTERS = CentreGroups(SPACE, ("small", "large"), ((-1.0, -1.0), (1.0, 1.0)), (ANY_STATE, ANY_STATE))
HYBRID = CentreGroups(
    SPACE,
    ("some", "many", "gone", "once"),
    ((0.0, 0.0), (1.0, 1.0), (0.5, 0.5), (-1.0, -1.0)),
    ("active", "active", "lapsed", "one_time"),
    Lifecycle(),
)


def segment_of(groups, settled=None, **row):
    before = None if settled is None else pl.Series([settled], dtype=pl.String)
    return score_centre_groups(customers(row), groups, before)["segment"].item()


def test_everybody_belongs_to_the_nearest_centre():
    assert segment_of(CLUSTERS, order_count=1, total_spent=2_000) == "small"
    assert segment_of(CLUSTERS, order_count=9, total_spent=90_000) == "large"


def test_the_state_comes_first_and_the_nearest_centre_second():
    assert segment_of(HYBRID, order_count=9, total_spent=90_000) == "many"
    assert segment_of(HYBRID, order_count=9, total_spent=90_000, recency_days=400.0) == "gone"


def test_whose_state_has_no_group_goes_to_the_nearest_of_all():
    assert segment_of(HYBRID, order_count=1, total_spent=2_000, recency_days=3.0) == "once"


def test_a_second_order_moves_at_once():
    assert segment_of(HYBRID, order_count=1, recency_days=90.0) == "once"
    assert segment_of(HYBRID, "once", order_count=2, recency_days=1.0) == "some"


def test_beside_a_border_everybody_stays_where_they_were():
    middle = {"order_count": 3, "total_spent": 13_500}
    assert segment_of(CLUSTERS, "small", **middle) == "small"
    assert segment_of(CLUSTERS, "large", **middle) == "large"
    assert segment_of(CLUSTERS, "no-longer-there", **middle) == segment_of(CLUSTERS, **middle)


def test_the_margin_is_that_of_the_nearer_border_of_state_and_centre():
    deep, shallow = (
        score_centre_groups(customers({"order_count": 9, "total_spent": 90_000, "recency_days": days}), HYBRID)
        for days in (2.0, 59.0)
    )
    assert deep["margin"].item() > shallow["margin"].item() > 0


def test_groups_are_stored_as_plain_values():
    for groups in (CLUSTERS, HYBRID):
        assert CentreGroups.from_json(groups.to_json()) == groups
    assert HYBRID.renamed({"many": "champions"}).slugs == ("some", "champions", "gone", "once")


@law
@given(scored_frames(min_size=1))
def test_everybody_gets_the_same_label_alone_as_among_others(frame):
    bought = frame.filter(pl.col("order_count") > 0)
    settled = pl.Series(["many", "once", None, "small"] * bought.height)[: bought.height]
    for groups in (CLUSTERS, HYBRID):
        whole = score_centre_groups(bought, groups, settled)
        for number in range(bought.height):
            alone = score_centre_groups(bought[number], groups, settled[number : number + 1])
            assert_frame_equal(alone, whole[number], check_exact=True)
