import re

import pytest

from shop_app.charts.dots import effect_dot


def place(effect):
    return float(re.search(r'<circle cx="([\d.]+)"', effect_dot(effect, "x")).group(1))


def test_the_average_is_in_the_middle():
    assert place(0) == 60


def test_less_is_to_the_left_and_more_to_the_right():
    assert place(-1.5) < place(-0.3) < 60 < place(0.3) < place(1.5)


@pytest.mark.parametrize("effect", [-9, -2.5, 2.5, 9])
def test_what_lies_far_out_stays_on_the_line(effect):
    assert 0 < place(effect) < 120


def test_the_words_are_no_markup():
    assert "<b>" not in effect_dot(1, "<b>")
