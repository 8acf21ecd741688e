"""How well a division of customers tells apart what they did afterwards."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shop_app.segments.grouping.agreement import Labels
from shop_app.segments.grouping.sampling import parts
from shop_app.segments.grouping.space import Floats

FOLDS = 5


@dataclass(frozen=True, slots=True)
class Separation:
    """What a division explains of an outcome.

    Attributes
    ----------
    explained_ratio
        The share of the outcome's variance that is explained for customers who were not asked: at most 1, below
        0 where the division misleads.
    gains
        One number a customer, which average to ``explained_ratio``.
    auc
        Of an outcome of yes or no, the chance that somebody who did stands in a likelier group than somebody
        who did not, 0.5 by chance; ``None`` of amounts.
    """

    explained_ratio: float
    gains: Floats
    auc: float | None


def separation(labels: Labels, outcome: Floats, ids: pl.Series) -> Separation:
    """Judge a division by what its members did afterwards.

    Parameters
    ----------
    labels
        Everybody's group as a number from 0.
    outcome
        What everybody did: 0 or 1, or an amount; NaN for who is not asked.
    ids
        ``customer_id``; who learns and who is asked goes by it.

    Notes
    -----
    Every customer is predicted by the mean of the group's other customers (four fifths of them), so a division
    into more groups explains more only where there is more to explain.
    """
    asked = np.isfinite(outcome)
    if asked.sum() < 2 * FOLDS:
        return Separation(0.0, np.zeros(len(outcome)), None)
    groups, truth = labels[asked], outcome[asked]
    predicted, plain = _predicted(groups, truth, parts(ids.filter(pl.Series(asked)), FOLDS, salt=5))
    gains = (truth - plain) ** 2 - (truth - predicted) ** 2
    whole = float(((truth - plain) ** 2).mean())
    gains = gains / whole if whole > 0 else np.zeros_like(gains)
    is_binary = bool(np.isin(truth, (0.0, 1.0)).all())
    everybody = np.zeros(len(outcome))
    everybody[asked] = gains * len(outcome) / len(gains)
    return Separation(float(gains.mean()), everybody, _auc(predicted, truth) if is_binary else None)


def _predicted(groups: Labels, truth: Floats, folds: Labels) -> tuple[Floats, Floats]:
    """Predict everybody by the group's mean, and by the mean of all, over the other folds."""
    count = int(groups.max()) + 1
    cell = groups * FOLDS + folds
    sums = np.bincount(cell, truth, minlength=count * FOLDS).reshape(count, FOLDS)
    sizes = np.bincount(cell, minlength=count * FOLDS).reshape(count, FOLDS)
    other_sums, other_sizes = _others(sums), _others(sizes)
    plain = _others(sums.sum(axis=0, keepdims=True)) / np.maximum(_others(sizes.sum(axis=0, keepdims=True)), 1)
    means = np.where(other_sizes > 0, other_sums / np.maximum(other_sizes, 1), plain)
    return means[groups, folds], plain[0, folds]


def _others(counted: NDArray[Any]) -> Floats:
    cells = counted.astype(np.float64)
    rest: Floats = cells.sum(axis=1, keepdims=True) - cells
    return rest


def _auc(predicted: Floats, truth: Floats) -> float | None:
    from scipy.stats import rankdata

    positive = truth > 0
    count = int(positive.sum())
    if count in (0, len(truth)):
        return None
    ranks = rankdata(predicted)
    above = ranks[positive].sum() - count * (count + 1) / 2
    return float(above / (count * (len(truth) - count)))
