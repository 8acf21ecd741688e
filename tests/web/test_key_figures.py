from shop_app.web.formats import Formats
from shop_app.web.key_figures import key_figures, whole_months

EURO = Formats("EUR", "Europe/Berlin")


def months(number, revenue=lambda _: 1000):
    return [
        {
            "month": f"{2023 + index // 12}-{index % 12 + 1:02d}",
            "revenue": revenue(index),
            "order_count": 10,
            "buyer_count": 8,
            "returning_buyer_count": 2,
        }
        for index in range(number)
    ]


def a_summary(listed, as_of):
    return {
        "as_of": as_of,
        "months": listed,
        "buyer_count": 80,
        "repeat_rate_ratio": 0.25,
        "revenue": 123456,
        "average_order_value": 1234,
    }


def figure(key, summary):
    return next(kpi for kpi in key_figures(summary, EURO) if kpi.key == key)


def test_the_first_month_and_a_running_one_are_no_whole_months():
    listed = months(5)
    running = a_summary(listed, "2023-05-12T10:00:00+00:00")
    assert [each["month"] for each in whole_months(running, EURO)] == ["2023-02", "2023-03", "2023-04"]


def test_a_month_is_over_on_the_shop_s_own_clock():
    over = a_summary(months(5), "2023-05-31T21:59:59.999999+00:00")
    assert [each["month"] for each in whole_months(over, EURO)][-1] == "2023-05"


def test_below_two_years_nothing_is_compared():
    thin = figure("revenue", a_summary(months(24), "2024-12-31T22:59:59.999999+00:00"))
    assert (thin.delta, thin.note) == ("", "Two whole years are needed to compare")


def test_two_years_are_set_side_by_side():
    grown = months(25, revenue=lambda index: 1000 if index < 13 else 1100)
    told = figure("revenue", a_summary(grown, "2025-01-31T22:59:59.999999+00:00"))
    assert (told.delta, told.delta_tone) == ("+10.0%", "good")


def test_a_fall_is_told_with_a_true_minus():
    fallen = months(25, revenue=lambda index: 1000 if index < 13 else 900)
    told = figure("revenue", a_summary(fallen, "2025-01-31T22:59:59.999999+00:00"))
    assert (told.delta, told.delta_tone) == ("\u221210.0%", "bad")


def test_a_year_of_refunds_only_is_not_divided_by():
    odd = months(25, revenue=lambda index: -5 if index < 13 else 900)
    assert figure("revenue", a_summary(odd, "2025-01-31T22:59:59.999999+00:00")).delta == ""


def test_two_months_draw_no_line():
    assert figure("revenue", a_summary(months(3), "2023-03-31T21:59:59.999999+00:00")).sparkline == ""


def test_the_line_says_where_it_begins_and_ends():
    line = figure("repeat", a_summary(months(30), "2025-06-30T21:59:59.999999+00:00")).sparkline
    assert "Returning buyers over 12 months: 25.0% in Jul 2024, 25.0% in Jun 2025" in line
