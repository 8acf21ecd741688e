"""The shop's calendar: how busy each day is, when there is a sale or a code, and what was launched when."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np

from sandbox.sample_store.draws import Ints

_BUSY_MONTHS = (74, 68, 74, 78, 92, 60, 48, 50, 90, 130, 190, 260)  # January … December, 100 = an average day
_BUSY_WEEKDAYS = (96, 98, 96, 100, 98, 104, 108)  # Monday … Sunday
_CODE_MONTHS = {
    1: "NEWLEAF15",
    3: "SPRING15",
    4: "STEEP15",
    6: "PICNIC15",
    8: "SLOW15",
    9: "KETTLE15",
    10: "FOG15",
}
SALE_PERCENT = 25
CODE_PERCENT = 15
WELCOME_CODE = "HELLO10"
WELCOME_PERCENT = 10
LAUNCH_OFFER_PERCENT = 20  # off every candle, by itself, in the first four weeks
LAUNCH_OFFER_DAYS = 28


class Occasion(NamedTuple):
    """A stretch of days, first and last included, counted from the store's first day."""

    name: str
    first_day: int
    last_day: int
    code: str = ""
    percent: int = 0


@dataclass(frozen=True)
class Calendar:
    """All days of one store."""

    start: date
    days: int
    months: Ints  # of every day
    weekdays: Ints  # of every day, Monday 0
    busy: Ints  # running total of how busy the days are
    offers: tuple[Occasion, ...]  # the sales and the newsletter codes
    offer_of_day: Ints  # position in ``offers``, -1 without
    gift_seasons: tuple[Occasion, ...]
    launch_day: int  # of the candles
    rename_day: int

    def day_of(self, when: date) -> int:
        """Return the number of a date."""
        return (when - self.start).days

    def date_of(self, day: int) -> date:
        """Return the date of a day's number."""
        return self.start + timedelta(days=int(day))


def first_day_of(until: date, months: int) -> date:
    """Return the day that begins a store of so many months ending with ``until``."""
    after = until + timedelta(days=1)
    month = after.year * 12 + after.month - 1 - months
    return date(month // 12, month % 12 + 1, min(after.day, 28))


def make_calendar(start: date, until: date) -> Calendar:
    """Lay out the days from ``start`` to ``until``, both included."""
    days = (until - start).days + 1
    dates = [start + timedelta(days=day) for day in range(days)]
    months = np.array([day.month for day in dates], dtype=np.int64)
    weekdays = np.array([day.weekday() for day in dates], dtype=np.int64)
    offers = _within(_sales(start, until) + _code_weeks(start, until), days)
    offer_of_day = np.full(days, -1, dtype=np.int64)
    for position, offer in enumerate(offers):
        offer_of_day[offer.first_day : offer.last_day + 1] = position
    busy = np.array(_BUSY_MONTHS, dtype=np.int64)[months - 1] * np.array(_BUSY_WEEKDAYS)[weekdays]
    busy = busy * (100 + 40 * np.arange(days) // days) // 1000  # the shop grows
    for offer in offers:
        busy[offer.first_day : offer.last_day + 1] *= 1 + (offer.percent == SALE_PERCENT)
    seasons = _within(_christmases(start, until) + _mothers_days(start, until), days)
    return Calendar(
        *(start, days, months, weekdays, np.cumsum(busy), offers, offer_of_day, seasons),
        launch_day=days * 40 // 100,
        rename_day=days * 70 // 100,
    )


def _within(occasions: list[Occasion], days: int) -> tuple[Occasion, ...]:
    seen = [one for one in occasions if one.last_day >= 0 and one.first_day < days]
    seen = [one._replace(first_day=max(one.first_day, 0), last_day=min(one.last_day, days - 1)) for one in seen]
    return tuple(sorted(seen, key=lambda one: (one.first_day, one.name)))


def _years(start: date, until: date) -> range:
    return range(start.year, until.year + 1)


def _sales(start: date, until: date) -> list[Occasion]:
    """Return the weeks from the Monday before the fourth Thursday of November to the Monday after it."""
    found = []
    for year in _years(start, until):
        first = date(year, 11, 1)
        thanksgiving = first + timedelta(days=(3 - first.weekday()) % 7 + 21)
        begins = (thanksgiving - timedelta(days=3) - start).days
        found.append(Occasion("sale", begins, begins + 7, f"FROST{year % 100:02d}", SALE_PERCENT))
    return found


def _code_weeks(start: date, until: date) -> list[Occasion]:
    found = []
    for year in _years(start, until):
        for month, code in _CODE_MONTHS.items():
            begins = (date(year, month, 9) - start).days
            found.append(Occasion("newsletter code", begins, begins + 5, code, CODE_PERCENT))
    return found


def _christmases(start: date, until: date) -> list[Occasion]:
    days = [(date(year, 11, 18), date(year, 12, 19)) for year in _years(start, until)]
    return [Occasion("christmas", (first - start).days, (last - start).days) for first, last in days]


def _mothers_days(start: date, until: date) -> list[Occasion]:
    """Return the fortnights that end five days before the second Sunday of May."""
    found = []
    for year in _years(start, until):
        first = date(year, 5, 1)
        sunday = (first + timedelta(days=(6 - first.weekday()) % 7 + 7) - start).days
        found.append(Occasion("mothers day", sunday - 18, sunday - 5))
    return found
