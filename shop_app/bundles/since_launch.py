"""Counts of the time in which things were on sale together: what was launched late is not punished for it."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shop_app.bundles.baskets import Baskets


def first_days_of(baskets: Baskets, *items: NDArray[np.int32]) -> NDArray[np.int32] | None:
    """Return the day since which all items of a row were on sale; None without days."""
    if baskets.first_days is None:
        return None
    since: NDArray[np.int32] = np.maximum.reduce([baskets.first_days[item] for item in items])
    return since


def baskets_since(baskets: Baskets, since: NDArray[np.int32] | None, rows: int) -> NDArray[np.int64]:
    """Return how many baskets there are from each day on; all where there are no days."""
    if since is None or baskets.days is None:
        return np.full(rows, baskets.basket_count, np.int64)
    before = np.searchsorted(np.sort(baskets.days), since)
    return (baskets.basket_count - before).astype(np.int64)


def counts_since(
    baskets: Baskets, items: NDArray[np.int32], since: NDArray[np.int32] | None
) -> NDArray[np.int64]:
    """Return in how many baskets each item is from the day of its row on."""
    if since is None or baskets.days is None or not baskets.days.size:
        return baskets.item_counts[items]
    earliest = int(baskets.days.min())
    span = int(baskets.days.max()) - earliest + 2
    sold = np.sort(baskets.item.astype(np.int64) * span + (baskets.days[baskets.basket] - earliest))
    places = items.astype(np.int64) * span
    from_day = np.clip(since - earliest, 0, span - 1)
    return (np.searchsorted(sold, places + span) - np.searchsorted(sold, places + from_day)).astype(np.int64)


def day_column(since: NDArray[np.int32] | None, rows: int) -> pl.Series:
    """Return the days as a column, null in every row where there are none."""
    return pl.Series(since if since is not None else [None] * rows, dtype=pl.Int32)
