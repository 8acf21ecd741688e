"""The four figures on top of the segments page: what they are, their course, and how they moved.

A course or a movement is shown over whole months only, and a movement only where two full years of
them can be set side by side.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from markupsafe import Markup

from shop_app.charts.sparkline import FEWEST_POINTS, sparkline
from shop_app.web.formats import Formats, count, counted, month, percent, points, signed_percent
from shop_app.web.segment_pages import Kpi

Summary = dict[str, Any]
Months = Sequence[dict[str, Any]]

_YEAR = 12
_YEARS = "year on year sets the last 12 whole months beside the 12 before."
_FLAT_RATIO = 0.005
"""A smaller movement is called flat."""


@dataclass(frozen=True, slots=True)
class _Measure:
    """A figure of some months together, ``None`` where they hold nothing to divide by."""

    noun: str
    of: Callable[[Months], float | None]
    write: Callable[[float], str]
    is_share: bool = False


def key_figures(summary: Summary, formats: Formats) -> tuple[Kpi, ...]:
    """Return the four figures of one run."""
    months = whole_months(summary, formats)
    return (
        Kpi(
            "customers",
            "Customers with an order",
            "People with at least one order that counts. Accounts and addresses of one person are one "
            f"customer. The line shows how many bought in each month; {_YEARS}",
            count(summary["buyer_count"]),
            *_course_and_movement(months, _Measure("buyers a month", _buyers, count)),
        ),
        Kpi(
            "repeat",
            "Repeat purchase rate",
            "Share of customers with an order who have ordered at least twice. The line shows the share of "
            f"each month's buyers who had ordered before; {_YEARS}",
            percent(summary["repeat_rate_ratio"]),
            *_course_and_movement(months, _Measure("returning buyers", _returning, percent, is_share=True)),
        ),
        Kpi(
            "revenue",
            "Revenue",
            "What customers paid for the orders that count, less refunds, since the first order. The line "
            f"shows each month; {_YEARS}",
            formats.short_money(summary["revenue"]),
            *_course_and_movement(months, _Measure("revenue a month", _revenue, formats.short_money)),
        ),
        Kpi(
            "average",
            "Average order value",
            f"Revenue divided by the number of orders that count. The line shows each month; {_YEARS}",
            formats.money(summary["average_order_value"]),
            *_course_and_movement(months, _Measure("average order", _average, formats.money)),
        ),
    )


def whole_months(summary: Summary, formats: Formats) -> Months:
    """Return the months that are complete: not the first order's, nor a last one that still runs."""
    end = formats.local(datetime.fromisoformat(summary["as_of"]))
    is_over = (end + timedelta(microseconds=1)).month != end.month
    months: list[dict[str, Any]] = summary["months"][1:]
    if months and months[-1]["month"] == end.strftime("%Y-%m") and not is_over:
        months.pop()
    return months


def _course_and_movement(months: Months, measure: _Measure) -> tuple[Markup, str, str, str]:
    """Return the line, the movement, its colour and what it compares."""
    line = _course(months[-_YEAR:], measure)
    missing = 2 * _YEAR - len(months)
    before = measure.of(months[-2 * _YEAR : -_YEAR]) if missing <= 0 else None
    now = measure.of(months[-_YEAR:])
    if before is None or now is None or before <= 0:
        return (
            line,
            "",
            "flat",
            "Two whole years are needed to compare" if missing > 0 else "Nothing to compare",
        )
    change = now - before if measure.is_share else now / before - 1
    tone = "flat" if abs(change) < _FLAT_RATIO else "good" if change > 0 else "bad"
    words = points(change) if measure.is_share else signed_percent(change)
    return line, words, tone, f"{measure.noun}, year on year"


def _course(months: Months, measure: _Measure) -> Markup:
    known = [(each["month"], value) for each in months if (value := measure.of([each])) is not None]
    if len(known) < FEWEST_POINTS:
        return Markup("")
    (first, start), (last, end) = known[0], known[-1]
    label = (
        f"{measure.noun.capitalize()} over {counted(len(known), 'month')}: {measure.write(start)} in "
        f"{month(first)}, {measure.write(end)} in {month(last)}"
    )
    return sparkline([value for _, value in known], label)


def _buyers(months: Months) -> float | None:
    return sum(each["buyer_count"] for each in months) / len(months) if months else None


def _returning(months: Months) -> float | None:
    buyers = sum(each["buyer_count"] for each in months)
    return sum(each["returning_buyer_count"] for each in months) / buyers if buyers else None


def _revenue(months: Months) -> float | None:
    return sum(each["revenue"] for each in months) / len(months) if months else None


def _average(months: Months) -> float | None:
    orders = sum(each["order_count"] for each in months)
    return sum(each["revenue"] for each in months) / orders if orders else None
