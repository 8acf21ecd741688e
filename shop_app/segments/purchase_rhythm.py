"""How many days lie between a customer's purchases, and whether the gaps grow."""

import polars as pl

from shop_app.segments.division import divide

PIECES_PER_LOG = 2**32
# Logarithms are rounded to this many pieces and added as integers, whose sum knows no order.


def purchase_rhythm(placed: pl.DataFrame) -> pl.DataFrame:
    """Measure the gaps between a customer's purchase days.

    Parameters
    ----------
    placed
        ``customer_id`` and ``day`` (Int32, days since 1970 on the shop's own calendar), sorted by both.

    Returns
    -------
    polars.DataFrame
        ``customer_id``, ``repeat_count`` (gaps, 1 or more), ``interval_mean_days``, ``interval_median_days``
        (1 or more), ``interval_trend_ratio`` (above 0), ``log_gap_sum`` (the natural logarithms of the gaps in
        days, added up, 0 or more); one row for each customer with two purchase days or more.

    Notes
    -----
    Several orders on one day are one occasion, as in the published counts of the CDNOW data set: a basket
    paid in two parts is no rhythm.

    The trend is the mean of the later half of the gaps over the mean of the earlier half, the middle one of
    an odd number belonging to neither. Above 1 the customer is slowing down. It needs two gaps.
    """
    same = pl.col("customer_id") == pl.col("customer_id").shift(1)
    gaps = (
        placed.select("customer_id", "day", gap=pl.when(same).then(pl.col("day") - pl.col("day").shift(1)))
        .filter(pl.col("gap") > 0)
        .select("customer_id", pl.col("gap").cast(pl.Int64))
    )
    half = pl.len() // 2
    logs = (pl.col("gap").cast(pl.Float64).log() * PIECES_PER_LOG).round().cast(pl.Int64)
    return (
        gaps.lazy()
        .group_by("customer_id")
        .agg(
            repeat_count=pl.len().cast(pl.Int64),
            logs=logs.sum(),
            whole=pl.col("gap").sum(),
            interval_median_days=pl.col("gap").median(),
            earlier=pl.col("gap").head(half).sum(),
            later=pl.col("gap").tail(half).sum(),
        )
        .select(
            "customer_id",
            "repeat_count",
            "interval_median_days",
            interval_mean_days=divide(pl.col("whole"), pl.col("repeat_count")),
            log_gap_sum=divide(pl.col("logs"), pl.lit(PIECES_PER_LOG)),
            interval_trend_ratio=divide(pl.col("later"), pl.col("earlier")),
        )
        .collect()
    )
