"""The report card as a person reads it: the verdict first, then each prediction day by day."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click

from shop_app.cli.shop_choice import print_table
from shop_app.web.formats import NOTHING, Formats, count, decimal, percent

Card = dict[str, Any]

_PARTS = {
    "order_probability_90d": ("order_probability_90d", "Whether they order within 90 days"),
    "expected_orders_90d": ("expected_orders_90d", "How many orders in 90 days"),
    "predicted_clv_365d": ("predicted_clv_365d", "What they bring in 365 days"),
    "next_order": ("next_order_from", "When the next order comes"),
}
"""The parts of the card, each with a column that stands or falls with it, and its words."""

_GROUPS = {"new": "New", "one_time": "Bought once", "repeat": "Came back", "heavy": "The busiest"}


def print_report(report: Card, formats: Formats) -> None:
    """Print the whole card."""
    facts = report["facts"]
    click.echo(
        f"{report['shop']}, tested on its past up to {formats.date(report['as_of'])}: "
        f"{count(facts['buyers'])} buyers, {count(facts['repeat_buyers'])} of whom came back; "
        f"{decimal(facts['weeks'])} weeks of orders.\n"
    )
    for words in report["words"]:
        click.echo(words)
    if not any(report[part] for part in _PARTS):
        return
    _print_verdicts(report)
    _print_chance(report["order_probability_90d"], formats)
    _print_orders(report["expected_orders_90d"], formats)
    _print_value(report["predicted_clv_365d"], formats)
    _print_wait(report["next_order"], formats)


def _print_verdicts(report: Card) -> None:
    rows = [
        [
            name,
            "no" if report["published"][column] else "yes",
            _skill(report[part]),
            report[part].get("best_baseline_words") or NOTHING,
        ]
        for part, (column, name) in _PARTS.items()
    ]
    click.echo()
    print_table(["Prediction", "Shown", "Smaller errors", "Than going by"], rows, right=(2,))
    said = ("", " ".join(report["missing"]))
    for reason in dict.fromkeys(report["published"][column] for column, _ in _PARTS.values()):
        if reason not in said:
            click.echo(reason)


def _skill(card: Card) -> str:
    skill = card.get("skill")
    if skill is None:
        return NOTHING
    return f"{percent(skill['ratio'])} ({percent(skill['low'])} to {percent(skill['high'])})"


def _print_chance(card: Card, formats: Formats) -> None:
    if not card:
        return
    _print_title("order_probability_90d", f"{count(card['ordered'])} of {count(card['customers'])} did.")
    header = ["Customers", "Foretold", "Came true", "Ranked right", "Brier score", "Slope"]
    _print_days(header, card, _chance_row, formats)
    click.echo(
        "Ranked right: of two customers of whom one ordered, how often that one had the higher chance. Slope: "
        "1 is right,\nabove it chances were too timid, below it too bold."
    )
    click.echo()
    bins = card["calibration"]["bins"]
    rows = [[percent(row["predicted"]), percent(row["observed"]), count(row["count"])] for row in bins]
    print_table(["Chance foretold", "Came true", "Customers"], rows, right=(0, 1, 2))


def _chance_row(row: Card) -> list[str]:
    return [
        count(row["customers"]),
        percent(row["predicted_ratio"]),
        percent(row["observed_ratio"]),
        percent(row["auc"]),
        _number(row["brier"], 3),
        _number(row.get("calibration_slope"), 2),
    ]


def _print_orders(card: Card, formats: Formats) -> None:
    if not card:
        return
    _print_title(
        "expected_orders_90d", f"{percent(card['top_fifth_ratio'])} of what the true best fifth placed."
    )
    _print_days(["Foretold in all", "Mean error", "Root mean square error"], card, _orders_row, formats)


def _orders_row(row: Card) -> list[str]:
    return [_off(row["aggregate_error_ratio"]), _number(row["mae"], 2), _number(row["rmse"], 2)]


def _print_value(card: Card, formats: Formats) -> None:
    if not card:
        return
    interval = card["interval"]
    words = (
        f"Tried over {card['days']} days. {percent(interval['coverage_ratio'])} of sums lay in their interval, "
        f"{percent(interval['wanted_ratio'])} were to."
    )
    _print_title("predicted_clv_365d", words)
    header = ["Foretold in all", "Mean error", "In their interval"]

    def row(figures: Card) -> list[str]:
        covered = percent(figures["coverage_ratio"])
        return [_off(figures["aggregate_error_ratio"]), formats.money(figures["mae"]), covered]

    _print_days(header, card, row, formats)


def _print_wait(card: Card, formats: Formats) -> None:
    if not card:
        return
    band = card["band"]
    words = (
        f"{percent(band['coverage_ratio'])} came within their band of days, {percent(band['wanted_ratio'])} "
        f"were to; half of the bands are wider than {decimal(band['median_width_days'])} days."
    )
    _print_title("next_order", words)
    _print_days(
        ["Came", "Ranked right", "Had a band", "Came within it", "Usual width"], card, _wait_row, formats
    )


def _wait_row(row: Card) -> list[str]:
    return [
        percent(row["came_ratio"]),
        percent(row["c_index"]),
        percent(row["given_ratio"]),
        percent(row["coverage_ratio"]),
        NOTHING if row["median_width_days"] is None else f"{decimal(row['median_width_days'])} days",
    ]


def _print_title(part: str, words: str) -> None:
    click.echo(f"\n{_PARTS[part][1]}. {words}")


def _print_days(header: Sequence[str], card: Card, row_of: Any, formats: Formats) -> None:  # noqa: ANN401 (a function)
    """Print a line a day tried, then one a kind of customer."""
    rows = [[formats.date(datetime.fromisoformat(row["origin"])), *row_of(row)] for row in card["origins"]]
    rows += [[_GROUPS.get(row["group"], row["group"]), *row_of(row)] for row in card.get("groups", ())]
    print_table(["Day or kind", *header], rows, right=range(1, len(header) + 1))


def _off(ratio: float | None) -> str:
    """Say how much too many, or too few, were foretold."""
    if ratio is None:
        return NOTHING
    return f"{percent(abs(ratio))} too {'many' if ratio > 0 else 'few'}"


def _number(value: float | None, digits: int) -> str:
    return NOTHING if value is None else f"{value:.{digits}f}"
