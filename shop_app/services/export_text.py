"""Exported rows as the text of a file: CSV for spreadsheets, JSON for programs."""

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from io import StringIO
from typing import Any

from shop_app.services.csv_cells import safe_cell
from shop_app.services.export_rows import in_units

Rows = Iterable[dict[str, Any]]

BYTE_ORDER_MARK = "\ufeff"
"""Without it, Excel reads UTF-8 as the system's old code page."""
WHAT = (
    "customers",
    "predictions",
    "segments",
    "definitions",
    "playbook",
    "ledger",
    "pairs",
    "sequences",
    "bundles",
)
OF_PEOPLE = ("customers", "predictions", "ledger")
"""The exports in which single customers can be found."""
_ROWS_A_PIECE = 500


class Counted:
    """Rows on their way into a file; ``count`` says how many have passed."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self.count = 0

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for row in self._rows:
            self.count += 1
            yield row


def csv_text(rows: Rows) -> Iterator[str]:
    """Yield a table in pieces: money in units (12.50), and no cell that a spreadsheet would run."""
    buffer = StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    for number, row in enumerate(rows):
        if number == 0:
            writer.writerow(row)
        writer.writerow([safe_cell(value) for value in in_units(row).values()])
        if number % _ROWS_A_PIECE == _ROWS_A_PIECE - 1:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def json_text(rows: Rows) -> Iterator[str]:
    """Yield a list of objects in pieces: money in whole minor units."""
    before = "[\n"
    for row in rows:
        yield before + json.dumps(row, ensure_ascii=False, default=_plain)
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


FORMATS: dict[str, Callable[[Rows], Iterator[str]]] = {"csv": csv_text, "json": json_text}


def file_stem(shop_domain: str, *parts: str) -> str:
    """Return a name of plain letters: it stands in headers and in folders."""
    words = " ".join((shop_domain.removesuffix(".myshopify.com"), *parts)).lower()
    return re.sub(r"[^a-z0-9]+", "-", words).strip("-") or "kindred"


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is no value for JSON")
