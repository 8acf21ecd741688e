"""Baskets: what was in one order, once each, at the level at which things are looked at together."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shop_app.errors import InvalidInputError


@dataclass(frozen=True)
class Baskets:
    """Orders as sets of items, and what is known of either.

    Attributes
    ----------
    basket, item
        Shape ``(lines,)``: a row of ``orders`` and a row of ``keys``, each couple once, in ascending order.
    orders
        One row per basket: ``order_id``, ``customer_id`` (null: nobody known), ``day`` (Int32, days since
        1970-01-01; null where no days are known, then in every row).
    keys
        One row per item: ``key``, ``name``, ``first_day`` (Int32: the day of its first sale; null: no days).
    """

    basket: NDArray[np.int32]
    item: NDArray[np.int32]
    orders: pl.DataFrame
    keys: pl.DataFrame

    @property
    def basket_count(self) -> int:
        """How many baskets there are."""
        return self.orders.height

    @cached_property
    def sizes(self) -> NDArray[np.int64]:
        """How many different items each basket holds, shape ``(baskets,)``."""
        return np.bincount(self.basket, minlength=self.orders.height).astype(np.int64)

    @cached_property
    def item_counts(self) -> NDArray[np.int64]:
        """In how many baskets each item is, shape ``(items,)``."""
        return np.bincount(self.item, minlength=self.keys.height).astype(np.int64)

    @cached_property
    def days(self) -> NDArray[np.int32] | None:
        """The day of each basket, shape ``(baskets,)``; None where no days are known."""
        if self.orders.height == 0 or self.orders["day"].null_count():
            return None
        return self.orders["day"].to_numpy()

    @cached_property
    def first_days(self) -> NDArray[np.int32] | None:
        """The day of each item's first sale, shape ``(items,)``; None where no days are known."""
        return None if self.days is None else self.keys["first_day"].to_numpy()

    def only(self, wanted: NDArray[np.bool_]) -> "Baskets":
        """Return some of the baskets; items keep their numbers and their first days.

        Parameters
        ----------
        wanted
            Shape ``(baskets,)``: true for those that stay.
        """
        numbers = np.cumsum(wanted, dtype=np.int32) - np.int32(1)
        stays = wanted[self.basket]
        return Baskets(
            numbers[self.basket[stays]], self.item[stays], self.orders.filter(pl.Series(wanted)), self.keys
        )

    def popular_keys(self, most: int = 100) -> list[str]:
        """Return the keys that are in most baskets, the most frequent first; ties in the order of keys."""
        counts = self.keys.select("key", count=pl.Series(self.item_counts))
        ordered = counts.filter(pl.col("count") > 0).sort(["count", "key"], descending=[True, False])
        return ordered["key"].head(most).to_list()


def make_baskets(lines: pl.DataFrame, keys: pl.DataFrame) -> Baskets:
    """Make baskets of the lines of orders.

    Parameters
    ----------
    lines
        ``order_id``, ``customer_id``, ``day``, ``item_id``, ``quantity`` (after returns), ``bought`` (before
        them), without what is left out. A line of which nothing was kept is in no basket, yet it tells that the
        item was on sale by then.
    keys
        ``item_id``, ``key``, ``key_name``: the level. An item with several keys is several things, one without
        a key is none.

    Returns
    -------
    Baskets
        Orders ascending by ``order_id``, items by ``key``.
    """
    numbered = keys.join(
        keys.select("key").unique().sort("key").with_row_index("item"), on="key", maintain_order="left"
    )
    sold = (
        lines.drop_nulls("item_id")
        .filter(pl.col("bought") > 0)
        .select("order_id", "customer_id", "day", "item_id", "quantity")
        .join(numbered.select("item_id", "item"), on="item_id")
    )
    kept = sold.filter(pl.col("quantity") > 0)
    names = numbered.group_by("item").agg(pl.col("key").first(), name=pl.col("key_name").min())
    return _put_together(kept, names.join(_first_days(sold), on="item", how="left"))


def baskets_of(frame: pl.DataFrame) -> Baskets:
    """Make baskets of a table that says no more than which item is in which basket.

    Parameters
    ----------
    frame
        ``basket`` and ``item`` (anything that can be told apart; the item is its own key and name) and, if
        known, ``day`` (Int32, days since 1970-01-01) and ``customer_id`` (Int64).

    Returns
    -------
    Baskets
        ``order_id`` is the place of the basket in ascending order, from 0.

    Raises
    ------
    InvalidInputError
        Without one of the two columns, or where only some rows have a day.
    """
    for column in ("basket", "item"):
        if column not in frame.columns:
            raise InvalidInputError(f"The baskets have no column “{column}”.", field=column)
    optional = {
        name: (pl.col(name) if name in frame.columns else pl.lit(None)).cast(kind)
        for name, kind in (("customer_id", pl.Int64), ("day", pl.Int32))
    }
    known = frame.drop_nulls(["basket", "item"])
    lines = known.select(
        order_id=pl.col("basket").rank("dense").cast(pl.Int64) - 1,
        item=pl.col("item").rank("dense").cast(pl.UInt32) - 1,
        **optional,
    )
    if 0 < lines["day"].null_count() < lines.height:
        raise InvalidInputError("Some baskets have a day and others none: give all of them one.", field="day")
    names = known.select(key=pl.col("item").unique().sort()).with_row_index("item")
    texts = names.with_columns(pl.col("key").cast(pl.String)).with_columns(name="key")
    return _put_together(lines, texts.join(_first_days(lines), on="item", how="left"))


def _first_days(lines: pl.DataFrame) -> pl.DataFrame:
    return lines.group_by("item").agg(first_day=pl.col("day").min().cast(pl.Int32))


def _put_together(lines: pl.DataFrame, names: pl.DataFrame) -> Baskets:
    """Make baskets of ``order_id``, ``customer_id``, ``day``, ``item``, and of the names of all items."""
    is_there = np.bincount(lines["item"].to_numpy(), minlength=names.height) > 0
    keys = names.sort("item").filter(pl.Series(is_there)).sort("key")
    place = np.zeros(is_there.size, np.int64)
    place[keys["item"].to_numpy()] = np.arange(keys.height)
    order_ids = lines["order_id"].to_numpy()
    ids = _different(np.sort(order_ids))
    basket = np.searchsorted(ids, order_ids)
    # Numbers that hold both sort quicker than rows do.
    both = _different(np.sort(basket * max(keys.height, 1) + place[lines["item"].to_numpy()]))
    baskets = (both // max(keys.height, 1)).astype(np.int32)
    items = (both - baskets * np.int64(max(keys.height, 1))).astype(np.int32)
    return Baskets(baskets, items, _orders(lines, ids, basket), keys.select("key", "name", "first_day"))


def _different(ascending: NDArray[np.int64]) -> NDArray[np.int64]:
    return ascending[np.concatenate(([True], ascending[1:] != ascending[:-1]))] if ascending.size else ascending


def _orders(lines: pl.DataFrame, ids: NDArray[np.int64], basket: NDArray[np.int64]) -> pl.DataFrame:
    """Return one row per basket; an order's lines agree on its day and on its customer."""
    line = np.zeros(ids.size, np.int64)
    line[basket] = np.arange(basket.size)
    told = lines.select("customer_id", pl.col("day").cast(pl.Int32))[line]
    return pl.DataFrame({"order_id": ids}).hstack(told)
