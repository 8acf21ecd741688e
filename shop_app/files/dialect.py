"""How the lines of a table fall into cells: found out from its first lines, or as the user said."""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shop_app.errors import InvalidInputError
from shop_app.files.file_format import FIXED_WIDTH, WHITESPACE, Dialect
from shop_app.files.fixed_width import find_spans, slice_line
from shop_app.files.lines import LONGEST_LINE

if TYPE_CHECKING:
    from _csv import Reader

DELIMITERS = ",;\t|"
WORDS = {
    ",": "commas",
    ";": "semicolons",
    "\t": "tabs",
    "|": "vertical bars",
    WHITESPACE: "blanks",
    FIXED_WIDTH: "fixed positions",
}

_NAMED = {
    "comma": ",",
    "semicolon": ";",
    "tab": "\t",
    "\\t": "\t",
    "pipe": "|",
    "bar": "|",
    "space": WHITESPACE,
    "whitespace": WHITESPACE,
    "fixed": FIXED_WIDTH,
}
_LOOKED_AT = 300  # lines
_FEWEST_COLUMNS = 2
_FEWEST_BLANK_COLUMNS = 3  # two words on each line are a text, not a table
_SURE = 0.99  # of the lines fall into equally many words


@dataclass(frozen=True, slots=True)
class _Candidate:
    dialect: Dialect
    agreement: float  # share of the lines that have the usual number of cells
    first_fits: bool  # so does the first line: decimal commas, for one, are in every line but the header

    @property
    def rank(self) -> tuple[bool, float, bool, int]:
        """A table has at least two columns; agreement counts more than their number."""
        return (
            self.dialect.width >= _FEWEST_COLUMNS,
            round(self.agreement, 2),
            self.first_fits,
            self.dialect.width,
        )


def find_dialect(lines: Sequence[str], forced: str | None) -> Dialect:
    """Return the dialect that fits the first lines best; the header is not looked for yet."""
    looked_at = [line for line in lines[:_LOOKED_AT] if line.strip()]
    if forced is not None:
        return _forced(forced, looked_at)
    if looked_at and (hint := re.fullmatch(r'"?sep=(.)"?', looked_at[0].strip())):
        return _fit(looked_at[1:], hint[1], '"', None).dialect
    best = max(_candidates(looked_at), key=lambda candidate: candidate.rank)
    if best.dialect.width < _FEWEST_BLANK_COLUMNS:
        best = max(best, *_blank_candidates(looked_at), key=lambda candidate: candidate.rank)
    if best.dialect.width < _FEWEST_COLUMNS:
        raise InvalidInputError(
            "delimiter: the lines do not fall into columns by commas, semicolons, tabs, vertical bars or "
            "blanks. Say what separates them (--delimiter), or export the orders as CSV.",
            field="delimiter",
        )
    return best.dialect


def split_line(line: str, dialect: Dialect) -> list[str]:
    """Split one line; the way for few lines, not for millions."""
    if dialect.delimiter == WHITESPACE:
        return line.split()
    if dialect.delimiter == FIXED_WIDTH:
        return slice_line(line, dialect.spans)
    try:
        return next(csv_reader([line], dialect), [])
    except csv.Error:
        return line.split(dialect.delimiter)


def csv_reader(lines: Iterable[str], dialect: Dialect, *, strict: bool = False) -> "Reader":
    """Return Python's reader for a delimited dialect, with cells up to the longest line allowed."""
    csv.field_size_limit(LONGEST_LINE)
    return csv.reader(
        lines,
        delimiter=dialect.delimiter,
        quotechar=dialect.quote,
        escapechar=dialect.escape,
        doublequote=dialect.escape is None,
        strict=strict,
    )


def _candidates(lines: list[str]) -> list[_Candidate]:
    """Return the usual dialects behind the rarer ones that the text gives a reason for."""
    text = "\n".join(lines)
    candidates = [_fit(lines, delimiter, '"', None) for delimiter in DELIMITERS]
    if '\\"' in text and '""' not in text:
        candidates[:0] = [_fit(lines, delimiter, '"', "\\") for delimiter in DELIMITERS]
    if '"' not in text:
        wrapped = [delimiter for delimiter in DELIMITERS if _is_wrapped(text, delimiter)]
        candidates[:0] = [_fit(lines, delimiter, "'", None) for delimiter in wrapped]
    return candidates


def _is_wrapped(text: str, delimiter: str) -> bool:
    """Tell whether most lines wrap a cell in single quotes (an apostrophe before an id does not close)."""
    mark = re.escape(delimiter)
    wrapped = re.findall(rf"(?m)(?:^|{mark})'[^'\n]*'(?={mark}|$)", text)
    return len(wrapped) > text.count("\n") / 2


def _blank_candidates(lines: list[str]) -> list[_Candidate]:
    tokens = Counter(len(line.split()) for line in lines)
    width, count = tokens.most_common(1)[0] if tokens else (1, 0)
    if width < _FEWEST_BLANK_COLUMNS:
        width = 1
    agreement = count / max(1, len(lines))
    if agreement > _SURE:
        return [_Candidate(Dialect(WHITESPACE, width), agreement, first_fits=True)]
    spans = find_spans(lines)
    by_position = _Candidate(Dialect(FIXED_WIDTH, max(1, len(spans)), spans=spans), 1.0, first_fits=True)
    return [by_position]


def _fit(lines: list[str], delimiter: str, quote: str, escape: str | None) -> _Candidate:
    dialect = Dialect(delimiter, 1, quote, escape)
    try:
        widths = [len(row) for row in csv_reader([line + "\n" for line in lines], dialect) if row]
    except csv.Error:
        widths = [len(split_line(line, dialect)) for line in lines]
    if not widths:
        return _Candidate(dialect, 0.0, first_fits=False)
    width, count = max(Counter(widths).items(), key=lambda item: (item[1], item[0]))
    fitting = Dialect(delimiter, width, quote, escape)
    return _Candidate(fitting, count / len(widths), first_fits=widths[0] == width)


def _forced(name: str, lines: list[str]) -> Dialect:
    delimiter = _NAMED.get(name.lower(), name)
    if delimiter == FIXED_WIDTH:
        spans = find_spans(lines)
        found = Dialect(FIXED_WIDTH, len(spans), spans=spans)
    elif delimiter == WHITESPACE:
        words = Counter(len(line.split()) for line in lines)
        found = Dialect(WHITESPACE, words.most_common(1)[0][0] if words else 0)
    elif len(delimiter) != 1 or delimiter in "\"'\r\n":
        raise InvalidInputError(
            f"delimiter: {name!r} must be one character, or comma, semicolon, tab, pipe, space or fixed.",
            field="delimiter",
        )
    else:
        found = _fit(lines, delimiter, '"', None).dialect
    if found.width < _FEWEST_COLUMNS:
        raise InvalidInputError(
            f"delimiter: the lines do not fall into columns by {WORDS.get(delimiter, repr(delimiter))}; "
            "leave the option out, or name what stands between the columns.",
            field="delimiter",
        )
    return found
