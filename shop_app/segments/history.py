"""A shop's facts, looked at from any day of its own past."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import polars as pl

from shop_app.segments.features import build_features
from shop_app.segments.ledger import LedgerRules, judge_orders, loose_refunds

_BESIDE_VERDICTS = ("discount", "item_count", "channel", "first_product_id", "goods_total")


@dataclass(frozen=True, slots=True)
class History:
    """What a shop knows, and since when: every look at the past sees only what was known then.

    Attributes
    ----------
    orders, refunds
        As :func:`~shop_app.segments.ledger.judge_orders` takes them, the orders with ``discount``,
        ``item_count``, ``channel``, ``first_product_id`` and ``goods_total`` beside.
    categories, customers
        As :func:`~shop_app.segments.features.build_features` takes them.
    rules
        Which orders count.
    timezone
        The shop's, as in the IANA database.
    as_of
        The end of what is known; aware.
    """

    orders: pl.DataFrame
    refunds: pl.DataFrame
    categories: pl.DataFrame
    customers: pl.DataFrame
    rules: LedgerRules
    timezone: str
    as_of: datetime

    def first_order_at(self) -> datetime | None:
        """Return when the first order that counts was placed, or ``None`` without one."""
        first = self.counted(self.as_of)["processed_at"].min()
        return first if isinstance(first, datetime) else None

    def features_at(self, as_of: datetime) -> pl.DataFrame:
        """Sum everybody up as they were known at ``as_of``; later facts change nothing.

        Who has neither an order nor a refund by then is left out: when somebody came into the books is not
        always known.
        """
        return build_features(
            self.counted(as_of),
            self.categories,
            loose_refunds(self.refunds, self.rules, as_of=as_of),
            self.customers.clear(),
            as_of=as_of,
            timezone=self.timezone,
        )

    def outcomes(self, as_of: datetime, days: int) -> pl.DataFrame:
        """Say what everybody who had bought by ``as_of`` did in the days after it.

        Returns
        -------
        polars.DataFrame
            One row a buyer, by ``customer_id``: ``visit_count`` (distinct shop-local days with an order in
            ``(as_of, as_of + days]``), ``order_count``, ``net_revenue`` (minor units, refunds up to the end of
            the window taken off), ``discounted_order_count`` (all 0 or more) and ``next_order_days`` (from
            ``as_of`` to the first of them; null where there was none).

        Raises
        ------
        ValueError
            The window ends after what is known: who did not come back *yet* would count as gone.
        """
        until = as_of + timedelta(days=days)
        if until > self.as_of:
            raise ValueError("the window ends after what is known")
        buyers = self.counted(as_of).select("customer_id").unique().sort("customer_id")
        after = self.counted(until).filter(pl.col("processed_at") > as_of.astimezone(UTC))
        waited = pl.col("processed_at").min() - pl.lit(as_of.astimezone(UTC))
        done = after.group_by("customer_id").agg(
            visit_count=pl.col("processed_at").dt.convert_time_zone(self.timezone).dt.date().n_unique(),
            order_count=pl.len(),
            net_revenue=pl.col("net_revenue").sum(),
            discounted_order_count=(pl.col("discount") > 0).sum(),
            next_order_days=waited.dt.total_microseconds() / 86_400_000_000,
        )
        counts = ("visit_count", "order_count", "net_revenue", "discounted_order_count")
        return buyers.join(done, on="customer_id", how="left", maintain_order="left").with_columns(
            pl.col(counts).fill_null(0).cast(pl.Int64)
        )

    def counted(self, as_of: datetime) -> pl.DataFrame:
        """Return the orders that count by what was known at ``as_of``, with their money and habits."""
        judged = judge_orders(self.orders, self.refunds, self.rules, as_of=as_of)
        beside = self.orders.select(_BESIDE_VERDICTS)
        return judged.hstack(beside).filter(pl.col("verdict") == "counts").drop("verdict")
