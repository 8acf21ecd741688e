"""All that is learned of a shop's customers at one day, and what it foretells of each of them."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Self

import numpy as np
import polars as pl
from scipy.special import expit, logit

from shop_app.segments.history import History
from shop_app.segments.predictions.btyd_table import Real
from shop_app.segments.predictions.cadence import Cadence
from shop_app.segments.predictions.chance_columns import Teachers
from shop_app.segments.predictions.chance_learning import columns_of, window_of
from shop_app.segments.predictions.columns import numbers, spread_out
from shop_app.segments.predictions.looks import WINDOW_DAYS, Look
from shop_app.segments.predictions.measures import level_shift
from shop_app.segments.predictions.next_order import (
    LEAST_CHANCE,
    REACH_DAYS,
    NextOrder,
    Waited,
    chance_by,
    curves,
    day_of_share,
    fit_next_order,
    mixed,
)
from shop_app.segments.predictions.order_chance import (
    OrderChance,
    chance_logits,
    coming_chance,
    fit_order_chance,
    usual_chance,
)
from shop_app.segments.predictions.purchase_parameters import PurchaseParameters
from shop_app.segments.predictions.season import Season, find_season
from shop_app.segments.predictions.spend import SpendParameters, expected_spend
from shop_app.segments.predictions.value import (
    YEAR_DAYS,
    Brought,
    Spread,
    fit_spread,
    interval,
    orders_if_any,
    orders_in,
)

SPANS = (364, 182, WINDOW_DAYS)
"""Windows in days that values are looked back at, the longest one the past allows."""

LARGE = 200_000
"""Customers from which on two cores are worth the trouble."""

MOST_FACTOR = 2.0
"""Last year's window may double or halve the number of orders beyond the chance of one, not more."""


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What is known of a shop's customers.

    Attributes
    ----------
    teachers
        Of purchases, gaps and spend.
    chance
        Of an order in 90 days.
    season
        What was known of the coming window, and how it was corrected by it.
    orders_factor
        By how much more orders a customer who places one placed in last year's window than foretold.
    next_order, spread
        Of days, and of sums; ``spread`` is ``None`` where there is too little past for an interval.
    """

    teachers: Teachers
    chance: OrderChance
    season: Season
    orders_factor: float
    next_order: NextOrder
    spread: Spread | None

    def to_json(self) -> dict[str, Any]:
        """Give plain values that :meth:`from_json` reads back as an equal object."""
        return {
            "teachers": {name: part.to_json() for name, part in self.teachers._asdict().items()},
            "chance": self.chance.to_json(),
            "season": self.season.to_json(),
            "orders_factor": self.orders_factor,
            "next_order": self.next_order.to_json(),
            "spread": self.spread.to_json() if self.spread else None,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_json` gave."""
        teachers = stored["teachers"]
        return cls(
            teachers=Teachers(
                purchases=PurchaseParameters.from_json(teachers["purchases"]),
                plain=PurchaseParameters.from_json(teachers["plain"]),
                cadence=Cadence.from_json(teachers["cadence"]),
                spend=SpendParameters.from_json(teachers["spend"]),
            ),
            chance=OrderChance.from_json(stored["chance"]),
            season=Season.from_json(stored["season"]),
            orders_factor=float(stored["orders_factor"]),
            next_order=NextOrder.from_json(stored["next_order"]),
            spread=Spread.from_json(stored["spread"]) if stored["spread"] else None,
        )


class Forecast(NamedTuple):
    """What is foretold of each customer, row by row.

    ``lift`` is by how much the chance of an order exceeds the purchase model's own, as a logit; ``band_from``
    and ``band_to`` are days from today, NaN where an order within 180 days is not likely; money is in minor
    units.
    """

    chance: Real
    lift: Real
    orders: Real
    chance_in_reach: Real
    band_from: Real
    band_to: Real
    value: Real
    value_low: Real
    value_high: Real


def learn_all(history: History, now: Look, past: Sequence[Look], *, with_trees: bool = True) -> Knowledge:
    """Learn everything that can be known on the day of the look ``now``.

    Parameters
    ----------
    history
        The shop's; nothing after that day is asked for.
    now
        The look from that day.
    past
        Looks from before it whose windows were over by then.
    with_trees
        Whether trees are tried at all.

    Raises
    ------
    ValueError
        A window ends after the day: it would teach what was not known yet.
    """
    if any(look.origin + timedelta(days=WINDOW_DAYS) > now.origin for look in past):
        raise ValueError("a window that is learned from ends after the day that is learned on")
    windows = [window_of(look) for look in past]
    season = find_season(history, past, as_of=now.origin)
    today = columns_of(now.buyers, now.teachers)
    chance = fit_order_chance(windows, today, season, with_trees=with_trees)
    logits = [chance_logits(window.columns, chance) for window in windows]
    lookbacks = [
        _Lookback(
            look=look,
            closed=window.columns.lines["likeliest"],
            known=total + level_shift(total, float(window.happened.sum())),
            usual=usual_chance(total, chance),
        )
        for look, window, total in zip(past, windows, logits, strict=True)
    ]
    return Knowledge(
        teachers=now.teachers,
        chance=chance,
        season=season,
        orders_factor=_orders_factor(lookbacks, season),
        next_order=fit_next_order(_waited(history, lookbacks, now.origin)),
        spread=fit_spread(_brought(history, lookbacks, now.origin)),
    )


def foretell(buyers: pl.DataFrame, knowledge: Knowledge) -> Forecast:
    """Foretell what customers with an order will do, each alone; of a large shop in two halves at once."""
    if buyers.height < LARGE:
        return _foretold(buyers, knowledge)
    half = buyers.height // 2
    with ThreadPoolExecutor(2) as both:
        halves = list(both.map(lambda part: _foretold(part, knowledge), (buyers[:half], buyers[half:])))
    return Forecast(*(np.concatenate(parts) for parts in zip(*halves, strict=True)))


def expected_value(
    buyers: pl.DataFrame, teachers: Teachers, closed: Real, usual: Real, days: float
) -> tuple[Real, Real]:
    """Give the orders and the money (minor units) to expect in many days.

    Parameters are those of :func:`~shop_app.segments.predictions.value.orders_in`.
    """
    orders = orders_in(buyers, teachers, closed, usual, days)
    return orders, orders * expected_spend(buyers, teachers.spend)


def _foretold(buyers: pl.DataFrame, knowledge: Knowledge) -> Forecast:
    teachers = knowledge.teachers
    columns = columns_of(buyers, teachers)
    closed = expit(columns.lines["likeliest"])
    logits = chance_logits(columns, knowledge.chance)
    chance = coming_chance(logits, knowledge.chance)
    if_any = orders_if_any(buyers, teachers, closed)
    lift = logit(chance) - columns.lines["likeliest"]
    in_reach = chance_by(buyers, teachers, lift, REACH_DAYS)
    band_from, band_to = _band(buyers, teachers, knowledge.next_order, lift, in_reach)
    orders, value = expected_value(buyers, teachers, closed, usual_chance(logits, knowledge.chance), YEAR_DAYS)
    nothing = np.full(value.size, np.nan)
    low, high = interval(orders, value, knowledge.spread) if knowledge.spread else (nothing, nothing)
    return Forecast(
        chance=chance,
        lift=lift,
        orders=np.minimum(chance * if_any * knowledge.orders_factor, WINDOW_DAYS),
        chance_in_reach=in_reach,
        band_from=band_from,
        band_to=band_to,
        value=value,
        value_low=low,
        value_high=high,
    )


def _band(
    buyers: pl.DataFrame, teachers: Teachers, next_order: NextOrder, lift: Real, in_reach: Real
) -> tuple[Real, Real]:
    likely = in_reach >= LEAST_CHANCE
    curve = mixed(*curves(buyers.filter(pl.Series(likely)), teachers, lift[likely]), next_order.own_gap_weight)
    first, last = day_of_share(curve, next_order.low), day_of_share(curve, next_order.high)
    return spread_out(first, likely), spread_out(last, likely)


class _Lookback(NamedTuple):
    """A look at the past, with what is known of its window.

    Logits of an order in it, ``closed`` the purchase model's own and ``known`` at the level that turned out;
    and the ``usual`` chance of one.
    """

    look: Look
    closed: Real
    known: Real
    usual: Real


def _orders_factor(past: Sequence[_Lookback], season: Season) -> float:
    """Say how many orders last year's window had for each that its chances let expect."""
    if season.last_year is None:
        return 1.0
    back = past[season.last_year]
    if_any = orders_if_any(back.look.buyers, back.look.teachers, expit(back.closed))
    foretold = float(np.sum(expit(back.known) * if_any))
    placed = float(back.look.outcomes["visit_count"].sum()) if back.look.outcomes is not None else 0.0
    return float(np.clip(placed / foretold, 1 / MOST_FACTOR, MOST_FACTOR)) if foretold > 0 else 1.0


def _waited(history: History, past: Sequence[_Lookback], until: datetime) -> list[Waited]:
    """Look back at who was likely to come within reach, and when they did."""
    waits = []
    for look, closed, known, _ in past:
        if look.origin + timedelta(days=REACH_DAYS) > until:
            continue
        lift = known - closed
        likely = chance_by(look.buyers, look.teachers, lift, REACH_DAYS) >= LEAST_CHANCE
        by_purchases, by_gap = curves(look.buyers.filter(pl.Series(likely)), look.teachers, lift[likely])
        days = numbers(history.outcomes(look.origin, REACH_DAYS), "next_order_days")
        waits.append(Waited(by_purchases, by_gap, days[likely]))
    return waits


def _brought(history: History, past: Sequence[_Lookback], until: datetime) -> list[Brought]:
    """Look back at what customers brought, in windows as long as the past allows."""
    for days in SPANS:
        over = [back for back in past if back.look.origin + timedelta(days=days) <= until]
        if over:
            return [_brought_in(history, back, days) for back in over]
    return []


def _brought_in(history: History, back: _Lookback, days: int) -> Brought:
    look = back.look
    orders, value = expected_value(look.buyers, look.teachers, expit(back.closed), back.usual, days)
    return Brought(orders, value, numbers(history.outcomes(look.origin, days), "net_revenue"))
