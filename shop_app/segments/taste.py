"""Which categories a customer buys from, and how evenly."""

import polars as pl

from shop_app.segments.division import divide


def taste(placed: pl.DataFrame, categories: pl.DataFrame) -> pl.DataFrame:
    """Measure what a customer's money goes to.

    Parameters
    ----------
    placed
        The counted orders: ``order_id``, ``customer_id``, ``person`` (Int64, the customers' own numbers from
        0), sorted by ``person``.
    categories
        ``order_id``, ``category``, ``amount`` (Int64 minor units). Null categories and other orders are left
        out; an amount below 0 is taken as 0.

    Returns
    -------
    polars.DataFrame
        One row for each customer with a known category:

        - ``category_count``: 1 or more.
        - ``category_diversity_ratio``: 0 (everything in one category) to 1 (the same amount in each), null
          where nothing was paid. Simpson's index ``1 - sum(share**2)``, divided by its largest value
          ``1 - 1/category_count`` (E. H. Simpson, Measurement of Diversity, Nature 163, 1949).
        - ``top_category``: the one with the largest amount, the first by name of equals.
        - ``top_category_share_ratio``: its share of the amount, 0 to 1, null where nothing was paid.
    """
    names = categories["category"].drop_nulls().unique().sort()
    sums = (
        categories.lazy()
        .drop_nulls("category")
        .select("order_id", "amount", number=pl.col("category").cast(pl.Enum(names)).to_physical())
        .join(placed.lazy().select("order_id", "person"), on="order_id")
        .group_by(key=pl.col("person") * len(names) + pl.col("number").cast(pl.Int64))
        .agg(pl.col("amount").clip(lower_bound=0).sum().cast(pl.Int128))
        .with_columns(person=pl.col("key") // len(names), number=pl.col("key") % len(names))
        .group_by("person")
        .agg(
            category_count=pl.len().cast(pl.Int64),
            # One integer for "the largest amount, and of equals the first name".
            top=(pl.col("amount") * len(names) + (len(names) - 1 - pl.col("number"))).max(),
            whole=pl.col("amount").sum(),
            squares=(pl.col("amount") * pl.col("amount")).sum(),
        )
        .with_columns(amount=pl.col("top") // len(names), number=len(names) - 1 - pl.col("top") % len(names))
        .collect()
    )
    paid = pl.col("whole") > 0
    share = divide(pl.col("amount"), pl.col("whole"))
    return sums.select(
        "category_count",
        customer_id=placed["customer_id"].unique(maintain_order=True).gather(sums["person"]),
        top_category=names.gather(sums["number"].cast(pl.Int64)),
        category_diversity_ratio=pl.when(paid).then(_evenness()),
        top_category_share_ratio=pl.when(paid).then(share),
    )


def _evenness() -> pl.Expr:
    """Give Simpson's index over its largest value; the sums stay integers up to the one division."""
    count, squared_whole = pl.col("category_count").cast(pl.Int128), pl.col("whole") * pl.col("whole")
    spread = (squared_whole - pl.col("squares")) * count
    largest = squared_whole * (count - 1)
    return pl.when(count > 1).then(divide(spread, largest)).otherwise(0.0)
