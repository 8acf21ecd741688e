"""Buy-till-you-die models: how often a shop's customers come, and how soon they stay away."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import polars as pl
from scipy.special import expit, logit

from shop_app.segments.predictions.btyd_kinds import LEAST_SHARE, NUMBERS_ADDED, TwoKinds, start_of_two
from shop_app.segments.predictions.btyd_likelihood import Model, likelihood
from shop_app.segments.predictions.btyd_table import Real, VisitTable, thinned, visit_table
from shop_app.segments.predictions.downhill import Bounds, Objective, lowest, settled
from shop_app.segments.predictions.pareto_nbd import pareto_of
from shop_app.segments.predictions.purchase_parameters import BuyerKind, PurchaseParameters

BG_NBD = Model(regularity=1, may_leave_at_once=False)
MBG_NBD = Model(regularity=1, may_leave_at_once=True)
MBG_CNBD_2 = Model(regularity=2, may_leave_at_once=True)

LEAST = np.log([1.3e-3, 5.3e-2, 1.3e-3, 1.3e-3])
MOST = np.log([97.3, 1.03e6, 29.6, 98.7])
# Logarithms of r, alpha (days), a and b. Beyond them a shop's customers are all alike, and the likelihood is a
# ridge on which larger numbers say the same. None is whole: at whole ones the series behind the scores is not
# defined everywhere.

ODDS = float(logit(1 - LEAST_SHARE))

ENOUGH = 8_000
"""Customers that the way to the optimum is found with; all of them are asked for the last steps only."""

MANY_REPEATERS = 300
"""Customers with a repeat purchase below which neither a second kind nor a second model is fitted."""


def fit_bg_nbd(visits: pl.DataFrame) -> PurchaseParameters:
    """Fit BG/NBD: purchases by chance at each customer's own rate, and a chance to leave after repeat ones.

    Parameters
    ----------
    visits
        ``repeat_count`` (x), ``t_x_days`` (t_x), ``age_days`` (T): whole numbers, one row a customer; null for
        who never bought, and left out.

    Returns
    -------
    PurchaseParameters
        The maximum of the likelihood within wide bounds. A shop without a repeat purchase has rates next to 0.

    Raises
    ------
    ValueError
        Visits that cannot have happened, see :func:`~shop_app.segments.predictions.btyd_table.visit_table`.

    Notes
    -----
    Fader, Hardie, Lee, "Counting Your Customers" the Easy Way: An Alternative to the Pareto/NBD Model,
    Marketing Science 24 (2005), 275-284.
    """
    return _fitted(visits, BG_NBD)


def fit_mbg_nbd(visits: pl.DataFrame) -> PurchaseParameters:
    """Fit MBG/NBD: as BG/NBD, but with a chance to leave after the first purchase as well.

    Parameters, result and ``Raises`` are those of :func:`fit_bg_nbd`.

    Notes
    -----
    Batislam, Denizel, Filiztekin, Empirical validation and comparison of models for customer base analysis,
    International Journal of Research in Marketing 24 (2007), 201-209.
    """
    return _fitted(visits, MBG_NBD)


def fit_purchases(visits: pl.DataFrame) -> PurchaseParameters:
    """Fit BG/NBD, MBG/NBD and MBG/CNBD-2 (gaps of two waits), keep the most likely, and build on it.

    Parameters
    ----------
    visits
        As for :func:`fit_bg_nbd`, with ``log_gap_sum`` (null without a repeat purchase); where it is missing,
        the model with regular gaps is left out: it cannot be compared.

    Returns
    -------
    PurchaseParameters
        From 300 customers with a repeat purchase on: two kinds of buyers where (at most 8,000 of) the customers
        are likelier with them, by more than five numbers achieve by chance (Akaike, 1974); and where gaps are
        pure chance, Pareto/NBD beside. Its scores and the others err in different ways, and their mean less.

    Raises
    ------
    ValueError
        As of :func:`fit_bg_nbd`.

    Notes
    -----
    Platzer, Reutterer, Ticking Away the Moments: Timing Regularity Helps to Better Predict Customer Activity,
    Marketing Science 35 (2016), 779-799.
    """
    table = visit_table(visits)
    models = [BG_NBD, MBG_NBD] + ([MBG_CNBD_2] if table.log_gap_sum is not None else [])
    ends = {model: _one_kind(table, model) for model in models}
    fits = {model: _parameters(table, model, end) for model, end in ends.items()}
    best = max(models, key=lambda model: fits[model].log_likelihood)
    return _with_more(table, best, ends[best], fits[best])


def _fitted(visits: pl.DataFrame, model: Model) -> PurchaseParameters:
    table = visit_table(visits)
    return _parameters(table, model, _one_kind(table, model))


def _one_kind(table: VisitTable, model: Model) -> Real:
    few = thinned(table, ENOUGH)
    found = lowest(likelihood(few, model).at, [_start(table, model)], (LEAST, MOST))
    return _settled(table, few, found, (LEAST, MOST), lambda of: likelihood(of, model).at)


def _with_more(table: VisitTable, model: Model, end: Real, one: PurchaseParameters) -> PurchaseParameters:
    repeaters = table.customer_count * float(np.sum(table.customers[table.repeats > 0]))
    if repeaters < MANY_REPEATERS:
        return one
    fitted = _perhaps_two(table, model, end, one)
    return replace(fitted, in_time=pareto_of(table)) if model.regularity == 1 else fitted


def _perhaps_two(table: VisitTable, model: Model, end: Real, one: PurchaseParameters) -> PurchaseParameters:
    few = thinned(table, ENOUGH)
    bounds = np.concatenate([LEAST, LEAST, [-ODDS]]), np.concatenate([MOST, MOST, [ODDS]])
    found = lowest(TwoKinds(model, few).at, [start_of_two(end)], bounds, flat=1e-5)
    gained = likelihood(few, model).at(end)[0] - TwoKinds(model, few).at(found)[0]
    if gained * few.customer_count <= NUMBERS_ADDED:
        return one
    found = _settled(table, few, found, bounds, lambda of: TwoKinds(model, of).at)
    share = float(expit(found[8]))
    kinds = [_buyer_kind(share, found[:4]), _buyer_kind(1.0 - share, found[4:8])]
    return replace(
        one,
        kinds=tuple(sorted(kinds, key=lambda kind: -kind.share_ratio)),
        log_likelihood=-TwoKinds(model, table).at(found)[0] * table.customer_count,
    )


def _settled(
    table: VisitTable, few: VisitTable, found: Real, bounds: Bounds, of: Callable[[VisitTable], Objective]
) -> Real:
    return settled(of(table), of(few), found, bounds) if few is not table else found


def _start(table: VisitTable, model: Model) -> Real:
    """Begin from the shop's own pace, with few customers leaving; the likelihood of one kind has one summit."""
    days = float(np.sum(table.customers * table.age)) + 1.0
    waits = model.regularity * float(np.sum(table.customers * table.repeats)) + 1e-3
    return np.log([0.61, 0.56 * days / waits, 0.13, 2.3])


def _parameters(table: VisitTable, model: Model, end: Real) -> PurchaseParameters:
    return PurchaseParameters(
        model="mbg_cnbd" if model.may_leave_at_once else "bg_nbd",
        regularity=model.regularity,
        kinds=(_buyer_kind(1.0, end),),
        log_likelihood=-likelihood(table, model).at(end)[0] * table.customer_count,
        customer_count=table.customer_count,
    )


def _buyer_kind(share: float, logs: Real) -> BuyerKind:
    r, alpha, a, b = (float(value) for value in np.exp(logs))
    return BuyerKind(share, r, alpha, a, b)
