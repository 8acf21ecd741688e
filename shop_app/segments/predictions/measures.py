"""How good forecasts were, once it is known what happened."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit
from scipy.stats import rankdata

from shop_app.segments.predictions.btyd_table import Real
from shop_app.segments.predictions.logistic import fit_weights

BINS = 10
_NEARLY = 1e-9
CONFIDENCE = 1.959963984540054
"""Standard errors to either side of a mean that hold 95 % of a normal distribution."""


@dataclass(frozen=True, slots=True)
class Skill:
    """How much smaller our loss is than that of another forecast, as a share of the other's loss.

    Attributes
    ----------
    ratio
        1 is perfect, 0 no better; below 0 worse.
    low, high
        A 95 % interval around it.
    """

    ratio: float
    low: float
    high: float

    def to_json(self) -> dict[str, float]:
        """Give plain values, rounded to what is read."""
        return {"ratio": round(self.ratio, 4), "low": round(self.low, 4), "high": round(self.high, 4)}


def skill(ours: Real, others: Real, customers: NDArray[np.int64]) -> Skill | None:
    """Compare the losses of two forecasts of the same things.

    Parameters
    ----------
    ours, others
        Losses, 0 or more, one a forecast.
    customers
        Whom each forecast was for: one customer's forecasts at several days are not independent.

    Returns
    -------
    Skill
        Or ``None`` where there is nothing to compare: no forecast, or the other one has no loss at all.
    """
    if not ours.size or others.mean() <= 0:
        return None
    _, who = np.unique(customers, return_inverse=True)
    gained = others - ours
    of_each = np.bincount(who, gained - gained.mean())
    error = float(np.sqrt(np.sum(of_each * of_each))) / ours.size
    base = float(others.mean())
    ratio, margin = float(gained.mean()) / base, CONFIDENCE * error / base
    return Skill(ratio, ratio - margin, ratio + margin)


def brier(happened: Real, chance: Real) -> Real:
    """Give each forecast's squared distance from what happened, 0 to 1."""
    return np.asarray((chance - happened) ** 2)


def auc(happened: Real, score: Real) -> float | None:
    """Say how often somebody it happened to has the higher score of two; .5 is chance.

    ``None`` where it happened to all or to none.
    """
    yes = happened > 0
    count, others = int(yes.sum()), int((~yes).sum())
    if not count or not others:
        return None
    ranks = rankdata(score)
    return float((ranks[yes].sum() - count * (count + 1) / 2) / (count * others))


def average_precision(happened: Real, score: Real) -> float | None:
    """Say which share of those ranked as high it happened to, on average over everybody it happened to."""
    total = float(happened.sum())
    if total <= 0:
        return None
    order = np.argsort(-score, kind="stable")
    score, happened = score[order], happened[order]
    last_of_equals = np.append(score[1:] != score[:-1], True)
    hits = np.cumsum(happened)[last_of_equals]
    seen = np.flatnonzero(last_of_equals) + 1
    return float(np.sum(np.diff(hits, prepend=0.0) * hits / seen) / total)


def calibration(happened: Real, chance: Real) -> dict[str, Any]:
    """Say whether chances came true as often as they said.

    Returns
    -------
    dict
        ``bins`` (tenths of the forecasts by height: ``predicted``, ``observed``, ``count``), ``error`` (the
        bins' mean distance between the two, weighed by size), ``slope`` and ``intercept`` of what happened
        against the chance's logit (1 and 0 are right; a slope above 1 means too timid, below 1 too bold; null
        where it happened to all or to none).
    """
    if not chance.size:
        return {"bins": [], "error": None, "slope": None, "intercept": None}
    cuts = np.quantile(chance, np.arange(1, BINS) / BINS)
    places = np.searchsorted(cuts, chance, side="right")
    counts = np.bincount(places, minlength=BINS)
    said = np.bincount(places, chance, BINS)[counts > 0] / counts[counts > 0]
    true = np.bincount(places, happened, BINS)[counts > 0] / counts[counts > 0]
    counts = counts[counts > 0]
    bins = [
        {"predicted": round(float(one), 4), "observed": round(float(other), 4), "count": int(count)}
        for one, other, count in zip(said, true, counts, strict=True)
    ]
    error = float(np.sum(np.abs(said - true) * counts) / counts.sum())
    return {"bins": bins, "error": round(error, 4), **calibration_line(happened, chance)}


def calibration_line(happened: Real, chance: Real) -> dict[str, float | None]:
    """Draw the straight line through what happened against the chance's logit; see :func:`calibration`."""
    if not 0 < happened.sum() < happened.size:
        return {"slope": None, "intercept": None}
    said = logit(np.clip(chance, _NEARLY, 1 - _NEARLY))
    if np.ptp(said) < _NEARLY:
        return {"slope": None, "intercept": float(logit(happened.mean()) - said.mean())}
    line = fit_weights(np.column_stack([np.ones(said.size), said]), happened, np.zeros(2))
    return {"slope": round(float(line[1]), 4), "intercept": round(float(line[0]), 4)}


def concordance(days: Real, came: NDArray[np.bool_], score: Real) -> float | None:
    """Say how often, of two customers, the one with the higher score came first (Harrell's C); .5 is chance.

    Parameters
    ----------
    days
        Until the event, or how long nobody came.
    came
        Whether the event happened; who did not come stays in, as later than everybody who did.
    score
        Higher means sooner.
    """
    order = np.lexsort((~came, days))
    days, came, score = days[order], came[order], score[order]
    better = pairs = 0.0
    for place in _firsts(days, came):
        here = came & (days == days[place])
        later = np.sort(score[(days > days[place]) | (~came & (days == days[place]))])
        events = score[here]
        below = np.searchsorted(later, events, side="left")
        upto = np.searchsorted(later, events, side="right")
        better += float(below.sum() + (upto - below).sum() / 2)
        pairs += later.size * events.size
    return better / pairs if pairs else None


def _firsts(days: Real, came: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Find one row for each distinct day on which somebody came."""
    events = np.flatnonzero(came)
    _, firsts = np.unique(days[events], return_index=True)
    return events[firsts].astype(np.int64)


def population_stability(before: Real, now: Real) -> float:
    """Say how far two distributions over the same bins lie apart (PSI); under .1 little, over .25 much.

    Parameters
    ----------
    before, now
        Counts or shares; every bin is given half a customer more, so that an empty one is no infinity.
    """
    one, other = (before + 0.5) / (before + 0.5).sum(), (now + 0.5) / (now + 0.5).sum()
    return float(np.sum((other - one) * np.log(other / one)))


def correlation(actual: Real, predicted: Real) -> float | None:
    """Give Pearson's correlation, or ``None`` where one of the two never varies."""
    if actual.size < 2 or np.ptp(actual) == 0 or np.ptp(predicted) == 0:  # noqa: PLR2004 — two points, a line
        return None
    return float(np.corrcoef(actual, predicted)[0, 1])


def rank_correlation(actual: Real, predicted: Real) -> float | None:
    """Give Spearman's correlation, or ``None`` where one of the two never varies."""
    return correlation(rankdata(actual), rankdata(predicted))


def top_capture(actual: Real, predicted: Real, share: float) -> float | None:
    """Say how much of what the best share of customers brought the predicted best share did, 0 to 1."""
    count = max(round(actual.size * share), 1)
    best = float(np.sort(actual)[::-1][:count].sum())
    chosen = np.argsort(-predicted, kind="stable")[:count]
    return float(actual[chosen].sum()) / best if best > 0 else None


def level_shift(scores: Real, happened: float) -> float:
    """Find the number that, added to logits, makes their chances add up to what happened.

    Parameters
    ----------
    scores
        Logits.
    happened
        How many it happened to; half a customer away from none and all, so that the number is finite.
    """
    wanted = min(max(happened, 0.5), scores.size - 0.5)
    low, high = -60.0, 60.0
    for _ in range(80):
        middle = (low + high) / 2
        if float(np.sum(expit(scores + middle))) < wanted:
            low = middle
        else:
            high = middle
    return (low + high) / 2
