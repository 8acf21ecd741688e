"""What was looked at before a version may be used, and how many customers it would move."""

from typing import Any

from shop_app.web.fits_page import CheckRow
from shop_app.web.formats import percent

Measures = dict[str, Any]

_PASSED, _ASKS, _FAILED = ("Passed", "success"), ("You decide", "warning"), ("Failed", "critical")


def check_rows(measures: Measures) -> tuple[CheckRow, ...]:
    """Return the checks, what did not pass first."""
    rows = [_row(check, measures) for check in measures.get("checks", ())]
    order = [_FAILED[0], _ASKS[0], _PASSED[0]]
    return tuple(sorted(_joined(rows), key=lambda row: order.index(row.state)))


def open_rows(rows: tuple[CheckRow, ...]) -> tuple[CheckRow, ...]:
    """Return the checks that did not pass."""
    return tuple(row for row in rows if row.state != _PASSED[0])


def moved_words(measures: Measures) -> str:
    """Say how many would be called otherwise than now, predictions and groups together."""
    moved = measures.get("moved_ratio")
    if moved is None:
        return "Nobody had a group of this kind before, so nobody moves."
    return f"It would move {percent(moved)} of the customers with an order to another group."


def _joined(rows: list[CheckRow]) -> list[CheckRow]:
    """Take what passed under the same name for one: a merchant expects many things."""
    passed: dict[str, list[str]] = {}
    for row in rows:
        if row.state == _PASSED[0]:
            passed.setdefault(row.name, []).append(row.words)
    others = [row for row in rows if row.state != _PASSED[0]]
    return [*others, *(CheckRow(name, *_PASSED, " ".join(words)) for name, words in passed.items())]


def _row(check: dict[str, Any], measures: Measures) -> CheckRow:
    moved = measures.get("moved_ratio")
    if check["check"] == "moves" and moved is not None:
        # The check counts the groups alone; what a merchant sees moves with the predictions as well.
        limit = check["figures"]["limit_ratio"]
        words = f"{moved_words(measures)} You allow {percent(limit)}."
        return CheckRow(check["name"], *(_PASSED if moved <= limit else _ASKS), words)
    result = _PASSED if check["passed"] else _ASKS if check["needs_person"] else _FAILED
    return CheckRow(check["name"], *result, check["words"])
