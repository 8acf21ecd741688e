"""What the shop sells: products with their variants, and collections; the newest telling is the truth.

A product comes with all its variants and a collection with all its products: they are replaced as a set.
What was deleted stays away. Items that orders speak of (``products``) get their names from here.
"""

from collections.abc import Sequence
from datetime import datetime

import polars as pl
from sqlalchemy import Connection, text

from shop_app.facts import Catalogue, Collections
from shop_app.storage import fact_lock, gone
from shop_app.storage.engine import copy_frame
from shop_app.storage.known_fields import (
    Authority,
    anything_wins,
    assignments,
    insert_columns,
    insert_values,
    version,
)
from shop_app.storage.products import FIELDS

_SHOP = "current_setting('app.shop_id')::bigint"
_SOURCE = "shopify"
_ONLY_VARIANT = "Default Title"
"""What Shopify calls the variant of a product that has no options."""

_TABLES = {
    "told_products": """shopify_id bigint PRIMARY KEY, title text, handle text, status text, vendor text,
        product_type text, tags text, is_gift_card boolean, created_at timestamptz, published_at timestamptz,
        known_at timestamptz, told_at timestamptz, applies boolean""",
    "told_variants": """shopify_id bigint PRIMARY KEY, product_shopify_id bigint, title text, sku text,
        price bigint, compare_at_price bigint, cost bigint, inventory_quantity bigint, tracked boolean""",
    "named_items": """product_ref text PRIMARY KEY, title text, title_version bigint, sku text,
        sku_version bigint, vendor text, vendor_version bigint, category text, category_version bigint,
        shopify_id bigint, shopify_id_version bigint""",
    "told_collections": "shopify_id bigint PRIMARY KEY, title text, handle text, known_at timestamptz",
    "told_members": "collection_shopify_id bigint, product_shopify_id bigint",
}

_PRODUCT = (
    *("title", "handle", "status", "vendor", "product_type", "tags", "is_gift_card"),
    *("created_at", "published_at", "fact_at", "told_at"),
)
_VARIANT = (
    *("product_shopify_id", "title", "sku", "price", "compare_at_price", "cost", "currency"),
    *("inventory_quantity", "tracked"),
)

_WRITE_PRODUCTS = f"""
    INSERT INTO catalogue_products AS kept (shop_id, shopify_id, {", ".join(_PRODUCT)})
    SELECT {_SHOP}, t.shopify_id, COALESCE(t.title, ''), t.handle, t.status, t.vendor, t.product_type,
        COALESCE(string_to_array(t.tags, chr(10)), '{{}}'), COALESCE(t.is_gift_card, false), t.created_at,
        t.published_at, COALESCE(t.known_at, :at), COALESCE(t.told_at, :at)
    FROM told_products t ORDER BY t.shopify_id
    ON CONFLICT (shop_id, shopify_id) DO UPDATE SET
        {", ".join(f"{name} = EXCLUDED.{name}" for name in _PRODUCT)}, deleted_at = NULL
    WHERE (EXCLUDED.fact_at, EXCLUDED.told_at) >= (kept.fact_at, kept.told_at)
    RETURNING shopify_id"""

_WRITE_VARIANTS = f"""
    INSERT INTO catalogue_variants AS kept (shop_id, shopify_id, {", ".join(_VARIANT)})
    SELECT {_SHOP}, v.shopify_id, v.product_shopify_id, v.title, v.sku, v.price, v.compare_at_price, v.cost,
        :currency, v.inventory_quantity, v.tracked
    FROM told_variants v JOIN told_products t ON t.shopify_id = v.product_shopify_id AND t.applies
    ORDER BY v.shopify_id
    ON CONFLICT (shop_id, shopify_id) DO UPDATE SET
        {", ".join(f"{name} = EXCLUDED.{name}" for name in _VARIANT if name != "cost")},
        cost = CASE WHEN :knows_cost THEN EXCLUDED.cost ELSE kept.cost END"""

_DROP_VARIANTS = """
    DELETE FROM catalogue_variants v USING told_products t
    WHERE t.applies AND v.product_shopify_id = t.shopify_id
      AND NOT EXISTS (SELECT FROM told_variants n WHERE n.shopify_id = v.shopify_id)"""

_RENAME_ITEMS = f"""
    UPDATE products p SET {assignments(FIELDS, "s", "p")},
        fact_rank = GREATEST(p.fact_rank, 1), fact_at = GREATEST(p.fact_at, :at)
    FROM named_items s
    WHERE p.source = :source AND p.source_key = s.product_ref AND ({anything_wins(FIELDS, "s", "p")})"""

_ADD_ITEMS = f"""
    INSERT INTO products (shop_id, source, source_key, fact_rank, fact_at, {insert_columns(FIELDS)})
    SELECT {_SHOP}, :source, s.product_ref, 1, :at, {insert_values(FIELDS, "s")}
    FROM named_items s ORDER BY s.product_ref ON CONFLICT (shop_id, source, source_key) DO NOTHING"""

_WRITE_COLLECTIONS = f"""
    INSERT INTO catalogue_collections AS kept (shop_id, shopify_id, title, handle, fact_at, told_at)
    SELECT {_SHOP}, shopify_id, COALESCE(title, ''), handle, COALESCE(known_at, :at), :at
    FROM told_collections ORDER BY shopify_id
    ON CONFLICT (shop_id, shopify_id) DO UPDATE SET title = EXCLUDED.title, handle = EXCLUDED.handle,
        fact_at = EXCLUDED.fact_at, told_at = EXCLUDED.told_at
    WHERE (EXCLUDED.fact_at, EXCLUDED.told_at) >= (kept.fact_at, kept.told_at)
    RETURNING shopify_id"""

_DROP_MEMBERS = "DELETE FROM collection_products WHERE collection_shopify_id = ANY(CAST(:ids AS bigint[]))"
_WRITE_MEMBERS = f"""
    INSERT INTO collection_products (shop_id, collection_shopify_id, product_shopify_id)
    SELECT DISTINCT {_SHOP}, collection_shopify_id, product_shopify_id FROM told_members
    WHERE collection_shopify_id = ANY(CAST(:ids AS bigint[])) ORDER BY 2, 3"""


def take_products(
    connection: Connection, catalogue: Catalogue, *, at: datetime, currency: str, knows_cost: bool = True
) -> int:
    """Write products with their variants where they are newer than what is kept; return how many were.

    ``at`` is when this was told, where a row does not say. ``knows_cost`` is off where the telling has no
    cost at all, as webhooks have none: the known one stays then.
    """
    fact_lock.share(connection)
    products = _not_buried(connection, catalogue.products)
    variants = catalogue.variants.unique("shopify_id", keep="last", maintain_order=True)
    _stage(connection, told_products=products, told_variants=variants)
    applied = list(connection.execute(text(_WRITE_PRODUCTS), {"at": at}).scalars())
    connection.execute(
        text("UPDATE told_products SET applies = shopify_id = ANY(CAST(:ids AS bigint[]))"), {"ids": applied}
    )
    connection.execute(text(_DROP_VARIANTS))
    connection.execute(text(_WRITE_VARIANTS), {"currency": currency, "knows_cost": knows_cost})
    _name_items(connection, products.filter(pl.col("shopify_id").is_in(applied)), variants, at)
    return len(applied)


def take_collections(connection: Connection, told: Collections, *, at: datetime) -> int:
    """Write collections with their products where they are newer than what is kept; return how many were."""
    fact_lock.share(connection)
    collections = told.collections.unique("shopify_id", keep="last", maintain_order=True)
    _stage(connection, told_collections=collections, told_members=told.members)
    applied = list(connection.execute(text(_WRITE_COLLECTIONS), {"at": at}).scalars())
    connection.execute(text(_DROP_MEMBERS), {"ids": applied})
    connection.execute(text(_WRITE_MEMBERS), {"ids": applied})
    return len(applied)


def delete_products(connection: Connection, shopify_ids: Sequence[int], *, at: datetime) -> None:
    """Take products out of the catalogue for good; what was sold of them keeps its name."""
    gone.bury(connection, "product", shopify_ids, at=at)
    connection.execute(
        text("""
            UPDATE catalogue_products SET deleted_at = :at
            WHERE shopify_id = ANY(CAST(:ids AS bigint[])) AND deleted_at IS NULL"""),
        {"ids": list(shopify_ids), "at": at},
    )


def forget_untold(connection: Connection, resource: str, *, told_since: datetime, at: datetime) -> None:
    """After the whole of ``products`` or ``collections`` was told: drop what was not among it."""
    if resource == "products":
        connection.execute(
            text(
                "UPDATE catalogue_products SET deleted_at = :at WHERE told_at < :since AND deleted_at IS NULL"
            ),
            {"since": told_since, "at": at},
        )
        return
    gone_ids = connection.execute(
        text("DELETE FROM catalogue_collections WHERE told_at < :since RETURNING shopify_id"),
        {"since": told_since},
    ).scalars()
    connection.execute(text(_DROP_MEMBERS), {"ids": list(gone_ids)})


def _not_buried(connection: Connection, products: pl.DataFrame) -> pl.DataFrame:
    fresh = products.unique("shopify_id", keep="last", maintain_order=True)
    buried = gone.list_buried(connection, "product", fresh["shopify_id"].to_list())
    return fresh.filter(~pl.col("shopify_id").is_in(sorted(buried)))


def _stage(connection: Connection, **frames: pl.DataFrame) -> None:
    """Put frames into temporary tables that are gone at the transaction's end."""
    for table, frame in frames.items():
        connection.execute(text(f"CREATE TEMP TABLE IF NOT EXISTS {table} ({_TABLES[table]}) ON COMMIT DROP"))
        connection.execute(text(f"TRUNCATE {table}"))
        if frame.height:
            copy_frame(connection, frame, table)
        connection.execute(text(f"ANALYZE {table}"))


def _name_items(connection: Connection, products: pl.DataFrame, variants: pl.DataFrame, at: datetime) -> None:
    """Give what orders speak of as ``variant:ID`` or ``product:ID`` its name, vendor and category."""
    if products.is_empty():
        return
    _stage(connection, named_items=_items(products, variants, at))
    values = {"source": _SOURCE, "at": at}
    connection.execute(text(_RENAME_ITEMS), values)
    connection.execute(text(_ADD_ITEMS), values)


def _items(products: pl.DataFrame, variants: pl.DataFrame, at: datetime) -> pl.DataFrame:
    """Return one row an item in the shape of staged products: each known value with its version."""
    since = version(Authority.LIVE, datetime.fromtimestamp(0, tz=at.tzinfo))
    whole = products.select(
        pl.format("product:{}", "shopify_id").alias("product_ref"),
        _filled("title"),
        pl.lit(None, pl.String).alias("sku"),
        _filled("vendor"),
        _filled("product_type").alias("category"),
        "shopify_id",
        known=pl.col("known_at").fill_null(at).dt.epoch("us") + since,
    )
    of_product = whole.select("title", "vendor", "category", "shopify_id", "known")
    named = pl.when(pl.col("variant") == _ONLY_VARIANT).then("title")
    single = (
        variants.select("product_shopify_id", "sku", variant="title", number="shopify_id")
        .join(of_product, left_on="product_shopify_id", right_on="shopify_id", how="inner")
        .select(
            pl.format("variant:{}", "number").alias("product_ref"),
            named.otherwise(pl.concat_str("title", "variant", separator=" - ", ignore_nulls=True)).alias(
                "title"
            ),
            _filled("sku"),
            "vendor",
            "category",
            shopify_id="product_shopify_id",
            known="known",
        )
    )
    items = pl.concat([whole, single.select(whole.columns)])
    return items.with_columns(
        pl.when(pl.col(field.name).is_not_null()).then("known").alias(field.version_column) for field in FIELDS
    ).drop("known")


def _filled(name: str) -> pl.Expr:
    """Return a text column in which an empty text is none."""
    return pl.when(pl.col(name) != "").then(name).alias(name)
