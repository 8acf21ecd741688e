"""Rows that need reading cell by cell, because of quotes or an unusual number of delimiters."""

import csv
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, cast

import polars as pl

from shop_app.files.batch import Reject, shown
from shop_app.files.dialect import csv_reader
from shop_app.files.file_format import Dialect
from shop_app.files.lines import LONGEST_LINE

if TYPE_CHECKING:
    from collections.abc import Callable

    Picker = Callable[[list[str]], tuple[str, ...]]

BLANKS = (
    " \t\n\r\x0b\x0c\x1a\u00a0\u200b\u200e\u200f\u2060\ufeff"
    "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
"""Around a cell these mean nothing, direction marks and zero-width blanks included."""

_CELL_MARK = "\x1f"  # between the cells picked from a quoted row; no line holds it (see lines.py)


def pick_cells(table: pl.DataFrame, mark: str, width: int, picks: dict[str, int]) -> pl.DataFrame:
    """Cut ``text`` at each mark, and keep the picked cells (name → index) under their names."""
    indexes = sorted(set(picks.values()))
    cells = pl.col("text").str.split_exact(mark, width - 1).struct.field(*(f"field_{i}" for i in indexes))
    return table.select("line_no", cells).select(
        "line_no", *(pl.col(f"field_{index}").alias(name) for name, index in picks.items())
    )


class QuotedRows:
    """Reads the lines that cannot simply be cut; ``rejects`` holds those that are no rows."""

    def __init__(
        self, lines: list[str], first_number: int, dialect: Dialect, picks: dict[str, int], *, is_last: bool
    ) -> None:
        self.line_count = len(lines)
        self.row_count = 0
        self.swallowed: list[int] = []  # plain-looking lines that lie inside a quoted cell
        self.rejects: list[Reject] = []
        self._lines = lines
        self._first = first_number
        self._dialect = dialect
        self._is_last = is_last
        self._indexes = sorted(set(picks.values()))
        self._positions = {name: self._indexes.index(index) for name, index in picks.items()}
        # One column more than wanted, so that the result is a tuple even for a single one.
        self._pick = cast("Picker", itemgetter(*self._indexes, self._indexes[0]))
        self._texts: list[str] = []
        self._numbers: list[int] = []

    def run(self, indexes: list[int], odd: list[bool]) -> None:
        """Read these lines; an odd number of quotes is the sign of a row that goes on in the next line."""
        self._read_each([index for index, is_odd in zip(indexes, odd, strict=True) if is_odd])
        inside = set(self.swallowed)
        others = [
            index
            for index, is_odd in zip(indexes, odd, strict=True)
            if not is_odd and index < self.line_count and self._first + index not in inside
        ]
        if not self._read_at_once(others):
            self._forget()
            self._read_each(indexes)

    def _read_at_once(self, indexes: list[int]) -> bool:
        """Read lines that are each a row of its own; return whether they are that."""
        reader = csv_reader([self._lines[index] for index in indexes], self._dialect, strict=True)
        width, pick = self._dialect.width, self._pick
        count = 0
        try:
            for index, cells in zip(indexes, reader, strict=False):
                count += 1
                if len(cells) == width:
                    self._texts.append(_CELL_MARK.join(pick(cells)))
                    self._numbers.append(self._first + index)
                else:
                    self._keep(index, index + 1, cells)
        except csv.Error:
            return False
        self.row_count = len(self._texts) + len(self.rejects)
        return count == len(indexes)

    def _read_each(self, indexes: list[int]) -> None:
        done_to = 0
        for index in indexes:
            if done_to <= index < self.line_count:
                done_to = self._read_one(index)

    def _forget(self) -> None:
        self.line_count = len(self._lines)
        self.row_count = 0
        for kept in (self.swallowed, self.rejects, self._texts, self._numbers):
            kept.clear()

    def frame(self) -> pl.DataFrame:
        """Return the rows read with care as the plain ones come."""
        numbers = pl.Series("line_no", self._numbers, dtype=pl.Int64)
        table = pl.DataFrame([numbers, pl.Series("text", self._texts, dtype=pl.String)])
        return pick_cells(table, _CELL_MARK, len(self._indexes) + 1, self._positions)

    def _read_one(self, index: int) -> int:
        """Read the row that begins here; return the index of the line after it."""
        following = (self._lines[i] + "\n" for i in range(index, len(self._lines)))
        reader = csv_reader(chain(following, [""]), self._dialect)
        try:
            cells: list[str] = next(reader, [])
            end: int = index + reader.line_num
        except csv.Error:
            return self._unclosed(index)
        if end > len(self._lines):
            return self._open_at_end(index)
        if end > index + 1 and not self._is_sound(index, end):
            return self._unclosed(index)
        self._keep(index, end, cells)
        return end

    def _open_at_end(self, index: int) -> int:
        length = sum(map(len, self._lines[index:]))
        if self._is_last or length > LONGEST_LINE:
            return self._unclosed(index)
        self.line_count = index
        return index

    def _unclosed(self, index: int) -> int:
        """Give up one line only, so that an open quote does not swallow the rows that follow."""
        self.row_count += 1
        reason = "a quote is opened in this line and not closed where a cell ends"
        self._reject(index, reason)
        return index + 1

    def _is_sound(self, index: int, end: int) -> bool:
        """Tell whether a row over several lines is what it seems, and no stray quote."""
        lines = [line + "\n" for line in self._lines[index:end]]
        try:
            rows = list(csv_reader(lines, self._dialect, strict=True))
        except csv.Error:
            return False
        return len(rows) == 1 and len(rows[0]) == self._dialect.width

    def _keep(self, index: int, end: int, cells: list[str]) -> None:
        width = self._dialect.width
        if not any(cell.strip(BLANKS) for cell in cells):
            return
        self.row_count += 1
        if len(cells) > width and not any(cell.strip(BLANKS) for cell in cells[width:]):
            cells = cells[:width]
        if len(cells) != width:
            self._reject(index, f"the row has {len(cells)} cells where the table has {width} columns")
            return
        self.swallowed.extend(range(self._first + index + 1, self._first + end))
        self._texts.append(_CELL_MARK.join(self._pick(cells)))
        self._numbers.append(self._first + index)

    def _reject(self, index: int, reason: str) -> None:
        self.rejects.append(Reject(self._first + index, "line", shown(self._lines[index]), reason))
