"""Small groups inside a group whose members order far more often: found on one half, proved on the other."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from shop_app.segments.grouping.catalogue import FEATURES
from shop_app.segments.grouping.past import Past
from shop_app.segments.grouping.percents import percent
from shop_app.segments.grouping.rules import All, Condition, Rule, matches, rule_to_json, rule_words
from shop_app.segments.grouping.sampling import parts
from shop_app.segments.grouping.space import Floats

MIN_SIZE = 30
MIN_SIZE_RATIO = 0.01
LEAST_LIFT = 1.5
SURE_ENOUGH = 3.0
# Standard errors in the half that was looked through, where some two hundred borders were tried.
SURE = 2.33
# Standard errors in the other half, where one is asked: chance passes once in a hundred.
MOST_PER_GROUP = 2
_FEATURES = (
    *("recency_days", "cadence_drift_ratio", "interval_trend_ratio", "usual_gap_days", "order_count"),
    *("total_spent", "average_order_value", "discount_share_ratio", "category_count", "items_per_order"),
    *("visits_30d", "carts_30d", "email_clicks_30d", "checkouts_abandoned_90d"),
)
_STEPS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)

Money = Callable[[int], str]


@dataclass(frozen=True, slots=True)
class MicroSegment:
    """A rule for a few members of a group, and how often such customers ordered in the 90 days after.

    Attributes
    ----------
    group
        The slug of the group it lies in.
    rule
        Whom it means.
    words
        The rule and what was seen, in a sentence.
    customer_count
        Members of the group today who satisfy it.
    order_ratio, group_ratio
        The share that ordered within 90 days, of those who satisfied the rule and of the whole group, in the
        half that the rule was not learned from.
    seen_count
        How many customers that share is of.
    """

    group: str
    rule: Rule
    words: str
    customer_count: int
    order_ratio: float
    group_ratio: float
    seen_count: int

    def to_json(self) -> dict[str, Any]:
        """Give plain values."""
        plain = {name: getattr(self, name) for name in self.__slots__}
        return plain | {"rule": rule_to_json(self.rule)}


def find_micro_segments(
    past: Past, segments: pl.Series, today: pl.DataFrame, today_segments: pl.Series, money: Money
) -> tuple[MicroSegment, ...]:
    """Look through every group for a few who order far more often than the rest.

    Parameters
    ----------
    past
        An earlier day; its outcome is taken as "did something or not".
    segments
        Everybody's group on that day, by today's groups, in the order of ``past.scored``.
    today, today_segments
        Today's buyers and their groups.
    money
        Turns minor units into text for people.

    Returns
    -------
    tuple of MicroSegment
        At most two a group, the likeliest first. Each has at least 30 members today, and one per cent of its
        group; orders at least half as often again; and does so in both halves of the group beyond chance.
    """
    found: list[MicroSegment] = []
    did = (np.nan_to_num(past.outcome) > 0).astype(np.float64)
    for slug in today_segments.unique().sort().to_list():
        inside = (segments == slug).to_numpy()
        members = today.filter(today_segments == slug)
        if inside.sum() >= 4 * MIN_SIZE:
            found += _inside(slug, past.scored.filter(pl.Series(inside)), did[inside], members, money)
    return tuple(sorted(found, key=lambda one: -one.order_ratio))


def _inside(
    slug: str, then: pl.DataFrame, did: Floats, members: pl.DataFrame, money: Money
) -> Iterator[MicroSegment]:
    first = parts(then["customer_id"], 2, salt=9) == 0
    learn, prove = then.filter(pl.Series(first)), then.filter(pl.Series(~first))
    needed = max(MIN_SIZE, MIN_SIZE_RATIO * members.height)
    taken = 0
    for rule in _rules(learn, did[first], needed / 2):
        satisfied = matches(prove, rule).to_numpy()
        count = int(matches(members, rule).sum())
        ratio, group = _ratios(did[~first], satisfied)
        if count < needed or not _is_more(ratio, group, int(satisfied.sum()), SURE):
            continue
        yield MicroSegment(
            *(slug, rule, _words(rule, ratio, group, money), count, ratio, group, int(satisfied.sum()))
        )
        taken += 1
        if taken == MOST_PER_GROUP:
            return


def _rules(learn: pl.DataFrame, did: Floats, needed: float) -> Iterator[Rule]:
    """Yield the best single borders, each narrowed by a second one where that helps; one a feature."""
    ranked = sorted(_tried(learn, did, needed), key=lambda one: (-one[0], str(one[1])))
    seen: set[str] = set()
    for _, condition in ranked:
        if condition.feature in seen:
            continue
        seen.add(condition.feature)
        inside = matches(learn, condition).to_numpy()
        narrower = _tried(learn.filter(pl.Series(inside)), did[inside], needed)
        second = max(narrower, key=lambda one: (one[0], str(one[1])), default=None)
        if second is not None and second[1].feature != condition.feature:
            yield All((condition, second[1]))
        yield condition


def _tried(frame: pl.DataFrame, did: Floats, needed: float) -> list[tuple[float, Condition]]:
    """Try every border, and keep those beyond which clearly more ordered, with how sure that is."""
    kept = []
    for name in (name for name in _FEATURES if name in frame.columns):
        values = np.asarray(frame[name].cast(pl.Float64).to_numpy(), dtype=np.float64)
        for condition, inside in _borders(name, values):
            count = int(inside.sum())
            ratio, whole = _ratios(did, inside)
            if count >= needed and _is_more(ratio, whole, count, SURE_ENOUGH):
                kept.append(((ratio - whole) / _error(whole, count), condition))
    return kept


def _borders(name: str, values: Floats) -> Iterator[tuple[Condition, np.ndarray]]:
    """Yield a border at every tenth, from either side, with who is beyond it; the unknown are beyond none."""
    known = values[np.isfinite(values)]
    edges = np.quantile(known, _STEPS).tolist() if known.size else []
    for border in dict.fromkeys(_rounded(name, edge) for edge in edges):
        yield Condition(name, "at_least", border), values >= border
        yield Condition(name, "at_most", border), values <= border


def _rounded(name: str, border: float) -> float | int:
    """Round a border to what a person would write: whole pieces and money, two figures that count else."""
    feature = FEATURES[name]
    if feature.whole or feature.unit == "money":
        return round(border) if abs(border) < 100 else int(float(f"{border:.2g}"))  # noqa: PLR2004
    return round(border, 2) if feature.unit == "share" else float(f"{border:.2g}")


def _ratios(did: Floats, inside: np.ndarray) -> tuple[float, float]:
    whole = float(did.mean()) if did.size else 0.0
    return (float(did[inside].mean()) if inside.any() else 0.0), whole


def _error(whole: float, count: int) -> float:
    return max(math.sqrt(whole * (1 - whole) / max(count, 1)), 1e-9)


def _is_more(ratio: float, whole: float, count: int, sure: float) -> bool:
    return count > 0 and ratio >= LEAST_LIFT * whole and ratio - whole > sure * _error(whole, count)


def _words(rule: Rule, ratio: float, group: float, money: Money) -> str:
    who = rule_words(rule, money)
    against = f"against {percent(group)} of the whole group"
    return f"Whoever {who}: {percent(ratio)} of them ordered within 90 days, {against}."
