import numpy as np
import polars as pl

from shop_app.segments.grouping.sampling import hashed, parts, resampled, sample

PEOPLE = pl.DataFrame({"customer_id": range(1, 2_001)})


def test_the_same_customers_are_drawn_whatever_the_order_of_the_frame():
    drawn = sample(PEOPLE, 200)
    assert drawn.height == 200
    assert drawn.equals(sample(PEOPLE.sample(fraction=1, shuffle=True, seed=3), 200))
    assert drawn["customer_id"].is_sorted()


def test_when_some_have_gone_most_of_the_others_are_drawn_again():
    fewer = PEOPLE.filter(pl.col("customer_id") % 50 != 0)
    both = sample(PEOPLE, 200).join(sample(fewer, 200), on="customer_id")
    assert both.height >= 190


def test_nobody_is_left_out_of_a_small_shop():
    assert sample(PEOPLE.head(7), 200).height == 7


def test_parts_are_of_about_the_same_size_and_do_not_follow_the_sample():
    sizes = np.bincount(parts(PEOPLE["customer_id"], 5))
    assert sizes.min() > 320
    drawn = sample(PEOPLE, 500)["customer_id"]
    assert np.bincount(parts(drawn, 2, salt=9)).min() > 200


def test_another_salt_gives_other_numbers():
    assert (hashed(PEOPLE["customer_id"], 0) != hashed(PEOPLE["customer_id"], 1)).all()


def test_rows_are_drawn_with_replacement_and_the_same_for_the_same_seed():
    rows = resampled(100, seed=4)
    assert rows.tolist() == resampled(100, seed=4).tolist()
    assert 50 < len(set(rows.tolist())) < 80
