"""How much of their goods' price customers have had taken off."""

import polars as pl

from shop_app.segments.division import divide

PIECES_PER_DEPTH = 1_000_000_000
# Shares are rounded to this many pieces and added as integers, whose sum knows no order.

DEPTH_SUMS = {
    "depth_sum": pl.col("depth").sum(),
    "depths_known": pl.col("depth").count().cast(pl.Int64),
}
"""What has to be added up over a customer's orders for :func:`mean_depth`."""


def discount_depth(orders: pl.DataFrame) -> pl.Expr:
    """Say which share of each order's goods its discounts took off, in :data:`PIECES_PER_DEPTH` parts.

    Parameters
    ----------
    orders
        ``discount``, all that was taken off; ``goods_total``, what the lines add up to, less the lines' own
        discounts but not less those of the whole order; ``paid``. Int64 minor units. A missing column
        ``goods_total`` is known of no order.

    Returns
    -------
    polars.Expr
        Int64, 0 to :data:`PIECES_PER_DEPTH`; null where the discount or the goods are unknown.

    Notes
    -----
    Was the discount taken off the lines, the goods came to ``goods_total + discount`` before; was it taken off
    the whole order, they came to ``goods_total``. Which of the two it was shows in what was paid: the price
    before is taken as ``paid + discount``, between those borders. Shipping and tax therefore make a discount
    look smaller, and never larger than it was. Being a share, it may be added up over currencies.
    """
    if "goods_total" not in orders.columns:
        return pl.lit(None, dtype=pl.Int64)
    discount, goods = pl.col("discount").clip(lower_bound=0), pl.col("goods_total")
    least = pl.max_horizontal(goods, discount)
    before = pl.min_horizontal(pl.max_horizontal(pl.col("paid") + discount, least), goods + discount)
    share = divide(discount, before) * PIECES_PER_DEPTH
    # Orders whose lines nobody knows have goods of 0.
    return pl.when(pl.col("discount").is_not_null() & (goods > 0)).then(share.round().cast(pl.Int64))


def mean_depth() -> pl.Expr:
    """Give the mean of the orders' shares, 0 to 1; null where none is known."""
    known = pl.col("depths_known") > 0
    return pl.when(known).then(divide(pl.col("depth_sum"), pl.col("depths_known") * PIECES_PER_DEPTH))
