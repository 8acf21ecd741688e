"""What keeps an offer from being sold: margin, stock, season, the merchant's own rules, as things are now."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from math import inf
from typing import Self
from zoneinfo import ZoneInfo

import polars as pl

from shop_app.bundles.brand_rules import BrandRules, conflict, names_of_items
from shop_app.bundles.pricing import Figures, PricedItem, price_of_fixed, worst_figures
from shop_app.bundles.terms import Form, Terms
from shop_app.services.bundle_choices import BundleChoices
from shop_app.services.money_words import money_words
from shop_app.storage import basket_lines, shop_settings
from shop_app.storage.engine import transaction


@dataclass(frozen=True, slots=True)
class OfferItem:
    """One item as an offer needs it; money is minor units, ``stock`` is ``None`` where it is not counted."""

    name: str
    price: int | None
    cost: int | None
    stock: int | None
    product: int | None
    variant: int | None
    status: str | None
    is_gift_card: bool

    @property
    def is_sold(self) -> bool:
        """Tell whether it is on sale at all."""
        return (self.status or "").lower() in ("active", "")


@dataclass(frozen=True, slots=True)
class Limits:
    """The items of some offers with what the merchant allows."""

    items: Mapping[int, OfferItem]
    names: Mapping[int, frozenset[str]]
    rules: BrandRules
    currency: str
    timezone: str

    @classmethod
    def of(cls, shop_id: int, item_ids: Iterable[int]) -> Self:
        """Read them for these items as they are now."""
        with transaction(shop_id) as connection:
            shop = shop_settings.read(connection)
        items, collections = basket_lines.read_items_and_collections(shop_id, [str(each) for each in item_ids])
        return cls(
            items=_items(items),
            names=names_of_items(items, _keys(items, collections)),
            rules=BundleChoices.of(shop).rules,
            currency=shop.currency,
            timezone=shop.timezone,
        )

    def name(self, item_id: int) -> str:
        """Return what an item is called."""
        found = self.items.get(item_id)
        return found.name if found else f"Item {item_id}"

    def day(self, moment: datetime) -> date:
        """Return the day on the shop's clock."""
        return moment.astimezone(ZoneInfo(self.timezone)).date()

    def list_price(self, terms: Terms) -> int | None:
        """Return what the parts of a fixed bundle cost one by one, ``None`` where a price is not known."""
        total = 0
        for part in terms.parts:
            found = self.items.get(part.item_id)
            if found is None or found.price is None:
                return None
            total += found.price * part.quantity
        return total

    def fixed_price(self, terms: Terms) -> int | None:
        """Return what a fixed bundle costs at its discount, ``None`` where a price is not known."""
        parts = []
        for part in terms.parts:
            found = self.items.get(part.item_id)
            if found is None or not found.price:
                return None
            parts.append(PricedItem(part.item_id, found.price, found.cost, part.quantity))
        return price_of_fixed(parts, terms.discount_percent)

    def figures(self, terms: Terms) -> Figures | None:
        """Return what the worst use of an offer comes to, ``None`` where a price or a cost is not known."""
        priced = {
            item_id: PricedItem(item_id, found.price, found.cost)
            for item_id in terms.item_ids
            if (found := self.items.get(item_id)) is not None and found.price
        }
        return worst_figures(terms, priced, self.rules)

    def margin_words(self, terms: Terms) -> str | None:
        """Return in words why the margin is too small (or cannot be told), ``None`` where it is not."""
        floor = f"{self.rules.margin_floor_ratio:.0%}"
        if unpriced := [
            each for each in terms.item_ids if not (self.items.get(each) and self.items[each].price)
        ]:
            return f"“{self.name(unpriced[0])}” has no price any more."
        figures = self.figures(terms)
        if figures is None:
            costless = next(each for each in terms.item_ids if self.items[each].cost is None)
            return (
                f"The cost of “{self.name(costless)}” is not known, so nobody can tell whether {floor} of the "
                "price would be left: enter its cost in Shopify, under inventory, or set an assumed cost."
            )
        if figures.keeps(self.rules.margin_floor_ratio):
            return None
        left = money_words(figures.margin, self.currency)
        paid = money_words(figures.price, self.currency)
        return (
            f"Of {paid} that are paid {left} would be left after the cost of the goods: "
            f"{figures.margin_ratio:.0%}, and the floor is {floor}."
        )

    def stock_words(self, terms: Terms) -> str | None:
        """Return in words what there is too little of, ``None`` where one more use can be served."""
        for item_ids, quantity in _sides(terms):
            if sum(self._free(each) for each in item_ids) < quantity:
                scarce = max(item_ids, key=self._stock)
                held = self.items[scarce].stock if scarce in self.items else None
                told = "is not sold any more" if held is None else f"has {held} left in stock"
                kept = (
                    f", and {self.rules.least_stock} are never promised to an offer" if held is not None else ""
                )
                return f"“{self.name(scarce)}” {told}{kept}."
        return None

    def season_words(self, terms: Terms, at: datetime) -> str | None:
        """Return in words what is out of season, ``None`` where nothing is."""
        for item_id in terms.item_ids:
            if not self.rules.days_in_season(self.names.get(item_id, frozenset()), self.day(at), 1):
                return f"“{self.name(item_id)}” is out of season: your rules offer it in other months only."
        return None

    def brand_words(self, terms: Terms) -> tuple[str, str] | None:
        """Return which field breaks a rule of the merchant's, and in words how; ``None`` where none does."""
        cheaper = terms.gets or tuple(part.item_id for part in terms.parts)
        for item_id in cheaper:
            if self.rules.forbids_discount(self.names.get(item_id, frozenset())):
                return (
                    "gets" if terms.gets else "parts"
                ), f"Your rules never make “{self.name(item_id)}” cheaper."
        sides = (
            [[part.item_id] for part in terms.parts]
            if terms.form is Form.FIXED
            else [list(terms.buys), [each for each in terms.gets if each not in terms.buys]]
        )
        if conflict(self.rules, [[self.names.get(each, frozenset()) for each in side] for side in sides]):
            return (
                "parts" if terms.parts else "gets"
            ), "Your rules say that two of these things never go together."
        return None

    def _free(self, item_id: int) -> float:
        """Return how many of an item may go into an offer."""
        found = self.items.get(item_id)
        if found is None or not found.is_sold:
            return 0.0
        return inf if found.stock is None else max(0.0, found.stock - self.rules.least_stock)

    def _stock(self, item_id: int) -> float:
        found = self.items.get(item_id)
        return -1.0 if found is None or not found.is_sold else float(found.stock or 0)


def _sides(terms: Terms) -> list[tuple[tuple[int, ...], int]]:
    """Return what has to be there: out of these items together, so many."""
    if terms.form is Form.FIXED:
        return [((part.item_id,), part.quantity) for part in terms.parts]
    both = tuple(sorted({*terms.buys, *terms.gets}))
    return [
        (terms.buys, terms.buy_quantity),
        (terms.gets, terms.get_quantity),
        (both, terms.buy_quantity + terms.get_quantity),
    ]


def _items(frame: pl.DataFrame) -> dict[int, OfferItem]:
    columns = ("item_id", "name", "price", "cost", "stock", "product_number", "variant_number", "status")
    rows: Iterable[tuple[object, ...]] = frame.select(*columns, "is_gift_card").iter_rows()
    return {row[0]: OfferItem(*row[1:]) for row in rows}  # type: ignore[misc,arg-type]


def _keys(items: pl.DataFrame, collections: pl.DataFrame) -> pl.DataFrame:
    """Return one row an item and collection that it is in, as the rules' names want it."""
    return items.join(collections, on="product_number", how="inner").select(
        "item_id", key="collection", key_name="collection"
    )
