"""A small shop for offers: its items, keys and findings as plain frames."""

from datetime import datetime
from zoneinfo import ZoneInfo

import polars as pl

AS_OF = datetime(2026, 3, 10, 9, 30, tzinfo=ZoneInfo("Europe/Berlin"))

ITEM = {
    "item_id": pl.Int64,
    "name": pl.String,
    "sku": pl.String,
    "vendor": pl.String,
    "category": pl.String,
    "product_number": pl.Int64,
    "variant_number": pl.Int64,
    "price": pl.Int64,
    "compare_at_price": pl.Int64,
    "cost": pl.Int64,
    "stock": pl.Int64,
    "is_gift_card": pl.Boolean,
    "status": pl.String,
    "created_day": pl.Int32,
    "tags": pl.List(pl.String),
}


def item(item_id, *, price=2000, cost=600, stock=500, category=None, name=None, **more):
    """One row of items."""
    row = dict.fromkeys(ITEM) | {"is_gift_card": False, "status": "active", "tags": []}
    row |= {"item_id": item_id, "name": name or f"Item {item_id}", "price": price, "cost": cost, "stock": stock}
    return row | {"category": category} | more


def items_frame(*rows):
    return pl.DataFrame(list(rows), schema=ITEM)


def keys_frame(items):
    """Keys at the level of variants."""
    return items.select("item_id", key=pl.col("item_id").cast(pl.String), key_name="name")


def pair(a, b, *, count=60, a_count=600, b_count=500, g=100.0, is_found=True):
    a, b = str(a), str(b)
    return {
        "a": a,
        "b": b,
        "a_name": f"Item {a}",
        "b_name": f"Item {b}",
        "count": count,
        "a_count": a_count,
        "b_count": b_count,
        "basket_count": 10_000,
        "support": count / 10_000,
        "confidence_ab": count / a_count,
        "confidence_ba": count / b_count,
        "lift": count * 10_000 / (a_count * b_count),
        "g": g,
        "is_found": is_found,
    }


def demand_of(counts, segment=""):
    rows = [{"segment": segment, "key": str(key), "basket_count": count} for key, count in counts.items()]
    return pl.DataFrame(rows, schema={"segment": pl.String, "key": pl.String, "basket_count": pl.Int64})


LINE = {
    "order_id": pl.Int64,
    "customer_id": pl.Int64,
    "day": pl.Int32,
    "at": pl.Datetime("us", "UTC"),
    "item_id": pl.Int64,
    "quantity": pl.Int64,
    "bought": pl.Int64,
    "unit_price": pl.Int64,
    "discount": pl.Int64,
    "total": pl.Int64,
    "is_gift_card": pl.Boolean,
    "codes": pl.List(pl.String),
    "automatic_discounts": pl.List(pl.String),
    "bundle_product_id": pl.Int64,
}


def line(order_id, item_id, at, *, bought=1, kept=None, unit_price=2000, total=None, customer_id=1, codes=()):
    """One row of lines, of an order that tells nothing of discounts and bundles itself."""
    full = bought * unit_price
    total = full if total is None else total
    return {
        "order_id": order_id,
        "customer_id": customer_id,
        "day": int(at.timestamp() // 86_400),
        "at": at,
        "item_id": item_id,
        "quantity": bought if kept is None else kept,
        "bought": bought,
        "unit_price": unit_price,
        "discount": full - total,
        "total": total,
        "is_gift_card": False,
        "codes": list(codes),
        "automatic_discounts": None,
        "bundle_product_id": None,
    }


def told(row, *titles, bundle=None):
    """Return a row as Shopify tells it: what took something off it by itself, and whose part it was sold as."""
    return row | {"automatic_discounts": list(titles), "bundle_product_id": bundle}


def lines_frame(*rows):
    return pl.DataFrame(list(rows), schema=LINE)
