"""Why the groups and predictions of a shop are due for a new fit now, in sentences."""

import calendar
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import polars as pl

from shop_app.segments.drift import drift
from shop_app.segments.grouping.catalogue import FEATURES

CADENCES = {"weekly": 7, "bi-weekly": 14, "monthly": 30}
SURPRISE_RATIO = 0.25
# A quarter more or fewer orders than expected: a published model is rarely further off without a cause.
SEASON_RATIO = 0.25
LAUNCH_DAYS, LAUNCH_RATIO, LAUNCH_ORDERS = 28, 0.03, 5
SHORTEST_DAYS, LONGEST_DAYS, HORIZON_DAYS = 28, 120, 90
# Expected orders are known for 90 days and taken in proportion: too coarse for a few days or half a year.
SPREAD = 2.0
# Orders come in bursts: their count varies about twice as much as independent ones would.
SURE = 2.58
# Standard errors that pure chance passes once in a hundred times.


class RefitReason(NamedTuple):
    """One reason: ``cadence``, ``drift``, ``orders``, ``season`` or ``launch``, and a sentence."""

    kind: str
    sentence: str


@dataclass(frozen=True, slots=True)
class ShopToday:
    """What is looked at to tell whether a fit has grown old.

    Attributes
    ----------
    scored
        One row a customer, scored with the live fit.
    orders
        The counted orders of all time: ``order_id``, ``customer_id``, ``processed_at`` (UTC).
    categories
        ``order_id``, ``category``.
    as_of, timezone
        The moment looked from, aware, and the shop's time zone.
    """

    scored: pl.DataFrame
    orders: pl.DataFrame
    categories: pl.DataFrame
    as_of: datetime
    timezone: str


def refit_reasons(
    reference: Mapping[str, Any], today: ShopToday, *, cadence: str, expected_orders: float | None = None
) -> list[RefitReason]:
    """Say why a new fit is due; an empty list where none is.

    Parameters
    ----------
    reference
        From :func:`~shop_app.segments.drift.reference_of` at the fit.
    today
        The shop as it is now.
    cadence
        A key of :data:`CADENCES`: how often there is a new fit anyway.
    expected_orders
        How many orders the fit expected from its customers up to now. ``None``: in proportion from the ones
        expected in 90 days, where 28 to 120 days have passed.

    Raises
    ------
    ValueError
        The cadence is unknown, or the fit is of a later moment than ``today``.
    """
    if cadence not in CADENCES:
        raise ValueError(f"cadence must be one of {', '.join(CADENCES)}: {cadence!r}")
    fitted_at = datetime.fromisoformat(reference["fitted_at"])
    if fitted_at > today.as_of:
        raise ValueError("the fit is of a later moment")
    if expected_orders is None:
        expected_orders = _in_proportion(reference, today.as_of - fitted_at)
    found = [
        _age(fitted_at, today.as_of, cadence),
        _drift(reference, today.scored),
        _surprise(today.orders, fitted_at, expected_orders),
        _season(today, fitted_at),
        *_launches(today, fitted_at),
    ]
    return [reason for reason in found if reason]


def _age(fitted_at: datetime, as_of: datetime, cadence: str) -> RefitReason | None:
    days = (as_of - fitted_at).days
    if days < CADENCES[cadence]:
        return None
    every = {"weekly": "every week", "bi-weekly": "every two weeks", "monthly": "every month"}[cadence]
    return RefitReason("cadence", f"The last fit is {days} days old, and a new one is set to be made {every}.")


def _drift(reference: Mapping[str, Any], scored: pl.DataFrame) -> RefitReason | None:
    moved = [row for row in drift(reference, scored) if row["has_drifted"]]
    if not moved:
        return None
    first = moved[0]
    more = f", and {len(moved) - 1} more" if len(moved) > 1 else ""
    return RefitReason(
        "drift",
        f"The customers are not those of the last fit: {_direction(first)}{more} (drift {first['index']:.2f}; "
        "from 0.20 on it counts).",
    )


def _direction(row: Mapping[str, Any]) -> str:
    feature, then, now = FEATURES[row["feature"]], row["median_then"], row["median_now"]
    words = ""
    if then is not None and now is not None and then != now:
        words = feature.more_words if now > then else feature.less_words
    return f"they {words}" if words else f"the {feature.label} differ"


def _in_proportion(reference: Mapping[str, Any], passed: timedelta) -> float | None:
    expected = reference["expected_orders_90d"]
    if expected is None or not SHORTEST_DAYS <= passed.days <= LONGEST_DAYS:
        return None
    return float(expected) * (passed / timedelta(days=HORIZON_DAYS))


def _surprise(orders: pl.DataFrame, fitted_at: datetime, expected: float | None) -> RefitReason | None:
    """Hold the orders of the customers known at the fit against the expected ones; new ones are no surprise."""
    if not expected:
        return None
    known = orders.filter(pl.col("processed_at").min().over("customer_id") <= fitted_at.astimezone(UTC))
    actual = known.filter(pl.col("processed_at") > fitted_at.astimezone(UTC)).height
    off = actual / expected - 1
    if abs(off) <= SURPRISE_RATIO or abs(actual - expected) <= SURE * math.sqrt(SPREAD * expected):
        return None
    way = "more" if off > 0 else "fewer"
    return RefitReason(
        "orders",
        f"Since the last fit its customers placed {_orders(actual)}, where {expected:,.0f} were expected "
        f"({abs(off) * 100:.0f} % {way}).",
    )


def _orders(count: int) -> str:
    return "1 order" if count == 1 else f"{count:,} orders"


def _season(today: ShopToday, fitted_at: datetime) -> RefitReason | None:
    """Look a year back, whether this month had other orders a day than the month of the fit."""
    zone = ZoneInfo(today.timezone)
    months = [_a_year_before(moment.astimezone(zone)) for moment in (fitted_at, today.as_of)]
    first = today.orders["processed_at"].min()
    if months[0].month == months[1].month or not isinstance(first, datetime):
        return None
    if first.astimezone(zone).date() > min(months):
        return None  # A month that was not seen whole says nothing about the season.
    then, now = (_in_month(today, month) for month in months)
    if not then or not now:
        return None
    days = [calendar.monthrange(month.year, month.month)[1] for month in months]
    change = (now / days[1]) / (then / days[0]) - 1
    by_chance = SURE * math.sqrt(SPREAD * (1 / then + 1 / now))
    if abs(change) <= SEASON_RATIO or abs(math.log1p(change)) <= by_chance:
        return None
    by_how_much = f"{abs(change) * 100:.0f} % {'more' if change > 0 else 'fewer'}"
    return RefitReason(
        "season",
        f"The season has turned: a year ago there were {by_how_much} orders a day in {months[1]:%B} than in "
        f"{months[0]:%B}, the month of the last fit.",
    )


def _a_year_before(moment: datetime) -> date:
    return date(moment.year - 1, moment.month, 1)


def _in_month(today: ShopToday, month: date) -> int:
    local = pl.col("processed_at").dt.convert_time_zone(today.timezone).dt.date()
    return today.orders.filter(local.dt.truncate("1mo") == month).height


def _launches(today: ShopToday, fitted_at: datetime) -> list[RefitReason]:
    since = today.as_of.astimezone(UTC) - timedelta(days=LAUNCH_DAYS)
    recent = today.orders.filter(pl.col("processed_at") > since)
    sold = today.categories.drop_nulls("category").join(
        today.orders.select("order_id", "processed_at"), on="order_id"
    )
    new = (
        sold.group_by("category")
        .agg(
            first_at=pl.col("processed_at").min(),
            order_count=pl.col("order_id").filter(pl.col("processed_at") > since).n_unique(),
        )
        .filter(pl.col("first_at") > fitted_at.astimezone(UTC), pl.col("order_count") >= LAUNCH_ORDERS)
        .filter(pl.col("order_count") >= LAUNCH_RATIO * recent.height)
        .sort("order_count", "category", descending=[True, False])
    )
    return [
        RefitReason(
            "launch",
            f"{category} is new since the last fit and already in {count / recent.height * 100:.0f} % of the "
            f"orders of the last {LAUNCH_DAYS} days.",
        )
        for category, count in new.select("category", "order_count").rows()
    ]
