"""The two sides of an offer: what has to be bought and what is added, held against the merchant's rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from shop_app.bundles.brand_rules import BrandRules, conflict
from shop_app.bundles.offer_goods import Goods, OfferItem, StockLimit, stock_limit
from shop_app.bundles.offer_ideas import LEAST_OPTIONS, Idea
from shop_app.bundles.pricing import (
    Figures,
    PricedItem,
    average,
    figures_of_discount,
    figures_of_fixed,
    price_of_fixed,
)
from shop_app.bundles.terms import MOST_ITEMS, MOST_PARTS, Form, Part, Terms

THIRD_AFTER = 2  # pieces of a line, and the next one is cheaper


@dataclass(frozen=True, slots=True)
class Sides:
    """What has to be bought (``first``) and what is added (``rest``, of a mixed offer any one of it)."""

    form: Form
    segment: str
    first: tuple[Goods, ...]
    rest: tuple[Goods, ...]
    weights: tuple[float, ...] = ()

    @property
    def items(self) -> tuple[OfferItem, ...]:
        """Return every item of the offer once."""
        found = {item.item_id: item for goods in self.first + self.rest for item in goods.items}
        return tuple(found.values())

    @property
    def priced(self) -> dict[int, PricedItem]:
        """Return every item of the offer for the arithmetic of prices."""
        return {item.item_id: item.priced for item in self.items}

    @property
    def added(self) -> PricedItem:
        """Return what is added: one thing, or the average of the options, as much as each is wanted."""
        return average([goods.priced for goods in self.rest], self.weights or (1.0,) * len(self.rest))

    def terms(self, percent: int) -> Terms:
        """Return the terms at a discount of so many percent."""
        if self.form is Form.FIXED:
            parts = tuple(Part(goods.typical.item_id) for goods in self.first + self.rest)
            price = price_of_fixed([goods.typical.priced for goods in self.first + self.rest], percent)
            return Terms(Form.FIXED, parts=parts, discount_percent=percent, price=price)
        return Terms(
            self.form,
            buys=_numbers(self.first),
            buy_quantity=THIRD_AFTER if self.form is Form.THIRD else 1,
            gets=_numbers(self.rest),
            discount_percent=percent,
            segment=self.segment,
        )

    def figures(self, percent: int) -> Figures:
        """Return what a typical use comes to."""
        if self.form is Form.FIXED:
            parts = [goods.typical.priced for goods in self.first + self.rest]
            return figures_of_fixed(parts, price_of_fixed(parts, percent))
        quantity = THIRD_AFTER if self.form is Form.THIRD else 1
        full = [replace(goods.priced, quantity=quantity) for goods in self.first]
        return figures_of_discount(full, [self.added], percent)

    def stock(self, rules: BrandRules) -> tuple[StockLimit, ...]:
        """Return how many uses the stock of each side allows."""
        if self.form is Form.THIRD:
            (line,) = self.rest
            return (stock_limit(line.name, line.items, THIRD_AFTER + 1, rules),)
        if self.form is not Form.MIXED:
            return tuple(stock_limit(goods.name, goods.items, 1, rules) for goods in self.first + self.rest)
        options = [item for goods in self.rest for item in goods.items]
        any_option = stock_limit(" or ".join(goods.name for goods in self.rest), options, 1, rules)
        return (*(stock_limit(goods.name, goods.items, 1, rules) for goods in self.first), any_option)


def sides_of(idea: Idea, goods: Mapping[str, Goods | str], rules: BrandRules) -> Sides | str:
    """Return the sides of an idea, or the reason in words for which there is no such offer.

    What may never be cheaper is taken off the side that is; options that may not be offered are dropped as
    long as one is left. A fixed bundle has exactly one item for each of its parts.
    """
    first = [goods.get(key, f"{idea.name_of(key)} is no longer among the products.") for key in idea.first]
    reason = next((each for each in first if isinstance(each, str)), None)
    if reason:
        return reason
    kept_first = tuple(each for each in first if isinstance(each, Goods))
    weights = idea.weights or (1.0,) * len(idea.rest)
    rest: list[tuple[Goods, float]] = []
    for key, weight in zip(idea.rest, weights, strict=True):
        found = _may_be_cheaper(goods.get(key, f"{idea.name_of(key)} is no longer among the products."), rules)
        if isinstance(found, Goods):
            rest.append((found, weight))
        else:
            reason = reason or found
    if not rest:
        return reason or "There is nothing to add."
    if idea.form is Form.MIXED and len(rest) < LEAST_OPTIONS:
        return "Fewer than two of its options may be offered."
    kept_rest = tuple(each for each, _ in rest)
    if idea.form is Form.FIXED:
        return _fixed(kept_first, kept_rest, rules)
    sides = Sides(idea.form, idea.segment, kept_first, kept_rest, tuple(weight for _, weight in rest))
    return contradiction(sides, rules) or sides


def contradiction(sides: Sides, rules: BrandRules) -> str | None:
    """Return why two sides make no offer: too many items, the same on both, or never to be together."""
    first, rest = _items(sides.first), _items(sides.rest)
    if max(len(first), len(rest)) > MOST_ITEMS:
        return f"It would speak of more than {MOST_ITEMS} items at once, more than Shopify takes."
    if sides.form is Form.FIXED:
        parts = [goods.typical for goods in sides.first + sides.rest]
        if len({part.item_id for part in parts}) < len(parts) or len(parts) > MOST_PARTS:
            return f"A fixed bundle has 2 to {MOST_PARTS} different items."
        groups = [[part.names] for part in parts]
    elif sides.form is Form.THIRD:
        groups = [[item.names] for item in first]
    else:
        if {item.item_id for item in first} & {item.item_id for item in rest}:
            return "The same items are on both of its sides."
        groups = [[item.names for item in first], [item.names for item in rest]]
    if conflict(rules, groups):
        return "The brand rules say that these are never offered together."
    return None


def _fixed(first: tuple[Goods, ...], rest: tuple[Goods, ...], rules: BrandRules) -> Sides | str:
    parts: list[Goods] = []
    for goods in first + rest:
        allowed = _may_be_cheaper(goods, rules)
        if isinstance(allowed, str):
            return allowed
        if not allowed.is_one_product:
            return f"{goods.name} is many products: a fixed bundle needs one of them."
        parts.append(Goods(allowed.key, allowed.name, (allowed.typical,)))
    sides = Sides(Form.FIXED, "", tuple(parts[: len(first)]), tuple(parts[len(first) :]))
    return contradiction(sides, rules) or sides


def _may_be_cheaper(goods: Goods | str, rules: BrandRules) -> Goods | str:
    if isinstance(goods, str):
        return goods
    kept = tuple(item for item in goods.items if not rules.forbids_discount(item.names))
    if not kept:
        return f"The brand rules say that {goods.name} is never discounted."
    return Goods(goods.key, goods.name, kept)


def _items(side: Sequence[Goods]) -> list[OfferItem]:
    return [item for goods in side for item in goods.items]


def _numbers(side: Sequence[Goods]) -> tuple[int, ...]:
    return tuple(sorted({item.item_id for item in _items(side)}))
