"""The CDNOW purchases that the papers fit, as visits up to a day and what came after it."""

from datetime import date, timedelta

import polars as pl

CALIBRATION_ENDS = date(1997, 9, 30)
HOLDOUT_DAYS = 273
FILES = {"sample": ("CDNOW_sample.txt.gz", 1, 2, 4, 0), "master": ("CDNOW_master.txt.gz", 0, 1, 3, 1)}
# Name, places of customer, date and dollars, and lines above the first row.


def read_days(reference, name):
    """Return one row for each day on which a customer bought: purchases of one day are one visit."""
    file, whose, when, money, header_lines = FILES[name]
    path = reference / "data" / "cdnow" / file
    lines = pl.read_csv(path, has_header=False, new_columns=["line"], separator="\0", skip_rows=header_lines)
    fields = pl.col("line").str.extract_all(r"\S+").list
    return (
        lines.select(
            customer_id=fields.get(whose).cast(pl.Int64),
            day=fields.get(when).str.to_date("%Y%m%d"),
            cents=(fields.get(money).cast(pl.Float64) * 100).round(),
        )
        .group_by("customer_id", "day")
        .agg(pl.col("cents").sum())
        .sort("customer_id", "day")
    )


def visits_by(days, ends=CALIBRATION_ENDS, horizon=HOLDOUT_DAYS):
    """Return x, t_x, T and the gaps of everybody who had bought by a day, and their visits after it."""
    day = pl.col("day")
    gap = day.diff().dt.total_days().cast(pl.Float64)
    before = (
        days.filter(day <= ends)
        .group_by("customer_id")
        .agg(
            repeat_count=pl.len().cast(pl.Int64) - 1,
            t_x_days=(day.max() - day.min()).dt.total_days(),
            age_days=(pl.lit(ends) - day.min()).dt.total_days(),
            log_gap_sum=pl.when(pl.len() > 1).then(gap.log().sum()),
            spend_per_visit=pl.col("cents").mean(),
        )
        .sort("customer_id")
    )
    window = day.is_between(ends, ends + timedelta(days=horizon), closed="right")
    after = days.filter(window).group_by("customer_id").agg(visits_after=pl.len())
    return before.join(after, on="customer_id", how="left", maintain_order="left").with_columns(
        pl.col("visits_after").fill_null(0)
    )
