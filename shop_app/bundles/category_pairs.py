"""What customers of two lines of goods are worth, beside those of one of the two."""

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse, special

LEAST_CUSTOMERS = 30
# On either side; of fewer, one large order decides.
WINSOR_QUANTILE = 0.99
_SCHEMA: dict[str, type[pl.DataType]] = {
    "first": pl.String,
    "second": pl.String,
    "both_customers": pl.Int64,
    "one_customers": pl.Int64,
    "both_value": pl.Int64,
    "one_value": pl.Int64,
    "difference": pl.Int64,
    "low": pl.Int64,
    "high": pl.Int64,
    "is_enough": pl.Boolean,
}


def category_pair_values(
    lines: pl.DataFrame, items: pl.DataFrame, *, customers: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Compare what customers of two categories have spent with what customers of only one of them have.

    Parameters
    ----------
    lines
        ``customer_id``, ``item_id``, ``quantity`` (after returns), ``bought`` (before), ``total`` (paid for all
        that was bought, minor units), ``is_gift_card``.
    items
        ``item_id``, ``category``. Items without a category count for the money, not for the categories.
    customers
        ``customer_id`` of those to look at, such as a segment; everybody if not given.

    Returns
    -------
    DataFrame
        One row a pair of categories that somebody bought from both, ``first`` before ``second`` in the
        alphabet: ``both_customers``, ``one_customers`` (exactly one of the two); ``both_value``, ``one_value``
        (mean spent per customer on everything, minor units); their ``difference`` with its 95 % interval
        ``low`` to ``high`` (Welch's; null where a side has one customer or none); ``is_enough``: at least
        :data:`LEAST_CUSTOMERS` on both sides. Those with enough first, the largest difference first.

    Notes
    -----
    What a customer spent is cut at the :data:`WINSOR_QUANTILE` quantile of all customers looked at, so that one
    wholesaler does not decide. The difference is no cause: whoever has bought of both lines has bought more
    kinds of things, which makes them worth more by itself.
    """
    kept = _kept(lines, customers)
    value = kept.group_by("customer_id").agg(pl.col("kept").sum().cast(pl.Float64)).sort("customer_id")
    bought = kept.join(items.select("item_id", "category").drop_nulls(), on="item_id")
    if not bought.height:
        return pl.DataFrame(schema=_SCHEMA)
    people = value.select("customer_id").with_row_index("row")
    place = bought.select("customer_id", "category").unique().join(people, on="customer_id")
    names = place["category"].unique().sort()
    column = place["category"].cast(pl.Enum(names)).to_physical().to_numpy()
    holds = sparse.csr_array(
        (np.ones(place.height), (place["row"].to_numpy(), column)), shape=(people.height, len(names))
    )
    spent = value["kept"].to_numpy()
    return _compared(names, holds, np.minimum(spent, np.quantile(spent, WINSOR_QUANTILE)))


def _kept(lines: pl.DataFrame, customers: pl.DataFrame | None) -> pl.DataFrame:
    """Return what was kept of each line and what it cost, of the customers looked at."""
    paid = pl.col("total") * pl.col("quantity") / pl.col("bought")
    sold = lines.filter((pl.col("quantity") > 0) & ~pl.col("is_gift_card"))
    kept = sold.drop_nulls(["customer_id", "item_id"]).select("customer_id", "item_id", kept=paid)
    if customers is None:
        return kept
    return kept.join(customers.select("customer_id").unique(), on="customer_id", how="semi")


def _compared(names: pl.Series, holds: sparse.csr_array, value: NDArray[np.float64]) -> pl.DataFrame:
    """Compare the two sides of every pair of columns that somebody holds both of."""
    moments = [np.ones(value.size), value, value**2]
    together = [(holds.T @ (holds * power[:, None])).tocsr() for power in moments]
    first, second = sparse.triu(together[0], k=1).nonzero()
    if not first.size:
        return pl.DataFrame(schema=_SCHEMA)
    both = np.array([np.asarray(table[first, second]).ravel() for table in together])
    single = np.array([table.diagonal() for table in together])
    one = single[:, first] + single[:, second] - 2 * both
    low, high = _interval(both, one)
    both_mean, one_mean = _mean(both), _mean(one)
    frame = pl.DataFrame(
        {
            "first": names.gather(first),
            "second": names.gather(second),
            "both_customers": both[0],
            "one_customers": one[0],
            "both_value": both_mean,
            "one_value": one_mean,
            "difference": both_mean - one_mean,
            "low": low,
            "high": high,
        }
    )
    money = pl.col("both_value", "one_value", "difference", "low", "high").fill_nan(None).round()
    enough = pl.min_horizontal("both_customers", "one_customers") >= LEAST_CUSTOMERS
    told = frame.with_columns(money, is_enough=enough).cast({name: kind() for name, kind in _SCHEMA.items()})
    best = ["is_enough", "difference", "first", "second"]
    return told.sort(best, descending=[True, True, False, False], nulls_last=True)


def _mean(side: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the means of (counts, sums, sums of squares), not a number of nobody."""
    return np.where(side[0] > 0, side[1] / np.maximum(side[0], 1), np.nan)


def _interval(
    both: NDArray[np.float64], one: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the ends of the 95 % interval of the difference of means, not a number where there is none."""
    variances = []
    for count, total, squares in (both, one):
        some = count > 1
        spread = np.maximum(squares - total**2 / np.maximum(count, 1), 0.0)
        variances.append(np.where(some, spread / np.maximum(count * (count - 1), 1), np.nan))
    variance = variances[0] + variances[1]
    terms = [part**2 / np.maximum(side[0] - 1, 1) for part, side in zip(variances, (both, one), strict=True)]
    weights = terms[0] + terms[1]
    degrees = np.divide(variance**2, weights, out=np.full(variance.size, np.inf), where=weights > 0)
    half = special.stdtrit(degrees, 0.975) * np.sqrt(variance)
    difference = _mean(both) - _mean(one)
    return difference - half, difference + half
