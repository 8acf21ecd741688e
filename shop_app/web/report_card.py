"""The report card: which predictions are published, and what the test on the shop's own past said of each."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from markupsafe import Markup

from shop_app.charts.calibration import Point
from shop_app.charts.calibration import calibration_chart as draw_calibration
from shop_app.web.formats import NOTHING, Formats, capital, count, counted, days, percent
from shop_app.web.report_figures import off_words
from shop_app.web.report_pages import MeasureTable, PredictionRow

Report = Mapping[str, Any]

_PREDICTIONS = {
    "order_probability_90d": ("order_probability_90d", "Whether somebody orders in the next 90 days"),
    "expected_orders_90d": ("expected_orders_90d", "How many orders in the next 90 days"),
    "predicted_clv_365d": ("predicted_clv_365d", "What somebody spends in the next 365 days"),
    "next_order": ("next_order_from", "Between which days the next order comes"),
}
"""Each part of the card with the column that it decides on, and what a merchant calls it."""
_GROUPS = {
    "new": "New: bought once, not long ago",
    "one_time": "Bought once, longer ago",
    "repeat": "Came back",
    "heavy": "Came back often",
}


def prediction_rows(report: Report, published: Mapping[str, str]) -> tuple[PredictionRow, ...]:
    """Say of each prediction whether it is published: why not, or by how much it beats the plain rules."""
    return tuple(
        PredictionRow(
            name,
            "Not published" if published[column] else "Published",
            "warning" if published[column] else "success",
            capital(published[column]) or _skill_words(report.get(part) or {}),
        )
        for part, (column, name) in _PREDICTIONS.items()
        if column in published
    )


def _skill_words(part: Report) -> str:
    skill = part.get("skill")
    if not skill:
        return "There is enough past for it."
    low, high = percent(skill["low"]), percent(skill["high"])
    return (
        f"Its errors are {percent(skill['ratio'])} smaller than when going by {part['best_baseline_words']} "
        f"(surely between {low} and {high})."
    )


def calibration_chart(report: Report) -> Markup:
    """Draw what was said of an order in 90 days against how often one came."""
    bins = _bins(report)
    return draw_calibration(
        [
            Point(
                each["predicted"],
                each["observed"],
                f"{percent(each['predicted'])} said, {percent(each['observed'])} came true, "
                f"of {counted(each['count'], 'forecast')}",
            )
            for each in bins
        ],
        label=f"Chance of an order in 90 days in {counted(len(bins), 'step')}: what was said and what came "
        "true; the table beside it tells each",
        across="Chance that was said",
        upwards="Share who ordered",
    )


def calibration_table(report: Report) -> MeasureTable | None:
    """Return the figures of the chart; ``None`` where nothing was tried."""
    bins = _bins(report)
    if not bins:
        return None
    slope = report["order_probability_90d"]["calibration"]["slope"]
    return MeasureTable(
        heading="Said and come true",
        words="On the line, customers ordered as often as was said." + _slope_words(slope),
        caption="Chance of an order in 90 days: what was said, and the share who ordered",
        columns=("Said", "Ordered", "Forecasts"),
        rows=tuple(
            (percent(each["predicted"]), percent(each["observed"]), count(each["count"])) for each in bins
        ),
    )


def group_table(report: Report) -> MeasureTable | None:
    """Return how the predictions did for each kind of customer."""
    chance = report.get("order_probability_90d") or {}
    if not chance:
        return None
    value = (report.get("predicted_clv_365d") or {}).get("groups", ())
    covered = {row["group"]: row.get("coverage_ratio") for row in value}
    return MeasureTable(
        heading="By kind of customer",
        words="Where predictions are off for one kind, trust them less there.",
        caption="Predictions and what came true, by kind of customer",
        columns=(
            "Customers",
            "Forecasts",
            "Said to order",
            "Ordered",
            "Squared error",
            "Sums inside the interval",
        ),
        rows=tuple(
            (
                _GROUPS.get(row["group"], row["group"]),
                count(row["customers"]),
                percent(row["predicted_ratio"]),
                percent(row["observed_ratio"]),
                _error(row["brier"]),
                percent(covered.get(row["group"])),
            )
            for row in chance["groups"]
        ),
    )


def origin_table(report: Report, formats: Formats) -> MeasureTable | None:
    """Return how the predictions did on each day of the past that they were tried on."""
    chance = report.get("order_probability_90d") or {}
    if not chance:
        return None
    orders = {row["origin"]: row for row in (report.get("expected_orders_90d") or {}).get("origins", ())}
    return MeasureTable(
        heading="Day by day of the past",
        words="On each of these days everything was learned anew from what was known then.",
        caption="How the predictions did on each day of the past that they were tried on",
        columns=("Looked from", "Customers", "Said to order", "Ordered", "Told apart", "Orders foretold"),
        rows=tuple(
            (
                formats.date(datetime.fromisoformat(row["origin"])),
                count(row["customers"]),
                percent(row["predicted_ratio"]),
                percent(row["observed_ratio"]),
                percent(row["auc"]),
                off_words(orders.get(row["origin"], {}).get("aggregate_error_ratio")),
            )
            for row in chance["origins"]
        ),
    )


def warning_table(report: Report) -> MeasureTable | None:
    """Return how much sooner the churn risk warns of somebody who falls silent than the RFM mark."""
    warning = report.get("warning")
    if not warning or warning["median_days"] is None:
        return None
    sooner = f" It was sooner for {percent(warning['earlier_ratio'])} of them."
    return MeasureTable(
        heading="Days of warning",
        words=warning["words"] + sooner,
        caption="After how many silent days the churn risk and the RFM mark warn of a customer",
        columns=("Alarm", "Warns after, typically"),
        rows=(
            ("Churn risk", days(warning["rfm_days"] - warning["median_days"])),
            ("RFM mark of 2 or less", days(warning["rfm_days"])),
        ),
    )


def _bins(report: Report) -> list[dict[str, Any]]:
    bins: list[dict[str, Any]] = (
        (report.get("order_probability_90d") or {}).get("calibration", {}).get("bins", [])
    )
    return bins


def _slope_words(slope: float | None) -> str:
    """Say whether the chances are too bold or too timid; 1 is right."""
    if slope is None:
        return ""
    if slope < _BOLD:
        return " They are too bold: high chances are said too high, low ones too low."
    return " They are too timid: high chances are said too low." if slope > _TIMID else ""


_BOLD, _TIMID = 0.9, 1.1
"""Slopes outside of which chances are called too bold or too timid."""


def _error(figure: float | None) -> str:
    return NOTHING if figure is None else f"{figure:.3f}"
