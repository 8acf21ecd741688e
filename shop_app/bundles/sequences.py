"""What is bought some days after something else, by how many more than chance, and whether order matters."""

import numpy as np
import polars as pl

from shop_app.bundles.explained_sequences import own_customers
from shop_app.bundles.follow_ups import (
    Ints,
    Slots,
    count_gaps,
    count_pairs_followed,
    count_these_followed,
    found_in,
    runs,
)
from shop_app.bundles.sequence_evidence import LEAST_RATIO, at_least, judge_order, judge_ratio
from shop_app.bundles.visits import purchase_days, with_names
from shop_app.errors import InvalidInputError

MOST_COMBINATIONS = 1_000_000
# A customer who makes more of them within the window buys for a shop; everything follows everything there.
_COLUMNS = (
    *("first", "then", "first_name", "then_name", "customers", "first_customers", "share_ratio"),
    *("median_gap_days", "null_customers", "ratio", "ratio_low", "ratio_high", "p_value", "q_value"),
    *("own_customers", "is_found", "reverse_customers", "order_q_value", "is_ordered"),
)


def find_sequences(
    visits: pl.DataFrame,
    names: pl.DataFrame,
    *,
    seed: int,
    window_days: int = 14,
    least_customers: int = 10,
    swaps: int = 5,
    last_day: int | None = None,
) -> pl.DataFrame:
    """Find what customers come back for within some days after something else.

    Parameters
    ----------
    visits
        ``customer_id``, ``day``, ``key``; see :func:`~shop_app.bundles.visits.purchase_days`.
    names
        ``key``, ``key_name``.
    seed
        Of the swaps; the same seed gives the same figures.
    window_days
        From the day after the first purchase to this many days later, 1 or more.
    least_customers
        Keys with fewer buyers, and sequences of fewer customers, are not looked at. 1 or more.
    swaps
        How often the baskets are swapped for the expectation, 1 or more; time grows with it, the error of the
        expectation shrinks.
    last_day
        The last day of which everything is known; the last in ``visits`` if not given.

    Returns
    -------
    DataFrame
        One row a sequence of at least ``least_customers`` customers, the best supported first:

        ``first``, ``then``, ``first_name``, ``then_name``;
        ``customers`` who bought ``then`` 1 to ``window_days`` days after ``first``, each once;
        ``first_customers`` who bought ``first`` with the whole window behind them and ``then`` on sale in it,
        and ``share_ratio``, the share of them who did it;
        ``median_gap_days`` between (each customer's shortest, the lower of two middle ones);
        ``null_customers`` expected from swapped baskets, ``ratio`` of real to expected with its 95 % interval
        ``ratio_low`` to ``ratio_high`` (``ratio`` and ``ratio_high`` are null where no swap brought one up);
        ``p_value``, ``q_value``, ``is_found`` (``FALSE_DISCOVERY_RATIO`` is kept over all ordered pairs of
        the keys looked at, and the ratio is ``LEAST_RATIO`` or more, also without the customers whom a
        stronger sequence with the same first or second key accounts for; ``own_customers`` are the others, null
        where there is nothing to account for);
        ``reverse_customers`` who did it the other way round, however few; ``order_q_value``, ``is_ordered``.

    Raises
    ------
    InvalidInputError
        If a number is out of its range.

    Notes
    -----
    Customers come back to what they like, so the share alone says little. Expected is what comes of the same
    visits when the baskets change hands inside each week: season, launches, basket sizes and the rhythm of
    every customer stay. Given the real count n and T in all S swaps, n is binomial of n + T with chance
    1 / (S + 1) if nothing is behind it (two Poisson counts compared; Przyborowski and Wilenski, 1940), which
    takes into account that T is an estimate; the interval is Clopper and Pearson's (1934) of that chance.

    Order is a claim of its own: n against the reverse count, which must not be cut off at ``least_customers``
    (cut off, most pairs look one-way). The tests are made for all pairs that have ``least_customers`` in both
    directions together, so that the choice does not favour one, against a half or, where more, against the
    share that this direction has in the swaps (the season alone puts some things before others). A sequence
    that is found and not ordered says only that the same customers soon buy both.

    Customers with over :data:`MOST_COMBINATIONS` combinations are left out.
    """
    _check(window_days, least_customers, swaps)
    days, last = _supported(visits, least_customers, last_day)
    slots = _of_most(days, window_days, last)
    tested = _counted_both_ways(slots, least_customers)
    judged = judge_order(_with_swapped(tested, slots, swaps=swaps, seed=seed))
    judged = judged.filter(pl.col("customers") >= least_customers)
    judged = judge_ratio(judged, swaps, tests=slots.key_count * (slots.key_count - 1))
    judged = _with_shares(_without_explained(judged, slots, swaps), slots, last)
    named = with_names(judged, names, {"first": "first_name", "then": "then_name"})
    best = ["is_found", "is_ordered", "evidence", "customers", "first", "then"]
    return named.sort(best, descending=[True] * 4 + [False] * 2).select(_COLUMNS)


def _check(window_days: int, least_customers: int, swaps: int) -> None:
    given = {"window_days": window_days, "least_customers": least_customers, "swaps": swaps}
    for field, value in given.items():
        if value < 1:
            raise InvalidInputError(f"{field} must be 1 or more, not {value}.", field=field)


def _supported(visits: pl.DataFrame, least_customers: int, last_day: int | None) -> tuple[pl.DataFrame, int]:
    """Keep what enough customers bought, up to the last day, and return that day as well."""
    days = purchase_days(visits)
    last = last_day if last_day is not None else int(days.select(pl.col("day").max().fill_null(0)).item())
    days = days.filter(pl.col("day") <= last)
    buyers = days.group_by("key").agg(pl.col("customer_id").n_unique())
    enough = buyers.filter(pl.col("customer_id") >= least_customers)
    return days.join(enough, on="key", how="semi", maintain_order="left"), last


def _of_most(days: pl.DataFrame, window_days: int, last_day: int) -> Slots:
    """Return the purchases without those of customers who make too many combinations."""
    slots = Slots.of(days, window_days, last_day)
    busy = slots.combination_counts > MOST_COMBINATIONS
    if not busy.any():
        return slots
    return Slots.of(days.filter(pl.Series(~busy[slots.customer[slots.slot]])), window_days, last_day)


def _counted_both_ways(slots: Slots, least_customers: int) -> pl.DataFrame:
    """Count all sequences with enough customers in both directions together; the reverse whatever its size."""
    keys = slots.key_count
    code, count = count_pairs_followed(slots)
    place, there = found_in(code, code % keys * keys + code // keys)
    reverse = np.zeros_like(count)
    reverse[there] = count[place[there]]
    frame = pl.DataFrame({"code": code, "customers": count, "reverse_customers": reverse})
    return frame.filter(pl.col("customers") + pl.col("reverse_customers") >= least_customers)


def _with_swapped(tested: pl.DataFrame, slots: Slots, *, swaps: int, seed: int) -> pl.DataFrame:
    """Add ``swapped`` and ``swapped_reverse``: the same sequences in swapped baskets, sums over all swaps."""
    generator, keys = np.random.default_rng(seed), slots.key_count
    code = tested["code"].to_numpy()
    back = code % keys * keys + code // keys
    wanted, _ = runs(np.sort(np.concatenate([code, back])))
    sums = np.zeros(wanted.size, dtype=np.int64)
    for _ in range(swaps):
        sums += count_these_followed(slots.swapped(generator), wanted)
    return tested.with_columns(
        swapped=pl.Series(sums[np.searchsorted(wanted, code)]),
        swapped_reverse=pl.Series(sums[np.searchsorted(wanted, back)]),
    )


def _without_explained(judged: pl.DataFrame, slots: Slots, swaps: int) -> pl.DataFrame:
    """Add ``own_customers``, and take back what was found of sequences that a stronger one accounts for."""
    judged = judged.sort(["is_found", "evidence", "code"], descending=[True, True, False])
    found = judged.filter("is_found")
    limit, swapped = max(found["p_value"].to_list(), default=0.0), found["swapped"].to_numpy()

    def stands(place: int, count: int) -> bool:
        of_chance = swapped[place : place + 1]
        p_value = at_least(np.array([count]), of_chance, 1 / (swaps + 1))
        return bool(p_value[0] <= limit and count * swaps >= LEAST_RATIO * of_chance[0])

    own = own_customers(slots, [divmod(code, slots.key_count) for code in found["code"]], stands)
    left = [stands(place, count) for place, count in enumerate(own)]
    others = judged.height - found.height
    return judged.with_columns(
        own_customers=pl.Series([*own, *[None] * others], dtype=pl.Int64),
        is_found=pl.Series([*left, *[False] * others], dtype=pl.Boolean),
    ).with_columns(is_ordered=pl.col("is_ordered") & pl.col("is_found"))


def _with_shares(judged: pl.DataFrame, slots: Slots, last_day: int) -> pl.DataFrame:
    """Add the keys, the median gap, who bought the first one, and the share of them who did it."""
    judged = judged.sort("code")
    code = judged["code"].to_numpy()
    first, then = np.divmod(code, slots.key_count)
    gaps = np.cumsum(count_gaps(slots, code), axis=1)
    median = (gaps * 2 >= gaps[:, -1:]).argmax(axis=1)
    return judged.with_columns(
        first_customers=pl.Series(_first_customers(slots, first, then, last_day)),
        first=slots.names.gather(first),
        then=slots.names.gather(then),
        median_gap_days=pl.Series(median),
    ).with_columns(share_ratio=pl.col("customers") / pl.col("first_customers"))


def _first_customers(slots: Slots, first: Ints, then: Ints, last_day: int) -> Ints:
    """Return how many bought each first key with a whole window behind it and the other on sale in it."""
    day, window = slots.day[slots.slot], slots.window_days
    bought = pl.DataFrame({"key": slots.key, "customer": slots.customer[slots.slot], "day": day})
    launched = bought.group_by("key").agg(pl.col("day").min()).sort("key")["day"].to_numpy()
    known = bought.filter(pl.col("day") + window <= last_day)
    latest = known.group_by("key", "customer").agg(pl.col("day").max())
    zero = int(day.min(initial=0)) - window
    span = int(day.max(initial=0)) - zero + 1
    ordered = np.sort(latest["key"].to_numpy() * span + latest["day"].to_numpy() - zero)
    since = np.searchsorted(ordered, first * span + launched[then] - window - zero)
    buyers: Ints = np.searchsorted(ordered, (first + 1) * span) - since
    return buyers
