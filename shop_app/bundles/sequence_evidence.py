"""Whether a sequence is more than what swapped baskets bring, and whether its order means anything."""

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import special

from shop_app.bundles.evidence import Floats, false_discovery, strength

FALSE_DISCOVERY_RATIO = 0.05
LEAST_RATIO = 1.5
# As for pairs in one basket: less is mostly the taste that some customers share.
Ints = NDArray[np.int64]


def at_least(count: Ints, others: Ints, chance: Floats | float) -> Floats:
    """Return the chance of ``count`` or more of ``count + others``, the upper tail of the binomial law."""
    return np.where(count > 0, special.betainc(np.maximum(count, 1), others + 1, chance), 1.0)


def judge_order(tested: pl.DataFrame) -> pl.DataFrame:
    """Add ``order_q_value`` and ``is_ordered``."""
    count, reverse, swapped, swapped_reverse = (
        tested[name].to_numpy() for name in ("customers", "reverse_customers", "swapped", "swapped_reverse")
    )
    chance = np.maximum(0.5, (swapped + 1) / (swapped + swapped_reverse + 2))
    p_value = at_least(count, reverse, chance)
    # Of a pair whose reverse never happened only one direction is a row here; both are tests.
    q_value = false_discovery(p_value, tested.height + int((reverse == 0).sum()))
    return tested.with_columns(
        order_q_value=pl.Series(q_value),
        is_ordered=pl.Series((q_value <= FALSE_DISCOVERY_RATIO) & (count > reverse)),
    )


def judge_ratio(tested: pl.DataFrame, swaps: int, *, tests: int) -> pl.DataFrame:
    """Add what is expected, the ratio to it, and whether it is found; no order is claimed of what is not."""
    count, swapped = tested["customers"].to_numpy(), tested["swapped"].to_numpy()
    p_value = at_least(count, swapped, 1 / (swaps + 1))
    q_value = false_discovery(p_value, tests)
    low = special.betaincinv(count, swapped + 1, 0.025)
    high = special.betaincinv(count + 1, np.maximum(swapped, 1), 0.975)
    expected = swapped / swaps
    found = (q_value <= FALSE_DISCOVERY_RATIO) & (count >= LEAST_RATIO * expected)
    least = np.maximum(swapped, 0.5) / swaps  # so that a sequence that no swap brings up can be ranked
    judged = tested.with_columns(
        null_customers=pl.Series(expected),
        ratio_low=pl.Series(swaps * low / (1 - low)),
        ratio_high=pl.Series(swaps * high / (1 - high)),
        p_value=pl.Series(p_value),
        q_value=pl.Series(q_value),
        is_found=pl.Series(found),
        evidence=pl.Series(strength(count, least)),
    )
    comes_up = pl.col("swapped") > 0
    return judged.with_columns(
        ratio=pl.when(comes_up).then(pl.col("customers") / pl.col("null_customers")),
        ratio_high=pl.when(comes_up).then("ratio_high"),
    )
