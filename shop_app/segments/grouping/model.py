"""Groups for a goal: fitted, compared, named, checked; stored so that anybody can be labelled at any time."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, Self

import polars as pl

from shop_app.segments.grouping.archetypes import missing_signals
from shop_app.segments.grouping.competition import Contest, compete
from shop_app.segments.grouping.drivers import Money
from shop_app.segments.grouping.gate import Candidate, check_fit
from shop_app.segments.grouping.goals import Goal, group_count_for
from shop_app.segments.grouping.importance import feature_worth
from shop_app.segments.grouping.micro_segments import find_micro_segments
from shop_app.segments.grouping.outliers import fit_outliers
from shop_app.segments.grouping.past import Past, ScoredAt, buyers_of, gather_pasts
from shop_app.segments.grouping.published import Grouping, PublishedGroup, score_grouping
from shop_app.segments.grouping.publishing import publish
from shop_app.segments.grouping.space import Space, coordinates, fit_space
from shop_app.segments.grouping.steadiness import kept_after_a_week, kept_with_seeds, steadiness_words
from shop_app.segments.grouping.ways import METHODS, Brief, Way, fit_way, numbered
from shop_app.segments.history import History
from shop_app.segments.playbook_start import proposed_start

__all__ = [
    "Grouping",
    "GroupingChoices",
    "GroupingFit",
    "PublishedGroup",
    "fit_grouping",
    "score_grouping",
]

MIN_BUYERS = 1_000
MIN_REPEAT_BUYERS = 300
# Below either, clusters do not hold from fit to fit: rules alone make the groups.
MOVE_LIMIT_RATIO = 0.15
_NEEDED = (
    *("customer_id", "order_count", "repeat_count", "recency_days", "total_spent", "average_order_value"),
    *("usual_gap_days", "cadence_drift_ratio"),
)
"""What the lifecycle and the names stand on: switched off, these are no dimension, but still known."""
_SEEN = ("recency_days", "order_count", "total_spent", "average_order_value", "discount_share_ratio")
"""What anybody would look at first: groups that differ in one of these are not alike, whatever made them."""


@dataclass(frozen=True, slots=True)
class GroupingChoices:
    """What the merchant has chosen; what is not chosen is decided by the shop's own past.

    Attributes
    ----------
    method
        ``rules``, ``clusters``, ``hybrid`` or ``None``.
    switched_off
        Features that must not be used.
    group_count
        How many groups, or ``None`` for what suits the goal and the shop's size.
    weights
        Weights of dimensions, above 0; 1 is usual.
    even_sizes
        Whether clusters should be of about the same size.
    move_limit_ratio
        The share of buyers that may move without a person being asked.
    seed
        Where searches begin; makes no difference to what is found.
    """

    method: str | None = None
    switched_off: tuple[str, ...] = ()
    group_count: int | None = None
    weights: Mapping[str, float] = field(default_factory=dict)
    even_sizes: bool = False
    move_limit_ratio: float = MOVE_LIMIT_RATIO
    seed: int = 0

    def to_json(self) -> dict[str, Any]:
        """Give plain values that :meth:`from_json` reads back as equal choices."""
        return asdict(self) | {"switched_off": list(self.switched_off), "weights": dict(self.weights)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_json` gave."""
        return cls(**{**stored, "switched_off": tuple(stored["switched_off"])})


@dataclass(frozen=True, slots=True)
class GroupingFit:
    """A grouping, and everything that was looked at on the way to it, in plain values.

    Attributes
    ----------
    grouping
        The groups.
    candidates
        One row a way of grouping, and one for plain RFM: what each explains of the following 90 days, how
        steady it is, its sizes, which is chosen.
    choice
        Why that one, in a sentence.
    counts
        For each way the table of the numbers of clusters that were tried.
    space
        The goal's dimensions with their weights, and those left out, with the reason.
    checks
        The validation gate: ``check``, ``name``, ``passed``, ``needs_person``, ``words``, ``figures``.
    importance
        What each feature tells here.
    outliers
        Who fits nowhere: ``words``, ``noise_ratio``, ``agreement_ratio``.
    micro_segments
        Small groups inside a group with a high propensity.
    stability
        With other seeds, and after a week.
    missing
        Archetypes that this shop cannot tell, with a sentence each.
    start_with
        The slugs of the up to three groups to begin with.
    """

    grouping: Grouping
    candidates: list[dict[str, Any]]
    choice: str
    counts: dict[str, list[dict[str, Any]]]
    space: dict[str, Any]
    checks: list[dict[str, Any]]
    importance: list[dict[str, Any]]
    outliers: dict[str, Any]
    micro_segments: list[dict[str, Any]]
    stability: dict[str, Any]
    missing: dict[str, str]
    start_with: list[str]

    def to_json(self) -> dict[str, Any]:
        """Give everything but the grouping, which is stored by itself."""
        return {name: getattr(self, name) for name in self.__slots__ if name != "grouping"}


@dataclass(frozen=True, slots=True)
class _Shop:
    """What a fit looks at: everybody, a sample of the buyers, earlier days, and what is wanted.

    Features that are switched off are only in ``whole_pasts``, to tell what they would be worth.
    """

    scored: pl.DataFrame
    buyers: pl.DataFrame
    pasts: tuple[Past, ...]
    brief: Brief
    space: Space
    money: Money
    whole_pasts: tuple[Past, ...]


def fit_grouping(
    scored_at: ScoredAt,
    history: History,
    *,
    as_of: datetime,
    goal: Goal,
    choices: GroupingChoices,
    previous: Grouping | None = None,
    money: Money | None = None,
) -> GroupingFit:
    """Find the groups that suit a goal in this shop.

    Parameters
    ----------
    scored_at
        Gives everybody's features, predictions and signals as of a moment, from what was known by then.
    history
        The shop's facts.
    as_of
        The moment looked from; aware.
    goal
        What the groups are wanted for.
    choices
        What the merchant has chosen.
    previous
        The live groups: who continues them keeps their name, and is where the search begins.
    money
        Turns minor units into text; figures with the currency's code by default.

    Returns
    -------
    GroupingFit
        Defined for every shop: below :data:`MIN_BUYERS` buyers or :data:`MIN_REPEAT_BUYERS` who came back,
        three to five groups by named rules.
    """
    shop = _look_at(scored_at, history, as_of, goal, choices, money)
    live = Way(previous.method, previous.parameters) if previous else None
    contest = compete(shop.buyers, shop.brief, shop.pasts, wished=choices.method, live=live)
    grouping = _published(shop, contest, previous)
    labels = score_grouping(shop.buyers, grouping, None)["segment"]
    return GroupingFit(
        grouping=grouping,
        candidates=list(contest.table),
        choice=_choice_words(shop, contest, choices),
        counts={method: list(way.tried) for method, way in contest.ways.items() if way.tried},
        space=shop.space.to_json(),
        checks=_checks(shop, grouping, labels, previous, choices),
        importance=_importance(shop, grouping, choices),
        outliers={
            name: getattr(grouping.outliers, name) for name in ("words", "noise_ratio", "agreement_ratio")
        },
        micro_segments=_micro_segments(shop, grouping, labels),
        stability=_stability(shop, scored_at, grouping, as_of),
        missing=_missing(shop, grouping),
        start_with=[row["slug"] for row in proposed_start([group.to_json() for group in grouping.groups])],
    )


def _look_at(
    scored_at: ScoredAt,
    history: History,
    as_of: datetime,
    goal: Goal,
    choices: GroupingChoices,
    money: Money | None,
) -> _Shop:
    off = [name for name in choices.switched_off if name not in _NEEDED]
    scored = scored_at(as_of).drop(off, strict=False)
    pasts = gather_pasts(scored_at, history, as_of=as_of, outcome=goal.outcome)
    everybody = scored.filter(pl.col("order_count") > 0)
    kept = tuple(name for name in goal.dimensions if name not in choices.switched_off)
    wanted = replace(goal, dimensions=kept or goal.dimensions)
    can_cluster = everybody.height >= MIN_BUYERS and (everybody["repeat_count"] > 0).sum() >= MIN_REPEAT_BUYERS
    brief = Brief(
        wanted,
        choices.group_count or group_count_for(goal, everybody.height),
        choices.group_count,
        weights=choices.weights,
        even_sizes=choices.even_sizes,
        seed=choices.seed,
        methods=tuple(METHODS) if can_cluster else ("rules",),
    )
    buyers = buyers_of(scored)
    return _Shop(
        scored=scored,
        buyers=buyers,
        pasts=tuple(replace(past, scored=past.scored.drop(off, strict=False)) for past in pasts),
        brief=brief,
        space=fit_space(buyers, wanted.dimensions, weights=choices.weights),
        money=money or _plain_money(history.rules.currency),
        whole_pasts=pasts,
    )


def _plain_money(currency: str) -> Money:
    from shop_app.segments.money import minor_digits

    digits = minor_digits(currency)
    return lambda minor: f"{minor / 10**digits:,.{digits}f} {currency}"


def _published(shop: _Shop, contest: Contest, previous: Grouping | None) -> Grouping:
    way = contest.ways[contest.chosen]
    if way.method == "rules":
        # Shares of all buyers, and not of a sample: rules are fitted in no time.
        way = fit_way("rules", shop.scored.filter(pl.col("order_count") > 0), shop.brief, ())
    outliers = fit_outliers(shop.buyers, shop.space, seed=shop.brief.seed)
    return publish(
        way,
        shop.brief.goal,
        outliers,
        people=(shop.scored, shop.buyers),
        money=shop.money,
        previous=previous,
    )


def _choice_words(shop: _Shop, contest: Contest, choices: GroupingChoices) -> str:
    if len(shop.brief.methods) > 1:
        return contest.words
    buyers = shop.scored.filter(pl.col("order_count") > 0)
    came_back = int((buyers["repeat_count"] > 0).sum())
    words = (
        f"Named rules: clusters need {MIN_BUYERS:,} buyers, {MIN_REPEAT_BUYERS} of whom came back; "
        f"this shop has {buyers.height:,}, and {came_back:,} of them did."
    )
    if choices.method not in (None, "rules"):
        return f"{words} Your choice is taken up as soon as there are enough."
    return words


def _checks(
    shop: _Shop,
    grouping: Grouping,
    labels: pl.Series,
    previous: Grouping | None,
    choices: GroupingChoices,
) -> list[dict[str, Any]]:
    groups = {group.slug: group for group in grouping.groups}
    before = score_grouping(shop.buyers, previous, None)["segment"] if previous else None
    looked_at = fit_space(shop.buyers, tuple(dict.fromkeys((*shop.space.features, *_SEEN))))
    candidate = Candidate(
        buyers=shop.buyers,
        labels=numbered(labels, list(groups)),
        names=[group.name for group in grouping.groups],
        archetypes=[group.archetype for group in grouping.groups],
        features=looked_at.features,
        columns=coordinates(shop.buyers, looked_at),
        lost=_lost(previous, before, groups),
        moved_ratio=_moved_ratio(shop, grouping, before),
        move_limit_ratio=choices.move_limit_ratio,
    )
    return [check.to_json() for check in check_fit(candidate)]


def _lost(
    previous: Grouping | None, before: pl.Series | None, groups: Mapping[str, PublishedGroup]
) -> list[str]:
    """Name the groups that have members by the last fit and are in the new one no more."""
    if previous is None or before is None:
        return []
    peopled = set(before.unique().to_list())
    return [group.name for group in previous.groups if group.slug in peopled and group.slug not in groups]


def _moved_ratio(shop: _Shop, grouping: Grouping, before: pl.Series | None) -> float | None:
    if before is None or before.is_empty():
        return None
    after = score_grouping(shop.buyers, grouping, before)["segment"]
    return float((before != after).sum()) / before.len()


def _importance(shop: _Shop, grouping: Grouping, choices: GroupingChoices) -> list[dict[str, Any]]:
    slugs = [group.slug for group in grouping.groups]
    rows = feature_worth(
        shop.whole_pasts,
        outcome=shop.brief.goal.outcome,
        used=shop.space.features,
        switched_off=choices.switched_off,
        labels_of=lambda frame: numbered(score_grouping(frame, grouping, None)["segment"], slugs),
    )
    return [row.to_json() for row in rows]


def _micro_segments(shop: _Shop, grouping: Grouping, labels: pl.Series) -> list[dict[str, Any]]:
    if not shop.pasts:
        return []
    past = shop.pasts[0]
    then = score_grouping(past.scored, grouping, None)["segment"]
    found = find_micro_segments(past, then, shop.buyers, labels, shop.money)
    return [one.to_json() for one in found]


def _missing(shop: _Shop, grouping: Grouping) -> dict[str, str]:
    """Say which archetypes cannot be told; who fits no group is known from here on."""
    known = {} if grouping.outliers.radius is None else {"is_outlier": pl.lit(value=False)}
    return missing_signals(shop.scored.with_columns(**known))


def _stability(shop: _Shop, scored_at: ScoredAt, grouping: Grouping, as_of: datetime) -> dict[str, Any]:
    if shop.buyers.is_empty():
        return {"seeds": None, "week": None, "words": []}
    way = (grouping.method, shop.brief, shop.pasts)
    seeds = kept_with_seeds(shop.buyers, shop.brief, Way(grouping.method, grouping.parameters))
    week = kept_after_a_week(scored_at, shop.buyers, way, as_of)
    return {"seeds": seeds, "week": week, "words": steadiness_words(seeds, week)}
