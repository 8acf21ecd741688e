"""What an offer costs the buyer and leaves to the shop: exact to the minor unit, never below the floor."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from shop_app.bundles.brand_rules import BrandRules
from shop_app.bundles.terms import Form, Terms


@dataclass(frozen=True, slots=True)
class PricedItem:
    """One item as the arithmetic needs it: ``price`` and ``cost`` of a piece in minor units.

    ``price`` is above 0. ``cost`` is ``None`` where it is not known.
    """

    item_id: int
    price: int
    cost: int | None
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class Figures:
    """What one use of an offer comes to, in minor units.

    ``list_price`` is what its goods cost without the offer, ``discount`` what comes off, ``price`` what is
    paid, ``cost`` what the goods cost the shop, ``margin`` what is left: ``price - cost``.
    """

    list_price: int
    discount: int
    price: int
    cost: int

    @property
    def margin(self) -> int:
        """Return what is left of the price after the goods."""
        return self.price - self.cost

    @property
    def margin_ratio(self) -> float:
        """Return the margin as a share of what is paid; 0 where nothing is."""
        return self.margin / self.price if self.price else 0.0

    def keeps(self, floor_ratio: float) -> bool:
        """Tell, without rounding anything, whether the margin is the floor's share of the price or more."""
        return self.price > 0 and Fraction(self.margin) >= exact(floor_ratio) * self.price


def exact(ratio: float) -> Fraction:
    """Return the decimal that a person typed for a ratio, not the binary number next to it."""
    return Fraction(repr(float(ratio)))


def cost_of(price: int, cost: int | None, rules: BrandRules) -> int | None:
    """Return a piece's cost, or what is assumed for it (rounded up); ``None`` where there is neither."""
    if cost is not None:
        return cost
    if rules.assumed_cost_ratio is None:
        return None
    return math.ceil(exact(rules.assumed_cost_ratio) * price)


def discount_on(price: int, percent: int) -> int:
    """Return the most that a percentage takes off one piece: rounded up, whichever way a shop's till rounds."""
    return -(-price * percent // 100)


def price_of_fixed(parts: Sequence[PricedItem], percent: int) -> int:
    """Return what a fixed bundle costs at so many percent off the sum of its parts, rounded up."""
    return -(-_sum(parts) * (100 - percent) // 100)


def figures_of_fixed(parts: Sequence[PricedItem], price: int) -> Figures:
    """Return the figures of a fixed bundle of a price of its own. Every part's cost must be known."""
    total = _sum(parts)
    return Figures(total, total - price, price, _cost(parts))


def figures_of_discount(full: Sequence[PricedItem], cheaper: Sequence[PricedItem], percent: int) -> Figures:
    """Return the figures of things bought in full with others that are so many percent cheaper."""
    total = _sum(full) + _sum(cheaper)
    off = sum(discount_on(item.price, percent) * item.quantity for item in cheaper)
    return Figures(total, off, total - off, _cost(full) + _cost(cheaper))


def most_discount_percent(terms: Terms, priced: Mapping[int, PricedItem], rules: BrandRules) -> int | None:
    """Return the deepest whole percentage with which an offer keeps the margin floor, whatever is chosen in it.

    Parameters
    ----------
    terms
        The offer; its own ``discount_percent`` and ``price`` do not matter here.
    priced
        Every item of it by its number, as for :func:`worst_figures`.

    Returns
    -------
    int or None
        0 to the merchant's own limit; ``None`` where even the full price is below the floor, or where a cost is
        not known.
    """
    for percent in range(rules.most_discount_percent, -1, -1):
        figures = worst_figures(replace(terms, discount_percent=percent, price=None), priced, rules)
        if figures is None:
            return None
        if figures.keeps(rules.margin_floor_ratio):
            return percent
    return None


def worst_use(
    terms: Terms, priced: Mapping[int, PricedItem], rules: BrandRules
) -> tuple[tuple[PricedItem, ...], tuple[PricedItem, ...]]:
    """Return the choice of goods within an offer's terms that leaves the shop least above its floor.

    What stands above the floor adds up over the pieces, so the worst choice is the worst single piece on each
    side, taken as often as the terms ask. Every other choice leaves more.

    Returns
    -------
    tuple
        What is paid in full and what is cheaper, each with its quantity.
    """
    if terms.form is Form.FIXED:
        return (), tuple(_times(priced[part.item_id], part.quantity) for part in terms.parts)
    floor = exact(rules.margin_floor_ratio)

    def above_floor(item: PricedItem, percent: int) -> Fraction:
        return (1 - floor) * (item.price - discount_on(item.price, percent)) - (item.cost or 0)

    full = min((priced[each] for each in terms.buys), key=lambda item: above_floor(item, 0))
    cheaper = min(
        (priced[each] for each in terms.gets), key=lambda item: above_floor(item, terms.discount_percent)
    )
    return (_times(full, terms.buy_quantity),), (_times(cheaper, terms.get_quantity),)


def worst_figures(terms: Terms, priced: Mapping[int, PricedItem], rules: BrandRules) -> Figures | None:
    """Return the figures of the worst use of an offer at the prices of today.

    Ask it again whenever a price or a cost changes: ``figures.keeps(rules.margin_floor_ratio)`` tells whether
    the offer may go on.

    Parameters
    ----------
    priced
        Every item of the offer by its number; a cost that is not known is assumed as the rules say.

    Returns
    -------
    Figures or None
        ``None`` where a cost is not known and none is assumed, or an item or its price is missing.
    """
    known: dict[int, PricedItem] = {}
    for item_id in terms.item_ids:
        item = priced.get(item_id)
        cost = None if item is None else cost_of(item.price, item.cost, rules)
        if item is None or cost is None:
            return None
        known[item_id] = PricedItem(item_id, item.price, cost)
    full, cheaper = worst_use(terms, known, rules)
    if terms.form is Form.FIXED:
        price = price_of_fixed(cheaper, terms.discount_percent) if terms.price is None else terms.price
        return figures_of_fixed(cheaper, price)
    return figures_of_discount(full, cheaper, terms.discount_percent)


def average(priced: Sequence[PricedItem], weights: Sequence[float]) -> PricedItem:
    """Return a piece of the average price and cost; the cost is rounded up, the price down."""
    total = sum(weights)
    if len(priced) == 1 or total <= 0:
        return priced[0]
    price = math.floor(sum(item.price * weight for item, weight in zip(priced, weights, strict=True)) / total)
    cost = math.ceil(
        sum((item.cost or 0) * weight for item, weight in zip(priced, weights, strict=True)) / total
    )
    return PricedItem(priced[0].item_id, max(1, price), cost)


def _times(item: PricedItem, quantity: int) -> PricedItem:
    return PricedItem(item.item_id, item.price, item.cost, quantity)


def _sum(items: Sequence[PricedItem]) -> int:
    return sum(item.price * item.quantity for item in items)


def _cost(items: Sequence[PricedItem]) -> int:
    return sum((item.cost or 0) * item.quantity for item in items)
