import re

import pytest

from shop_app.charts.bar import share_bars, single_bar


def widths(drawn):
    return [float(width) for width in re.findall(r'class="of-\w+" y="\d" width="([\d.]+)"', drawn)]


@pytest.mark.parametrize(
    ("customers", "revenue", "lengths"),
    [(0.5, 1.0, [60, 120]), (0.0, 0.0, [0, 0]), (0.00001, 0.25, [1.5, 30]), (0.1, -0.2, [12, 0])],
)
def test_bars_are_as_long_as_their_shares(customers, revenue, lengths):
    assert widths(share_bars(customers, revenue, "")) == lengths


@pytest.mark.parametrize(("ratio", "length"), [(0.0, 0), (0.00001, 1.5), (0.5, 60), (1.0, 120)])
def test_a_single_bar_is_as_long_as_its_share(ratio, length):
    assert widths(single_bar(ratio, "")) == [length]


def test_the_figures_are_said_in_words():
    assert 'aria-label="8% of customers, 30% of revenue"' in share_bars(
        0.08, 0.3, "8% of customers, 30% of revenue"
    )
