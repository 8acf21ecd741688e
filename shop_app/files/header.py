"""Where a table begins: lines above it, its header or none."""

import csv
import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from shop_app.errors import InvalidInputError
from shop_app.files.dialect import csv_reader, split_line
from shop_app.files.file_format import FIXED_WIDTH, WHITESPACE, Dialect

Records = list[tuple[int, list[str]]]

_LOOKED_AT = 30  # lines: more than anybody writes above a table
_VALUE = re.compile(
    r"""['"=]*[-+(]?[\s\d.,:/'\u2019-]*\d[\s\d.,:/'\u2019TZ+-]*\)?%?["]?|\S+@\S+|nan|true|false""",
    re.IGNORECASE,
)
_FEWEST_TO_WIDEN = 3  # columns
_MOST_VALUES = 0.25  # share of the header's cells that may look like values ("2010")


def refuse_open_quote(lines: Sequence[str]) -> None:
    """Raise :class:`InvalidInputError` where a quote in the first line swallows the lines below it."""
    looked_at = lines[:_LOOKED_AT]
    records = _records(looked_at, Dialect(",", 1))
    if records and records[0][0] == len(looked_at) > _FEWEST_TO_WIDEN:
        raise InvalidInputError(
            "file: a quote is opened in line 1 and not closed there, so that no header can be read. Mend the "
            "first line, or export the file again.",
            field="file",
        )


def find_header(lines: Sequence[str], dialect: Dialect, expected: Collection[str] = ()) -> Dialect:
    """Complete a dialect by the header's names and the number of lines before the first row of data.

    ``expected`` are names that the user gave: a line that holds one of them is the header.
    """
    wanted = {name.strip().lower() for name in expected if not name.strip().isdigit()}
    records = _records(lines[:_LOOKED_AT], dialect)
    for place, (end, cells) in enumerate(records):
        whole = _widened(cells, records[place + 1 :], dialect.width)
        if len(whole) == dialect.width and any(cell.strip() for cell in whole):
            if is_header(whole) or wanted & {_name(cell).lower() for cell in whole}:
                names = tuple(_name(cell) for cell in whole)
                return replace(dialect, header=names, skipped_lines=end)
            return replace(dialect, skipped_lines=end - 1)
    return dialect


def _widened(cells: list[str], below: Records, width: int) -> list[str]:
    """Give a header that is a name short its place: rows may end in a delimiter, or begin with a row name."""
    if len(cells) != width - 1 or width < _FEWEST_TO_WIDEN or not is_header(cells):
        return cells
    row = next((row for _, row in below if len(row) == width), None)
    if row is None:
        return cells
    return [*cells, ""] if not row[-1].strip() else ["", *cells]


def is_header(cells: Sequence[str]) -> bool:
    """Tell names from values: hardly any name is a number, a date or an e-mail address."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    values = sum(1 for cell in filled if _VALUE.fullmatch(cell))
    return values < _MOST_VALUES * len(filled) or (values == 0 and bool(filled))


def _records(lines: Sequence[str], dialect: Dialect) -> Records:
    """Return the first rows with the number of the line that each ends in."""
    if dialect.delimiter in (WHITESPACE, FIXED_WIDTH):
        return [(number, split_line(line, dialect)) for number, line in enumerate(lines, 1)]
    reader = csv_reader([line + "\n" for line in lines], dialect)
    records = []
    try:
        for cells in reader:
            records.append((reader.line_num, cells))  # noqa: PERF401 (the number changes as the reader goes on)
    except csv.Error:
        return [(number, split_line(line, dialect)) for number, line in enumerate(lines, 1)]
    return records


def _name(cell: str) -> str:
    return " ".join(cell.strip("\ufeff \t\r\n\u00a0\u200b'\"").split())
