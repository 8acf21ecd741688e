"""What was in the baskets: the lines of all orders with what is left of them, and the items they speak of."""

from collections.abc import Collection, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime

import polars as pl
from sqlalchemy import Connection, text

from shop_app.storage.engine import iter_frames, read_frame

_LINES = """
    SELECT l.order_id, l.line_no, l.product_id AS item_id, l.quantity AS bought, l.kept_quantity, l.unit_price,
           l.discount, l.total, l.is_gift_card, l.bundle_product_id,
           array_to_string(l.automatic_discounts, chr(10)) AS automatic_discounts
    FROM line_items l WHERE l.product_id IS NOT NULL"""

# What a file's credit note or a refund says of single goods; Shopify's own lines carry what is left themselves.
_RETURNED = """
    SELECT r.order_id, r.product_id AS item_id, sum(r.quantity) AS returned FROM refunds r
    WHERE r.order_id IS NOT NULL AND r.product_id IS NOT NULL AND r.quantity IS NOT NULL
    GROUP BY r.order_id, r.product_id"""

# An item of an order is a variant as a rule; one that orders name by its product alone has that product's price
# where it has one variant single. A row's own number is taken out of its key first: joined by an expression of
# the key, every variant of the shop would be compared with every row.
_ITEMS = """
    SELECT p.id AS item_id, COALESCE(NULLIF(p.title, ''), p.sku, p.source_key) AS name, p.sku, p.vendor,
           COALESCE(NULLIF(p.category, ''), NULLIF(p.vendor, '')) AS category,
           COALESCE(v.product_shopify_id, single.product_shopify_id, p.shopify_id) AS product_number,
           COALESCE(v.shopify_id, single.shopify_id) AS variant_number,
           COALESCE(v.price, single.price) AS price, COALESCE(v.compare_at_price, single.compare_at_price)
               AS compare_at_price, COALESCE(v.cost, single.cost) AS cost,
           CASE WHEN COALESCE(v.tracked, single.tracked) THEN
               COALESCE(v.inventory_quantity, single.inventory_quantity) END AS stock,
           COALESCE(c.is_gift_card, false) AS is_gift_card,
           CASE WHEN c.deleted_at IS NOT NULL THEN 'deleted' ELSE c.status END AS status,
           LEAST(c.published_at, c.created_at) AS created_at, array_to_string(c.tags, chr(10)) AS tags
    FROM (
        SELECT o.*, CASE WHEN o.source_key ~ '^variant:[0-9]{{1,18}}$'
            THEN substring(o.source_key FROM 9)::bigint END AS variant_number
        FROM products o {which} OFFSET 0
    ) p
    LEFT JOIN catalogue_variants v ON v.shopify_id = p.variant_number
    LEFT JOIN LATERAL (
        SELECT min(o.shopify_id) AS shopify_id, min(o.product_shopify_id) AS product_shopify_id,
               min(o.price) AS price, min(o.compare_at_price) AS compare_at_price, min(o.cost) AS cost,
               bool_or(o.tracked) AS tracked, min(o.inventory_quantity) AS inventory_quantity
        FROM catalogue_variants o WHERE v.shopify_id IS NULL AND p.source_key LIKE 'product:%'
          AND o.product_shopify_id = p.shopify_id HAVING count(*) = 1
    ) single ON true
    LEFT JOIN catalogue_products c ON c.shopify_id = COALESCE(v.product_shopify_id, p.shopify_id)"""
_IN_ORDER, _BY_NUMBER = " ORDER BY p.id", " ORDER BY 1, 2"

_COLLECTIONS = """
    SELECT m.product_shopify_id AS product_number, c.title AS collection
    FROM collection_products m JOIN catalogue_collections c ON c.shopify_id = m.collection_shopify_id"""

_MOST_DIGITS = 18


@dataclass(frozen=True, slots=True)
class BasketFacts:
    """What baskets are made of, as three frames.

    ``lines``: ``order_id``, ``item_id``, ``bought`` (Float64), ``quantity`` (Float64, what is left of it),
    ``unit_price``, ``discount``, ``total`` (Int64, minor units of the order's currency), ``is_gift_card``,
    ``automatic_discounts`` (titles; null where nobody said), ``bundle_product_id``.
    ``items``: ``item_id``, ``name``, ``sku``, ``vendor``, ``category``, ``product_number``, ``variant_number``,
    ``price``, ``compare_at_price``, ``cost``, ``stock`` (null: not counted), ``is_gift_card``, ``status``,
    ``created_at``, ``tags`` (list). ``collections``: ``product_number``, ``collection``.
    """

    lines: pl.DataFrame
    items: pl.DataFrame
    collections: pl.DataFrame


def read_basket_facts(shop_id: int) -> BasketFacts:
    """Read the lines of every order with what is left of them after returns, and all items."""
    with closing(iter_frames(shop_id, _RETURNED, _LINES, *_catalogue(None))) as frames:
        returned, lines = next(frames), next(frames)
        lines = _with_what_is_left(lines, returned).with_columns(_listed("automatic_discounts"))
        items, collections = frames
    return BasketFacts(lines, _with_tags(items), collections)


def categories_sold_since(connection: Connection, moment: datetime) -> list[str]:
    """Return the categories of everything that was ordered after ``moment``, in the order of their letters."""
    rows = connection.execute(
        text("""
            SELECT DISTINCT COALESCE(NULLIF(p.category, ''), NULLIF(p.vendor, '')) AS category FROM orders o
            JOIN line_items l ON l.shop_id = o.shop_id AND l.order_id = o.id
            JOIN products p ON p.shop_id = l.shop_id AND p.id = l.product_id
            WHERE o.processed_at > :moment AND COALESCE(NULLIF(p.category, ''), NULLIF(p.vendor, '')) <> ''
            ORDER BY 1"""),
        {"moment": moment},
    )
    return list(rows.scalars())


def read_items(shop_id: int, keys: Collection[str] | None = None) -> pl.DataFrame:
    """Read the items alone, as they are in :class:`BasketFacts`: prices, costs and stock of this moment.

    With ``keys``, which are numbers of items and products (``p123``) as findings call them, only those: a page
    is about a few of very many. What is no such key is passed over.
    """
    return _with_tags(read_frame(shop_id, _catalogue(keys)[0])[0])


def read_items_and_collections(
    shop_id: int, keys: Collection[str] | None = None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Read the items, as :func:`read_items` does, and the collections that they are in."""
    with closing(iter_frames(shop_id, *_catalogue(keys))) as frames:
        items, collections = frames
    return _with_tags(items), collections


def _catalogue(keys: Collection[str] | None) -> tuple[str, str]:
    """Return what reads these items (all, where there are no keys), and what reads their collections."""
    if keys is None:
        return _ITEMS.format(which="") + _IN_ORDER, _COLLECTIONS + _BY_NUMBER
    ids = [int(key) for key in keys if _is_number(key)]
    numbers = [int(key[1:]) for key in keys if key.startswith("p") and _is_number(key[1:])]
    which = f"""
        WHERE o.id = ANY({_array(ids)}) OR o.source_key = ANY(ARRAY(
            SELECT 'product:' || unnest({_array(numbers)})
            UNION ALL SELECT 'variant:' || shopify_id FROM catalogue_variants
            WHERE product_shopify_id = ANY({_array(numbers)})))"""
    items = _ITEMS.format(which=which)
    collections = f"{_COLLECTIONS} WHERE m.product_shopify_id IN (SELECT product_number FROM ({items}) AS i)"
    return items + _IN_ORDER, collections + _BY_NUMBER


def _is_number(text_of_it: str) -> bool:
    return text_of_it.isascii() and text_of_it.isdigit() and len(text_of_it) <= _MOST_DIGITS


def _array(numbers: Sequence[int]) -> str:
    return f"'{{{','.join(map(str, numbers))}}}'::bigint[]"


def _with_tags(items: pl.DataFrame) -> pl.DataFrame:
    return items.with_columns(_listed("tags").fill_null([]))


def _listed(name: str) -> pl.Expr:
    """Return a column of texts as lists of their lines; an empty text is an empty list, null stays null."""
    return pl.col(name).str.split("\n").list.filter(pl.element() != "")


def read_codes(shop_id: int) -> pl.DataFrame:
    """Read which codes were typed in at the checkout: ``order_id``, ``codes`` (list), of orders with any."""
    codes = pl.col("codes").str.split("\n")
    return read_frame(
        shop_id,
        "SELECT id AS order_id, array_to_string(discount_codes, chr(10)) AS codes FROM orders "
        "WHERE discount_codes IS NOT NULL AND discount_codes <> '{}' ORDER BY id",
    )[0].with_columns(codes)


def _with_what_is_left(lines: pl.DataFrame, returned: pl.DataFrame) -> pl.DataFrame:
    """Take returns off the first lines of an item until they are used up."""
    if returned.is_empty():
        left = pl.coalesce("kept_quantity", "bought")
        return lines.with_columns(quantity=left).drop("kept_quantity", "line_no")
    joined = lines.sort("order_id", "line_no").join(
        returned, on=["order_id", "item_id"], how="left", maintain_order="left"
    )
    before = pl.col("bought").cum_sum().over("order_id", "item_id") - pl.col("bought")
    gone = (pl.col("returned").fill_null(0.0) - before).clip(0.0, pl.col("bought"))
    return joined.with_columns(
        quantity=pl.min_horizontal(pl.col("kept_quantity"), pl.col("bought") - gone)
    ).drop("kept_quantity", "returned", "line_no")
