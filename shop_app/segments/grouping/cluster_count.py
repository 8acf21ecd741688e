"""How many clusters: as many as come back from other customers and from another day, and none too small."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

import numpy as np

from shop_app.segments.grouping.agreement import adjusted_rand
from shop_app.segments.grouping.clusters import Ints, distances, fit_centres, nearest, thinned
from shop_app.segments.grouping.percents import percent
from shop_app.segments.grouping.sampling import resampled
from shop_app.segments.grouping.space import Floats

BOOTSTRAPS = 8
LOOK_ROWS = 2_500
# Eight refits of 2,500 tell stable from unstable; more rows only make every count look stable.
_STARTS, _STARTS_AGAIN = 5, 2
MIN_BOOTSTRAP = 0.9
MIN_TIME = 0.7
# Three months lie between the two days compared; on two real stores a month took .66 to .85, rules no more.
MIN_SIZE_RATIO = 0.03


@dataclass(frozen=True, slots=True)
class TriedCount:
    """What was seen of one number of clusters.

    Attributes
    ----------
    count
        The number.
    bootstrap_agreement
        Adjusted Rand index between the clusters and those of other customers drawn from the same ones, on
        average; at most 1.
    time_agreement
        The same between today's clusters and those of an earlier day, on today's customers; ``None`` where the
        shop is too young.
    smallest_ratio
        The smallest cluster's share of the customers looked at.
    spread_ratio
        What is left of the squared distances once everybody's cluster is known, 0 to 1.
    words
        The judgement.
    is_good, is_chosen
        Whether all bars are passed, and whether this number was taken.
    """

    count: int
    bootstrap_agreement: float
    time_agreement: float | None
    smallest_ratio: float
    spread_ratio: float
    words: str = ""
    is_good: bool = False
    is_chosen: bool = False

    def to_json(self) -> dict[str, Any]:
        """Give plain values that :meth:`from_json` reads back as an equal row."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_json` gave."""
        return cls(**stored)


def try_counts(
    points: Floats,
    counts: Sequence[int],
    *,
    earlier: Floats | None = None,
    min_size_ratio: float = MIN_SIZE_RATIO,
    bootstraps: int = BOOTSTRAPS,
) -> tuple[TriedCount, ...]:
    """Look at every number of clusters.

    Parameters
    ----------
    points
        One row a customer in the goal's dimensions, rows by ``customer_id``; of more than :data:`LOOK_ROWS`
        every so-manieth is looked at.
    counts
        The numbers to try, 1 or more each.
    earlier
        Customers of an earlier day, placed on today's scale.
    min_size_ratio
        The share of these customers that the smallest cluster must have.
    bootstraps
        How many times other customers are drawn.

    Returns
    -------
    tuple of TriedCount
        One a number, in their order; none is chosen yet. Numbers for which there are not enough different
        customers are left out.

    Notes
    -----
    Always the same customers are drawn and the same starting places taken: no seed decides on the number.

    The silhouette is left aside: on real stores it is flat from 3 to 6 clusters and prefers scales on which
    five whales stand alone.
    """
    found = (
        _try(points, count, earlier=earlier, bootstraps=bootstraps) for count in counts if len(points) >= count
    )
    return tuple(_judged(tried, min_size_ratio) for tried in found if tried is not None)


def choose_count(tried: Sequence[TriedCount], wished: int | None = None) -> tuple[TriedCount, ...]:
    """Mark one number: the wished one if it was tried, else the largest good one, else the steadiest."""
    if not tried:
        return ()
    good = [one for one in tried if one.is_good]
    best = max(good, key=lambda one: one.count) if good else max(tried, key=_steadiness)
    named = [one for one in tried if one.count == wished]
    chosen = named[0] if named else best
    return tuple(replace(one, is_chosen=one is chosen) for one in tried)


def _try(points: Floats, count: int, *, earlier: Floats | None, bootstraps: int) -> TriedCount | None:
    looked_at = thinned(points, LOOK_ROWS)
    columns = list(looked_at.T)
    centres = fit_centres(looked_at, count, starts=_STARTS)
    if len(centres) < count:
        return None
    away = distances(columns, centres)
    labels = nearest(away)
    agreements = [
        adjusted_rand(labels, _labels_of(looked_at[rows], count, columns))
        for rows in (resampled(len(looked_at), seed=number) for number in range(bootstraps))
    ]
    then = None
    if earlier is not None and len(earlier) >= count:
        then = adjusted_rand(labels, _labels_of(thinned(earlier, LOOK_ROWS), count, columns))
    sizes = np.bincount(labels, minlength=count)
    return TriedCount(
        count=count,
        bootstrap_agreement=float(np.mean(agreements)) if agreements else 1.0,
        time_agreement=then,
        smallest_ratio=float(sizes.min() / len(looked_at)),
        spread_ratio=_left_over(looked_at, away, labels),
    )


def _labels_of(points: Floats, count: int, columns: Sequence[Floats]) -> Ints:
    """Divide the customers in ``columns`` by the centres found among others."""
    return nearest(distances(columns, fit_centres(points, count, starts=_STARTS_AGAIN)))


def _left_over(points: Floats, away: Floats, labels: Ints) -> float:
    inside = float((away[np.arange(len(away)), labels] ** 2).sum())
    whole = float(((points - points.mean(axis=0)) ** 2).sum())
    return inside / whole if whole else 0.0


def _judged(tried: TriedCount, min_size_ratio: float) -> TriedCount:
    troubles = []
    if tried.bootstrap_agreement < MIN_BOOTSTRAP:
        troubles.append("other customers of the same shop would be divided differently")
    if tried.time_agreement is not None and tried.time_agreement < MIN_TIME:
        troubles.append("an earlier day would have divided them differently")
    if tried.smallest_ratio < min_size_ratio:
        troubles.append(f"the smallest has {percent(tried.smallest_ratio, 1)} of the customers")
    words = "; ".join(troubles)
    sentence = f"Not taken: {words}." if troubles else "Comes back from other customers and other days."
    return replace(tried, words=sentence, is_good=not troubles)


def _steadiness(tried: TriedCount) -> tuple[float, int]:
    time = 1.0 if tried.time_agreement is None else tried.time_agreement
    return (min(tried.bootstrap_agreement, time), -tried.count)
