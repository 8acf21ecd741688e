"""A logistic model of few numbers: fitted with care, scored column by column."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
from scipy.special import expit

from shop_app.segments.predictions.btyd_table import Real

RIDGE = 1.0
"""How strongly weights are drawn to 0, as if one customer said so for each; of columns with a spread of 1."""

_STEPS, _HALVINGS = 60, 12
_SETTLED = 1e-9


@dataclass(frozen=True, slots=True)
class Logistic:
    """A fitted logistic model.

    Attributes
    ----------
    names
        The columns, in the order they are added up.
    means, spreads
        Of each column where it was fitted; what is unknown of a customer counts as the mean.
    weights
        By how much the logit rises with one spread of the column.
    intercept
        The logit of the average customer.
    """

    names: tuple[str, ...]
    means: tuple[float, ...]
    spreads: tuple[float, ...]
    weights: tuple[float, ...]
    intercept: float

    def to_json(self) -> dict[str, Any]:
        """Give plain values that :meth:`from_json` reads back as an equal object."""
        return {
            name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_json` gave."""
        lists = {name: tuple(value) for name, value in stored.items() if name != "intercept"}
        return cls(**lists, intercept=float(stored["intercept"]))


def fit_logistic(columns: Mapping[str, Real], happened: Real) -> Logistic:
    """Fit what happened (0 or 1, one row a customer) to columns of equal length, NaN where unknown."""
    names = tuple(columns)
    known = [columns[name][~np.isnan(columns[name])] for name in names]
    means = [float(values.mean()) if values.size else 0.0 for values in known]
    spreads = [float(values.std()) or 1.0 if values.size else 1.0 for values in known]
    parts = [_in_spreads(columns[name], *of) for name, *of in zip(names, means, spreads, strict=True)]
    matrix = np.column_stack([np.ones(happened.size), *parts])
    ridge = np.concatenate([[0.0], np.full(len(names), RIDGE)])
    intercept, *weights = (float(value) for value in fit_weights(matrix, happened, ridge))
    return Logistic(names, tuple(means), tuple(spreads), tuple(weights), intercept)


def score_logistic(columns: Mapping[str, Real], model: Logistic) -> Real:
    """Give each customer's logit.

    Parameters
    ----------
    columns
        As for :func:`fit_logistic`; others than the model's own are left out.
    model
        From :func:`fit_logistic`.
    """
    of_each = zip(model.names, model.means, model.spreads, model.weights, strict=True)
    total = np.full(columns[model.names[0]].size, model.intercept)
    for name, mean, spread, weight in of_each:
        total += weight * _in_spreads(columns[name], mean, spread)
    return total


def fit_weights(matrix: Real, happened: Real, ridge: Real, towards: Real | None = None) -> Real:
    """Find the weights of a logistic model by Newton's method.

    Parameters
    ----------
    matrix
        One row a customer, one column a weight.
    happened
        0 or 1 a row.
    ridge
        How strongly each weight is drawn to its place in ``towards`` (all 0 by default), 0 or more.
    towards
        Where the weights begin, too.
    """
    home = np.zeros(matrix.shape[1]) if towards is None else towards
    weights = home.copy()
    loss = _loss(matrix @ weights, happened, ridge, weights - home)
    for _ in range(_STEPS):
        chance = expit(matrix @ weights)
        slope = matrix.T @ (chance - happened) + ridge * (weights - home)
        bend = (matrix.T * (chance * (1.0 - chance))) @ matrix + np.diag(ridge + _SETTLED)
        step = np.linalg.solve(bend, slope)
        for _ in range(_HALVINGS):
            new = _loss(matrix @ (weights - step), happened, ridge, weights - step - home)
            if new <= loss:
                break
            step = step / 2.0
        weights, loss = weights - step, new
        if float(np.abs(step).max()) < _SETTLED:
            break
    return weights


def _loss(scores: Real, happened: Real, ridge: Real, away: Real) -> float:
    surprise = np.logaddexp(0.0, scores) - happened * scores
    return float(surprise.sum() + np.sum(ridge * away * away) / 2.0)


def _in_spreads(values: Real, mean: float, spread: float) -> Real:
    return np.asarray(np.nan_to_num((values - mean) / spread, nan=0.0))
