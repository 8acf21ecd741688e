"""Which offers are worth making: every finding as an offer, ranked by the margin it is expected to add."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from shop_app.bundles.brand_rules import BrandRules, names_of_items
from shop_app.bundles.candidate_shape import Assumptions, Blocked, Candidate, Preview, Step
from shop_app.bundles.judge_idea import judge
from shop_app.bundles.offer_goods import goods_by_key
from shop_app.bundles.offer_ideas import Findings, Idea, ideas_of
from shop_app.bundles.terms import Form
from shop_app.errors import InvalidInputError

__all__ = [
    "Assumptions",
    "Blocked",
    "Candidate",
    "Candidates",
    "Findings",
    "Preview",
    "Step",
    "find_candidates",
]


@dataclass(frozen=True, slots=True)
class Candidates:
    """Offers that could be made, the most promising first, and what was left out with its reason."""

    ranked: tuple[Candidate, ...]
    blocked: tuple[Blocked, ...]


def find_candidates(
    findings: Findings,
    items: pl.DataFrame,
    keys: pl.DataFrame,
    rules: BrandRules,
    *,
    as_of: datetime,
    assumptions: Assumptions | None = None,
    collections: pl.DataFrame | None = None,
) -> Candidates:
    """Make offers of what was found, ranked by expected extra margin and never by lift.

    Of the two ways round of a pair the better one stands; things bought one after the other keep their order.

    Parameters
    ----------
    findings
        See :class:`~shop_app.bundles.offer_ideas.Findings`.
    items
        ``item_id``, ``name``, ``category``, ``product_number``, ``price``, ``cost``, ``stock``,
        ``is_gift_card``, ``status``; one row per item, money in minor units of the shop's currency.
    keys
        ``item_id``, ``key``, ``key_name`` of the level on which the findings were made.
    rules
        The merchant's; see :class:`~shop_app.bundles.brand_rules.BrandRules`.
    as_of
        Now, in the shop's own time zone: seasons are counted from its day.
    collections
        ``item_id``, ``key``, ``key_name``: what else brand rules may call items by, where ``keys`` are not
        collections themselves.

    Raises
    ------
    InvalidInputError
        ``as_of`` has no time zone, or an assumption cannot be.
    """
    assumptions = assumptions or Assumptions()
    _check(assumptions, as_of)
    ideas = list(
        ideas_of(findings, most_options=assumptions.most_options, most_findings=assumptions.most_findings)
    )
    names = names_of_items(items, keys if collections is None else _both(keys, collections))
    goods = {
        is_line: goods_by_key(
            *_spoken_of(ideas, items, _categories(items) if is_line else keys, is_line=is_line),
            names,
            rules,
            first_day=as_of.date(),
            horizon_days=assumptions.horizon_days,
        )
        for is_line in (False, True)
    }
    best: dict[object, Candidate] = {}
    blocked: dict[object, Blocked] = {}
    for idea in ideas:
        found = judge(idea, goods[idea.form is Form.THIRD], rules, assumptions, as_of=as_of)
        place = _whichever_way(idea)
        if isinstance(found, Blocked):
            blocked.setdefault(place, found)
        elif place not in best or found.extra_margin > best[place].extra_margin:
            best[place] = found
    ranked = sorted(best.values(), key=lambda each: (-each.extra_margin, each.key))
    return Candidates(tuple(ranked), tuple(reason for key, reason in blocked.items() if key not in best))


def _whichever_way(idea: Idea) -> object:
    """Return what is the same for both ways round of an offer; things bought in an order keep their own."""
    things = idea.first if "sequence" in idea.evidence else frozenset(idea.first + idea.rest)
    return idea.form, idea.segment, things, frozenset(idea.rest) if "sequence" in idea.evidence else None


def _spoken_of(
    ideas: Sequence[Idea], items: pl.DataFrame, keys: pl.DataFrame, *, is_line: bool
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the items and keys that ideas speak of: few of a large shop's."""
    wanted = {key for idea in ideas if (idea.form is Form.THIRD) == is_line for key in idea.first + idea.rest}
    kept = keys.filter(pl.col("key").is_in(list(wanted)))
    return items.join(kept.select("item_id").unique(), on="item_id", how="semi"), kept


def _categories(items: pl.DataFrame) -> pl.DataFrame:
    named = items.filter(pl.col("category").fill_null("") != "")
    return named.select("item_id", key=pl.col("category"), key_name=pl.col("category"))


def _both(keys: pl.DataFrame, collections: pl.DataFrame) -> pl.DataFrame:
    columns = ["item_id", "key", "key_name"]
    return pl.concat([keys.select(columns), collections.select(columns)], how="vertical_relaxed")


def _check(assumptions: Assumptions, as_of: datetime) -> None:
    if as_of.tzinfo is None:
        raise InvalidInputError(
            "The moment needs its time zone: seasons are counted on the shop's clock.", field="as_of"
        )
    uptake = assumptions.uptake
    allowed = {
        "horizon_days": (assumptions.horizon_days >= 1, "The horizon is at least one day."),
        "least_discount_percent": (assumptions.least_discount_percent >= 1, "An offer is at least 1 % off."),
        "most_third_percent": (1 <= assumptions.most_third_percent <= 100, "The third: 1 to 100 % off."),  # noqa: PLR2004
        "most_options": (assumptions.most_options >= 2, "A mixed offer has at least two options."),  # noqa: PLR2004
        "uptake": (
            0 <= uptake.low <= uptake.gain_ratio <= uptake.high,
            "Of the assumed gain the low end comes first, then the usual, then the high; all 0 or more.",
        ),
        "usual_discount_percent": (uptake.usual_discount_percent >= 1, "The usual discount is at least 1 %."),
    }
    for name, (is_allowed, words) in allowed.items():
        if not is_allowed:
            raise InvalidInputError(words, field=name)
