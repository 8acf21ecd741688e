from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop_app.charts.treemap import Box, Tile, squarify, treemap

SIZES = st.lists(st.integers(1, 10**9), min_size=1, max_size=40).map(lambda sizes: sorted(sizes, reverse=True))


def a_tile(name, value, **changes):
    words = {"value_text": "€1", "share_text": "1%", "note": "", "tip": "", "href": "/", "tone": 1}
    return Tile(name=name, value=value, **(words | changes))


@given(SIZES, st.integers(100, 1000), st.integers(100, 1000))
def test_areas_stand_in_the_sizes_proportion_and_fill_the_box(sizes, width, height):
    boxes = squarify(sizes, Box(0, 0, width, height))
    for size, box in zip(sizes, boxes, strict=True):
        assert box.width * box.height == pytest.approx(size / sum(sizes) * width * height, rel=1e-6)


@given(SIZES, st.integers(100, 1000), st.integers(100, 1000))
def test_no_tile_lies_outside_the_box(sizes, width, height):
    for box in squarify(sizes, Box(0, 0, width, height)):
        assert box.left >= -1e-6
        assert box.top >= -1e-6
        assert box.left + box.width <= width * (1 + 1e-6)
        assert box.top + box.height <= height * (1 + 1e-6)


@given(SIZES)
def test_tiles_do_not_overlap(sizes):
    boxes = squarify(sizes, Box(0, 0, 560, 340))
    for number, one in enumerate(boxes):
        for other in boxes[number + 1 :]:
            across = min(one.left + one.width, other.left + other.width) - max(one.left, other.left)
            down = min(one.top + one.height, other.top + other.height) - max(one.top, other.top)
            assert across < 1e-6 or down < 1e-6


def test_four_equal_sizes_make_four_quarters():
    assert squarify([1, 1, 1, 1], Box(0, 0, 2, 2)) == [
        Box(0.0, 0.0, 1.0, 1.0),
        Box(0.0, 1.0, 1.0, 1.0),
        Box(1.0, 0.0, 1.0, 1.0),
        Box(1.0, 1.0, 1.0, 1.0),
    ]


def test_nothing_to_show_is_an_empty_list():
    assert squarify([], Box(0, 0, 10, 10)) == []
    assert treemap([], width=10, height=10, layout="wide") == '<ul class="treemap wide"></ul>'


def test_what_brings_nothing_has_no_tile():
    drawn = treemap([a_tile("Rich", 5), a_tile("Poor", 0)], width=10, height=10, layout="wide")
    assert "Rich" in drawn
    assert "Poor" not in drawn


def test_a_hostile_name_stays_text():
    drawn = treemap(
        [a_tile("<script>alert(1)</script>", 5, tip='" onmouseover="x', href='/"><b>')],
        width=10,
        height=10,
        layout="wide",
    )
    tags = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attributes: tags.append((tag, [name for name, _ in attributes]))
    parser.feed(drawn)
    assert [tag for tag, _ in tags] == ["ul", "li", "a", "b", "span", "span", "span"]
    assert dict(tags)["a"] == ["class", "href", "data-tip"]
