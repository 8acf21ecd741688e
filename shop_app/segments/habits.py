"""What a customer usually does."""

import polars as pl


def usual_values(placed: pl.DataFrame, column: str) -> pl.DataFrame:
    """Find each customer's most frequent value of a column; of two as frequent, the one used last.

    Parameters
    ----------
    placed
        ``customer_id``, ``person`` (Int64, the customers' own numbers from 0), ``position`` (Int64, the rows'
        own numbers from 0, rising with time within a customer) and ``column``, sorted by ``position``.
    column
        The one looked at, text or integers of 0 or more; null is no value.

    Returns
    -------
    polars.DataFrame
        ``customer_id``, ``column`` and how often it occurred, named after the column with ``_count`` (Int64,
        1 or more); one row for each customer who has a value.
    """
    coded = placed.select("person", "position", value=_numbered(placed[column])).drop_nulls("value")
    highest = coded["value"].max()
    width = highest + 1 if isinstance(highest, int) else 1
    last_used = pl.col("count") * placed.height + pl.col("position")
    # The count decides and the last position breaks ties: one integer says both, and no two are equal.
    winners = (
        coded.lazy()
        .group_by(key=pl.col("person") * width + pl.col("value"))
        .agg(pl.len().cast(pl.Int64).alias("count"), pl.col("position").max())
        .group_by(pl.col("key") // width)
        .agg(winner=last_used.max())
        .select(position=pl.col("winner") % placed.height, count=pl.col("winner") // placed.height)
        .collect()
    )
    counts = winners["count"].alias(f"{column}_count")
    return placed.select("customer_id", column)[winners["position"]].with_columns(counts)


def _numbered(values: pl.Series) -> pl.Series:
    """Give equal values equal numbers; which ones does not matter."""
    if values.dtype == pl.String:
        values = values.cast(pl.Categorical).to_physical()
    return values.cast(pl.Int64)
