"""Products, variants and collections as GraphQL tells them, turned into the catalogue's frames."""

from collections.abc import Sequence
from datetime import datetime

import polars as pl

from shop_app.facts import (
    COLLECTION_SCHEMA,
    MEMBER_SCHEMA,
    PRODUCT_SCHEMA,
    VARIANT_SCHEMA,
    Catalogue,
    Collections,
    conform,
)
from shop_app.shopify import node_columns as columns
from shop_app.shopify.node_columns import Node


def products_to_catalogue(
    nodes: Sequence[Node], currency: str, told_at: datetime, *, variants: Sequence[Node] | None = None
) -> Catalogue:
    """Return products (fields of ``ProductFields``) with their variants, prices in the shop's currency.

    ``variants`` are those of all products in one list, each with ``__parentId``, as bulk files have them;
    ``None``: they hang below each product.
    """
    raw = pl.DataFrame(
        {
            "shopify_id": columns.numbers(columns.inner(nodes, "id")),
            "title": columns.filled(columns.inner(nodes, "title")),
            "handle": columns.filled(columns.inner(nodes, "handle")),
            "status": columns.filled(columns.inner(nodes, "status")).str.to_lowercase(),
            "vendor": columns.filled(columns.inner(nodes, "vendor")),
            "product_type": columns.filled(columns.inner(nodes, "productType")),
            "tags": columns.listed(columns.inner(nodes, "tags")),
            "is_gift_card": columns.flags(columns.inner(nodes, "isGiftCard")),
            "created_at": columns.times(columns.inner(nodes, "createdAt")),
            "published_at": columns.times(columns.inner(nodes, "publishedAt")),
            "known_at": columns.times(columns.inner(nodes, "updatedAt")),
        }
    ).with_columns(told_at=pl.lit(told_at))
    products = conform(raw, PRODUCT_SCHEMA).unique("shopify_id", keep="last", maintain_order=True)
    pairs = _below(nodes, "variants") if variants is None else _flat(variants)
    return Catalogue(products.drop_nulls("shopify_id"), _variants(*pairs, currency))


def _variants(parents: list[object], nodes: list[Node], currency: str) -> pl.DataFrame:
    item = "inventoryItem"
    raw = pl.DataFrame(
        {
            "shopify_id": columns.numbers(columns.inner(nodes, "id")),
            "product_shopify_id": columns.numbers(parents),
            "title": columns.filled(columns.inner(nodes, "title")),
            "sku": columns.filled(columns.inner(nodes, "sku")),
            "price": columns.amounts(columns.inner(nodes, "price")),
            "compare_at_price": columns.amounts(columns.inner(nodes, "compareAtPrice")),
            "cost": columns.amounts(columns.inner(nodes, item, "unitCost", "amount")),
            "inventory_quantity": columns.integers(columns.inner(nodes, "inventoryQuantity")),
            "tracked": columns.flags(columns.inner(nodes, item, "tracked")),
        }
    ).with_columns(currency=pl.lit(currency))
    counted = columns.with_exponent(raw, currency).with_columns(
        columns.in_minor("price", "compare_at_price", "cost")
    )
    return (
        conform(counted, VARIANT_SCHEMA)
        .drop_nulls(["shopify_id", "product_shopify_id"])
        .unique("shopify_id", keep="last", maintain_order=True)
    )


def collections_to_catalogue(nodes: Sequence[Node], *, members: Sequence[Node] | None = None) -> Collections:
    """Return collections (fields of ``CollectionFields``) with the numbers of their products."""
    raw = pl.DataFrame(
        {
            "shopify_id": columns.numbers(columns.inner(nodes, "id")),
            "title": columns.filled(columns.inner(nodes, "title")),
            "handle": columns.filled(columns.inner(nodes, "handle")),
            "known_at": columns.times(columns.inner(nodes, "updatedAt")),
        }
    )
    parents, products = _below(nodes, "products") if members is None else _flat(members)
    pairs = pl.DataFrame(
        {
            "collection_shopify_id": columns.numbers(parents),
            "product_shopify_id": columns.numbers(columns.inner(products, "id")),
        }
    )
    return Collections(
        conform(raw, COLLECTION_SCHEMA)
        .drop_nulls("shopify_id")
        .unique("shopify_id", keep="last", maintain_order=True),
        conform(pairs, MEMBER_SCHEMA).drop_nulls().unique(maintain_order=True),
    )


def _below(nodes: Sequence[Node], name: str) -> tuple[list[object], list[Node]]:
    pairs = [(node.get("id"), child) for node in nodes for child in columns.children(node, name)]
    return [parent for parent, _ in pairs], [child for _, child in pairs]


def _flat(nodes: Sequence[Node]) -> tuple[list[object], list[Node]]:
    return [node.get("__parentId") for node in nodes], list(nodes)
