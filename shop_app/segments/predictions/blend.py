"""Several forecasts of the same thing made one: each counts as it did on windows it had not seen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from shop_app.segments.predictions.btyd_table import Real
from shop_app.segments.predictions.logistic import fit_weights

TRUST = 10.0
"""How strongly the weights are drawn to equal ones, as if so many customers said so."""

MOST_STRETCH = 1.25
"""How far the weights are stretched, or drawn in, towards a sum of 1."""


@dataclass(frozen=True, slots=True)
class Blend:
    """How much each forecast's logit counts, 0 or more."""

    weights: tuple[float, ...]

    def to_json(self) -> dict[str, Any]:
        """Give plain values that :meth:`from_json` reads back as an equal object."""
        return {"weights": list(self.weights)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_json` gave."""
        return cls(tuple(stored["weights"]))


def fit_blend(held_out: Sequence[Real], happened: Sequence[Real]) -> Blend:
    """Find the weights that make the best of forecasts which had not seen what they foretold.

    Parameters
    ----------
    held_out
        For each window one row a customer, one column a forecast: logits.
    happened
        0 or 1 a customer, for each window.

    Returns
    -------
    Blend
        How busy each window was is no fault of the forecasts and not part of it. A forecast that would count
        less than nothing is left out, and the weights are brought to a sum of 1 where they are near it: windows
        in other seasons are foretold worse than the coming one, and would make every forecast too timid.

    Notes
    -----
    Wolpert, Stacked generalization, Neural Networks 5 (1992), 241-259; Breiman, Stacked regressions, Machine
    Learning 24 (1996), 49-64, for weights of 0 or more.
    """
    count = held_out[0].shape[1]
    kept = list(range(count))
    found = _fit(held_out, happened, kept)
    while kept and min(found[: len(kept)]) < 0:
        kept.pop(int(np.argmin(found[: len(kept)])))
        found = _fit(held_out, happened, kept)
    weights = np.zeros(count)
    weights[kept] = found[: len(kept)]
    total = float(weights.sum())
    weights *= np.clip(1.0 / total, 1.0 / MOST_STRETCH, MOST_STRETCH) if total > 0 else 1.0
    return Blend(tuple(float(weight) for weight in weights))


def blended(logits: Sequence[Real], blend: Blend) -> Real:
    """Add the forecasts up, one after the other."""
    total = np.zeros(logits[0].size)
    for weight, part in zip(blend.weights, logits, strict=True):
        total += weight * part
    return total


def _fit(held_out: Sequence[Real], happened: Sequence[Real], kept: list[int]) -> Real:
    """Fit a weight for each forecast that is kept, then a level for each window."""
    levels = np.repeat(np.eye(len(held_out)), [one.size for one in happened], axis=0)
    matrix = np.column_stack([np.vstack([logits[:, kept] for logits in held_out]), levels])
    home = np.zeros(matrix.shape[1])
    home[: len(kept)] = 1.0 / max(len(kept), 1)
    ridge = np.zeros(matrix.shape[1])
    ridge[: len(kept)] = TRUST
    return fit_weights(matrix, np.concatenate(list(happened)), ridge, home)
