"""What a fitted purchase model expects of each customer: visits to come, and whether there will be one."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.special import expit, expm1, log1p

from shop_app.segments.predictions.btyd_table import Real, Whole, refuse_impossible
from shop_app.segments.predictions.buyer_look import BuyerLook, log_density, look_at
from shop_app.segments.predictions.pareto_scores import return_in_time, still_there, visits_in_time
from shop_app.segments.predictions.purchase_parameters import ParetoParameters, PurchaseParameters
from shop_app.segments.predictions.visits_to_come import visits_if_there

VISITS = ("repeat_count", "t_x_days", "age_days")

# Every number comes from functions that take one row at a time, never from matrix products or sums over rows,
# so that a customer alone gets the same bits as among a million.


def expected_orders(visits: pl.DataFrame, parameters: PurchaseParameters, days: float) -> Real:
    """Say how many days with a purchase to expect of each customer in the coming days.

    Parameters
    ----------
    visits
        ``repeat_count`` (x), ``t_x_days`` (t_x), ``age_days`` (T); one row a customer, null for who
        never bought.
    parameters
        From :func:`~shop_app.segments.predictions.btyd.fit_purchases` on this shop.
    days
        How far to look, 0 or more.

    Returns
    -------
    numpy.ndarray
        0 or more, in the order of ``visits``; NaN for who never bought.

    Raises
    ------
    ValueError
        Visits that cannot have happened, or ``days`` below 0.

    Notes
    -----
    Fader, Hardie, Lee (2005), equation 10, and its like for MBG/NBD; with gaps of two waits the exact mean of
    :func:`~shop_app.segments.predictions.regular_visits.visits_from_waits`.
    """
    return _of_models(visits, parameters, days, _VISITS)


def order_probability(visits: pl.DataFrame, parameters: PurchaseParameters, days: float) -> Real:
    """Say how likely each customer is to come back in the coming days, 0 to 1.

    Parameters, ``Raises`` and the empty rows are those of :func:`expected_orders`.

    Notes
    -----
    ``P(there) * (1 - ((alpha + T) / (alpha + T + t)) ** (r + x))``; with gaps of two waits the chance of two of
    them ending, or of one where the first is over.
    """
    return _of_models(visits, parameters, days, _RETURN)


def probability_alive(visits: pl.DataFrame, parameters: PurchaseParameters) -> Real:
    """Say how likely each customer is to be still a customer, 0 to 1.

    It is no forecast of a purchase: who buys seldom is a customer for long. In BG/NBD it is 1 for everybody who
    came once. Parameters, ``Raises`` and the empty rows are those of :func:`expected_orders`.
    """
    return _of_models(visits, parameters, 0.0, _THERE)


@dataclass(frozen=True, slots=True)
class _Question:
    """What to ask of a look at one kind of buyers, and of the second model."""

    of_kind: Callable[[BuyerLook, float], Real]
    in_time: Callable[[Real, Whole, Whole, ParetoParameters, float], Real]


def _of_models(visits: pl.DataFrame, parameters: PurchaseParameters, days: float, question: _Question) -> Real:
    if not days >= 0:
        raise ValueError("days below 0")
    whole = visits.select(pl.col(VISITS).cast(pl.Int64))
    known = whole.drop_nulls()
    repeats, last, age = (known[name].to_numpy() for name in VISITS)
    refuse_impossible(repeats, last, age)
    looks = [look_at(repeats, last, age, kind, parameters) for kind in parameters.kinds]
    found = _weighed(looks, days, question)
    if parameters.in_time is not None:
        there = still_there(repeats, last, age, parameters.in_time)
        found = (found + question.in_time(there, repeats, age, parameters.in_time, days)) / 2.0
    result = np.full(visits.height, np.nan)
    is_known = whole.select(pl.all_horizontal(pl.all().is_not_null()))
    result[is_known.to_series().to_numpy()] = found
    return result


def _weighed(looks: list[BuyerLook], days: float, question: _Question) -> Real:
    """Weigh what each kind of buyer would do with how likely the customer is one of them."""
    found = question.of_kind(looks[0], days)
    if len(looks) == 1:
        return found
    odds = log_density(looks[0]) - log_density(looks[1])
    return np.asarray(expit(odds) * found + expit(-odds) * question.of_kind(looks[1], days), dtype=np.float64)


def _visits(look: BuyerLook, days: float) -> Real:
    return look.there * visits_if_there(look, days)


def _return(look: BuyerLook, days: float) -> Real:
    reach = days / look.rate
    wait_over = -expm1(-look.shape * log1p(reach))
    if look.regularity == 1:
        return np.asarray(look.there * wait_over, dtype=np.float64)
    # Two waits lie ahead, or one: the waits of who is one further are of a shape that is greater by 1.
    left, silent = reach / (1.0 + reach), 1.0 - wait_over
    from_start, from_half = wait_over - silent * look.shape * left, wait_over + silent * left
    either = (1.0 - look.begun) * from_start + look.begun * from_half
    return look.there * np.clip(either, 0.0, 1.0)


_VISITS = _Question(_visits, visits_in_time)
_RETURN = _Question(_return, return_in_time)
_THERE = _Question(lambda look, _: look.there, lambda there, *_: there)
