"""Which first products make customers who do not come back."""

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import special

from shop_app.bundles.evidence import false_discovery
from shop_app.bundles.shares import share_interval
from shop_app.bundles.visits import numbered, purchase_days, with_names
from shop_app.errors import InvalidInputError

FALSE_DISCOVERY_RATIO = 0.05
LEAST_FIRST_BUYERS = 30
# Of fewer the share may lie anywhere.
_SEASON_DAYS = 30
_COLUMNS = (
    *("key", "name", "first_buyers", "never_back", "share_ratio", "low", "high", "store_share_ratio"),
    *("p_value", "q_value", "is_found"),
)


def first_product_fates(
    visits: pl.DataFrame, names: pl.DataFrame, *, as_of_day: int, patience_days: int
) -> pl.DataFrame:
    """Tell for each product how many of those who began with it did not come back.

    Parameters
    ----------
    visits
        ``customer_id``, ``day``, ``key``; all that is bought on one day is one purchase.
    names
        ``key``, ``key_name``.
    as_of_day
        The last day of which everything is known, in days since 1970-01-01.
    patience_days
        How long a customer is waited for, 1 or more. Everybody is given the same time: who began later than
        this many days before ``as_of_day`` is not counted yet, who came back later still did not come back.

    Returns
    -------
    DataFrame
        One row a key with :data:`LEAST_FIRST_BUYERS` or more first buyers, the worst first: ``key``, ``name``,
        ``first_buyers``, ``never_back`` (not within the patience), ``share_ratio`` of the one in the other with
        its 95 % interval ``low`` to ``high`` (Wilson's), ``store_share_ratio`` (of all first buyers of the same
        months), ``p_value``, ``q_value``, ``is_found``: more stay away than the months explain, with
        :data:`FALSE_DISCOVERY_RATIO` kept over all keys that were anybody's first.

    Raises
    ------
    InvalidInputError
        If ``patience_days`` is under 1.

    Notes
    -----
    Who comes for Christmas often comes once, whatever is bought; so first buyers are compared with those of
    the same 30 days, and the excesses are added up over all of them (Mantel and Haenszel, 1959, one-sided and
    with their correction for continuity). A first purchase of several products counts for each. That people
    stay away after a product does not show that it drives them away: it may draw those who want nothing else.
    """
    if patience_days < 1:
        raise InvalidInputError(f"patience_days must be 1 or more, not {patience_days}.", field="patience_days")
    begun = _begun(visits, as_of_day, patience_days)
    people, gone = pl.len().cast(pl.Int64), pl.col("stays_away").sum().cast(pl.Int64)
    customers = begun.select("customer_id", "month", "stays_away").unique()
    of_month = customers.group_by("month").agg(all_buyers=people, all_away=gone)
    cells = begun.group_by("key", "month").agg(buyers=people, away=gone)
    # Four counts are multiplied, which in a large shop is more than a whole number holds.
    buyers, every, away = (pl.col(name).cast(pl.Float64) for name in ("buyers", "all_buyers", "all_away"))
    others = every - buyers
    spread = buyers * others * away * (every - away) / (every * every * (every - 1))
    fates = (
        cells.join(of_month, on="month")
        .sort("key", "month")
        .group_by("key", maintain_order=True)
        .agg(
            first_buyers=pl.col("buyers").sum(),
            never_back=pl.col("away").sum(),
            expected=(buyers * away / every).sum(),
            variance=pl.when(every > 1).then(spread).otherwise(0.0).sum(),
        )
    )
    return _judged(fates, names)


def _begun(visits: pl.DataFrame, as_of_day: int, patience_days: int) -> pl.DataFrame:
    """Return what each first purchase held, its month, and whether no second one followed in time."""
    days = numbered(purchase_days(visits).filter(pl.col("day") <= as_of_day))
    second = days.filter(pl.col("place") == 2).group_by("customer_id").agg(second_day=pl.col("day").first())  # noqa: PLR2004
    first = days.filter((pl.col("place") == 1) & (pl.col("day") + patience_days <= as_of_day))
    late = pl.col("second_day") - pl.col("day") > patience_days
    return first.join(second, on="customer_id", how="left").select(
        "customer_id",
        "key",
        month=(as_of_day - pl.col("day")) // _SEASON_DAYS,
        stays_away=pl.col("second_day").is_null() | late.fill_null(False),
    )


def _judged(fates: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    tests = fates.height
    fates = fates.filter(pl.col("first_buyers") >= LEAST_FIRST_BUYERS)
    buyers, away, expected, variance = (
        fates[name].to_numpy().astype(np.float64)
        for name in ("first_buyers", "never_back", "expected", "variance")
    )
    p_value = special.ndtr(-_excess(away - expected, variance))
    q_value = false_discovery(p_value, tests)
    low, high = share_interval(away, buyers)
    judged = fates.with_columns(
        share_ratio=pl.Series(away / buyers),
        low=pl.Series(low),
        high=pl.Series(high),
        store_share_ratio=pl.Series(expected / buyers),
        p_value=pl.Series(p_value),
        q_value=pl.Series(q_value),
        is_found=pl.Series(q_value <= FALSE_DISCOVERY_RATIO),
    )
    return with_names(judged, names, {"key": "name"}).sort("p_value", "key").select(_COLUMNS)


def _excess(more: NDArray[np.float64], variance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how many standard deviations more stayed away than expected, half a customer taken off."""
    spread = np.sqrt(np.where(variance > 0, variance, 1.0))
    return np.where(variance > 0, (more - 0.5) / spread, 0.0)
