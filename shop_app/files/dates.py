"""Columns of times as text to moments in UTC."""

from datetime import UTC, datetime, timedelta

import polars as pl

from shop_app.files.file_format import DateFormat

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
"""No shop's order history is older; a date before this is a slip or a spreadsheet's zero."""

_UNITS = {"s": 1_000_000, "ms": 1_000}  # microseconds
_TAILS = (
    "",
    " %H:%M",
    " %H:%M:%S%.f",
    "T%H:%M:%S%.f",
    " %I:%M %p",
    " %I:%M:%S %p",
    " %H:%M:%S%.f %#z",
    " %H:%M:%S%.f%#z",
    "T%H:%M:%S%.f%#z",
)
_WEEKDAY = r"^(?i:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,? "


def tidy(text: pl.Expr) -> pl.Expr:
    """Bring the small variations of written times to one form."""
    return (
        text.str.replace_all(r"[\s\u202f]+", " ")
        .str.strip_chars(" ")
        .str.replace(_WEEKDAY, "")
        .str.replace(r"(?i)([ap])\.m\.?", "${1}m")
        .str.replace(r" ?(?:UTC|GMT)$", "Z")
        .str.replace(r"(:\d{2}),(\d+)", "${1}.${2}")
        .str.replace(r"^(\d{1,2}|[A-Za-z]+ \d{1,2})(?:st|nd|rd|th)\b", "${1}")
        .str.replace(r"(?i)\bsept\b", "Sep")
        .str.replace(r"^(\d{10}|\d{13})\.0+$", "${1}")
    )


def parse_times(text: pl.Series, date_format: DateFormat, timezone: str) -> pl.Series:
    """Return the moments in UTC; null for what does not have the column's form.

    Values without an offset are in ``timezone``: of an hour that comes twice the first is taken, and an
    hour that the clock skips is read an hour later.
    """
    if date_format.epoch:
        return _from_epoch(text, _UNITS[date_format.epoch])
    times = _parse(text, date_format.patterns, timezone)
    left = times.is_null() & text.is_not_null()
    if left.any():
        tidied = pl.DataFrame({"text": text.filter(left)}).select(tidy(pl.col("text"))).to_series()
        further = _parse(tidied, _with_siblings(date_format.patterns), timezone)
        times = times.scatter(left.arg_true(), further)
    return times.alias(text.name)


def _parse(text: pl.Series, patterns: tuple[str, ...], timezone: str) -> pl.Series:
    times = pl.repeat(None, len(text), dtype=pl.Datetime("us", "UTC"), eager=True)
    for pattern in patterns:
        parsed = text.str.to_datetime(pattern, strict=False, time_unit="us", ambiguous="earliest")
        moments = parsed if "%#z" in pattern else _in_zone(parsed, timezone)
        times = pl.select(pl.coalesce(times, moments.cast(pl.Datetime("us", "UTC")))).to_series()
        if times.null_count() == text.null_count():
            break
    return times


def _in_zone(naive: pl.Series, timezone: str) -> pl.Series:
    placed = _placed(naive, timezone)
    if placed.null_count() > naive.null_count():
        for skip in (timedelta(hours=1), timedelta(days=1)):
            placed = pl.select(pl.coalesce(placed, _placed(naive + skip, timezone))).to_series()
    return placed.dt.convert_time_zone("UTC")


def _placed(naive: pl.Series, timezone: str) -> pl.Series:
    return naive.dt.replace_time_zone(timezone, ambiguous="earliest", non_existent="null")


def _from_epoch(text: pl.Series, unit: int) -> pl.Series:
    digits = text.str.replace(r"\.0+$", "")
    counted = digits.cast(pl.Int64, strict=False)
    safe = pl.select(pl.when(counted.is_between(0, 10**14)).then(counted * unit)).to_series()
    return safe.cast(pl.Datetime("us")).dt.replace_time_zone("UTC").alias(text.name)


def _with_siblings(patterns: tuple[str, ...]) -> tuple[str, ...]:
    """Add the same dates with other clocks behind them, or none; two-digit years first: they are strict."""
    dates = dict.fromkeys(_date_part(pattern) for pattern in patterns)
    spread = [*patterns, *(date + tail for date in dates for tail in _TAILS)]
    return tuple(sorted(dict.fromkeys(spread), key=lambda pattern: "%y" not in pattern))


def _date_part(pattern: str) -> str:
    for mark in ("%H", "%I"):
        pattern = pattern.split(mark, 1)[0]
    return pattern.rstrip("T ,")
