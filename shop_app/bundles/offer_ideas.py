"""From findings to ideas: what could be offered with what, in which form, and how often there is a chance."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import polars as pl

from shop_app.bundles.cannibalisation import Anyway, bought_anyway
from shop_app.bundles.demand import EVERYBODY
from shop_app.bundles.terms import Form

LEAST_OPTIONS = 2  # with one companion a mixed offer is a plain "buy this, get that"


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything candidates are made of; a frame that is ``None`` was not looked for.

    ``demand`` and ``thirds`` as :mod:`~shop_app.bundles.demand` counts them; ``pairs``, ``sets``, ``sequences``
    and ``by_segment`` as the modules of their names find them. Only what is found is used.
    """

    demand: pl.DataFrame
    pairs: pl.DataFrame | None = None
    sets: pl.DataFrame | None = None
    sequences: pl.DataFrame | None = None
    by_segment: pl.DataFrame | None = None
    thirds: pl.DataFrame | None = None


@dataclass(frozen=True, slots=True)
class Idea:
    """One offer that could be made.

    Attributes
    ----------
    first, rest
        Keys (of a third: the category) of what has to be bought, and of what is added to it. Of a mixed offer
        ``rest`` are the options, the most wanted first, and ``weights`` how much each is wanted.
    first_baskets
        Baskets in the horizon that hold what has to be bought.
    anyway
        How many of them take the rest without any offer.
    evidence
        Rows of the findings by kind.
    """

    form: Form
    first: tuple[str, ...]
    rest: tuple[str, ...]
    first_baskets: int
    anyway: Anyway
    evidence: Mapping[str, Any]
    segment: str = EVERYBODY
    weights: tuple[float, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Return a text that names the idea, today and after the next run."""
        return f"{self.form.value}:{self.segment}:{'+'.join(self.first)}>{'+'.join(sorted(self.rest))}"

    @property
    def title(self) -> str:
        """Return what it is called where it comes to no offer."""
        if self.form is Form.THIRD:
            return f"The third of {self.first[0]}"
        rest = " or ".join if self.form is Form.MIXED else " + ".join
        return f"{' + '.join(map(self.name_of, self.first))} + {rest(map(self.name_of, self.rest))}"

    def name_of(self, key: str) -> str:
        """Return the name behind a key."""
        return self.names.get(key) or key


@dataclass(frozen=True, slots=True)
class _Demand:
    """Baskets in the horizon by segment and key."""

    counts: Mapping[tuple[str, str], int]

    def of(self, key: str, segment: str = EVERYBODY) -> int:
        return self.counts.get((segment, key), 0)


def ideas_of(findings: Findings, *, most_options: int, most_findings: int) -> Iterator[Idea]:
    """Return every idea in the findings: pairs both ways round, mixed, sets, sequences, segments, thirds.

    Parameters
    ----------
    most_options
        Of a mixed offer, 2 or more.
    most_findings
        Of each kind of finding only so many are looked at, those with the most evidence.
    """
    rows = findings.demand.select("segment", "key", "basket_count").iter_rows()
    demand = _Demand({(segment, key): count for segment, key, count in rows})
    pairs = _found(findings.pairs, "g", most_findings)
    sequences = _found(findings.sequences, "customers", most_findings)
    yield from _pair_ideas(pairs, sequences, demand)
    yield from _mixed_ideas(pairs, demand, most_options)
    yield from _set_ideas(_found(findings.sets, "g", most_findings), pairs, demand)
    yield from _sequence_ideas(sequences, pairs, demand)
    yield from _segment_ideas(_found(findings.by_segment, "count", most_findings), demand)
    if findings.thirds is not None:
        yield from _third_ideas(findings.thirds)


def _found(frame: pl.DataFrame | None, by: str, most: int) -> list[dict[str, Any]]:
    if frame is None:
        return []
    kept = frame.filter(pl.col("is_found"))
    if "is_enough" in kept.columns:
        kept = kept.filter(pl.col("is_enough"))
    return list(kept.sort(by, descending=True, maintain_order=True).head(most).iter_rows(named=True))


def _both_ways(row: Mapping[str, Any]) -> Iterator[tuple[str, str, int]]:
    """Return a pair as (first, rest, baskets with the first), one way and the other."""
    for first, rest, confidence in (("a", "b", "confidence_ab"), ("b", "a", "confidence_ba")):
        ratio = row[confidence]
        if ratio:
            yield row[first], row[rest], max(row["count"], round(row["count"] / ratio))


def _named(row: Mapping[str, Any]) -> dict[str, str]:
    return {row["a"]: row["a_name"], row["b"]: row["b_name"]}


def _pair_ideas(
    pairs: list[dict[str, Any]], sequences: list[dict[str, Any]], demand: _Demand
) -> Iterator[Idea]:
    """Offer each thing of a pair with the other; who buys that soon after would have bought it anyway too."""
    later = {(row["first"], row["then"]): row for row in sequences}
    for row in pairs:
        for first, rest, first_count in _both_ways(row):
            follows = later.get((first, rest))
            soon = round(first_count * _share_later(follows)) if follows else 0
            words = "who buy the first take the other as well" + (", at once or soon after," if follows else "")
            anyway = bought_anyway(row["count"] + soon, first_count, words=words)
            evidence = {"pair": row} | ({"sequence": follows} if follows else {})
            for form in (Form.BUY_GET, Form.FIXED):
                yield Idea(form, (first,), (rest,), demand.of(first), anyway, evidence, names=_named(row))


def _share_later(row: Mapping[str, Any]) -> float:
    return float(row["customers"] / row["first_customers"]) if row["first_customers"] else 0.0


def _mixed_ideas(pairs: list[dict[str, Any]], demand: _Demand, most_options: int) -> Iterator[Idea]:
    """Offer with each thing a choice of those taken most often with it."""
    companions: dict[str, list[tuple[float, str, int, dict[str, Any]]]] = {}
    for row in pairs:
        for first, rest, first_count in _both_ways(row):
            companions.setdefault(first, []).append((row["count"] / first_count, rest, first_count, row))
    for first, found in companions.items():
        best = sorted(found, key=lambda each: (-each[0], each[1]))[:most_options]
        if len(best) < LEAST_OPTIONS:
            continue
        # Who takes two of the options counts twice here, so the share is too high, which is against the offer.
        first_count = max(each[2] for each in best)
        taken = min(first_count, round(sum(each[0] for each in best) * first_count))
        anyway = bought_anyway(taken, first_count, words="who buy the first take one of the others as well")
        names = {key: name for each in best for key, name in _named(each[3]).items()}
        yield Idea(
            Form.MIXED,
            (first,),
            tuple(each[1] for each in best),
            demand.of(first),
            anyway,
            {"pairs": [each[3] for each in best]},
            weights=tuple(each[0] for each in best),
            names=names,
        )


def _set_ideas(sets: list[dict[str, Any]], pairs: list[dict[str, Any]], demand: _Demand) -> Iterator[Idea]:
    """Offer sets as fixed bundles: who has all but one of a set in the basket may add the last."""
    counts = {frozenset((row["a"], row["b"])): row["count"] for row in pairs}
    counts |= {frozenset(row["items"]): row["count"] for row in sets}
    firsts = {key: count for row in pairs for key, _, count in _both_ways(row)}
    for row in sets:
        names = dict(zip(row["items"], row["names"], strict=True))
        subsets = [
            part for part in combinations(row["items"], len(row["items"]) - 1) if frozenset(part) in counts
        ]
        anchors = [key for key in row["items"] if firsts.get(key)]
        if not subsets or not anchors:
            continue
        part = max(subsets, key=lambda each: counts[frozenset(each)])
        part_count = counts[frozenset(part)]
        (rest,) = set(row["items"]) - set(part)
        anchor = next((key for key in part if firsts.get(key)), anchors[0])
        share = min(1.0, part_count / firsts[anchor])
        anyway = bought_anyway(row["count"], part_count, words="who buy the others take the last as well")
        baskets = round(demand.of(anchor) * share)
        yield Idea(Form.FIXED, tuple(part), (rest,), baskets, anyway, {"set": row}, names=names)


def _sequence_ideas(
    sequences: list[dict[str, Any]], pairs: list[dict[str, Any]], demand: _Demand
) -> Iterator[Idea]:
    """Offer with a thing what is bought soon after it; what is a pair as well was offered as that."""
    done = {(first, rest) for row in pairs for first, rest, _ in _both_ways(row)}
    for row in sequences:
        first, rest = row["first"], row["then"]
        if (first, rest) in done:
            continue
        words = "who buy the first buy the other soon after"
        anyway = bought_anyway(row["customers"], row["first_customers"], words=words)
        names = {first: row["first_name"], rest: row["then_name"]}
        yield Idea(Form.BUY_GET, (first,), (rest,), demand.of(first), anyway, {"sequence": row}, names=names)


def _segment_ideas(rows: list[dict[str, Any]], demand: _Demand) -> Iterator[Idea]:
    for row in rows:
        for first, rest, first_count in _both_ways(row):
            words = "of this segment who buy the first take the other as well"
            anyway = bought_anyway(row["count"], first_count, words=words)
            segment = row["segment"]
            yield Idea(
                Form.BUY_GET,
                (first,),
                (rest,),
                demand.of(first, segment),
                anyway,
                {"segment": row},
                segment,
                names=_named(row),
            )


def _third_ideas(thirds: pl.DataFrame) -> Iterator[Idea]:
    for row in thirds.filter(pl.col("two_count") > 0).iter_rows(named=True):
        words = "who buy two of the line take a third as well"
        anyway = bought_anyway(row["three_count"], row["two_count"], words=words)
        category = row["category"]
        yield Idea(
            Form.THIRD, (category,), (category,), row["two_count"], anyway, {"third": row}, row["segment"]
        )
