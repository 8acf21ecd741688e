"""Each group by the name that fits it best, no name twice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from shop_app.segments.grouping.agreement import Labels
from shop_app.segments.grouping.archetypes import ARCHETYPES, archetype_rules, fit_archetypes, missing_signals
from shop_app.segments.grouping.lifecycle import Lifecycle, with_drift
from shop_app.segments.grouping.percents import percent
from shop_app.segments.grouping.rules import matches
from shop_app.segments.grouping.space import Floats

NO_GROUP = ("prospects", "outliers")
"""Names that are never given to a group of buyers."""
KEPT_RATIO = 0.5
# A group keeps its name while that fits half as well as the best one would.


@dataclass(frozen=True, slots=True)
class Named:
    """The name of a group, and how well it fits.

    Attributes
    ----------
    archetype
        A key of :data:`~shop_app.segments.grouping.archetypes.ARCHETYPES`.
    inside_ratio, elsewhere_ratio
        The share of the group's members who satisfy the archetype's written rule, and that of all other buyers.
    fit
        The correlation of being in the group with satisfying the rule, -1 to 1.
    """

    archetype: str
    inside_ratio: float
    elsewhere_ratio: float
    fit: float

    @property
    def words(self) -> str:
        """Say how well the name fits."""
        name = ARCHETYPES[self.archetype].name
        return (
            f"{percent(self.inside_ratio)} of this group satisfy the rule of {name}, "
            f"{percent(self.elsewhere_ratio)} of the other buyers."
        )


def name_groups(
    buyers: pl.DataFrame, labels: Labels, *, kept: Mapping[int, str], count: int
) -> dict[int, Named]:
    """Name every group by the archetype it fits best.

    Parameters
    ----------
    buyers
        Customers with an order, a row each.
    labels
        Everybody's group as a number from 0.
    kept
        Names that groups had in the last fit: kept while they still fit.
    count
        How many groups there are.

    Returns
    -------
    dict
        Number to name, each archetype at most once.

    Notes
    -----
    Archetypes that this shop cannot tell are left out. Of all ways of giving the names the one with the best
    sum of fits is taken (Hungarian method, H. W. Kuhn 1955).
    """
    from scipy.optimize import linear_sum_assignment

    slugs, holds = _who_satisfies(buyers)
    inside, elsewhere, fit = _fits(labels, holds, count)
    wished = fit + _loyalty(fit, slugs, kept)
    rows, cells = linear_sum_assignment(-wished)
    return {
        row: Named(slugs[cell], float(inside[row, cell]), float(elsewhere[row, cell]), float(fit[row, cell]))
        for row, cell in zip(rows.tolist(), cells.tolist(), strict=True)
    }


def _who_satisfies(buyers: pl.DataFrame) -> tuple[list[str], Floats]:
    """Ask every archetype's rule of everybody: one column an archetype."""
    thresholds = fit_archetypes(buyers)
    frame = with_drift(buyers, Lifecycle.from_json(thresholds["lifecycle"]))
    left_out = {*missing_signals(frame), *NO_GROUP}
    rules = {slug: rule for slug, rule in archetype_rules(thresholds).items() if slug not in left_out}
    columns = [matches(frame, rule).to_numpy().astype(np.float64) for rule in rules.values()]
    return list(rules), np.column_stack(columns)


def _fits(labels: Labels, holds: Floats, count: int) -> tuple[Floats, Floats, Floats]:
    """Compare each rule inside and outside each group; the fit is the phi coefficient of the two."""
    everybody = max(len(labels), 1)
    sizes = np.bincount(labels, minlength=count)[:count].astype(np.float64)[:, None]
    both = np.column_stack([np.bincount(labels, column, minlength=count)[:count] for column in holds.T])
    satisfied = holds.sum(axis=0)[None, :]
    inside = both / np.maximum(sizes, 1)
    elsewhere = (satisfied - both) / np.maximum(everybody - sizes, 1)
    spread = np.sqrt(sizes * (everybody - sizes) * satisfied * (everybody - satisfied))
    fit = np.where(spread > 0, (everybody * both - sizes * satisfied) / np.maximum(spread, 1e-9), 0.0)
    return inside, elsewhere, fit


def _loyalty(fit: Floats, slugs: Sequence[str], kept: Mapping[int, str]) -> Floats:
    """Let an old name count for more than any new one, as long as it still fits."""
    bonus = np.zeros_like(fit)
    for row, slug in kept.items():
        if slug in slugs:
            own = fit[row, slugs.index(slug)]
            if own > 0 and own >= KEPT_RATIO * fit[row].max():
                bonus[row, slugs.index(slug)] = 2.0
    return bonus
