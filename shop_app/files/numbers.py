"""Numbers as people write them: decimal comma or point, thousands, currency signs, minus in four places."""

import re

import polars as pl

from shop_app.errors import InvalidInputError
from shop_app.files.batch import shown

_BLANK = "[ \u00a0\u202f\u2009]"
_MONEY_SIGN = rf"(?:\p{{L}}{{0,4}}\.?{_BLANK}*\p{{Sc}}?)"  # $, US$, EUR, kr., Rs.
_NOTHING = (
    "nan",
    "NaN",
    "NAN",
    "null",
    "NULL",
    "None",
    "none",
    "N/A",
    "n/a",
    "#N/A",
    "NA",
    "-",
    "\\N",
    "NaT",
)

_GROUP = "[{}'\u2019 \u00a0\u202f\u2009]"  # between thousands
_NUMBER = {
    ".": rf"(?:\d{{1,3}}(?:,\d{{2}})*(?:{_GROUP.format(',')}\d{{3}})+|\d+)(?:\.\d*)?|\.\d+",
    ",": rf"(?:\d{{1,3}}(?:{_GROUP.format('.')}\d{{3}})+|\d+)(?:,\d*)?|,\d+",
}

_SURE_OF_POINT = (
    r"(?:^|\D)\d+\.\d{1,2}$|\.\d{4,}$|(?:^|\D)0\.\d+$|\d{4}\.\d{3}$|,\d{3}\.\d*$|,\d{3},\d{3}|^\.\d+$"
)
_SURE_OF_COMMA = r"(?:^|\D)\d+,\d{1,2}$|,\d{4,}$|(?:^|\D)0,\d+$|\d{4},\d{3}$|\.\d{3},\d*$|\.\d{3}\.\d{3}|^,\d+$"
_EITHER = r"^[1-9]\d{0,2}[.,]\d{3}$"


def parse_numbers(text: pl.Series, decimal: str) -> pl.Series:
    """Return the numbers as Float64; null for what is none, not finite for what is beyond a float."""
    simple = pl.when(~pl.col("text").str.contains(".", literal=True)).then(
        pl.col("text").str.replace(",", ".", literal=True)
    )
    frame = pl.DataFrame({"text": text}).with_columns(
        number=(pl.col("text") if decimal == "." else simple).cast(pl.Float64, strict=False)
    )
    left = frame.filter(pl.col("number").is_null() & pl.col("text").is_not_null())
    if left.height:
        number = pl.when(pl.col("number").is_null()).then(_written(decimal)).otherwise(pl.col("number"))
        frame = frame.with_columns(number=number)
    return frame["number"].alias(text.name)


def is_nothing(text: pl.Expr) -> pl.Expr:
    """Tell the words that programs write for an empty cell."""
    return text.is_in(_NOTHING)


def find_decimal(samples: list[pl.Series], forced: str | None, exponent: int) -> str:
    """Return the decimal sign of these columns of one file, by what can only be read in one way.

    Raises
    ------
    InvalidInputError
        Both signs are used as a decimal, or all there is are numbers such as ``1.234``, which may be
        little more than one or more than a thousand.
    """
    if forced:
        return _checked(forced)
    texts = (
        pl.concat([sample.drop_nulls() for sample in samples]) if samples else pl.Series([], dtype=pl.String)
    )
    cores = texts.str.extract(r"(\d[\d.,]*\d|\d|[.,]\d+)", 1).drop_nulls()
    point = cores.filter(cores.str.contains(_SURE_OF_POINT))
    comma = cores.filter(cores.str.contains(_SURE_OF_COMMA))
    if len(point) and len(comma):
        raise InvalidInputError(
            f"decimal: the amounts are written with a point ({shown(point[0])}) and with a comma "
            f"({shown(comma[0])}). Say which is the decimal sign, --decimal . or --decimal , : rows written "
            "the other way are then rejected.",
            field="decimal",
        )
    either = cores.filter(cores.str.contains(_EITHER))
    if len(point) or len(comma) or not len(either) or exponent != 2:  # noqa: PLR2004 (cents)
        return "," if len(comma) or _groups_with_point(either, exponent, len(point)) else "."
    value = shown(either[0])
    raise InvalidInputError(
        f"decimal: {value} may be {re.sub('[.,]', '', value)} or {value.replace(',', '.')}, and no other "
        "amount tells which. Say which sign is the decimal: --decimal . or --decimal , .",
        field="decimal",
    )


def _groups_with_point(either: pl.Series, exponent: int, point_count: int) -> bool:
    """Tell whether the sign in numbers such as ``1.234`` makes the comma the decimal.

    In a currency without decimal places a point there parts thousands; in one with three places a comma
    there parts the decimals.
    """
    if not len(either) or point_count:
        return False
    mark = "." if exponent == 0 else ","
    return bool(either.str.contains(mark, literal=True).any())


def _checked(decimal: str) -> str:
    if decimal not in (".", ","):
        raise InvalidInputError(f"decimal: {decimal!r} must be . or , .", field="decimal")
    return decimal


def _written(decimal: str) -> pl.Expr:
    """Read a number with its trimmings; what does not fit as a whole is null."""
    text = pl.col("text").str.replace_all("[\u2212\u2013]", "-")
    number = rf"(?:{_NUMBER[decimal]})"
    before = rf"(?:[+-]?{_BLANK}*{_MONEY_SIGN}|{_MONEY_SIGN}{_BLANK}*[+-]){_BLANK}*"
    after = rf"{_BLANK}*{_MONEY_SIGN}"
    bracketed = rf"\({_MONEY_SIGN}{_BLANK}*{number}{after}\)"
    minus_behind = rf"{_MONEY_SIGN}{_BLANK}*{number}{_BLANK}*-{after}"
    whole = rf"^(?:{before}{number}{after}|{bracketed}|{minus_behind})$"
    groups = _GROUP.format("." if decimal == "," else ",")
    digits = text.str.extract(f"({number})", 1).str.replace_all(groups, "")
    value = digits.str.replace(decimal, ".", literal=True).cast(pl.Float64, strict=False)
    signed = pl.when(text.str.contains(r"^\(|-")).then(-value).otherwise(value)
    return pl.when(text.str.contains(whole)).then(signed)
