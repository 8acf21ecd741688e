"""An offer by segment: order values before it and with it, who came back, who did not."""

import polars as pl

SEGMENT_RESULTS = {
    "segment": pl.String,
    "customers": pl.Int64,
    "baseline_orders": pl.Int64,
    "baseline_order_value": pl.Int64,
    "other_orders": pl.Int64,
    "other_order_value": pl.Int64,
    "bundle_orders": pl.Int64,
    "bundle_order_value": pl.Int64,
    "order_value_change_ratio": pl.Float64,
    "earlier_customers": pl.Int64,
    "retention_ratio": pl.Float64,
    "churn_ratio": pl.Float64,
    "users": pl.Int64,
    "user_retention_ratio": pl.Float64,
}


def results_by_segment(
    orders: pl.DataFrame, usage: pl.DataFrame, segments: pl.DataFrame, *, start_day: int, window_days: int
) -> pl.DataFrame:
    """Compare, for each segment, the days before an offer with as many since.

    A comparison and no proof: who uses an offer is another kind of buyer, and bigger orders have more room for
    it. Whether the offer did anything is what a control group is for.

    Parameters
    ----------
    orders
        ``order_id``, ``customer_id``, ``day``, ``total`` (minor units, after refunds): counted orders.
    usage
        From :func:`~shop_app.bundles.usage.orders_using`.
    segments
        ``customer_id``, ``segment`` as they were when the offer began.
    start_day, window_days
        The offer's first day, days since 1970-01-01, and how many days are looked at on either side.

    Returns
    -------
    polars.DataFrame
        One row per segment: ``customers``; orders and mean order value (minor units, rounded) before it
        (``baseline_``), since without it (``other_``) and since with it (``bundle_``);
        ``order_value_change_ratio`` (with it over before, less 1); ``earlier_customers`` (who ordered before),
        of whom ``retention_ratio`` ordered since and ``churn_ratio`` did not; ``users`` and of them
        ``user_retention_ratio``, who ordered again on a later day. Null where there is nothing to divide by.
    """
    within = orders.filter(pl.col("day") >= start_day - window_days, pl.col("day") < start_day + window_days)
    used = usage.select("order_id", is_bundle=pl.lit(value=True))
    placed = (
        within.join(segments.select("customer_id", "segment"), on="customer_id")
        .join(used, on="order_id", how="left")
        .with_columns(is_since=pl.col("day") >= start_day, is_bundle=pl.col("is_bundle").fill_null(value=False))
    )
    return (
        segments.group_by("segment")
        .agg(customers=pl.col("customer_id").n_unique())
        .join(_order_values(placed), on="segment", how="left")
        .join(_returning(placed), on="segment", how="left")
        .with_columns(
            pl.col("baseline_orders", "other_orders", "bundle_orders", "earlier_customers", "users").fill_null(
                0
            ),
            order_value_change_ratio=pl.col("bundle_order_value") / pl.col("baseline_order_value") - 1,
            churn_ratio=1 - pl.col("retention_ratio"),
        )
        .select([pl.col(name).cast(dtype) for name, dtype in SEGMENT_RESULTS.items()])
        .sort("segment")
    )


def _order_values(placed: pl.DataFrame) -> pl.DataFrame:
    kinds = {
        "baseline": ~pl.col("is_since"),
        "other": pl.col("is_since") & ~pl.col("is_bundle"),
        "bundle": pl.col("is_since") & pl.col("is_bundle"),
    }
    counts = {f"{name}_orders": kind.sum() for name, kind in kinds.items()}
    values = {
        f"{name}_order_value": pl.col("total").filter(kind).mean().round() for name, kind in kinds.items()
    }
    return placed.group_by("segment").agg(**counts, **values)


def _returning(placed: pl.DataFrame) -> pl.DataFrame:
    customers = placed.group_by("segment", "customer_id").agg(
        was_there=(~pl.col("is_since")).any(),
        came=pl.col("is_since").any(),
        is_user=pl.col("is_bundle").any(),
        came_again=pl.col("day").max() > pl.col("day").filter(pl.col("is_bundle")).min(),
    )
    return customers.group_by("segment").agg(
        earlier_customers=pl.col("was_there").sum(),
        retention_ratio=pl.col("came").filter(pl.col("was_there")).mean(),
        users=pl.col("is_user").sum(),
        user_retention_ratio=pl.col("came_again").filter(pl.col("is_user")).mean(),
    )
