"""Visits of made-up shops, and models to look at them with."""

import numpy as np
import polars as pl
from hypothesis import strategies as st

from shop_app.segments.predictions.purchase_parameters import (
    BuyerKind,
    ParetoParameters,
    PurchaseParameters,
)

SCHEMA = {"repeat_count": pl.Int64, "t_x_days": pl.Int64, "age_days": pl.Int64, "log_gap_sum": pl.Float64}

MANY = BuyerKind(1.0, 0.24, 30.9, 0.79, 2.43)
SOME = BuyerKind(0.8, 0.53, 43.3, 0.89, 1.61)
FEW = BuyerKind(0.2, 1.4, 4.2, 0.3, 9.7)
IN_TIME = ParetoParameters(0.55, 74.0, 0.61, 81.7, -1.0, 1)

MODELS = {
    "bg_nbd": PurchaseParameters("bg_nbd", 1, (MANY,), -1.0, 1),
    "mbg_nbd": PurchaseParameters("mbg_cnbd", 1, (MANY,), -1.0, 1),
    "regular": PurchaseParameters("mbg_cnbd", 2, (MANY,), -1.0, 1),
    "two_kinds": PurchaseParameters("bg_nbd", 1, (SOME, FEW), -1.0, 1),
    "regular_two_kinds": PurchaseParameters("mbg_cnbd", 2, (SOME, FEW), -1.0, 1),
    "with_in_time": PurchaseParameters("mbg_cnbd", 1, (SOME, FEW), -1.0, 1, IN_TIME),
}


def visits(*rows):
    """Customers by x, t_x and T; where there are repeats their gaps are all alike."""
    full = [
        (repeats, last, age, repeats * float(np.log(last / repeats)) if repeats else None)
        for repeats, last, age in rows
    ]
    return pl.DataFrame(full, schema=SCHEMA, orient="row")


@st.composite
def visit_frames(draw, min_size=0, max_size=30):
    """Possible visits: some who never bought, most who came once, a few who come all the time."""
    rows = []
    for _ in range(draw(st.integers(min_size, max_size))):
        age = draw(st.integers(0, 2_000))
        last = draw(st.integers(0, age))
        repeats = draw(st.integers(min(1, last), min(last, 700)) | st.integers(min(1, last), min(last, 3)))
        rows.append((repeats, last, age))
    return visits(*rows)


def made_up_shop(customers, kind, *, waits=1, early=False, days=600, after=0, seed=1):
    """Let customers of one kind come by chance, and leave; by whole days, with the visits ``after``."""
    chance = np.random.default_rng(seed)
    age = chance.integers(60, days, customers)
    rate = chance.gamma(kind.r, 1.0 / kind.alpha, customers)
    leaving = chance.beta(kind.a, kind.b, customers)
    repeats, last, later = (np.zeros(customers, dtype=np.int64) for _ in range(3))
    logs, now = np.zeros(customers), np.zeros(customers)
    there = np.flatnonzero(chance.random(customers) >= leaving) if early else np.arange(customers)
    while there.size:
        now[there] += chance.gamma(waits, 1.0 / np.maximum(rate[there], 1e-12))
        there = there[now[there] < age[there] + after]
        day = np.floor(now[there]).astype(np.int64)
        before = day < age[there]
        who, day = there[before & (day > last[there])], day[before & (day > last[there])]
        logs[who] += np.log(day - last[who])
        repeats[who] += 1
        last[who] = day
        later[there[~before]] += 1
        there = there[chance.random(there.size) >= leaving[there]]
    frame = pl.DataFrame({"repeat_count": repeats, "t_x_days": last, "age_days": age, "log_gap_sum": logs})
    has_gaps = pl.col("repeat_count") > 0
    return frame.with_columns(log_gap_sum=pl.when(has_gaps).then("log_gap_sum"), visits_after=pl.Series(later))
