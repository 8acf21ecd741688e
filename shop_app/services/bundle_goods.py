"""Prices, costs and stock of this moment of whatever findings and offers speak of, by number and by key."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import polars as pl

from shop_app.bundles.terms import Terms
from shop_app.services.bundle_words import Moment, Money, Wording
from shop_app.storage import basket_lines


@dataclass(frozen=True, slots=True)
class Good:
    """One thing that is sold; money is minor units, and nothing is ``None`` but what is not known.

    ``stock`` is ``None`` where it is not counted. Of a product with several variants ``price`` and ``cost`` are
    those of the cheapest, ``stock`` is that of all.
    """

    name: str
    price: int | None
    cost: int | None
    stock: int | None

    @property
    def margin(self) -> int | None:
        """What is left of the price after the cost."""
        return None if self.price is None or self.cost is None else self.price - self.cost


@dataclass(frozen=True, slots=True)
class Goods:
    """Things that are sold, by the number of an item and by the key of a finding."""

    items: Mapping[int, Good]
    keys: Mapping[str, Good]

    def margin(self, *keys: str) -> int | None:
        """Return what is left of the prices of these together, ``None`` where one is not known."""
        found = [good.margin if (good := self.keys.get(key)) else None for key in keys]
        return None if None in found else sum(margin or 0 for margin in found)

    def margin_ratio(self, *keys: str) -> float | None:
        """Return the share of the prices of these together that is left after cost."""
        margin = self.margin(*keys)
        price = sum(self.keys[key].price or 0 for key in keys) if margin is not None else 0
        return None if margin is None or not price else margin / price

    def stock(self, *keys: str) -> int | None:
        """Return how many of the scarcest of these there are, ``None`` where none is counted."""
        counted = [good.stock for key in keys if (good := self.keys.get(key)) and good.stock is not None]
        return min(counted, default=None)

    def wording(self, segments: Mapping[str, str], *, money: Money, moment: Moment) -> Wording:
        """Return what offers are told in words with."""
        return Wording(
            money=money,
            moment=moment,
            names={item_id: good.name for item_id, good in self.items.items()},
            prices={item_id: good.price for item_id, good in self.items.items() if good.price is not None},
            segments=segments,
        )


def read_goods(shop_id: int, keys: Collection[str] | None = None) -> Goods:
    """Read everything that is sold, or only what has one of these keys of findings."""
    return goods_of(basket_lines.read_items(shop_id, keys))


def read_goods_of(shop_id: int, terms: Terms) -> Goods:
    """Read what an offer speaks of."""
    return read_goods(shop_id, [str(each) for each in terms.item_ids])


def goods_of(items: pl.DataFrame) -> Goods:
    """Return items by number and by the keys that findings call them by."""
    by_item: dict[int, Good] = {}
    products: dict[str, list[Good]] = {}
    for row in items.iter_rows(named=True):
        good = Good(row["name"], row["price"], row["cost"], row["stock"])
        by_item[row["item_id"]] = good
        if row["product_number"] is not None:
            products.setdefault(f"p{row['product_number']}", []).append(good)
    keys = {str(item_id): good for item_id, good in by_item.items()}
    keys |= {key: _whole(variants) for key, variants in products.items()}
    return Goods(by_item, keys)


def _whole(variants: list[Good]) -> Good:
    priced = [good for good in variants if good.price is not None]
    cheapest = min(priced, key=lambda good: good.price or 0, default=variants[0])
    counts = [good.stock for good in variants]
    stock = None if None in counts else sum(count or 0 for count in counts)
    return Good(cheapest.name, cheapest.price, cheapest.cost, stock)
