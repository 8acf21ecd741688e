"""Purchases by day: who bought what on which day, whatever the number of orders that day."""

from collections.abc import Mapping

import polars as pl


def purchase_days(visits: pl.DataFrame) -> pl.DataFrame:
    """Bring visits into the one form that everything about order in time is counted from.

    Parameters
    ----------
    visits
        ``customer_id``, ``day`` (days since 1970-01-01 on the shop's clock), ``key``; a row for anything
        bought, in any order, repeats allowed. Rows without a customer, a day or a key say nothing here and
        are dropped.

    Returns
    -------
    DataFrame
        The same three columns (Int64, Int32, String), each combination once, sorted by all three.
    """
    return (
        visits.select(pl.col("customer_id").cast(pl.Int64), pl.col("day").cast(pl.Int32), pl.col("key"))
        .drop_nulls()
        .unique()
        .sort("customer_id", "day", "key")
    )


def numbered(days: pl.DataFrame) -> pl.DataFrame:
    """Add ``place``: the how-manieth purchase of the customer it is, the first day being 1."""
    return days.with_columns(pl.col("day").rank("dense").over("customer_id").cast(pl.Int32).alias("place"))


def with_names(frame: pl.DataFrame, names: pl.DataFrame, columns: Mapping[str, str]) -> pl.DataFrame:
    """Add what keys are called.

    Parameters
    ----------
    frame
        Anything with columns of keys.
    names
        ``key``, ``key_name``; a key may stand there several times, one of its names is taken (the first in the
        alphabet). A key without a name is called by itself.
    columns
        For each column of keys the column that gets the names.
    """
    called = names.select("key", "key_name").drop_nulls().group_by("key").agg(pl.col("key_name").min())
    for column, name in columns.items():
        renamed = called.rename({"key": column, "key_name": name})
        frame = frame.join(renamed, on=column, how="left").with_columns(pl.coalesce(name, column).alias(name))
    return frame
