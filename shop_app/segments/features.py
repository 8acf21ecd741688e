"""What each customer has done in the shop so far, one row a customer."""

from datetime import UTC, datetime

import polars as pl

from shop_app.segments.discounts import DEPTH_SUMS, discount_depth, mean_depth
from shop_app.segments.division import divide
from shop_app.segments.habits import usual_values
from shop_app.segments.purchase_rhythm import purchase_rhythm
from shop_app.segments.taste import taste

FEATURE_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "customer_id": pl.Int64,
    "order_count": pl.Int64,
    "total_spent": pl.Int64,
    "first_order_at": pl.Datetime("us", "UTC"),
    "last_order_at": pl.Datetime("us", "UTC"),
    "recency_days": pl.Float64,
    "tenure_days": pl.Float64,
    "average_order_value": pl.Float64,
    "order_value_deviation": pl.Float64,
    "repeat_count": pl.Int64,
    "t_x_days": pl.Int64,
    "age_days": pl.Int64,
    "log_gap_sum": pl.Float64,
    "spend_per_visit": pl.Float64,
    "interval_mean_days": pl.Float64,
    "interval_median_days": pl.Float64,
    "interval_trend_ratio": pl.Float64,
    "discount_share_ratio": pl.Float64,
    "discount_depth_ratio": pl.Float64,
    "refund_rate_ratio": pl.Float64,
    "items_per_order": pl.Float64,
    "category_count": pl.Int32,
    "category_diversity_ratio": pl.Float64,
    "top_category": pl.String,
    "top_category_share_ratio": pl.Float64,
    "usual_hour": pl.Int16,
    "usual_hour_count": pl.Int64,
    "usual_weekday": pl.Int16,
    "usual_weekday_count": pl.Int64,
    "first_product_id": pl.Int64,
    "channel": pl.String,
    "signup_source": pl.String,
}

_NEEDED = (
    *("order_id", "customer_id", "processed_at", "net_revenue", "paid", "refunded"),
    *("discount", "item_count", "channel", "first_product_id"),
)

MICROSECONDS_PER_DAY = 86_400_000_000
PIECES_PER_ITEM = 1_000_000
# Quantities are counted in millionths, so that 0.3 kg thrice is 0.9 kg whatever the order of adding.


def build_features(
    orders: pl.DataFrame,
    categories: pl.DataFrame,
    loose: pl.DataFrame,
    customers: pl.DataFrame,
    *,
    as_of: datetime,
    timezone: str,
) -> pl.DataFrame:
    """Sum up every customer's counted orders as they were known at ``as_of``.

    Parameters
    ----------
    orders
        The orders whose verdict is ``counts``: ``order_id``, ``customer_id`` (neither null), ``processed_at``
        (UTC), ``net_revenue``, ``paid``, ``refunded`` (Int64, minor units of the shop's currency),
        ``discount`` and, where it is known, ``goods_total`` (Int64, minor units of the order's own currency,
        null where unknown; see :func:`~shop_app.segments.discounts.discount_depth`), ``item_count``,
        ``channel``, ``first_product_id``.
    categories
        ``order_id``, ``category``, ``amount``: what of an order's goods belongs to which category. Rows of
        other orders are left out.
    loose
        ``customer_id``, ``amount``: refunds that belong to no known order, from
        :func:`~shop_app.segments.ledger.loose_refunds`.
    customers
        ``customer_id`` (the person, unique), ``signup_source``. Who is only in ``orders`` or ``loose`` gets a
        row as well.
    as_of
        The moment looked from; aware.
    timezone
        The shop's, as in the IANA database: days, hours and weekdays are the shop's own.

    Returns
    -------
    polars.DataFrame
        The columns of :data:`FEATURE_SCHEMA`, one row a customer, by ``customer_id``. Without a counted order
        ``order_count`` is 0 and all but ``total_spent`` and ``signup_source`` is null.

        - ``total_spent``: net revenue of all orders less the loose refunds, so it may fall below 0.
        - ``recency_days``, ``tenure_days``: from the last and from the first order to ``as_of``, 0 or more.
        - ``average_order_value``: ``total_spent / order_count``, minor units.
        - ``order_value_deviation``: sample standard deviation of the orders' net revenue; two orders or more.
        - ``repeat_count`` (x of the purchase models): days with a purchase after the first one, 0 or more.
        - ``t_x_days`` (t_x), ``age_days`` (T): days of the shop's calendar from the first purchase day to the
          last one and to that of ``as_of``, ``0 <= t_x_days <= age_days``.
        - ``spend_per_visit``: ``total_spent`` over the purchase days, minor units.
        - ``interval_*``, ``log_gap_sum``: see :func:`~shop_app.segments.purchase_rhythm.purchase_rhythm`.
        - ``discount_share_ratio``: orders with a discount among those whose discount is known, 0 to 1.
        - ``discount_depth_ratio``: the mean share taken off the orders, full prices among them, 0 to 1.
        - ``refund_rate_ratio``: refunded, loose refunds with it, of what was paid, 0 to 1.
        - ``items_per_order``: pieces, 0 or more.
        - ``category_*``, ``top_category*``: see :func:`~shop_app.segments.taste.taste`.
        - ``usual_hour`` (0 to 23), ``usual_weekday`` (1 Monday to 7 Sunday), ``channel``: the most frequent
          one; where two are as frequent, the one used last. ``*_count``: how many orders were placed then.
        - ``first_product_id``: of the first order.

    Raises
    ------
    ValueError
        ``as_of`` has no time zone or lies before an order.

    Notes
    -----
    Every number comes from sums of integers, so a customer alone gets the same bits as among a million.
    """
    placed = _placed(orders, as_of, timezone)
    people = _everybody(customers, placed, loose)
    parts = [
        loose.rename({"amount": "loose"}),
        _totals(placed),
        purchase_rhythm(placed),
        taste(placed, categories),
        *(usual_values(placed, column) for column in ("usual_hour", "usual_weekday", "channel")),
    ]
    side_by_side = pl.concat([people, *(_in_step(part, people) for part in parts)], how="horizontal")
    today = _local_day(as_of, timezone)
    return side_by_side.select(**_features(as_of, today)).cast(FEATURE_SCHEMA)  # type: ignore[arg-type]


def _in_step(part: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """Put a part's rows in the order of the people, null for whom it has none."""
    ids = people.select("customer_id")
    return ids.join(part, on="customer_id", how="left", maintain_order="left").drop("customer_id")


def _placed(orders: pl.DataFrame, as_of: datetime, timezone: str) -> pl.DataFrame:
    """Put the orders into each customer's own sequence, with the shop's local day, hour and weekday.

    ``position`` numbers the orders and ``person`` the customers, both from 0.
    """
    if as_of.utcoffset() is None:
        raise ValueError("as_of needs a time zone")
    if (orders["processed_at"] > as_of.astimezone(UTC)).any():
        raise ValueError("as_of lies before an order")
    # Without its zone, the local time has to be worked out once and not for each part of it.
    local = pl.col("processed_at").dt.convert_time_zone(timezone).dt.replace_time_zone(None)
    next_one = pl.col("customer_id") != pl.col("customer_id").shift(1)
    return (
        orders.select(*_NEEDED, depth=discount_depth(orders))
        .sort("customer_id", "processed_at", "order_id")
        .with_row_index("position")
        .with_columns(local=local)
        .with_columns(
            position=pl.col("position").cast(pl.Int64),
            person=next_one.fill_null(value=False).cast(pl.Int64).cum_sum(),
            day=pl.col("local").dt.date().cast(pl.Int32),
            usual_hour=pl.col("local").dt.hour(),
            usual_weekday=pl.col("local").dt.weekday(),
        )
        .drop("local")
    )


def _local_day(as_of: datetime, timezone: str) -> int:
    """Return the day of ``as_of`` on the shop's calendar, counted from 1970 as the orders' days are."""
    local = pl.lit(as_of.astimezone(UTC)).dt.convert_time_zone(timezone).dt.replace_time_zone(None)
    return int(pl.select(local.dt.date().cast(pl.Int32)).item())


def _everybody(customers: pl.DataFrame, placed: pl.DataFrame, loose: pl.DataFrame) -> pl.DataFrame:
    buyers = placed["customer_id"].unique()
    ids = pl.concat([customers["customer_id"], buyers, loose["customer_id"]]).unique().sort()
    return ids.to_frame().join(customers, on="customer_id", how="left", maintain_order="left")


def _totals(placed: pl.DataFrame) -> pl.DataFrame:
    net = pl.col("net_revenue")
    pieces = (pl.col("item_count") * PIECES_PER_ITEM).round().cast(pl.Int64)
    return (
        placed.lazy()
        .group_by("customer_id")
        .agg(
            order_count=pl.len().cast(pl.Int64),
            net=net.sum(),
            squares=(net.cast(pl.Int128) * net.cast(pl.Int128)).sum(),
            paid=pl.col("paid").sum(),
            refunded=pl.col("refunded").sum(),
            first_order_at=pl.col("processed_at").min(),
            last_order_at=pl.col("processed_at").max(),
            first_day=pl.col("day").min().cast(pl.Int64),
            last_day=pl.col("day").max().cast(pl.Int64),
            discounts_known=pl.col("discount").count(),
            discounts_given=(pl.col("discount") > 0).sum(),
            **DEPTH_SUMS,
            pieces=pieces.sum(),
            pieces_known=pieces.count().cast(pl.Int64),
            first_product_id=pl.col("first_product_id").first(),
        )
        .collect()
    )


def _features(as_of: datetime, today: int) -> dict[str, pl.Expr]:
    """Say every column of the result in terms of the sums."""
    count, loose = pl.col("order_count"), pl.col("loose").fill_null(0)
    repeats = pl.when(count > 0).then(pl.col("repeat_count").fill_null(0))
    spent = pl.col("net").fill_null(0) - loose
    refunded = pl.min_horizontal(pl.col("refunded") + loose, pl.col("paid"))
    worked_out = {
        "order_count": count.fill_null(0),
        "total_spent": spent,
        "recency_days": _days_until(as_of, "last_order_at"),
        "tenure_days": _days_until(as_of, "first_order_at"),
        "average_order_value": divide(spent, count),
        "order_value_deviation": _deviation(),
        "repeat_count": repeats,
        "t_x_days": pl.col("last_day") - pl.col("first_day"),
        "age_days": today - pl.col("first_day"),
        "spend_per_visit": divide(spent, repeats + 1),
        "discount_share_ratio": _ratio(pl.col("discounts_given"), pl.col("discounts_known")),
        "discount_depth_ratio": mean_depth(),
        "refund_rate_ratio": _ratio(refunded, pl.col("paid")),
        "items_per_order": _ratio(pl.col("pieces"), pl.col("pieces_known") * PIECES_PER_ITEM),
    }
    return {name: worked_out.get(name, pl.col(name)) for name in FEATURE_SCHEMA}


def _days_until(as_of: datetime, column: str) -> pl.Expr:
    microseconds = (pl.lit(as_of.astimezone(UTC)) - pl.col(column)).dt.total_microseconds()
    return divide(microseconds, pl.lit(MICROSECONDS_PER_DAY))


def _ratio(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    return pl.when(whole > 0).then(divide(part, whole))


def _deviation() -> pl.Expr:
    """Take the sample standard deviation from integer sums: no rounding before the root."""
    count, net = pl.col("order_count").cast(pl.Int128), pl.col("net").cast(pl.Int128)
    spread = count * pl.col("squares") - net * net
    pairs = count * (count - 1)
    return pl.when(count > 1).then(divide(spread, pairs).sqrt())
