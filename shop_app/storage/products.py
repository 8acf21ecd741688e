"""Products by what their source calls them; a title or a category is as new as the order it was sold in."""

from datetime import UTC, datetime

import polars as pl
from sqlalchemy import Connection, text

from shop_app.storage import staging
from shop_app.storage.known_fields import (
    Authority,
    KnownField,
    anything_wins,
    assignments,
    insert_columns,
    insert_values,
    version,
)
from shop_app.storage.staging import Origin

FIELDS = tuple(KnownField.plain(name) for name in ("title", "sku", "vendor", "category", "shopify_id"))
"""``shopify_id`` is Shopify's number of the product that a sold variant belongs to."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_SHOP = "current_setting('app.shop_id')::bigint"

_FIND = """
    INSERT INTO file_products
    SELECT s.product_ref, COALESCE(kept.id, nextval('products_id_seq')), kept.id IS NULL
    FROM staged_products s
    LEFT JOIN LATERAL (
        SELECT p.id FROM products p WHERE p.source = :source AND p.source_key = s.product_ref LIMIT 1
    ) kept ON true
    WHERE NOT EXISTS (SELECT FROM file_products f WHERE f.product_ref = s.product_ref)"""

_UPDATE = f"""
    UPDATE products p SET {assignments(FIELDS, "s", "p")},
        fact_rank = GREATEST(p.fact_rank, :rank), fact_at = GREATEST(p.fact_at, :at)
    FROM file_products f JOIN staged_products s USING (product_ref)
    WHERE p.id = f.product_id AND NOT f.is_new AND ({anything_wins(FIELDS, "s", "p")})"""

_INSERT = f"""
    INSERT INTO products (shop_id, id, source, source_key, fact_rank, fact_at, {insert_columns(FIELDS)})
    SELECT {_SHOP}, f.product_id, :source, s.product_ref, :rank, :at, {insert_values(FIELDS, "s")}
    FROM staged_products s JOIN file_products f USING (product_ref) WHERE f.is_new"""

_INSERTED = "UPDATE file_products SET is_new = false WHERE is_new"


def newest_names(sold: pl.DataFrame, authority: Authority) -> pl.DataFrame:
    """Return one row a product of ``sold`` (``product_ref``, fields, ``sold_at``): each field's newest."""
    names = [field.name for field in FIELDS]
    since = version(authority, _EPOCH)
    moment = pl.col("sold_at").fill_null(_EPOCH).dt.epoch("us").clip(lower_bound=0).cast(pl.Int64)
    ranked = (
        sold.drop_nulls("product_ref")
        .with_columns(known=moment + since)
        .sort("known", *names, nulls_last=False)
    )
    values = [pl.col(name).drop_nulls().last() for name in names]
    versions = [
        pl.col("known").filter(pl.col(name).is_not_null()).last().alias(f"{name}_version") for name in names
    ]
    return ranked.group_by("product_ref").agg(*values, *versions).sort("product_ref")


def take_in(connection: Connection, newest: pl.DataFrame, origin: Origin) -> None:
    """Write the products of :func:`newest_names`, and remember the file's names for them."""
    staging.fill(connection, "staged_products", newest)
    staging.count_rows(connection, ["staged_products"])
    connection.execute(text(_FIND), origin.values())
    if connection.execute(text("SELECT EXISTS (SELECT FROM file_products WHERE NOT is_new)")).scalar_one():
        connection.execute(text(_UPDATE), origin.values())
    connection.execute(text(_INSERT), origin.values())
    connection.execute(text(_INSERTED))
