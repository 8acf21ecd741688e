"""One idea put to the test of price, margin, stock and the merchant's rules: a candidate, or why it is none."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

from shop_app.bundles.brand_rules import BrandRules
from shop_app.bundles.candidate_shape import Assumptions, Blocked, Candidate
from shop_app.bundles.cannibalisation import anyway_among_users
from shop_app.bundles.expectation import Expectation, Occasion, expect, extra_ratio, unrounded_margin
from shop_app.bundles.offer_goods import Goods, StockLimit
from shop_app.bundles.offer_ideas import Idea
from shop_app.bundles.offer_sides import Sides, sides_of
from shop_app.bundles.offer_steps import previews_of, steps_of, title_of
from shop_app.bundles.pricing import most_discount_percent, worst_figures
from shop_app.bundles.terms import Form


def judge(
    idea: Idea,
    goods: Mapping[str, Goods | str],
    rules: BrandRules,
    assumptions: Assumptions,
    *,
    as_of: datetime,
) -> Candidate | Blocked:
    """Make a candidate of an idea, at the discount that is expected to bring most.

    Parameters
    ----------
    goods
        What may be offered by key, or why not: :func:`~shop_app.bundles.offer_goods.goods_by_key`.
    as_of
        Now, in the shop's own time zone.
    """
    sides = sides_of(idea, goods, rules)
    if isinstance(sides, str):
        return Blocked(idea.key, idea.title, sides)
    most = most_discount_percent(sides.terms(0), sides.priced, rules)
    reason = _no_room(idea, most, rules, assumptions)
    if most is None or reason:
        return Blocked(idea.key, idea.title, reason or "Its margin is not known.")
    limits = sides.stock(rules)
    tracked = [limit.uses for limit in limits if limit.uses is not None]
    if 0 in tracked:
        return Blocked(idea.key, idea.title, "Stock does not allow a single use of it.")
    days = min(item.season_days for item in sides.items)
    setting = _Setting(idea, sides, rules, assumptions, days, min(tracked) if tracked else None)
    candidate, expected = _at_best_discount(setting, most, limits, as_of)
    if expected.extra_margin > 0:
        return candidate
    reason = _why_no_gain(idea, expected, assumptions.horizon_days)
    return Blocked(idea.key, candidate.title, reason, candidate if expected.extra_uses else None)


@dataclass(frozen=True, slots=True)
class _Setting:
    """An idea that nothing forbids, with all that its expectation depends on but the discount."""

    idea: Idea
    sides: Sides
    rules: BrandRules
    assumptions: Assumptions
    days: int
    most_uses: int | None

    def occasion(self, percent: int) -> Occasion:
        added = self.sides.added
        return Occasion(
            first_baskets=self.idea.first_baskets * self.days // self.assumptions.horizon_days,
            anyway=self.idea.anyway,
            added_price=added.price,
            added_cost=added.cost or 0,
            discount=self.sides.figures(percent).discount,
        )

    def percents(self, most: int) -> range:
        if self.idea.form is Form.THIRD:
            most = max(self.assumptions.least_discount_percent, min(most, self.assumptions.most_third_percent))
        return range(_least(self.idea, self.assumptions), most + 1)


def _at_best_discount(
    setting: _Setting, most: int, limits: tuple[StockLimit, ...], as_of: datetime
) -> tuple[Candidate, Expectation]:
    idea, sides, assumptions = setting.idea, setting.sides, setting.assumptions
    uptake, most_uses = assumptions.uptake, setting.most_uses
    depths = tuple(
        (percent, round(unrounded_margin(setting.occasion(percent), uptake, most_uses=most_uses)))
        for percent in setting.percents(most)
    )
    percent = max(depths, key=lambda depth: (depth[1], -depth[0]))[0]
    occasion = setting.occasion(percent)
    expected = expect(occasion, uptake, most_uses=most_uses)
    season_end = _end_of_season(as_of, setting.days, assumptions.horizon_days)
    terms = replace(sides.terms(percent), ends_at=season_end)
    candidate = Candidate(
        key=idea.key,
        title=title_of(sides, percent),
        terms=terms,
        evidence=idea.evidence,
        figures=sides.figures(percent),
        worst=worst_figures(terms, sides.priced, setting.rules) or sides.figures(percent),
        most_discount_percent=most,
        anyway=idea.anyway,
        cannibalised=anyway_among_users(idea.anyway, extra_ratio(occasion, uptake)),
        uses_expected=expected.uses,
        would_have_bought=expected.would_have_bought,
        extra_uses=expected.extra_uses,
        extra_margin=expected.extra_margin,
        extra_margin_low=expected.low,
        extra_margin_high=expected.high,
        horizon_days=assumptions.horizon_days,
        offer_days=setting.days,
        stock=limits,
        uses_by_stock=most_uses,
        depths=depths,
        steps=steps_of(sides, occasion, expected, assumptions, (setting.days, most_uses)),
        previews=previews_of(sides, occasion, setting.rules),
    )
    return candidate, expected


def _least(idea: Idea, assumptions: Assumptions) -> int:
    # Off the sum of a bundle 1 % may be as much money as 5 % off what is added.
    return 1 if idea.form is Form.FIXED else assumptions.least_discount_percent


def _no_room(idea: Idea, most: int | None, rules: BrandRules, assumptions: Assumptions) -> str | None:
    if most is None:
        return f"Even at the full price less than {rules.margin_floor_ratio:.0%} is left of it."
    if most < _least(idea, assumptions):
        room = f"The margin floor and the brand rules leave room for {most} % off"
        return f"{room}: too little to make an offer of."
    return None


def _why_no_gain(idea: Idea, expected: Expectation, horizon_days: int) -> str:
    if idea.first_baskets == 0:
        return f"Nobody bought what it needs in the last {horizon_days} days."
    if expected.extra_uses == 0:
        return f"It would bring less than one more sale in {horizon_days} days."
    return (
        f"A discount would cost more than it brings: {idea.anyway.ratio:.0%} take all of it at the full "
        "price anyway. Show these things side by side instead."
    )


def _end_of_season(as_of: datetime, days: int, horizon_days: int) -> datetime | None:
    """Return the shop's midnight after the last day in season; ``None`` beyond the horizon."""
    if days >= horizon_days:
        return None
    return datetime.combine(as_of.date() + timedelta(days=days), time(), tzinfo=as_of.tzinfo).astimezone(UTC)
