"""What the second and the third purchase usually is, of everybody and after each common first one."""

import numpy as np
import polars as pl

from shop_app.bundles.shares import ratio_of_shares
from shop_app.bundles.visits import numbered, purchase_days, with_names

PLACES = (2, 3)
LEAST_CUSTOMERS = 20
# Of fewer who came to this purchase, a share says too little to be shown.
_ROWS = pl.len().cast(pl.Int64)
_COLUMNS = (
    *("place", "after", "after_name", "key", "name", "customers", "of_customers", "share_ratio"),
    *("store_share_ratio", "lift", "lift_low", "lift_high"),
)


def next_purchases(visits: pl.DataFrame, names: pl.DataFrame, most: int = 10) -> pl.DataFrame:
    """Tell what customers buy when they come the second and the third time.

    Parameters
    ----------
    visits
        ``customer_id``, ``day``, ``key``; all that is bought on one day is one purchase.
    names
        ``key``, ``key_name``.
    most
        So many keys are told for each purchase, and so many first keys are followed, the commonest ones.

    Returns
    -------
    DataFrame
        ``place`` (2 or 3), ``after`` and ``after_name`` (what the first purchase held; null: whatever it was),
        ``key``, ``name``, ``customers`` whose purchase of that place held it, ``of_customers`` who came to that
        purchase (:data:`LEAST_CUSTOMERS` or more), ``share_ratio``, ``store_share_ratio``, ``lift`` of the one
        over the other with its 95 % interval ``lift_low`` to ``lift_high``. By place, then everybody, then the
        commonest first keys; in each the commonest key first.

        The store's share is, for everybody, that of all purchases in the store; after a first key it is that
        of all purchases of the same place. So the lift of everybody tells what is more of a second purchase
        than of any, and the lift after a key what that key makes more of.

    Notes
    -----
    The share of the store is of all its purchases, these among them, so the interval is on the wide side.
    """
    days = numbered(purchase_days(visits))
    purchases = days.select("customer_id", "place").unique().height
    overall = days.group_by("key").agg(store_customers=_ROWS).with_columns(store_of=pl.lit(purchases, pl.Int64))
    told = pl.concat([_of_place(days, place, overall, most) for place in PLACES])
    told = with_names(_with_lift(told), names, {"key": "name", "after": "after_name"})
    by = ["place", "first_rank", "customers", "key"]
    return told.sort(by, descending=[False, False, True, False]).select(_COLUMNS)


def _of_place(days: pl.DataFrame, place: int, overall: pl.DataFrame, most: int) -> pl.DataFrame:
    """Count what everybody bought at that place, and those who began with each of the commonest first keys."""
    here = days.filter(pl.col("place") == place)
    came = here.select("customer_id").unique()
    everybody = (
        here.group_by("key")
        .agg(customers=_ROWS)
        .with_columns(
            after=pl.lit(None, pl.String),
            first_rank=pl.lit(0, pl.Int64),
            of_customers=pl.lit(came.height, pl.Int64),
        )
    )
    first = days.filter(pl.col("place") == 1).join(came, on="customer_id", how="semi")
    commonest = (
        first.group_by(pl.col("key").alias("after"))
        .agg(of_customers=_ROWS)
        .sort(["of_customers", "after"], descending=[True, False])
        .head(most)
        .with_columns(first_rank=pl.int_range(1, pl.len() + 1, dtype=pl.Int64))
    )
    began = first.select("customer_id", after="key").join(commonest, on="after", how="semi")
    after = began.join(here.select("customer_id", "key"), on="customer_id")
    after = after.group_by("after", "key").agg(customers=_ROWS).join(commonest, on="after")
    of_place = everybody.select("key", store_customers="customers", store_of="of_customers")
    columns = [*("first_rank", "after", "key", "customers", "of_customers"), *("store_customers", "store_of")]
    both = [
        part.select(columns) for part in (everybody.join(overall, on="key"), after.join(of_place, on="key"))
    ]
    enough = pl.concat(both).filter(pl.col("of_customers") >= LEAST_CUSTOMERS)
    best = enough.sort(["customers", "key"], descending=[True, False]).group_by("first_rank").head(most)
    return best.select(columns).with_columns(place=pl.lit(place, pl.Int32))


def _with_lift(rows: pl.DataFrame) -> pl.DataFrame:
    one, of_one, store, of_store = (
        rows[name].to_numpy().astype(np.float64)
        for name in ("customers", "of_customers", "store_customers", "store_of")
    )
    lift, low, high = ratio_of_shares(one, of_one, store, of_store)
    return rows.with_columns(
        share_ratio=pl.Series(one / of_one),
        store_share_ratio=pl.Series(store / of_store),
        lift=pl.Series(lift),
        lift_low=pl.Series(low),
        lift_high=pl.Series(high),
    )
