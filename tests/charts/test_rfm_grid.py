import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop_app.charts.rfm_grid import GridCell, GridRow, rfm_grid, shade, small_grid


def a_cell(group, value=1.0, text="1"):
    return GridCell(group, group.title(), value, text, f"{group} in words", "tip", "/customers?r=1&v=1")


def a_grid(*rows):
    return [
        GridRow(f"row {number}", f"Row {number} in words", tuple(a_cell(group) for group in row.split()))
        for number, row in enumerate(rows)
    ]


def drawn(*rows):
    return rfm_grid(a_grid(*rows), caption="Grid", corner="Last order", columns=["1", "2"])


def borders(markup):
    return [set(classes.split()) for classes in re.findall(r'<td class="([^"]*)"', markup)]


def test_a_line_lies_exactly_between_two_groups():
    assert borders(drawn("new loyal", "new new")) == [
        {"top", "start", "end"},
        {"top", "start", "end", "bottom"},
        {"start", "bottom"},
        {"top", "end", "bottom"},
    ]


def test_each_group_is_named_once():
    markup = drawn("new loyal", "new new")
    assert markup.count(">New</small>") == 1
    assert markup.count(">Loyal</small>") == 1


def test_a_group_in_two_places_is_named_in_both():
    assert drawn("new loyal", "loyal new").count(">New</small>") == 2


def test_the_grid_is_a_table_with_a_caption_and_heads():
    markup = drawn("new loyal", "new new")
    assert "<caption" in markup
    assert markup.count('scope="row"') == 2
    assert markup.count('scope="col"') == 3
    assert markup.count("in words</span></a>") == 4


@given(st.floats(0, 1e9), st.floats(0, 1e9), st.floats(0, 1e9))
def test_more_is_never_lighter(one, other, largest):
    low, high = sorted((min(one, largest), min(other, largest)))
    assert 0 <= shade(low, largest) <= shade(high, largest) <= 5


@pytest.mark.parametrize(("value", "step"), [(0, 0), (1, 1), (100, 5), (-5, 0)])
def test_nothing_is_the_only_empty_shade(value, step):
    assert shade(value, 100) == step


def test_the_outline_says_in_words_what_it_shows():
    markup = small_grid([[True, False], [False, False]], "New: one cell")
    assert 'aria-label="New: one cell"' in markup
    assert markup.count('class="in"') == 1
    assert markup.count('class="out"') == 3
