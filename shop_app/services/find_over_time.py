"""What customers come back for, of the whole store and of each segment beside everybody else."""

from datetime import date, datetime, timedelta

import numpy as np
import polars as pl

from shop_app.bundles.category_pairs import category_pair_values
from shop_app.bundles.next_purchases import next_purchases
from shop_app.bundles.one_and_done import first_product_fates
from shop_app.bundles.sequences import find_sequences
from shop_app.bundles.shares import ratio_of_shares
from shop_app.services.basket_frames import BasketFrames
from shop_app.services.bundle_choices import BundleChoices

_SEED = 20_260_101
"""Of the swaps that sequences are compared with: the same orders give the same figures."""
_ENOUGH_FIRST_BUYERS = 30
"""Of the first thing, in a segment: of fewer a share may lie anywhere."""
_MOST_ROWS = 500


def find_over_time(
    frames: BasketFrames, segments: pl.DataFrame, choices: BundleChoices, *, last_day: int
) -> dict[str, pl.DataFrame]:
    """Return what is found about order in time and about product lines, by kind; ``segment`` "" is everybody.

    First products of those who stay away are told of the whole store only: who stayed away is what makes a
    segment of them.
    """
    kept = frames.lines.filter(pl.col("quantity") > 0).drop_nulls("customer_id")
    visits = kept.join(frames.keys.select("item_id", "key"), on="item_id").select("customer_id", "day", "key")
    names = frames.keys.select("key", "key_name")
    store = _sequences(visits, names, choices, last_day)
    found: dict[str, list[pl.DataFrame]] = {
        "sequence": [store.with_columns(segment=pl.lit(""))],
        "next": [next_purchases(visits, names).with_columns(segment=pl.lit(""))],
        "category_pair": [category_pair_values(frames.lines, frames.items).with_columns(segment=pl.lit(""))],
    }
    for (slug,), members in segments.drop_nulls().sort("segment").group_by("segment", maintain_order=True):
        own = visits.join(members, on="customer_id", how="semi")
        label = pl.lit(slug, pl.String).alias("segment")
        sequences = _beside_store(_sequences(own, names, choices, last_day), store)
        found["sequence"].append(sequences.with_columns(label))
        found["next"].append(next_purchases(own, names).with_columns(label))
        pairs = category_pair_values(frames.lines, frames.items, customers=members.select("customer_id"))
        found["category_pair"].append(pairs.with_columns(label))
    told = {kind: pl.concat(parts, how="diagonal") for kind, parts in found.items()}
    fates = first_product_fates(visits, names, as_of_day=last_day, patience_days=choices.patience_days)
    return told | {"one_and_done": fates}


def last_whole_day(moment: datetime) -> int:
    """Return the last day that is over, in days since 1970-01-01 on the moment's own clock.

    That is the day before, and the moment's own where it is the very last of that day.
    """
    today = (moment + timedelta(microseconds=1)).date()
    return (today - date(1970, 1, 1)).days - 1


def _sequences(
    visits: pl.DataFrame, names: pl.DataFrame, choices: BundleChoices, last_day: int
) -> pl.DataFrame:
    found = find_sequences(visits, names, seed=_SEED, window_days=choices.window_days, last_day=last_day)
    return found.head(_MOST_ROWS)


def _beside_store(own: pl.DataFrame, store: pl.DataFrame) -> pl.DataFrame:
    """Add how many times as often as everybody else a segment does it, and whether there are enough to tell."""
    whole = store.select("first", "then", store_customers="customers", store_first_customers="first_customers")
    both = own.join(whole, on=["first", "then"], how="left", maintain_order="left")
    counts = [
        both[name].fill_null(0).cast(pl.Float64).to_numpy()
        for name in ("customers", "first_customers", "store_customers", "store_first_customers")
    ]
    own_count, own_of = counts[0], counts[1]
    other_count, other_of = counts[2] - own_count, counts[3] - own_of
    is_known = (own_count > 0) & (own_of > 0) & (other_count > 0) & (other_of >= other_count)
    ratios = ratio_of_shares(
        *(np.where(is_known, part, 1.0) for part in (own_count, own_of, other_count, other_of))
    )
    is_enough = own_of >= _ENOUGH_FIRST_BUYERS
    words = [
        ""
        if enough
        else f"{int(number)} customers of this segment bought the first, with the whole time behind them; from "
        f"{_ENOUGH_FIRST_BUYERS} on it can be told."
        for number, enough in zip(own_of, is_enough, strict=True)
    ]
    columns = ("lift_over_store", "lift_over_store_low", "lift_over_store_high")
    told = {
        name: pl.Series(name, np.where(is_known & is_enough, part, np.nan), nan_to_null=True)
        for name, part in zip(columns, ratios, strict=True)
    }
    store_share = pl.col("store_customers") / pl.col("store_first_customers")
    return both.with_columns(
        **told,
        store_share_ratio=store_share,
        is_enough=pl.Series(is_enough, dtype=pl.Boolean),
        enough_words=pl.Series(words, dtype=pl.String),
    )
