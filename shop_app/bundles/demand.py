"""How often each thing was bought lately: what an offer is reckoned from."""

import polars as pl

EVERYBODY = ""
TWO, THREE = 2, 3  # pieces of one line of products


def count_demand(
    lines: pl.DataFrame, keys: pl.DataFrame, segments: pl.DataFrame, *, as_of_day: int, horizon_days: int = 90
) -> pl.DataFrame:
    """Count the baskets that held each key in the days before a day, for everybody and for each segment.

    Parameters
    ----------
    lines
        ``order_id``, ``customer_id``, ``day``, ``item_id``, ``quantity`` of counted orders, without what is no
        merchandise. Days are days since 1970-01-01 on the shop's clock.
    keys
        ``item_id``, ``key``.
    segments
        ``customer_id``, ``segment``: today's.
    as_of_day
        The day looked back from; it is not counted itself.
    horizon_days
        How many days to look back. Where the shop's past is shorter, what there is is scaled up to it.

    Returns
    -------
    polars.DataFrame
        ``segment`` ("" is everybody), ``key``, ``basket_count``.
    """
    recent, scale = _recent(lines, as_of_day, horizon_days)
    held = recent.join(keys.select("item_id", "key"), on="item_id").select("order_id", "customer_id", "key")
    counted = _with_everybody(held.unique(), segments).group_by("segment", "key").len("found")
    count = (pl.col("found") * scale).round().cast(pl.Int64)
    return counted.select("segment", "key", basket_count=count).sort("segment", "key")


def count_thirds(
    lines: pl.DataFrame, items: pl.DataFrame, segments: pl.DataFrame, *, as_of_day: int, horizon_days: int = 90
) -> pl.DataFrame:
    """Count, for each line of products, the baskets with two pieces of it and those with a third.

    A line of products is a category. Parameters as for :func:`count_demand`; ``items`` has ``item_id`` and
    ``category``.

    Returns
    -------
    polars.DataFrame
        ``segment`` ("" is everybody), ``category``, ``two_count`` (baskets with two pieces or more),
        ``three_count`` (with three or more) in the horizon.
    """
    named = items.filter(pl.col("category").fill_null("") != "").select("item_id", "category")
    recent, scale = _recent(lines, as_of_day, horizon_days)
    baskets = recent.join(named, on="item_id").group_by("order_id", "customer_id", "category")
    pieces = baskets.agg(pieces=pl.col("quantity").sum())
    return (
        _with_everybody(pieces, segments)
        .group_by("segment", "category")
        .agg(
            two_count=((pl.col("pieces") >= TWO).sum() * scale).round().cast(pl.Int64),
            three_count=((pl.col("pieces") >= THREE).sum() * scale).round().cast(pl.Int64),
        )
        .sort("segment", "category")
    )


def _recent(lines: pl.DataFrame, as_of_day: int, horizon_days: int) -> tuple[pl.DataFrame, float]:
    kept = lines.filter(pl.col("quantity") > 0, pl.col("item_id").is_not_null(), pl.col("day") < as_of_day)
    first_day = kept["day"].min()
    if not isinstance(first_day, int):
        return kept, 1.0
    known_days = min(horizon_days, as_of_day - first_day)
    return kept.filter(pl.col("day") >= as_of_day - known_days), horizon_days / known_days


def _with_everybody(frame: pl.DataFrame, segments: pl.DataFrame) -> pl.DataFrame:
    everybody = frame.with_columns(segment=pl.lit(EVERYBODY))
    labelled = frame.join(segments.select("customer_id", "segment"), on="customer_id")
    return pl.concat([everybody, labelled.select(everybody.columns)])
