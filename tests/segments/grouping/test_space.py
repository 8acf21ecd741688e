import numpy as np
import polars as pl
import pytest
from hypothesis import given
from scored_customers import customers, mixed_shop, scored_frames
from segment_frames import law

from shop_app.segments.grouping.space import Space, amount_at, coordinates, fit_space

DIMENSIONS = ("total_spent", "order_count", "cadence_drift_ratio", "discount_share_ratio")
SHOP = mixed_shop()
SPACE = fit_space(SHOP, DIMENSIONS)


def placed(frame, space=SPACE, **options):
    return np.column_stack(coordinates(frame, space, **options))


def test_usual_customers_stand_around_the_middle_on_every_dimension():
    places = placed(SHOP.filter(pl.col("order_count") > 0))
    assert np.abs(places.mean(axis=0)).max() < 1e-9
    assert np.abs(places.std(axis=0) - 1).max() < 1e-9


def test_a_whale_does_not_move_the_others():
    whale = customers({"customer_id": 9_999, "order_count": 5, "total_spent": 90_000_000})
    with_whale = fit_space(pl.concat([SHOP, whale]), DIMENSIONS)
    assert np.abs(placed(SHOP, with_whale) - placed(SHOP)).max() < 0.1


def test_a_whale_stands_at_the_edge_unless_it_is_asked_how_far_out_it_is():
    whale = customers({"order_count": 5, "total_spent": 90_000_000})
    assert placed(whale)[0, 0] == pytest.approx(placed(SHOP)[:, 0].max())
    assert placed(whale, drawn_in=False)[0, 0] > placed(whale)[0, 0] + 1


def test_what_is_unknown_stands_at_the_shops_median_and_nobody_is_dropped():
    unknown = customers({"order_count": 3, "discount_share_ratio": None})
    usual = customers({"order_count": 3, "discount_share_ratio": 0.0})
    assert placed(unknown).tolist() == placed(usual).tolist()
    assert placed(SHOP.drop("cadence_drift_ratio")).shape == (SHOP.height, 4)


def test_a_weight_counts_with_its_square_root_in_distances():
    heavy = fit_space(SHOP, DIMENSIONS, weights={"order_count": 4.0})
    assert placed(SHOP, heavy)[:, 1] == pytest.approx(2 * placed(SHOP)[:, 1])


@pytest.mark.parametrize("weight", [0.0, -1.0, float("nan")])
def test_a_weight_of_nothing_is_refused(weight):
    with pytest.raises(ValueError, match="weight of order_count"):
        fit_space(SHOP, DIMENSIONS, weights={"order_count": weight})


def test_by_rank_the_customers_are_spread_evenly():
    spread = SHOP.with_columns(total_spent=pl.int_range(pl.len()) ** 3)
    even = fit_space(spread, ("total_spent",), even_sizes=True)
    places = placed(spread.filter(pl.col("order_count") > 0), even)[:, 0]
    counts = np.histogram(places, bins=5)[0]
    assert counts.min() > 0.8 * counts.max()


def test_dimensions_that_cannot_be_used_are_left_out_with_a_reason():
    space = fit_space(
        SHOP.with_columns(items_per_order=pl.lit(1.0), refund_rate_ratio=pl.lit(None, pl.Float64)),
        ("visits_30d", "items_per_order", "refund_rate_ratio", "order_count"),
    )
    assert space.features == ("order_count",)
    assert space.left_out == {
        "visits_30d": "This shop does not know it yet.",
        "items_per_order": "It is the same for nearly all buyers of this shop.",
        "refund_rate_ratio": "It is known for too few customers.",
    }


def test_an_amount_comes_back_from_its_place():
    places = placed(customers({"order_count": 4, "total_spent": 12_345}))[0]
    amounts = [amount_at(dimension, place) for dimension, place in zip(SPACE.dimensions, places, strict=True)]
    assert amounts[:2] == [pytest.approx(12_345), pytest.approx(4)]


@pytest.mark.parametrize("frame", [customers(), customers({"order_count": 0}), customers({})])
def test_a_shop_without_differences_has_no_dimensions(frame):
    assert fit_space(frame, DIMENSIONS).dimensions == ()


def test_a_space_is_stored_as_plain_numbers():
    even = fit_space(SHOP, DIMENSIONS, even_sizes=True)
    assert Space.from_json(SPACE.to_json()) == SPACE
    assert Space.from_json(even.to_json()) == even


@law
@given(scored_frames(min_size=1))
def test_everybody_stands_alone_where_they_stand_among_others(frame):
    for space in (SPACE, fit_space(SHOP, DIMENSIONS, even_sizes=True)):
        alone = [placed(row, space) for row in frame.iter_slices(1)]
        assert np.vstack(alone).tobytes() == placed(frame, space).tobytes()


def test_slices_of_many_lengths_give_the_same_bits():
    many = pl.concat([mixed_shop(1_000)] * 3)
    whole = placed(many)
    for start, length in ((0, 1), (1, 2), (3, 5), (7, 64), (11, 1_023), (977, 2_000)):
        assert placed(many.slice(start, length)).tobytes() == whole[start : start + length].tobytes()
