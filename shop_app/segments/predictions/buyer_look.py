"""What one kind of buyer makes of a customer's visits: still there or gone, and how likely to begin with."""

from dataclasses import dataclass

import numpy as np
from scipy.special import betaln, expit, gammaln, log1p, log_expit

from shop_app.segments.predictions.btyd_table import Real, Whole
from shop_app.segments.predictions.one_by_one import log
from shop_app.segments.predictions.purchase_parameters import BuyerKind, PurchaseParameters


@dataclass(frozen=True, slots=True)
class BuyerLook:
    """Customers seen as buyers of one kind, row by row.

    Attributes
    ----------
    kind, regularity, may_leave_at_once
        The model.
    repeats, age
        x and T.
    shape, rate
        Of the gamma distribution of the rate of waits, of who is still there with none of the waits for the
        next visit over.
    there
        The chance of still being a customer.
    begun
        Of who is there, the chance that the first of two waits is over; 0 where a visit takes one.
    odds
        How much likelier to be there and silent since the last visit than to be gone, as a logarithm.
    """

    kind: BuyerKind
    regularity: int
    may_leave_at_once: bool
    repeats: Whole
    age: Whole
    shape: Real
    rate: Real
    there: Real
    begun: Real
    odds: Real


def look_at(repeats: Whole, last: Whole, age: Whole, kind: BuyerKind, model: PurchaseParameters) -> BuyerLook:
    """See x, t_x and T as those of one kind of buyer."""
    shape, rate = kind.r + model.regularity * repeats, kind.alpha + age
    silence = age - last
    odds = -np.take(_log_chances(repeats, kind, model), repeats) - shape * log1p(silence / (kind.alpha + last))
    begun = np.zeros(repeats.size)
    if model.regularity > 1:
        waiting = silence * shape / rate
        odds, begun = odds + log1p(waiting), waiting / (1.0 + waiting)
    return BuyerLook(
        kind=kind,
        regularity=model.regularity,
        may_leave_at_once=model.may_leave_at_once,
        repeats=repeats,
        age=age,
        shape=shape,
        rate=rate,
        there=expit(odds),
        begun=begun,
        odds=odds,
    )


def _log_chances(repeats: Whole, kind: BuyerKind, model: PurchaseParameters) -> Real:
    """Give, for every number of repeats, the logarithm of leaving over staying after the last of them."""
    numbers = np.arange(int(repeats.max(initial=0)) + 1)
    stays = kind.b + numbers - (not model.may_leave_at_once)
    could_leave = (numbers > 0) | model.may_leave_at_once
    return np.where(could_leave, log(kind.a / np.where(could_leave, stays, 1.0)), -np.inf)


def log_density(look: BuyerLook) -> Real:
    """Say how likely visits like these are in this kind of buyer, with its share among customers.

    A logarithm, but for what all kinds have in common.
    """
    kind, stays = look.kind, look.repeats + look.may_leave_at_once
    visits = gammaln(look.shape) - gammaln(kind.r) + kind.r * log(kind.alpha) - look.shape * log(look.rate)
    staying = betaln(kind.a, kind.b + stays) - betaln(kind.a, kind.b)
    there_or_gone = -log(1.0 - look.begun) - log_expit(look.odds)
    return log(kind.share_ratio) + visits + staying + there_or_gone
