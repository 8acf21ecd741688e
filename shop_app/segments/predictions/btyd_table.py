"""Customers' visits as a table of unique rows: what the purchase models need of them, and no more."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

Whole = NDArray[np.int64]
Real = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class VisitTable:
    """Every combination of visits that occurs, and how many customers share it.

    Attributes
    ----------
    repeats, last, age
        ``repeat_count`` (x), ``t_x_days`` (t_x) and ``age_days`` (T) of each combination, ascending.
    customers
        How many have it, as a share of all customers: so that twice the shop is the same table.
    customer_count
        All customers.
    log_gap_sum
        The logarithms of everybody's gaps in days, added up, a customer's share; null where not all are known.
    """

    repeats: Whole
    last: Whole
    age: Whole
    customers: Real
    customer_count: int
    log_gap_sum: float | None

    def rows(self, which: slice | Whole) -> "VisitTable":
        """Return some of the rows."""
        return replace(
            self,
            repeats=self.repeats[which],
            last=self.last[which],
            age=self.age[which],
            customers=self.customers[which],
        )


def visit_table(visits: pl.DataFrame) -> VisitTable:
    """Sum customers up by their visits, whatever the order of the rows.

    Parameters
    ----------
    visits
        ``repeat_count``, ``t_x_days``, ``age_days`` (whole numbers, null for who never bought: left out) and,
        for the models with regular gaps, ``log_gap_sum``; one row a customer.

    Raises
    ------
    ValueError
        A number is below 0, a last visit lies after today or before the repeats could have happened.

    Notes
    -----
    The three numbers become one integer, which is sorted once: sorting rows costs more than the whole fit.
    """
    known = visits.filter(pl.col("repeat_count").is_not_null())
    repeats, last, age = (
        known[name].cast(pl.Int64).to_numpy() for name in ("repeat_count", "t_x_days", "age_days")
    )
    refuse_impossible(repeats, last, age)
    by_last = int(last.max(initial=0)) + 1
    by_age = int(age.max(initial=0)) + 1
    keys = np.sort((repeats * by_last + last) * by_age + age)
    begins = np.flatnonzero(np.diff(keys, prepend=-1))
    unique = keys[begins]
    counts = np.diff(begins, append=keys.size)
    return VisitTable(
        repeats=unique // (by_last * by_age),
        last=unique // by_age % by_last,
        age=unique % by_age,
        customers=counts / max(keys.size, 1),
        customer_count=keys.size,
        log_gap_sum=_log_gap_sum(known),
    )


def thinned(table: VisitTable, most: int) -> VisitTable:
    """Return a table of about so many customers, evenly taken from all kinds of visits; the same each time."""
    if table.customer_count <= most:
        return table
    whole = np.cumsum(table.customers)
    places = (np.arange(most) + 0.5) / most * whole[-1]
    taken = np.bincount(np.searchsorted(whole, places), minlength=whole.size)
    rows = np.flatnonzero(taken)
    return replace(table.rows(rows), customers=taken[rows] / most, customer_count=most)


def refuse_impossible(repeats: Whole, last: Whole, age: Whole) -> None:
    """Raise a :class:`ValueError` where visits cannot have happened like this."""
    if min(repeats.min(initial=0), last.min(initial=0)) < 0 or (last > age).any():
        raise ValueError("a last visit lies before the first one or after the day looked from")
    if (repeats > last).any():
        raise ValueError("more visits than days between the first and the last of them")


def _log_gap_sum(known: pl.DataFrame) -> float | None:
    if "log_gap_sum" not in known.columns:
        return None
    logs = known.filter(pl.col("repeat_count") > 0)["log_gap_sum"]
    return float(logs.sort().sum()) / max(known.height, 1) if logs.null_count() == 0 else None
