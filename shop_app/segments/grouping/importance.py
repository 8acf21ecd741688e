"""Which features matter in this shop: what each of them alone tells of what customers do next."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import polars as pl

from shop_app.segments.grouping.agreement import Labels
from shop_app.segments.grouping.catalogue import FEATURES
from shop_app.segments.grouping.goals import OUTCOMES
from shop_app.segments.grouping.past import Past
from shop_app.segments.grouping.percents import percent
from shop_app.segments.grouping.separation import separation

STEPS = 10
MIN_WEIGHT, MAX_WEIGHT = 0.25, 3.0
# A weakly telling feature keeps a say, and the strongest does not become the only one.
WORTH_SHOWING = 0.005

LabelsOf = Callable[[pl.DataFrame], Labels]


@dataclass(frozen=True, slots=True)
class FeatureWorth:
    """What one feature tells.

    Attributes
    ----------
    feature, label
        The column, and what a screen calls it.
    explained_ratio
        The share of the outcome's variance that its tenths alone explain for customers who were not asked, the
        mean over the earlier days; 0 or more.
    lost_ratio
        What the groups would explain less if the feature were mixed up among customers; ``None`` of features
        that are no dimension of theirs.
    is_used, is_switched_off
        Whether it is a dimension of the groups, and whether the merchant has switched it off.
    words
        The same in a sentence.
    """

    feature: str
    label: str
    explained_ratio: float
    lost_ratio: float | None
    is_used: bool
    is_switched_off: bool
    words: str

    def to_json(self) -> dict[str, Any]:
        """Give plain values."""
        return asdict(self)


def feature_worth(
    pasts: Sequence[Past],
    *,
    outcome: str,
    used: Sequence[str],
    switched_off: Sequence[str] = (),
    labels_of: LabelsOf | None = None,
) -> tuple[FeatureWorth, ...]:
    """Rank the features of this shop by what they tell.

    Parameters
    ----------
    pasts
        Earlier days with what followed.
    outcome
        A key of :data:`~shop_app.segments.grouping.goals.OUTCOMES`.
    used
        The dimensions of the groups.
    switched_off
        What the merchant does not want to be used.
    labels_of
        Gives the group numbers of a frame, to see what they lose without a feature.

    Returns
    -------
    tuple of FeatureWorth
        The most telling first; empty without a past. Features that tell next to nothing and are not used are
        left out.
    """
    if not pasts:
        return ()
    names = [name for name, feature in FEATURES.items() if feature.is_numeric and _is_there(name, pasts)]
    told = {name: _mean_alone(name, pasts) for name in names}
    lost = _lost(pasts[0], used, labels_of) if labels_of else {}
    kept = {*used, *switched_off}
    rows = [
        FeatureWorth(
            name,
            FEATURES[name].label,
            told[name],
            lost.get(name),
            name in used,
            name in switched_off,
            _words(name, told[name], outcome, is_off=name in switched_off),
        )
        for name in names
        if told[name] >= WORTH_SHOWING or name in kept
    ]
    return tuple(sorted(rows, key=lambda row: -row.explained_ratio))


def learned_weights(pasts: Sequence[Past], features: Sequence[str]) -> dict[str, float]:
    """Weigh dimensions by what each alone told of the outcome: 1 on average, none without a past."""
    there = [name for name in features if _is_there(name, pasts)]
    told = {name: _mean_alone(name, pasts) for name in there} if pasts else {}
    usual = sum(told.values()) / len(told) if told else 0.0
    if usual <= 0:
        return {}
    return {name: round(min(max(value / usual, MIN_WEIGHT), MAX_WEIGHT), 2) for name, value in told.items()}


def _is_there(name: str, pasts: Sequence[Past]) -> bool:
    return all(name in past.scored.columns and past.scored[name].count() > 0 for past in pasts)


def _mean_alone(name: str, pasts: Sequence[Past]) -> float:
    ratios = [
        separation(_tenths(past.scored[name]), past.outcome, past.scored["customer_id"]).explained_ratio
        for past in pasts
    ]
    return max(float(np.mean(ratios)), 0.0)


def _tenths(column: pl.Series) -> Labels:
    """Say in which tenth each value lies; the unknown are a part of their own."""
    values = np.asarray(column.cast(pl.Float64).to_numpy(), dtype=np.float64)
    known = values[np.isfinite(values)]
    edges = np.unique(np.quantile(known, np.linspace(0, 1, STEPS + 1)[1:-1]))
    steps = np.searchsorted(edges, values, side="right")
    return np.where(np.isfinite(values), steps, edges.size + 1).astype(np.int64)


def _lost(past: Past, used: Sequence[str], labels_of: LabelsOf) -> Mapping[str, float]:
    """Mix one feature up after the other, and see what the groups explain less."""
    ids = past.scored["customer_id"]
    whole = separation(labels_of(past.scored), past.outcome, ids).explained_ratio
    order = np.random.default_rng(11).permutation(past.scored.height)
    lost = {}
    for name in used:
        if name in past.scored.columns:
            mixed = past.scored.with_columns(past.scored[name].gather(order))
            lost[name] = whole - separation(labels_of(mixed), past.outcome, ids).explained_ratio
    return lost


def _words(name: str, told: float, outcome: str, *, is_off: bool) -> str:
    label = FEATURES[name].label
    sentence = f"{label[0].upper()}{label[1:]}: alone it explains {percent(told)} of {OUTCOMES[outcome]}."
    return f"{sentence} You have switched it off." if is_off else sentence
