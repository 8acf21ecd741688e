from fractions import Fraction

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from shop_app.segments.division import divide

counts = st.lists(st.tuples(st.integers(0, 10**9), st.integers(1, 10**9)), min_size=1, max_size=5)


def quotients(pairs, whole=None):
    frame = pl.DataFrame(pairs, schema={"part": pl.Int64, "whole": pl.Int64}, orient="row")
    return frame.select(divide(pl.col("part"), pl.col("whole") if whole is None else whole))["part"].to_list()


@given(counts)
def test_every_quotient_is_the_nearest_there_is_alone_as_among_others(pairs):
    nearest = [float(Fraction(part, whole)) for part, whole in pairs]
    assert quotients(pairs) == nearest
    assert [quotients([pair])[0] for pair in pairs] == nearest


def test_a_constant_divides_like_any_other_value():
    assert quotients([(100_000, 1), (100_000, 1)], pl.lit(1_000_000)) == [0.1, 0.1]


def test_where_a_side_is_missing_or_both_are_nothing_there_is_no_quotient():
    assert quotients([(None, 2), (2, None), (0, 0), (0, 5)]) == [None, None, None, 0.0]
