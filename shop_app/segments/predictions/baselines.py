"""Rules of thumb that a prediction has to beat: what anybody could say without a model."""

from collections.abc import Callable, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shop_app.segments.predictions.btyd_table import Real
from shop_app.segments.predictions.columns import numbers
from shop_app.segments.predictions.looks import STEP_DAYS, WINDOW_DAYS, Look
from shop_app.segments.rfm import MARKS, fit_rfm, score_rfm

Keys = NDArray[np.int64]

WORDS = {
    "store": "the store's own rate",
    "recency": "the time since the last order",
    "frequency": "the number of purchases",
    "pace": "the customer's own pace so far",
    "rfm": "the sum of the RFM marks",
    "last_period": "what the customer did in the period before",
    "own_gap": "the last order and the customer's mean gap",
}
"""What the rules of thumb are called in sentences."""

PRIOR = 20.0
"""Customers that a group's rate is drawn to the store's with."""

_PURCHASES = np.array([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 17, 25])
_BANDS = 20


def chance_baselines(now: Look, past: Sequence[Look], *, within: float = WINDOW_DAYS) -> dict[str, Real]:
    """Give everybody the rate of their like in the windows before, once for each rule of thumb.

    Parameters
    ----------
    now
        Whom the result is for.
    past
        Looks whose windows are over; one at least.
    within
        Days in which an order counts, up to those of a window.
    """
    came = np.concatenate([_came(look, within) for look in past])
    usual = _usual_pace(past)
    keys: dict[str, Callable[[Look], Keys]] = {
        "store": lambda look: np.zeros(look.buyers.height, dtype=np.int64),
        "recency": _banded(_recency, past),
        "frequency": _purchases,
        "pace": _banded(lambda look: _pace(look, usual), past),
        "rfm": _marks,
    }
    return {
        name: _rates(np.concatenate([key(look) for look in past]), came, key(now)) for name, key in keys.items()
    }


def order_baselines(now: Look, before: Look | None, past: Sequence[Look]) -> dict[str, Real]:
    """Foretell numbers of orders in a window by rules of thumb.

    Parameters
    ----------
    now
        Whom the result is for.
    before
        The look one step earlier; ``None`` where there is none.
    past
        Looks whose windows are over; one at least.
    """
    placed = _outcomes(past, "visit_count")
    pace = _pace(now, _usual_pace(past))
    found = {
        "store": np.full(now.buyers.height, placed.mean()),
        "frequency": _rates(np.concatenate([_purchases(look) for look in past]), placed, _purchases(now)),
        "pace": pace * (placed.mean() / pace.mean()),
    }
    if before is not None:
        found["last_period"] = _since(now, before, pl.col("repeat_count") + 1) * WINDOW_DAYS / STEP_DAYS
    return found


def value_baselines(now: Look, before: Look | None, past: Sequence[Look], days: float) -> dict[str, Real]:
    """Foretell money (minor units) in many days by rules of thumb, all at the level of the windows before.

    Parameters
    ----------
    now
        Whom the result is for.
    before
        A look as many days earlier; ``None`` where there is none.
    past
        Looks whose windows are over; one at least.
    days
        How far to look.
    """
    level = float(_outcomes(past, "net_revenue").mean()) * days / WINDOW_DAYS
    worth = _visit_value(now)
    orders = order_baselines(now, None, past)
    found = {
        "store": np.ones(worth.size),
        "frequency": orders["frequency"] * worth,
        "pace": orders["pace"] * worth,
    }
    if before is not None:
        found["last_period"] = np.maximum(_since(now, before, pl.col("total_spent")), 0.0)
    return {name: guess * (level / max(float(guess.mean()), 1e-9)) for name, guess in found.items()}


def own_gap_days(now: Look) -> Real:
    """Say when the next order comes if the customer's mean gap began with the last; overdue means tomorrow.

    Who has no gap of their own is taken not to come.
    """
    gaps = numbers(now.buyers, "interval_mean_days")
    return np.where(np.isnan(gaps), np.inf, np.maximum(gaps - _recency(now), 1.0))


def _came(look: Look, within: float) -> Real:
    if look.outcomes is None:
        raise ValueError("the window of this look is not over")
    return np.asarray(numbers(look.outcomes, "next_order_days") <= within, dtype=np.float64)


def _outcomes(past: Sequence[Look], what: str) -> Real:
    return np.concatenate([numbers(look.outcomes, what) for look in past if look.outcomes is not None])


def _rates(keys: Keys, happened: Real, wanted: Keys) -> Real:
    """Work out each group's mean, drawn to the store's while it is small."""
    size = int(max(keys.max(), wanted.max())) + 1
    counts, sums = np.bincount(keys, minlength=size), np.bincount(keys, happened, size)
    rates = (sums + PRIOR * happened.mean()) / (counts + PRIOR)
    return np.asarray(rates[wanted])


def _banded(value: Callable[[Look], Real], past: Sequence[Look]) -> Callable[[Look], Keys]:
    """Cut a number into bands of about as many customers of the past each."""
    known = np.concatenate([value(look) for look in past])
    cuts = np.unique(np.quantile(known, np.arange(1, _BANDS) / _BANDS))
    return lambda look: np.searchsorted(cuts, value(look), side="right").astype(np.int64)


def _recency(look: Look) -> Real:
    return numbers(look.buyers, "recency_days")


def _usual_pace(past: Sequence[Look]) -> float:
    """Give the store's purchases a day."""
    repeats = sum(float(numbers(look.buyers, "repeat_count").sum()) for look in past)
    days = sum(float(numbers(look.buyers, "age_days").sum()) for look in past)
    return max(repeats, 1.0) / max(days, 1.0)


def _pace(look: Look, usual: float) -> Real:
    """Give purchases a day, with one more at the store's pace: of few days any pace comes by chance."""
    return (numbers(look.buyers, "repeat_count") + 1.0) / (numbers(look.buyers, "age_days") + 1.0 / usual)


def _visit_value(look: Look) -> Real:
    """Give what a purchase brought, with one more of the store's mean."""
    spent = np.maximum(numbers(look.buyers, "total_spent"), 0.0)
    visits = numbers(look.buyers, "repeat_count") + 1.0
    return (spent + float(spent.sum() / visits.sum())) / (visits + 1.0)


def _purchases(look: Look) -> Keys:
    days = numbers(look.buyers, "repeat_count") + 1
    return np.searchsorted(_PURCHASES, days, side="right").astype(np.int64)


def _marks(look: Look) -> Keys:
    marks = score_rfm(look.buyers, fit_rfm(look.buyers))
    return marks.select(pl.sum_horizontal(MARKS).cast(pl.Int64)).to_series().to_numpy()


def _since(now: Look, before: Look, what: pl.Expr) -> Real:
    """Say how much of something has come since an earlier look; all of it for who is new."""
    then = before.buyers.select("customer_id", then=what)
    joined = now.buyers.select("customer_id", now=what).join(
        then, on="customer_id", how="left", maintain_order="left"
    )
    return numbers(joined.select(since=pl.col("now") - pl.col("then").fill_null(0)), "since")
