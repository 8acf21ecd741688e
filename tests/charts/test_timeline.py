import re
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shop_app.charts.timeline import Dot, timeline

START = datetime(2026, 1, 1, tzinfo=UTC)
END = datetime(2026, 12, 31, tzinfo=UTC)


def drawn(*dots):
    return timeline(dots, start=START, end=END, start_text="1 Jan", end_text="31 Dec", label="Orders")


def circles(markup):
    found = re.findall(r'class="([\w-]+)" cx="([\d.]+)%" cy="\d+" r="([\d.]+)"', markup)
    return [(kind, float(x), float(radius)) for kind, x, radius in found]


@given(st.lists(st.tuples(st.integers(-50, 500), st.integers(0, 10**8), st.booleans()), max_size=30))
def test_every_dot_lies_on_the_line(dots):
    shown = circles(
        drawn(*(Dot(START + timedelta(days=day), amount, counts, "") for day, amount, counts in dots))
    )
    assert len(shown) == len(dots)
    assert all(2 <= x <= 98 and 3 <= radius <= 11 for _, x, radius in shown)


def test_four_times_the_money_is_twice_the_width():
    small, large = circles(drawn(Dot(START, 100, True, ""), Dot(END, 400, True, "")))
    assert (small[2], large[2]) == (5.5, 11.0)


def test_an_order_that_does_not_count_is_hollow_and_small():
    assert circles(drawn(Dot(START, 10**9, False, "Cancelled")))[0] == ("left-out", 2.0, 3.0)


def test_a_single_moment_is_drawn_in_the_middle():
    markup = timeline([Dot(START, 5, True, "")], start=START, end=START, start_text="", end_text="", label="")
    assert circles(markup)[0][1] == 50.0


def test_words_stay_text():
    assert "<title>&lt;b&gt;</title>" in drawn(Dot(START, 5, True, "<b>"))
