"""The first rows of a file, from which its form is found out."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from shop_app.errors import InvalidInputError
from shop_app.files import dialect as dialects
from shop_app.files import encodings
from shop_app.files.batch import shown
from shop_app.files.date_formats import ORDERS
from shop_app.files.file_format import Dialect, ReadOptions
from shop_app.files.foreign import refuse_binary, refuse_foreign
from shop_app.files.header import find_header, refuse_open_quote
from shop_app.files.lines import LineReader
from shop_app.files.money import as_code, exponent
from shop_app.files.opening import ByteReader, check_file, is_gzipped
from shop_app.files.rows import RowReader

_LINES = 300
_ROWS = 2_000
_BLOCKS = 16
WIDEST_TABLE = 1_000  # columns; an order export has a hundred, and a wider one is mostly a wrong delimiter
_SHOWN_NAMES, _SHOWN_NAME = 40, 40  # how many names, and how much of each


@dataclass(frozen=True, slots=True)
class Sample:
    """``rows``: ``line_no`` and one text column for each column of the file, named by its index."""

    path: Path
    encoding: str
    dialect: Dialect
    rows: pl.DataFrame
    options: ReadOptions
    is_whole: bool
    is_gzipped: bool

    def column(self, index: int) -> pl.Series:
        """Return the cells of one column."""
        return self.rows[str(index)]

    def label(self, index: int) -> str:
        """Return what the file calls a column."""
        header = self.dialect.header
        return f'"{shown(header[index])}"' if header and header[index] else f"column {index + 1}"

    @property
    def names(self) -> str:
        """All columns' names, for a sentence."""
        header = [shown(name)[:_SHOWN_NAME] for name in self.dialect.header if name]
        more = ["…"] if len(header) > _SHOWN_NAMES else []
        return ", ".join(header[:_SHOWN_NAMES] + more) or f"numbers 1 to {self.dialect.width}"

    def whole_column(self, index: int) -> Iterator[pl.Series]:
        """Yield a column from here to the end of the file: the sample, then piece by piece the whole."""
        yield self.column(index)
        if not self.is_whole:
            reader = RowReader(self.path, self.encoding, self.dialect, {"cell": index})
            for chunk in reader.chunks():
                yield chunk.frame["cell"]

    @property
    def exponent(self) -> int:
        """Decimal places of the shop's currency."""
        return exponent(self.options.currency) if self.options.currency else 2


def take_sample(path: Path, options: ReadOptions) -> Sample:
    """Open a file and read its first rows.

    Raises
    ------
    InvalidInputError
        It cannot be opened, is no text table, or holds no row below its header.
    """
    _check_options(options)
    check_file(path)
    head = _head(path)
    refuse_foreign(head, path.name)
    encoding = encodings.detect_encoding(head, path, options.encoding)
    if not encodings.is_wide(encoding):
        refuse_binary(head, path.name)
    lines = _first_lines(path, encoding)
    refuse_open_quote(lines)
    found = find_header(
        lines, dialects.find_dialect(lines, options.delimiter), (options.mapping or {}).values()
    )
    if found.width > WIDEST_TABLE:
        raise InvalidInputError(
            f"delimiter: {path.name} falls into {found.width:,} columns; at most {WIDEST_TABLE:,} are read. "
            "Leave out those that are not needed, or say what separates the columns (--delimiter).",
            field="delimiter",
        )
    picks = {str(index): index for index in range(found.width)}
    first = next(RowReader(path, encoding, found, picks, chunk_rows=_ROWS).chunks())
    if first.frame.is_empty():
        raise _no_rows(path, found, [reject.reason for reject in first.rejects if not reject.row_kept])
    return Sample(path, encoding, found, first.frame, options, first.is_last, is_gzipped(path))


def describe_opening(sample: Sample) -> list[str]:
    """Say in words how the file is written."""
    dialect = sample.dialect
    packed = "gz-compressed, " if sample.is_gzipped else ""
    encoding = encodings.WORDS.get(sample.encoding, sample.encoding)
    by = dialects.WORDS.get(dialect.delimiter, repr(dialect.delimiter))
    quotes = ", cells in single quotes" if dialect.quote == "'" else ""
    sentences = [f"The file is {packed}{encoding}; {dialect.width} columns parted by {by}{quotes}."]
    if not dialect.header:
        sentences.append("It has no header: columns are known by their numbers, from 1.")
    elif dialect.skipped_lines > 1:
        sentences.append(f"The header ends in line {dialect.skipped_lines}; what stands above it is left out.")
    if sample.encoding == "cp1252":
        sentences.append("If letters look wrong, name the encoding with --encoding.")
    return sentences


def _check_options(options: ReadOptions) -> None:
    if options.date_order not in (None, *ORDERS):
        raise InvalidInputError(
            f"date_order: {options.date_order!r} must be dmy, mdy or ymd.", field="date_order"
        )
    if options.decimal not in (None, ".", ","):
        raise InvalidInputError(f"decimal: {options.decimal!r} must be . or , .", field="decimal")
    if options.currency is not None and as_code(options.currency) != options.currency:
        raise InvalidInputError(
            f"currency: {options.currency!r} is no currency code; write for instance EUR or USD.",
            field="currency",
        )
    try:
        pl.Series([None], dtype=pl.Datetime("us")).dt.replace_time_zone(options.timezone)
    except pl.exceptions.ComputeError:
        raise InvalidInputError(
            f"timezone: {options.timezone!r} is not known; write for instance Europe/Berlin or UTC.",
            field="timezone",
        ) from None


def _head(path: Path) -> bytes:
    reader = ByteReader(path)
    head = next(reader.blocks(), b"")
    if not head:
        what = reader.damage or "the compressed file holds nothing"
        raise InvalidInputError(f"{path.name}: {what}; export it again.", field="file")
    return head


def _first_lines(path: Path, encoding: str) -> list[str]:
    lines: list[str] = []
    for number, block in enumerate(LineReader(path, encoding).blocks()):
        lines += block.lines
        if len(lines) >= _LINES or number >= _BLOCKS:
            break
    return lines


def _no_rows(path: Path, dialect: Dialect, reasons: list[str]) -> InvalidInputError:
    if reasons:
        return InvalidInputError(
            f"{path.name}: no row can be read; the first is refused: {reasons[0]}.", field="file"
        )
    below = "only a header and no rows" if dialect.header else "no rows"
    return InvalidInputError(f"{path.name} has {below}: there is nothing to import.", field="file")
