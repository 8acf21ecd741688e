"""The ways of grouping held against each other and against plain RFM, on the shop's own past."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from shop_app.segments.grouping.agreement import adjusted_rand
from shop_app.segments.grouping.goals import OUTCOMES
from shop_app.segments.grouping.past import Past
from shop_app.segments.grouping.percents import percent
from shop_app.segments.grouping.sampling import resampled, sample
from shop_app.segments.grouping.separation import Separation, separation
from shop_app.segments.grouping.ways import METHODS, Brief, Way, fit_way, numbered, numbers_of, refit
from shop_app.segments.rfm import fit_rfm, score_rfm
from shop_app.segments.vocabularies import assign_groups, ladder_for

LOOK_ROWS = 2_500
BOOTSTRAPS, BOOTSTRAPS_THEN = 5, 3
STEADY_BOOTSTRAP = 0.8
STEADY_TIME = 0.5
# Customers themselves change in three months; half of the agreement left is what rules keep on real stores.
HOME = "hybrid"
RFM = "rfm"
SURE_FOR_NEW, SURE_FOR_CHANGE = 1.0, 2.0
# Standard errors by which another way must lead: one to become the default, two to take the place of a live
# one.


@dataclass(frozen=True, slots=True)
class Contest:
    """What came of the competition.

    Attributes
    ----------
    ways
        The ways as fitted on today's buyers, by method.
    table
        One row a way and one for plain RFM, plain values.
    chosen
        The way taken.
    words
        Why, in a sentence.
    """

    ways: Mapping[str, Way]
    table: tuple[dict[str, Any], ...]
    chosen: str
    words: str


def compete(
    buyers: pl.DataFrame,
    brief: Brief,
    pasts: Sequence[Past],
    *,
    wished: str | None = None,
    live: Way | None = None,
) -> Contest:
    """Fit every way, judge it on earlier days, and choose one.

    Parameters
    ----------
    buyers
        Today's customers with an order, a row each, by ``customer_id``.
    brief
        What is wanted.
    pasts
        Earlier days with what followed, the newest first. On each of them every way is fitted again on what was
        known by then (and on the days before it), and judged by the following 90 days.
    wished
        The way that the merchant has chosen: it is taken where it can be made here, and the table still shown.
    live
        The way of the last fit: another takes its place only with a clear lead.
    """
    ways = _fit_all(buyers, brief, pasts, live)
    # The number of clusters is today's: it was found without a look at what followed.
    found = len(ways["clusters"].groups.slugs) if "clusters" in ways else None
    brief_then = replace(brief, bootstraps=BOOTSTRAPS_THEN, cluster_count=found)
    then = [_fit_all(past.scored, brief_then, pasts[place + 1 :], None) for place, past in enumerate(pasts)]
    judged = {method: _judge(method, pasts, then) for method in (*ways, RFM)}
    looked_at = sample(buyers, LOOK_ROWS, salt=3)
    rows = {
        method: _row(way, brief, looked_at, then[0].get(method) if then else None)
        for method, way in ways.items()
    }
    chosen, words = _choose(rows, judged, wished, live.method if live else None)
    table = [_told(rows[method], judged, pasts, chosen) for method in ways]
    table.append(_told({"method": RFM, "name": "Plain RFM"}, judged, pasts, chosen))
    return Contest(ways, tuple(table), chosen, f"{words}{_what_is_explained(judged, brief)}")


def rfm_labels(buyers: pl.DataFrame) -> np.ndarray:
    """Divide customers by recency, frequency and money alone, as other tools do, with this shop's own edges."""
    marks = score_rfm(buyers, fit_rfm(buyers))
    named = assign_groups(marks, "shopify", ladder_for(buyers.height)).drop("customer_id").to_series()
    return numbered(named, named.unique().sort().to_list())


def _fit_all(buyers: pl.DataFrame, brief: Brief, pasts: Sequence[Past], live: Way | None) -> dict[str, Way]:
    ways = {}
    for method in brief.methods:
        previous = live.groups if live is not None and live.method == method else None
        try:
            ways[method] = fit_way(method, buyers, brief, pasts, previous=previous)
        except ValueError:
            continue  # The goal's features do not tell these customers apart: rules are left.
    return ways


def _judge(method: str, pasts: Sequence[Past], then: Sequence[Mapping[str, Way]]) -> list[Separation | None]:
    judged: list[Separation | None] = []
    for past, ways in zip(pasts, then, strict=True):
        if method == RFM:
            labels = rfm_labels(past.scored)
        elif method in ways:
            labels = numbers_of(past.scored, ways[method].groups)
        else:
            judged.append(None)
            continue
        judged.append(separation(labels, past.outcome, past.scored["customer_id"]))
    return judged


def _row(way: Way, brief: Brief, buyers: pl.DataFrame, then: Way | None) -> dict[str, Any]:
    """Measure how steady a way is and how large its groups are, on today's customers."""
    labels = numbers_of(buyers, way.groups)
    drawn = (resampled(buyers.height, seed=number) for number in range(BOOTSTRAPS))
    again = [adjusted_rand(labels, numbers_of(buyers, refit(way, buyers[rows], brief))) for rows in drawn]
    sizes = np.bincount(labels)
    shares = sizes[sizes > 0] / max(len(labels), 1)
    bootstrap = float(np.mean(again))
    time = adjusted_rand(labels, numbers_of(buyers, then.groups)) if then else None
    return {
        "method": way.method,
        "name": METHODS[way.method],
        "group_count": len(shares),
        "smallest_ratio": float(shares.min(initial=1.0)),
        "largest_ratio": float(shares.max(initial=0.0)),
        "bootstrap_agreement": bootstrap,
        "time_agreement": time,
        "is_steady": bootstrap >= STEADY_BOOTSTRAP and (time is None or time >= STEADY_TIME),
    }


def _choose(
    rows: Mapping[str, Mapping[str, Any]],
    judged: Mapping[str, Sequence[Separation | None]],
    wished: str | None,
    live: str | None,
) -> tuple[str, str]:
    if wished is not None and wished in rows:
        return wished, f"{METHODS[wished]}: you have chosen this way."
    home = next(method for method in (live or HOME, HOME, *rows) if method in rows)
    if not judged[home]:
        return home, f"{METHODS[home]}: this shop is too young to compare the ways on its past."
    steady = [method for method in rows if rows[method]["is_steady"]] or list(rows)
    means = {method: _mean(judged[method]) for method in steady}
    best = max(steady, key=lambda method: means[method] or 0.0)
    lead, error = _lead(judged[best], judged[home])
    needed = SURE_FOR_CHANGE if live else SURE_FOR_NEW
    if best == home or (home in steady and lead <= needed * error):
        return home, f"{METHODS[home]}: no other steady way explains clearly more here."
    return best, f"{METHODS[best]}: explains more than the other steady ways here."


def _lead(best: Sequence[Separation | None], home: Sequence[Separation | None]) -> tuple[float, float]:
    """Return how much more one way explains over all earlier days, and the standard error of that."""
    pairs = [
        (one, other) for one, other in zip(best, home, strict=True) if one is not None and other is not None
    ]
    if not pairs:
        return 1.0, 0.0
    more = [one.gains - other.gains for one, other in pairs]
    errors = [float(part.std() / len(part) ** 0.5) for part in more]
    lead = float(np.mean([part.mean() for part in more]))
    return lead, float(np.sqrt(np.square(errors).sum()) / len(errors))


def _mean(judged: Sequence[Separation | None]) -> float | None:
    known = [one.explained_ratio for one in judged if one is not None]
    return float(np.mean(known)) if known else None


def _told(
    row: Mapping[str, Any],
    judged: Mapping[str, Sequence[Separation | None]],
    pasts: Sequence[Past],
    chosen: str,
) -> dict[str, Any]:
    own, plain = _mean(judged[row["method"]]), _mean(judged[RFM])
    aucs = [one.auc for one in judged[row["method"]] if one is not None and one.auc is not None]
    more = own - plain if own is not None and plain is not None else None
    return {
        **row,
        "explained_ratio": own,
        "more_than_rfm": more,
        "times_rfm": own / plain if own is not None and plain is not None and plain > 0 else None,
        "auc": float(np.mean(aucs)) if aucs else None,
        "origins": [
            {"as_of": past.as_of.isoformat(), "explained_ratio": one.explained_ratio, "auc": one.auc}
            for past, one in zip(pasts, judged[row["method"]], strict=True)
            if one is not None
        ],
        "is_chosen": row["method"] == chosen,
        "words": _row_words(row, own, more),
    }


def _row_words(row: Mapping[str, Any], own: float | None, more: float | None) -> str:
    if own is None:
        words = "Not compared: the shop is too young."
    elif row["method"] == RFM:
        words = f"Explains {percent(own)} of what followed; all ways are held against it."
    else:
        way = "more" if (more or 0.0) >= 0 else "less"
        points = f"{abs(more or 0.0) * 100:.0f} points {way} than plain RFM"
        words = f"Explains {percent(own)} of what followed, {points}."
    return words if row.get("is_steady", True) else f"{words} It changes too much with other customers or days."


def _what_is_explained(judged: Mapping[str, Sequence[Separation | None]], brief: Brief) -> str:
    if not judged[RFM]:
        return ""
    days = "day" if len(judged[RFM]) == 1 else "days"
    return f" Judged by {OUTCOMES[brief.goal.outcome]}, on {len(judged[RFM])} earlier {days}."
