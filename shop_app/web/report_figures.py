"""The figures of the report card: errors beside those of plain rules, order, intervals and bands."""

from collections.abc import Mapping
from typing import Any

from shop_app.segments.predictions.baselines import WORDS
from shop_app.web.formats import NOTHING, Formats, capital, decimal, percent
from shop_app.web.report_pages import MeasureTable

Report = Mapping[str, Any]

_NOTHING_OFF = 0.0005
"""A smaller share rounds to nothing."""


def figure_table(report: Report, formats: Formats) -> MeasureTable | None:
    """Return what was measured, one question a row; ``None`` where nothing was tried."""
    chance, orders = report.get("order_probability_90d") or {}, report.get("expected_orders_90d") or {}
    value, wait = report.get("predicted_clv_365d") or {}, report.get("next_order") or {}
    rows = [
        *(_chance_rows(chance) if chance else ()),
        *(_order_rows(orders) if orders else ()),
        *(_value_rows(value, formats) if value else ()),
        *(_wait_rows(wait) if wait else ()),
    ]
    if not rows:
        return None
    return MeasureTable(
        heading="In figures",
        words="Over all days of the past that were tried.",
        caption="What was measured of each prediction, and what would be perfect",
        columns=("Question", "Found", "Wanted"),
        rows=tuple(rows),
    )


def off_words(ratio: float | None, *, much: bool = False) -> str:
    """Say by how much the sum of all forecasts was off, of things that are counted or of money."""
    if ratio is None:
        return NOTHING
    if abs(ratio) < _NOTHING_OFF:
        return "as it came"
    more, less = ("much", "little") if much else ("many", "few")
    return f"{percent(abs(ratio))} too {more if ratio > 0 else less}"


def baseline_tables(report: Report) -> tuple[MeasureTable, ...]:
    """Return the errors of the predictions beside those of the plain rules, smallest first."""
    chance, orders = report.get("order_probability_90d") or {}, report.get("expected_orders_90d") or {}
    tables = []
    if chance:
        rows = [("These predictions", chance["brier"], chance["auc"])]
        rows += [
            (capital(WORDS[key]), row["brier"], row.get("auc")) for key, row in chance["baselines"].items()
        ]
        tables.append(
            MeasureTable(
                heading="Whether they order, beside plain rules",
                words="Squared error: 0 is perfect. Told apart: 50% is chance, 100% perfect.",
                caption="Errors of the chance of an order beside those of plain rules",
                columns=("Going by", "Squared error", "Told apart"),
                rows=tuple(
                    (name, _small(error), percent(auc)) for name, error, auc in sorted(rows, key=_by_error)
                ),
            )
        )
    if orders:
        errors = {key: row["capped_squared_error"] for key, row in orders["baselines"].items()}
        pairs = [(capital(WORDS[key]), error) for key, error in errors.items()]
        if orders["skill"]:
            own = errors[orders["best_baseline"]] * (1.0 - orders["skill"]["ratio"])
            pairs.append(("These predictions", own))
        tables.append(
            MeasureTable(
                heading="How many orders, beside plain rules",
                words="Mean squared error in orders, the few largest capped: 0 is perfect.",
                caption="Errors of the number of orders beside those of plain rules",
                columns=("Going by", "Squared error"),
                rows=tuple((name, _small(error)) for name, error in sorted(pairs, key=_by_error)),
            )
        )
    return tuple(tables)


def _by_error(row: tuple[Any, ...]) -> float:
    return float("inf") if row[1] is None else float(row[1])


def _chance_rows(chance: Report) -> list[tuple[str, ...]]:
    return [
        (
            "Of one who ordered and one who did not: how often the first had the higher chance",
            percent(chance["auc"]),
            "100%",
        ),
        ("The same among those who had ordered within 180 days", percent(chance["auc_active"]), "100%"),
        (
            "Customers said to order within 90 days",
            percent(chance["predicted_ratio"]),
            f"{percent(chance['observed_ratio'])} did",
        ),
        ("Distance between said and come true", percent(chance["calibration"]["error"]), "0%"),
    ]


def _order_rows(orders: Report) -> list[tuple[str, ...]]:
    return [
        ("Orders foretold, in all", off_words(orders["aggregate_error_ratio"]), "as it came"),
        ("Orders of the best fifth that were seen coming", percent(orders["top_fifth_ratio"]), "100%"),
    ]


def _value_rows(value: Report, formats: Formats) -> list[tuple[str, ...]]:
    interval = value["interval"]
    days = f"tried over {value['days']} days"
    return [
        (
            f"Money foretold, in all ({days})",
            off_words(value["aggregate_error_ratio"], much=True),
            "as it came",
        ),
        ("Distance from what a customer spent, on average", formats.money(value["mae"]), formats.money(0)),
        ("Money of the best tenth that was seen coming", percent(value["top_tenth_ratio"]), "100%"),
        ("Sums inside their interval", percent(interval["coverage_ratio"]), percent(interval["wanted_ratio"])),
    ]


def _wait_rows(wait: Report) -> list[tuple[str, ...]]:
    band = wait["band"]
    width = band["median_width_days"]
    return [
        (
            "Next orders inside their band of days",
            percent(band["coverage_ratio"]),
            percent(band["wanted_ratio"]),
        ),
        ("Customers who are given a band", percent(band["given_ratio"]), NOTHING),
        ("Width of a band, typically", NOTHING if width is None else f"{decimal(width)} days", NOTHING),
        ("Of two customers: how often the likelier one came first", percent(wait["c_index"]), "100%"),
    ]


def _small(figure: float | None) -> str:
    return NOTHING if figure is None else f"{figure:.3f}"
