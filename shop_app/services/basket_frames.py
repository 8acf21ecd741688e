"""A shop's baskets as frames: counted orders with what is left of them, items with prices, keys of a level."""

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from shop_app.bundles.left_out import LeftOut, goods, items_left_out
from shop_app.segments.ledger import LedgerRules
from shop_app.segments.money import exchanged
from shop_app.services.measure_people import judge, rules_of
from shop_app.storage.basket_lines import BasketFacts, read_basket_facts
from shop_app.storage.ledger_facts import read_orders_and_refunds
from shop_app.storage.shop_settings import ShopSettings

LEVELS = {"variant": "Variants", "product": "Products", "collection": "Collections"}
"""At which level things are looked at together."""

_COUNTED = ("counts", "no_customer")
"""Whoever is not known sells together as well."""


@dataclass(frozen=True, slots=True)
class BasketFrames:
    """What everything about baskets is worked out from.

    ``lines``: ``order_id``, ``customer_id`` (null: unknown), ``at``, ``day`` (days since 1970-01-01 by the
    shop's clock), ``item_id``, ``quantity`` and ``bought`` (Int64), ``unit_price``, ``discount``, ``total``
    (minor units of the shop's currency), ``is_gift_card``, ``automatic_discounts``, ``bundle_product_id`` (see
    :class:`~shop_app.storage.basket_lines.BasketFacts`); merchandise of counted orders only. ``orders``:
    ``order_id``, ``customer_id``, ``at``, ``day``, ``net_revenue``. ``items``: every item with price, cost and
    stock of this moment. ``keys``: ``item_id``, ``key``, ``key_name``; ``collections`` the same for the level
    of collections. ``left_out``: ``item_id``, ``name``, ``reason``, ``reason_words``.
    """

    lines: pl.DataFrame
    orders: pl.DataFrame
    items: pl.DataFrame
    keys: pl.DataFrame
    collections: pl.DataFrame
    left_out: pl.DataFrame


def read_basket_frames(
    shop_id: int, shop: ShopSettings, *, level: str, left_out: LeftOut, as_of: datetime
) -> BasketFrames:
    """Read everything about a shop's baskets, as it was known at ``as_of``; stock and prices are of now."""
    orders = _orders(shop_id, shop, as_of=as_of)
    facts = read_basket_facts(shop_id)
    lines = facts.lines.join(orders.drop("net_revenue"), on="order_id", how="inner").with_columns(
        pl.col("bought", "quantity").fill_null(0.0).round().cast(pl.Int64)
    )
    lines, orders = _in_shop_currency(lines, rules_of(shop)), orders.drop("currency")
    items = with_known_prices(facts.items, lines, shop.timezone)
    return BasketFrames(
        lines=goods(lines, items, left_out),
        orders=orders,
        items=items,
        keys=keys_of(facts, level),
        collections=keys_of(facts, "collection"),
        left_out=items_left_out(lines, items, left_out),
    )


def with_known_prices(items: pl.DataFrame, lines: pl.DataFrame, timezone: str) -> pl.DataFrame:
    """Give items without a list price the price they were sold for as a rule, and days by the shop's clock.

    The median of single prices, since a shop that is fed by files says nothing else.
    """
    usual = lines.group_by("item_id").agg(usual_price=pl.col("unit_price").median())
    created = pl.col("created_at").dt.convert_time_zone(timezone).dt.date()
    return (
        items.join(usual, on="item_id", how="left", maintain_order="left")
        .with_columns(
            price=pl.coalesce("price", pl.col("usual_price").round().cast(pl.Int64)),
            created_day=created.cast(pl.Int32),
        )
        .drop("usual_price", "created_at")
    )


def keys_of(facts: BasketFacts, level: str) -> pl.DataFrame:
    """Return which key each item goes by at a level: itself, its product, or each collection it is in.

    Where there are no collections, an item's category takes their place; an item in none has no key.
    """
    items = facts.items
    if level == "product":
        first = pl.col("name").first().over("product_number")
        return items.select(
            "item_id",
            key=pl.coalesce(pl.format("p{}", "product_number"), pl.col("item_id").cast(pl.String)),
            key_name=pl.when(pl.col("product_number").is_null()).then("name").otherwise(first),
        )
    if level == "collection":
        if facts.collections.is_empty():
            named = items.filter(pl.col("category").fill_null("") != "")
            return named.select("item_id", key="category", key_name="category")
        return items.join(facts.collections, on="product_number", how="inner").select(
            "item_id", key="collection", key_name="collection"
        )
    return items.select("item_id", key=pl.col("item_id").cast(pl.String), key_name="name")


def _orders(shop_id: int, shop: ShopSettings, *, as_of: datetime) -> pl.DataFrame:
    rules = rules_of(shop)
    facts = read_orders_and_refunds(shop_id, rules)
    judged = judge(facts, rules, as_of=as_of).hstack(facts.orders.select("currency"))
    local_day = pl.col("processed_at").dt.convert_time_zone(shop.timezone).dt.date().cast(pl.Int32)
    return judged.filter(pl.col("verdict").is_in(_COUNTED)).select(
        "order_id", "customer_id", "currency", "net_revenue", at="processed_at", day=local_day
    )


def _in_shop_currency(lines: pl.DataFrame, rules: LedgerRules) -> pl.DataFrame:
    """Give what was paid in the shop's minor units; null in a currency without a rate."""
    own = pl.col("currency").fill_null(rules.currency)
    money = [exchanged(pl.col(name), own, rules.minor_rates()) for name in ("unit_price", "discount", "total")]
    return lines.with_columns(money).drop("currency")
