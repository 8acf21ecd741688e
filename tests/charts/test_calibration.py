import re

import pytest

from shop_app.charts.calibration import Point, calibration_chart


def draw(*pairs):
    points = [Point(said, true, f"{said} said, {true} came true") for said, true in pairs]
    return calibration_chart(points, label="Said and true", across="said", upwards="came true")


def dots(svg):
    return [(float(x), float(y)) for x, y in re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', svg)]


def line(svg):
    return [
        float(each)
        for each in re.search(
            r'class="mid" x1="([\d.]+)" y1="([\d.]+)" x2="([\d.]+)" y2="([\d.]+)"', svg
        ).groups()
    ]


def test_what_came_true_as_often_as_it_was_said_lies_on_the_line():
    svg = draw((0.1, 0.1), (0.5, 0.5), (0.9, 0.9))
    x1, y1, x2, y2 = line(svg)
    for x, y in dots(svg):
        assert (x - x1) / (x2 - x1) == pytest.approx((y - y1) / (y2 - y1), abs=0.002)


def test_what_came_true_more_often_lies_above_the_line():
    svg = draw((0.4, 0.6), (0.6, 0.4))
    (_, higher), (_, lower) = dots(svg)
    assert higher < lower


@pytest.mark.parametrize(
    ("highest", "end"), [(0.04, "25%"), (0.25, "25%"), (0.3, "50%"), (0.76, "100%"), (1.0, "100%")]
)
def test_the_axes_go_no_farther_than_is_needed(highest, end):
    svg = draw((0.01, 0.02), (highest, 0.0))
    labels = re.findall(r">([\d]+%)</text>", svg)
    assert max(labels, key=lambda text: int(text[:-1])) == end
    assert all(44 <= x <= 304 for x, _ in dots(svg))


def test_every_dot_says_itself():
    assert "<title>0.1 said, 0.2 came true</title>" in draw((0.1, 0.2))


def test_without_a_forecast_there_is_nothing_to_draw():
    assert draw() == ""
