"""Lines into cells, many at once: plain lines by Polars, quoted ones by Python's csv module."""

from dataclasses import dataclass, field

import polars as pl

from shop_app.files.batch import Reject, shown
from shop_app.files.file_format import FIXED_WIDTH, WHITESPACE, Dialect
from shop_app.files.quoted_rows import BLANKS, QuotedRows, pick_cells


@dataclass(slots=True)
class Split:
    """Rows of picked cells (``line_no`` and one text column a pick); ``line_count`` lines were used up."""

    frame: pl.DataFrame
    row_count: int
    line_count: int
    rejects: list[Reject] = field(default_factory=list)


def split_lines(
    lines: list[str], first_number: int, dialect: Dialect, picks: dict[str, int], *, is_last: bool
) -> Split:
    """Split physical lines into rows of the picked columns.

    A quoted cell may run over several lines; one that is still open at the end of ``lines`` is left for
    the next call (``line_count`` says from where), or rejected if these are the last lines.
    """
    table = pl.DataFrame({"text": pl.Series(lines, dtype=pl.String)}).with_row_index("line_no", first_number)
    table = table.with_columns(pl.col("line_no").cast(pl.Int64))
    if dialect.delimiter == WHITESPACE:
        return _split_blanks(table, dialect, picks)
    if dialect.delimiter == FIXED_WIDTH:
        return _split_positions(table, dialect, picks)
    table = table.with_columns(quotes=pl.col("text").str.count_matches(dialect.quote, literal=True))
    table = table.filter(~_is_blank(dialect)).with_columns(plain=_is_plain(dialect))
    if table["plain"].all():
        frame = pick_cells(table, dialect.delimiter, dialect.width, picks)
        return Split(frame, frame.height, len(lines))
    care = QuotedRows(lines, first_number, dialect, picks, is_last=is_last)
    rest = table.filter(~pl.col("plain"))
    care.run((rest["line_no"] - first_number).to_list(), (rest["quotes"] % 2 == 1).to_list())
    used = pl.col("line_no") < first_number + care.line_count
    table = table.filter(pl.col("plain") & used & ~pl.col("line_no").is_in(care.swallowed))
    plain = pick_cells(table, dialect.delimiter, dialect.width, picks)
    rows = pl.concat([plain, care.frame()]).sort("line_no")
    return Split(rows, plain.height + care.row_count, care.line_count, care.rejects)


def _is_blank(dialect: Dialect) -> pl.Expr:
    """Tell lines with nothing in any cell; an odd quote begins or ends a cell of several lines."""
    around = BLANKS + dialect.delimiter + dialect.quote
    return (pl.col("text").str.strip_chars(around) == "") & (pl.col("quotes") % 2 == 0)


def _is_plain(dialect: Dialect) -> pl.Expr:
    """Tell lines that may be cut at each delimiter."""
    text = pl.col("text")
    plain = text.str.count_matches(dialect.delimiter, literal=True) == dialect.width - 1
    if dialect.escape:
        plain &= ~text.str.contains(dialect.escape, literal=True)
    return plain & (pl.col("quotes") == 0)


def _split_blanks(table: pl.DataFrame, dialect: Dialect, picks: dict[str, int]) -> Split:
    text = pl.col("text").str.strip_chars(BLANKS).str.replace_all(r"[ \t]+", " ")
    filled = table.with_columns(text).filter(pl.col("text") != "")
    fits = pl.col("text").str.count_matches(" ", literal=True) == dialect.width - 1
    rejects = [_misfit(line, text, dialect) for line, text in filled.filter(~fits).iter_rows()]
    frame = pick_cells(filled.filter(fits), " ", dialect.width, picks)
    return Split(frame, filled.height, table.height, rejects)


def _split_positions(table: pl.DataFrame, dialect: Dialect, picks: dict[str, int]) -> Split:
    filled = table.filter(pl.col("text").str.strip_chars(BLANKS) != "")
    borders = [start - 1 for start, _ in dialect.spans if start > 0]
    at_border = pl.concat_str(pl.col("text").str.slice(border, 1) for border in borders)
    fits = at_border.str.strip_chars(" ") == ""
    rejects = [_misfit(line, text, dialect) for line, text in filled.filter(~fits).iter_rows()]
    frame = filled.filter(fits).select(
        "line_no",
        *(
            pl.col("text").str.slice(start, None if end is None else end - start).alias(name)
            for name, (start, end) in ((name, dialect.spans[index]) for name, index in picks.items())
        ),
    )
    return Split(frame, filled.height, table.height, rejects)


def _misfit(line_no: int, text: str, dialect: Dialect) -> Reject:
    if dialect.delimiter == FIXED_WIDTH:
        reason = "the line does not keep to the column positions of the lines before it"
    else:
        reason = f"the line has {len(text.split())} words where the table has {dialect.width} columns"
    return Reject(line_no, "line", shown(text), reason)
