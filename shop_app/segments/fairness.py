"""Whether offers and predictions treat groups of people alike, without showing anything about few of them."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import polars as pl
from scipy.special import bdtr, bdtrc, ndtr, ndtri

from shop_app.segments.small_groups import LEAST_PEOPLE, OTHERS, shown_groups

FALSE_FLAG_RATIO = 0.05
# Of the audits of a shop that treats all groups alike, at most one in twenty flags anything.
LEAST_COMPARED = 20
# With fewer people on a side no difference is told from chance.

DIMENSIONS: dict[str, dict[str, str]] = {
    "country": {},
    "language": {},
    "channel": {},
    "is_b2b": {"true": "businesses", "false": "private customers"},
    "is_new": {"true": "new customers", "false": "older customers"},
}
_UNKNOWN = "not known"


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing that is compared: its words, how it is worked out, and from which difference on it is large."""

    name: str
    value: pl.Expr
    large: float
    words: Callable[[float], str]
    is_yes_or_no: bool = False


def _points(value: float) -> str:
    if abs(value) < 0.0005:  # noqa: PLR2004 - less than a tenth of a point rounds to none
        return "came back as often as predicted"
    return f"came back {abs(value) * 100:.1f} points {'more' if value > 0 else 'less'} often than predicted"


MEASURES: dict[str, Measure] = {
    "offer_ratio": Measure(
        "share with an offer",
        pl.col("has_offer").cast(pl.Float64),
        0.10,
        lambda value: f"{value * 100:.0f} % are in groups with an offer",
        is_yes_or_no=True,
    ),
    "depth_ratio": Measure(
        "depth of the offers",
        pl.when("has_offer").then(pl.col("depth_ratio")),
        0.03,
        lambda value: f"offers go to {value * 100:.1f} % on average",
    ),
    "error": Measure(
        "error of the predictions",
        (pl.col("predicted") - pl.col("happened").cast(pl.Float64)).pow(2),
        0.05,
        lambda value: f"the squared error of the predictions is {value:.3f}",
    ),
    "calibration": Measure(
        "predictions against what happened",
        pl.col("happened").cast(pl.Float64) - pl.col("predicted"),
        0.05,
        _points,
    ),
}
_NEEDS = {
    "offer_ratio": {"has_offer"},
    "depth_ratio": {"has_offer", "depth_ratio"},
    "error": {"predicted", "happened"},
    "calibration": {"predicted", "happened"},
}


class _Sums(NamedTuple):
    """How many people there are, and the sums of their values and of the squares."""

    people: int
    total: float
    squares: float


def audit_fairness(people: pl.DataFrame) -> dict[str, Any]:
    """Compare every group of people with all others.

    Parameters
    ----------
    people
        One row a customer, with any of: the columns of :data:`DIMENSIONS` (text or Boolean; null: not known),
        ``has_offer`` (Boolean: in a segment whose play has an offer), ``depth_ratio`` (how deep it may go),
        ``predicted`` (the probability of an order, from a past day) and ``happened`` (Boolean: whether there
        was one). What is null is not known and counts in no figure.

    Returns
    -------
    dict
        Plain values: ``people_count``, ``comparison_count``, ``false_flag_ratio``, ``rows`` (see below),
        ``not_compared`` (sentences on dimensions without two groups to show), ``flag_count``, ``words``.

        Each row compares one group by one measure: ``measure``, ``dimension``, ``group``, ``group_count``,
        ``value``, ``others_value`` (of everybody else), ``difference``, ``low``, ``high`` (what chance leaves
        open), ``is_flagged``, ``words``. Flagged are differences that are large *and* beyond chance.

    Notes
    -----
    A group is measured against groups of its size drawn by lot from the same people (exactly binomial for
    shares, else normal with the variance of all), at 5 % divided by the number of comparisons (Bonferroni), so
    that the 5 % hold for the audit as a whole. No figure is of fewer than five people, see
    :func:`~shop_app.segments.small_groups.shown_groups`.
    """
    named = _named(people)
    dimensions = [name for name in DIMENSIONS if name in people.columns]
    rows = [row for slug in MEASURES for row in _compared(named, slug, dimensions)]
    level = FALSE_FLAG_RATIO / max(len(rows), 1)
    judged = [_judged(row, level) for row in rows]
    flagged = [row["words"] for row in judged if row["is_flagged"]]
    return {
        "people_count": people.height,
        "comparison_count": len(judged),
        "false_flag_ratio": FALSE_FLAG_RATIO,
        "rows": judged,
        "not_compared": _not_compared(dimensions, judged),
        "flag_count": len(flagged),
        "words": _words(flagged, len(judged)),
    }


def _named(people: pl.DataFrame) -> pl.DataFrame:
    """Turn the values of the dimensions into the words they are shown by."""
    named = []
    for name, words in DIMENSIONS.items():
        if name in people.columns:
            text = pl.col(name).cast(pl.String)
            named.append((text.replace(words) if words else text).fill_null(_UNKNOWN))
    return people.with_columns(named)


def _compared(people: pl.DataFrame, slug: str, dimensions: Sequence[str]) -> list[dict[str, Any]]:
    if not dimensions or not _NEEDS[slug] <= set(people.columns):
        return []
    value = pl.col("value")
    cells = (
        people.select(*dimensions, value=MEASURES[slug].value)
        .filter(value.is_not_null())
        .group_by(dimensions)
        .agg(count=pl.len(), total=value.sum(), squares=value.pow(2).sum())
        .sort(dimensions)
        .rows()
    )
    sums = {row[:-3]: _Sums(*row[-3:]) for row in cells}
    shown = shown_groups({values: row.people for values, row in sums.items()}, dimensions)
    return [
        {"measure": slug, "dimension": name, **row}
        for name, labels in shown.items()
        for row in _groups(sums, dimensions.index(name), labels)
    ]


def _groups(
    sums: Mapping[tuple[str, ...], _Sums], place: int, labels: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Sum every group up, and everybody else; the largest first."""
    whole = _added(sums.values())
    members: dict[str, list[_Sums]] = {}
    for values, row in sums.items():
        members.setdefault(labels[values[place]], []).append(row)
    own = {label: _added(rows) for label, rows in members.items()}
    return [
        {
            "group": label,
            "group_count": row.people,
            "total": row.total,
            "others_count": whole.people - row.people,
            "others_total": whole.total - row.total,
            "variance": _variance(whole),
        }
        for label, row in sorted(own.items(), key=lambda item: (-item[1].people, item[0]))
    ]


def _added(rows: Iterable[_Sums]) -> _Sums:
    counts, totals, squares = zip(*rows, strict=True)
    return _Sums(sum(counts), math.fsum(totals), math.fsum(squares))


def _variance(sums: _Sums) -> float:
    return max((sums.squares - sums.total**2 / sums.people) / max(sums.people - 1, 1), 0.0)


def _judged(row: Mapping[str, Any], level: float) -> dict[str, Any]:
    measure = MEASURES[row["measure"]]
    value, others = row["total"] / row["group_count"], row["others_total"] / row["others_count"]
    difference = value - others
    deviation = math.sqrt(row["variance"] * (1 / row["group_count"] + 1 / row["others_count"]))
    reach = float(-ndtri(level / 2)) * deviation
    enough = min(row["group_count"], row["others_count"]) >= LEAST_COMPARED
    large = abs(difference) >= measure.large
    flagged = enough and large and _by_chance(row, difference, deviation) < level
    return {
        "measure": row["measure"],
        "dimension": row["dimension"],
        "group": row["group"],
        "group_count": row["group_count"],
        "value": round(value, 6),
        "others_value": round(others, 6),
        "difference": round(difference, 6),
        "low": round(difference - reach, 6),
        "high": round(difference + reach, 6),
        "is_flagged": flagged,
        "words": f"{_who(row)}: {measure.words(value)}; of all others {measure.words(others)}.",
    }


def _by_chance(row: Mapping[str, Any], difference: float, deviation: float) -> float:
    """Say how often groups drawn by lot would differ as much."""
    if not MEASURES[row["measure"]].is_yes_or_no:
        return float(2 * ndtr(-abs(difference) / deviation)) if deviation else 1.0
    # Of two sides the smaller one tells the same and is nearer to independent draws.
    side = "others_" if row["others_count"] < row["group_count"] else ""
    count, hits = row["others_count" if side else "group_count"], round(row[f"{side}total"])
    share = (row["total"] + row["others_total"]) / (row["group_count"] + row["others_count"])
    lower = float(bdtr(hits, count, share))
    upper = float(bdtrc(hits - 1, count, share)) if hits else 1.0
    return min(2 * lower, 2 * upper, 1.0)


def _who(row: Mapping[str, Any]) -> str:
    group, dimension = row["group"], row["dimension"]
    if DIMENSIONS[dimension] and group not in (OTHERS, _UNKNOWN):
        return str(group).capitalize()
    return f"{dimension.removeprefix('is_').replace('b2b', 'business').capitalize()} {group}"


def _not_compared(dimensions: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> list[str]:
    compared = {row["dimension"] for row in rows}
    absent = [name for name in DIMENSIONS if name not in dimensions]
    alone = [name for name in dimensions if name not in compared]
    return [
        *(f"{_title(name)}: the shop does not know it." for name in absent),
        *(
            f"{_title(name)}: there are no two groups of {LEAST_PEOPLE} people or more to compare."
            for name in alone
        ),
    ]


def _title(dimension: str) -> str:
    return {"is_b2b": "Business or private", "is_new": "New or older"}.get(dimension, dimension.capitalize())


def _words(flagged: list[str], comparison_count: int) -> list[str]:
    if not comparison_count:
        return ["There are too few customers to compare without showing figures of single people."]
    if not flagged:
        return [
            f"Of {comparison_count:,} comparisons none shows a difference that is both large and beyond chance."
        ]
    return [
        *flagged,
        "Look whether this is meant: a rule can repeat an old injustice without anybody wanting it.",
    ]
