"""Which form the times of a column have, and in which order day and month stand in it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import polars as pl

from shop_app.errors import InvalidInputError
from shop_app.files.batch import shown
from shop_app.files.dates import tidy
from shop_app.files.file_format import DateFormat

ORDERS = ("dmy", "mdy", "ymd")
ORDER_WORDS = {"dmy": "day first", "mdy": "month first", "ymd": "year first"}

_TIME = (
    r"(?P<gap>T| |, )(?P<hour>\d{1,2}):\d{2}(?P<second>:\d{2}(?:\.\d+)?)?(?P<half> ?[AaPp][Mm])?"
    r"(?P<zone> ?(?:Z|[+-]\d{2}(?::?\d{2})?))?"
)
_YEAR_FIRST = re.compile(rf"\d{{4}}(?P<mark>[-/.])\d{{1,2}}(?P=mark)\d{{1,2}}(?:{_TIME})?")
_YEAR_LAST = re.compile(rf"\d{{1,2}}(?P<mark>[-/. ])\d{{1,2}}(?P=mark)(?P<year>\d{{4}}|\d{{2}})(?:{_TIME})?")
_COMPACT = re.compile(rf"\d{{8}}(?:{_TIME})?")
_MONTH_FIRST = re.compile(
    rf"[A-Za-z]{{3,9}}(?P<dot>\.?) \d{{1,2}}(?P<comma>,?) (?P<year>\d{{4}}|\d{{2}})(?:{_TIME})?"
)
_MONTH_SECOND = re.compile(
    rf"\d{{1,2}}(?P<mark>[-/. ])[A-Za-z]{{3,9}}(?P<after>[-/. ]|, |\. )(?P<year>\d{{4}}|\d{{2}})(?:{_TIME})?"
)
_ALL_DIGITS = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}
_EPOCHS = {10: "s", 13: "ms"}
_DAY_NUMBER = re.compile(r"[2-6]\d{4}(?:\.\d+)?")

_MONTHS, _DAYS, _YEAR_DIGITS = 12, 31, 4
_FEWEST_KNOWN = 0.5  # share of the values that must have the form of a time
_FORMS = 12  # different forms looked at; a column of times has one or two


@dataclass(frozen=True, slots=True)
class Evidence:
    """Examples of values that can be read in one order only; ``either``: one that can be read in both."""

    dmy: str | None = None
    mdy: str | None = None
    ymd: str | None = None
    either: str | None = None

    def merged(self, other: "Evidence") -> "Evidence":
        """Keep the first example of each kind."""
        return Evidence(
            *(getattr(self, name) or getattr(other, name) for name in ("dmy", "mdy", "ymd", "either"))
        )


def find_format(sample: pl.Series, label: str) -> DateFormat | None:
    """Return the forms of a column's times, or ``None`` if most values are no times.

    ``order`` is still open (``None``) where a pattern holds ``{d}``, ``{m}`` and ``{y}``; see
    :func:`settle_order`.
    """
    values = pl.DataFrame({"text": sample.drop_nulls()}).select(tidy(pl.col("text"))).to_series()
    shape = pl.col("text").str.replace_all(r"[A-Za-z]", "a").str.replace_all(r"\d", "9")
    forms = (
        pl.DataFrame({"text": values})
        .group_by(shape.alias("shape"), maintain_order=True)
        .agg(pl.len().alias("count"), pl.col("text").first())
        .sort("count", descending=True, maintain_order=True)
    )
    known = [(pattern, row[1]) for row in forms.head(_FORMS).iter_rows() if (pattern := _pattern(row[2]))]
    if not known or sum(count for _, count in known) < _FEWEST_KNOWN * len(values):
        _refuse_day_numbers(forms, label)
        return None
    patterns = tuple(dict.fromkeys(pattern for pattern, _ in known))
    if patterns[0] in _EPOCHS.values():
        return DateFormat((), epoch=patterns[0])
    written = tuple(
        sorted((p for p in patterns if p not in _EPOCHS.values()), key=lambda pattern: "%y" not in pattern)
    )  # a four-digit pattern would take the year 10 as such
    return DateFormat(written, has_offsets=any("%#z" in pattern for pattern in written))


def is_open(date_format: DateFormat) -> bool:
    """Tell whether the order of day and month still has to be settled."""
    return any("{d}" in pattern for pattern in date_format.patterns)


def settle_order(
    date_format: DateFormat, forced: str | None, label: str, columns: Iterable[pl.Series]
) -> DateFormat:
    """Put day and month where they belong: as forced, else by the first value that decides.

    Parameters
    ----------
    columns
        The whole column in pieces; no more of it is read than needed. The first piece is looked through
        for contradictions.

    Raises
    ------
    InvalidInputError
        Nothing decides, or the first piece holds both orders: it is asked for, never guessed.
    """
    if not is_open(date_format):
        return date_format
    if forced:
        return _ordered(date_format, forced, label)
    evidence = Evidence()
    for part in columns:
        evidence = evidence.merged(look_for_order(part))
        if evidence.dmy or evidence.mdy or evidence.ymd:
            break
    if evidence.dmy and evidence.mdy:
        raise InvalidInputError(
            f"date_order: {label} holds both {shown(evidence.dmy)} (day first) and {shown(evidence.mdy)} "
            "(month first). Say which is right, --date-order dmy or --date-order mdy: "
            "the others are then rejected.",
            field="date_order",
        )
    order = "dmy" if evidence.dmy else "mdy" if evidence.mdy else "ymd" if evidence.ymd else None
    if order is None:
        raise _question(label, evidence.either, date_format)
    return _ordered(date_format, order, label)


def look_for_order(column: pl.Series) -> Evidence:
    """Return examples of what can be read in one order only."""
    parts = r"^(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})(?:\D|$)"
    texts = pl.DataFrame({"text": column.drop_nulls()})
    frame = texts.with_columns(pl.col("text").str.extract_groups(parts).alias("parts")).unnest("parts")
    first, second = (pl.col(name).cast(pl.Int32, strict=False) for name in ("1", "2"))
    tests = {
        "dmy": first.is_between(_MONTHS + 1, _DAYS) & (second <= _MONTHS),
        "mdy": second.is_between(_MONTHS + 1, _DAYS) & (first <= _MONTHS),
        "ymd": (first > _DAYS) & (second <= _MONTHS) & (pl.col("3").str.len_chars() < _YEAR_DIGITS),
        "either": first.is_between(1, _MONTHS) & second.is_between(1, _MONTHS),
    }
    return Evidence(**{name: _first(frame, test) for name, test in tests.items()})


def _first(frame: pl.DataFrame, test: pl.Expr) -> str | None:
    found = frame.filter(test).head(1)
    return None if found.is_empty() else str(found["text"][0])


def _ordered(date_format: DateFormat, order: str, label: str) -> DateFormat:
    if order == "ymd" and any("{d}" in pattern and "%Y" in pattern for pattern in date_format.patterns):
        raise InvalidInputError(
            f"date_order: ymd does not fit {label}, whose four-digit years come last; say dmy or mdy.",
            field="date_order",
        )
    patterns = tuple(_placed(pattern, order) for pattern in date_format.patterns)
    return replace(date_format, patterns=patterns, order=order)


def _placed(pattern: str, order: str) -> str:
    """Fill in day, month and year."""
    if "{d}" not in pattern:
        return pattern
    if order == "ymd":
        return pattern.replace("%y", "%d").replace("{d}", "%y").replace("{m}", "%m")
    first, second = ("%m", "%d") if order == "mdy" else ("%d", "%m")
    return pattern.replace("{d}", first).replace("{m}", second)


def _question(label: str, example: str | None, date_format: DateFormat) -> InvalidInputError:
    year_first = ", or --date-order ymd" if any("%y" in pattern for pattern in date_format.patterns) else ""
    return InvalidInputError(
        f"date_order: the times of {label} (such as {shown(example)}) can be read day first or month first, "
        "and no value of the file decides. Say which it is: "
        f"--date-order dmy or --date-order mdy{year_first}.",
        field="date_order",
    )


def _pattern(value: str) -> str | None:
    """Return the pattern of one tidied value; day and month are left open where they could be swapped."""
    if value.isdigit() and value.isascii():
        return _EPOCHS.get(len(value)) or _ALL_DIGITS.get(len(value))
    for date, match in _dates(value):
        if match:
            return date + _clock(match)
    return None


def _dates(value: str) -> Iterator[tuple[str, re.Match[str] | None]]:
    if match := _YEAR_FIRST.fullmatch(value):
        yield "%Y{0}%m{0}%d".format(match["mark"]), match
    if match := _YEAR_LAST.fullmatch(value):
        yield f"{{d}}{match['mark']}{{m}}{match['mark']}{_year(match)}", match
    if match := _COMPACT.fullmatch(value):
        yield "%Y%m%d", match
    if match := _MONTH_FIRST.fullmatch(value):
        yield f"%B{match['dot']} %d{match['comma']} {_year(match)}", match
    if match := _MONTH_SECOND.fullmatch(value):
        yield f"%d{match['mark']}%B{match['after']}{_year(match)}", match


def _year(match: re.Match[str]) -> str:
    return "%Y" if len(match["year"]) == _YEAR_DIGITS else "%y"


def _clock(match: re.Match[str]) -> str:
    if match["hour"] is None:
        return ""
    second = ":%S%.f" if match["second"] else ""
    half = (match["half"] or "").replace(match["half"].strip(), "%p") if match["half"] else ""
    zone = (" %#z" if match["zone"].startswith(" ") else "%#z") if match["zone"] else ""
    return match["gap"] + ("%I" if half else "%H") + ":%M" + second + half + zone


def _refuse_day_numbers(forms: pl.DataFrame, label: str) -> None:
    if forms.height and _DAY_NUMBER.fullmatch(forms["text"][0]):
        raise InvalidInputError(
            f"time: {label} holds numbers such as {shown(forms['text'][0])}, which are a spreadsheet's day "
            "numbers. Format that column as a date (2010-12-31 08:30), save the file again and import that.",
            field="time",
        )
