import re

from hypothesis import given
from hypothesis import strategies as st

from shop_app.charts.sparkline import sparkline


def points_of(drawn):
    line = re.search(r'<polyline points="([^"]*)"', drawn).group(1)
    return [tuple(map(float, point.split(","))) for point in line.split()]


@given(st.lists(st.integers(-(10**9), 10**9), min_size=3, max_size=24))
def test_every_value_is_a_point_inside_the_picture(values):
    points = points_of(sparkline(values, "Course"))
    assert len(points) == len(values)
    assert all(0 <= x <= 84 and 0 <= y <= 26 for x, y in points)


@given(st.lists(st.integers(0, 10**6), min_size=3, max_size=24))
def test_a_larger_value_never_lies_lower(values):
    heights = [y for _, y in points_of(sparkline(values, "Course"))]
    for value, y in zip(values, heights, strict=True):
        assert all(other_y >= y for other, other_y in zip(values, heights, strict=True) if other < value)


def test_two_points_are_no_course():
    assert sparkline([1, 2], "Course") == ""


def test_equal_values_lie_on_the_middle_line():
    assert {y for _, y in points_of(sparkline([7, 7, 7], "Course"))} == {13.0}


def test_the_label_is_read_out_and_stays_text():
    assert 'aria-label="&lt;b&gt; from 1 to 3"' in sparkline([1, 2, 3], "<b> from 1 to 3")
