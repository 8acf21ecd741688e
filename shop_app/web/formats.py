"""Numbers, money and dates as words for one shop: its currency, its time zone, English for now."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal, format_percent, get_currency_symbol

from shop_app.segments.money import minor_digits
from shop_app.storage.shop_settings import UNKNOWN_CURRENCY

LOCALE = "en"

NOTHING = "\u2013"
"""Stands where a figure does not exist; never a zero that was not counted."""

_WHOLE_FROM = 10_000
"""From this many units on, cents are noise in an overview."""
_WHOLE_IN_A_CELL_FROM = 100
"""The same, where there is room for a few digits only."""


@dataclass(frozen=True, slots=True)
class Formats:
    """How one shop's figures are written."""

    currency: str
    timezone: str

    def money(self, minor: float | None) -> str:
        """Return an amount of minor units to the cent."""
        if minor is None:
            return NOTHING
        digits = minor_digits(self.currency)
        return self._currency(Decimal(round(minor)).scaleb(-digits), digits)

    def short_money(self, minor: float | None) -> str:
        """Return an amount of minor units, without cents where it is large."""
        if minor is None:
            return NOTHING
        return self._rounded(minor, _WHOLE_FROM)

    def tiny_money(self, minor: float) -> str:
        """Return an amount of minor units for a cell with room for a few digits."""
        return self._rounded(minor, _WHOLE_IN_A_CELL_FROM)

    def date(self, at: datetime | None) -> str:
        """Return the day in the shop's time zone."""
        return NOTHING if at is None else format_date(self.local(at), "d MMM y", locale=LOCALE)

    def moment(self, at: datetime | None) -> str:
        """Return the minute in the shop's time zone, with the zone beside it."""
        if at is None:
            return NOTHING
        return _true_minus(format_datetime(self.local(at), "d MMM y, HH:mm z", locale=LOCALE))

    def local(self, at: datetime) -> datetime:
        """Return the same moment on the shop's clock."""
        return at.astimezone(ZoneInfo(self.timezone))

    def _rounded(self, minor: float, whole_from: int) -> str:
        units = Decimal(round(minor)).scaleb(-minor_digits(self.currency))
        return self._currency(units, 0) if abs(units) >= whole_from else self.money(minor)

    def _currency(self, units: Decimal, digits: int) -> str:
        pattern = "#,##0" + (f".{'0' * digits}" if digits else "")
        if self.currency == UNKNOWN_CURRENCY:
            return _true_minus(format_decimal(units, pattern, locale=LOCALE))
        sign = get_currency_symbol(self.currency, locale=LOCALE)
        space = "\u00a0" if sign[-1].isalpha() else ""
        return _true_minus(
            format_currency(units, self.currency, f"¤{space}{pattern}", locale=LOCALE, currency_digits=False)
        )


def count(number: float) -> str:
    """Return a whole number with thousands apart."""
    return _true_minus(format_decimal(round(number), "#,##0", locale=LOCALE))


def decimal(number: float | None) -> str:
    """Return a number with one digit after the point."""
    return NOTHING if number is None else _true_minus(format_decimal(number, "#,##0.0", locale=LOCALE))


def percent(ratio: float | None) -> str:
    """Return a ratio as a percentage with one digit; a trace of something is never written as none."""
    if ratio is None:
        return NOTHING
    if 0 < ratio < 0.0005:  # noqa: PLR2004 (below this, one digit would read 0.0%)
        return "under 0.1%"
    return _true_minus(format_percent(ratio, "#,##0.0%", locale=LOCALE))


def signed_percent(ratio: float) -> str:
    """Return a change with its sign, so that no colour is needed to read it."""
    return f"{'+' if ratio > 0 else ''}{percent(ratio)}" if round(ratio, 3) else "±0.0%"


def points(difference: float) -> str:
    """Return the difference of two ratios in percentage points, with its sign."""
    hundredths = round(difference * 100, 1)
    return f"{'+' if hundredths > 0 else '±' if hundredths == 0 else ''}{decimal(hundredths)} pts"


def days(number: float | None) -> str:
    """Return a length in days as a person says it: the days that are over."""
    if number is None:
        return NOTHING
    return "under a day" if number < 1 else counted(int(number), "day")


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """Return a count with its noun: ``1 order``, ``2 orders``."""
    return f"{count(number)} {noun if number == 1 else plural or noun + 's'}"


def month(text: str) -> str:
    """Return ``2026-10`` as ``Oct 2026``."""
    return format_date(datetime.strptime(f"{text}-01+0000", "%Y-%m-%d%z"), "MMM y", locale=LOCALE)


def day_words(day: date | None) -> str:
    """Return a day of the calendar, which has no time zone."""
    return NOTHING if day is None else format_date(day, "d MMM y", locale=LOCALE)


def capital(text: str) -> str:
    """Return a text that begins a line: with a large first letter, and the others as they are."""
    return text[:1].upper() + text[1:]


def _true_minus(text: str) -> str:
    return text.replace("-", "\u2212")
