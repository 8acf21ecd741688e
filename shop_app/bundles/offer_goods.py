"""What may be put into an offer: sold, priced, of known cost, in stock and in season."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from shop_app.bundles.brand_rules import BrandRules
from shop_app.bundles.pricing import PricedItem, average, cost_of


@dataclass(frozen=True, slots=True)
class OfferItem:
    """One item that may be offered.

    ``price`` and ``cost`` of a piece in minor units (the cost assumed where the rules allow it); ``stock`` is
    ``None`` where it is not tracked; ``names`` is all a brand rule may call it by; ``season_days`` is how many
    days from now on it may be offered.
    """

    item_id: int
    name: str
    price: int
    cost: int
    stock: int | None
    product_number: int | None
    names: frozenset[str]
    season_days: int

    @property
    def priced(self) -> PricedItem:
        """Return it for the arithmetic of prices."""
        return PricedItem(self.item_id, self.price, self.cost)


@dataclass(frozen=True, slots=True)
class Goods:
    """The items behind one key of a finding, those that may be offered; at least one."""

    key: str
    name: str
    items: tuple[OfferItem, ...]

    @property
    def typical(self) -> OfferItem:
        """Return the item whose price stands for all: of which most is there, then the one known longest."""
        return max(self.items, key=lambda item: (_shown_stock(item), -item.item_id))

    @property
    def priced(self) -> PricedItem:
        """Return a piece for the arithmetic: the typical item, or the average over a whole collection."""
        if self.is_one_product:
            return self.typical.priced
        return average([item.priced for item in self.items], [1.0] * len(self.items))

    @property
    def is_one_product(self) -> bool:
        """Tell whether it is one thing, perhaps in several variants, and not a whole collection."""
        products = {item.product_number for item in self.items}
        return len(self.items) == 1 or (len(products) == 1 and None not in products)

    @property
    def item_ids(self) -> tuple[int, ...]:
        """Return the numbers of its items, ascending."""
        return tuple(sorted(item.item_id for item in self.items))


@dataclass(frozen=True, slots=True)
class StockLimit:
    """How many uses the stock of one side of an offer allows; ``None`` where it is not tracked."""

    name: str
    stock: int | None
    kept_back: int
    pieces_per_use: int
    uses: int | None


def goods_by_key(
    items: pl.DataFrame,
    keys: pl.DataFrame,
    names: Mapping[int, frozenset[str]],
    rules: BrandRules,
    *,
    first_day: date,
    horizon_days: int,
) -> dict[str, Goods | str]:
    """Return, for every key, what of it may be offered, or the reason in words for which nothing may.

    Parameters
    ----------
    items
        ``item_id``, ``name``, ``category``, ``product_number``, ``price``, ``cost``, ``stock``,
        ``is_gift_card``, ``status``; money in minor units, null where unknown.
    keys
        ``item_id``, ``key``, ``key_name``.
    names
        All that brand rules may call each item by: :func:`~shop_app.bundles.brand_rules.names_of_items`.
    """
    judged = {
        row["item_id"]: _judge(row, names[row["item_id"]], rules, first_day, horizon_days)
        for row in items.iter_rows(named=True)
    }
    behind: dict[str, dict[int, OfferItem | str]] = {}
    called: dict[str, str] = {}
    for item_id, key, name in keys.select("item_id", "key", "key_name").sort("item_id").iter_rows():
        called.setdefault(key, name or key)
        if item_id in judged:
            behind.setdefault(key, {})[item_id] = judged[item_id]
    return {key: _goods(key, name, list(behind.get(key, {}).values())) for key, name in called.items()}


def _goods(key: str, name: str, results: Sequence[OfferItem | str]) -> Goods | str:
    kept = tuple(each for each in results if isinstance(each, OfferItem))
    reasons = [each for each in results if isinstance(each, str)]
    return Goods(key, name, kept) if kept else _why(name, reasons)


def stock_limit(name: str, items: Sequence[OfferItem], pieces_per_use: int, rules: BrandRules) -> StockLimit:
    """Return how many uses the stock of some items together allows, without new deliveries."""
    if any(item.stock is None for item in items):
        return StockLimit(name, None, 0, pieces_per_use, None)
    stock = sum(item.stock or 0 for item in items)
    free = sum(max(0, (item.stock or 0) - rules.least_stock) for item in items)
    return StockLimit(name, stock, rules.least_stock * len(items), pieces_per_use, free // pieces_per_use)


def _judge(
    row: Mapping[str, Any], names: frozenset[str], rules: BrandRules, first_day: date, horizon_days: int
) -> OfferItem | str:
    price, stock = row["price"], row["stock"]
    obstacles = (
        (row["is_gift_card"], "it is a gift card"),
        (row["status"] not in (None, "active"), "it is not on sale"),
        (price is None or price <= 0, "its price is not known"),
        (stock is None and rules.needs_known_stock, "its stock is not tracked"),
        (
            stock is not None and stock <= rules.least_stock,
            f"only {max(0, stock or 0)} are in stock, and {rules.least_stock} are kept back",
        ),
    )
    obstacle = next((words for is_so, words in obstacles if is_so), None)
    if obstacle:
        return obstacle
    cost = cost_of(price, row["cost"], rules)
    if cost is None:
        return "its cost is not known: enter the cost in Shopify, or set an assumed one in the brand rules"
    days = rules.days_in_season(names, first_day, horizon_days)
    if days == 0:
        return "it is out of season"
    name = row["name"] or str(row["item_id"])
    return OfferItem(row["item_id"], name, price, cost, stock, row["product_number"], names, days)


def _why(name: str, reasons: Sequence[str]) -> str:
    if not reasons:
        return f"{name} is no longer among the products."
    return f"{name}: {max(set(reasons), key=lambda reason: (reasons.count(reason), reason))}."


def _shown_stock(item: OfferItem) -> float:
    return float("inf") if item.stock is None else float(item.stock)
