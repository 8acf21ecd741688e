"""Looks at a shop's past from days of it, as everything that learns takes them."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shop_app.segments.grouping.sampling import hashed
from shop_app.segments.history import History
from shop_app.segments.predictions.btyd import fit_bg_nbd, fit_purchases
from shop_app.segments.predictions.cadence import fit_cadence
from shop_app.segments.predictions.chance_columns import Teachers
from shop_app.segments.predictions.spend import fit_spend

WINDOW_DAYS = 90
"""How far ahead orders are foretold."""

STEP_DAYS = 91
"""From one look to the next: thirteen weeks, so that weekdays stay in step and windows do not overlap."""

LEAST_DAYS_BEFORE = 84
"""A look from a day with less history before it says little."""

SAMPLE = 100_000
"""Customers that are learned from; more would not change a figure that anybody reads."""


@dataclass(frozen=True, slots=True)
class Look:
    """The shop as it was known on one day.

    Attributes
    ----------
    origin
        The day.
    weeks_before
        From the first order to it.
    buyers
        Features of everybody who had bought, by ``customer_id``.
    teachers
        What could be learned of purchases by then.
    outcomes
        What the buyers did in the :data:`WINDOW_DAYS` after it, in the order of ``buyers``; ``None`` where
        they are not over.
    """

    origin: datetime
    weeks_before: float
    buyers: pl.DataFrame
    teachers: Teachers
    outcomes: pl.DataFrame | None


def known_by(history: History, as_of: datetime) -> History:
    """Return the history as it ended at ``as_of``: nothing that happened later can be seen in it."""
    placed = history.orders.filter(pl.col("processed_at") <= as_of)
    return replace(history, orders=placed, as_of=min(as_of, history.as_of))


def sampled(history: History, count: int = SAMPLE) -> History:
    """Return the history of so many customers, always the same ones, or all where there are no more.

    What belongs to nobody is left out; categories are, too.
    """
    ids = history.orders["customer_id"].drop_nulls().unique().sort()
    slim = replace(history, categories=history.categories.clear(), customers=history.customers.clear())
    if ids.len() <= count:
        return slim
    chosen = ids.gather(np.argsort(shuffled(ids.to_numpy()), kind="stable")[:count]).implode()
    orders = history.orders.filter(pl.col("customer_id").is_in(chosen))
    theirs = pl.col("order_id").is_in(orders["order_id"].implode())
    loose = pl.col("order_id").is_null() & pl.col("customer_id").is_in(chosen)
    return replace(slim, orders=orders, refunds=history.refunds.filter(theirs | loose))


def look_from(history: History, origin: datetime, first_order_at: datetime) -> Look | None:
    """Look at the shop as it was known at ``origin``; ``None`` where nobody had bought by then."""
    buyers = history.features_at(origin).filter(pl.col("order_count") > 0)
    if not buyers.height:
        return None
    is_over = origin + timedelta(days=WINDOW_DAYS) <= history.as_of
    outcomes = history.outcomes(origin, WINDOW_DAYS) if is_over else None
    return Look(
        origin=origin,
        weeks_before=(origin - first_order_at) / timedelta(weeks=1),
        buyers=buyers,
        teachers=Teachers(fit_purchases(buyers), fit_bg_nbd(buyers), fit_cadence(buyers), fit_spend(buyers)),
        outcomes=outcomes,
    )


def looks_back(history: History, as_of: datetime, steps: int) -> list[Look]:
    """Look from ``as_of`` and from so many steps of :data:`STEP_DAYS` before it, the latest first.

    Fewer where the history does not reach so far; none where nobody has bought.
    """
    first = history.first_order_at()
    if first is None:
        return []
    days = [step * STEP_DAYS for step in range(steps + 1)]
    reach = (as_of - first) / timedelta(days=1) - LEAST_DAYS_BEFORE
    looks = [look_from(history, as_of - timedelta(days=back), first) for back in days if back <= max(reach, 0)]
    return [look for look in looks if look is not None]


def shuffled(ids: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Give each customer a number that has nothing to do with their own, the same one always."""
    return hashed(pl.Series(ids), salt=0)
