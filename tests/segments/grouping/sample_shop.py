"""The sample store as a shop's history, with a plain stand-in for the predictions."""

from datetime import UTC, datetime, timedelta

import polars as pl
from segment_frames import NO_CATEGORIES, NO_REFUNDS, customers

from shop_app.segments.history import History
from shop_app.segments.ledger import LedgerRules

TIMEZONE = "America/New_York"


class SampleShop:
    """What a fit asks of a shop, and the hidden kind of everybody."""

    def __init__(self, store):
        self.as_of = datetime.fromtimestamp(store.ends_at, UTC) - timedelta(microseconds=1)
        self.kinds = store.truth.customers.select(customer_id="person", kind="kind")
        self.history = History(
            orders=_orders(store),
            refunds=NO_REFUNDS,
            categories=NO_CATEGORIES,
            customers=customers(),
            rules=LedgerRules("USD"),
            timezone=TIMEZONE,
            as_of=self.as_of,
        )
        self._known = {}

    def scored_at(self, as_of):
        if as_of not in self._known:
            self._known[as_of] = with_rhythm(self.history.features_at(as_of))
        return self._known[as_of]

    def kinds_of(self, frame):
        ids = frame.select("customer_id")
        return ids.join(self.kinds, on="customer_id", how="left", maintain_order="left")["kind"]


def with_rhythm(features):
    """Add the gap that is usual for each customer: their own gaps and one of the shop's."""
    returns, own = pl.col("repeat_count"), pl.col("interval_mean_days")
    gap = (returns * own.fill_null(0) + own.median().fill_null(60)) / (returns + 1)
    return features.with_columns(usual_gap_days=gap, cadence_drift_ratio=pl.col("recency_days") / gap)


def _orders(store):
    nothing = pl.lit(0, pl.Int64)
    return store.truth.orders.filter(pl.col("verdict") == "counts").select(
        *("order_id", "discount", "channel"),
        customer_id="person",
        processed_at="created_at",
        cancelled_at=pl.lit(None, pl.Datetime("us", "UTC")),
        financial_status=pl.lit("paid"),
        test=pl.lit(value=False),
        currency=pl.lit("USD"),
        total=pl.col("total") - pl.col("refunded"),
        outstanding=nothing,
        tax=nothing,
        shipping=nothing,
        gift_card_total=nothing,
        goods_total=pl.col("total") + pl.col("discount"),
        item_count=pl.lit(1.0),
        excluded_tag=pl.lit(value=False),
        first_product_id=pl.lit(None, pl.Int64),
    )
