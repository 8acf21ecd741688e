"""The products export: one row a variant, with what it costs the shop and how many are left."""

import numpy as np
import polars as pl

from sandbox.sample_store.catalogue import (
    CARDS,
    COST_PERCENT,
    LINE_NAMES,
    PRODUCTS,
    SAMPLES,
    VENDORS,
    Product,
)
from sandbox.sample_store.store import SampleStore

_COLUMNS = (
    "Handle|Title|Body (HTML)|Vendor|Product Category|Type|Tags|Published|Option1 Name|Option1 Value|"
    "Option1 Linked To|Option2 Name|Option2 Value|Option2 Linked To|Option3 Name|Option3 Value|"
    "Option3 Linked To|Variant SKU|Variant Grams|Variant Inventory Tracker|Variant Inventory Qty|"
    "Variant Inventory Policy|Variant Fulfillment Service|Variant Price|Variant Compare At Price|"
    "Variant Requires Shipping|Variant Taxable|Unit Price Total Measure|Unit Price Total Measure Unit|"
    "Unit Price Base Measure|Unit Price Base Measure Unit|Variant Barcode|Image Src|Image Position|"
    "Image Alt Text|Gift Card|SEO Title|SEO Description|Variant Image|Variant Weight Unit|"
    "Variant Tax Code|Cost per item|Status"
)
HEADER = _COLUMNS.split("|")


def product_rows(store: SampleStore) -> pl.DataFrame:
    """Return the catalogue as Shopify lists it; candles are drafts until they are launched."""
    stock = store.draws.between("stock", np.arange(len(PRODUCTS), dtype=np.int64), 0, 400)
    launched = store.calendar.day_of(store.until) >= store.calendar.launch_day
    rows, seen = [], set()
    for number, product in enumerate(PRODUCTS):
        title, _, variant = product.title.partition(" - ")
        cells = _variant(product, variant, int(stock[number]))
        if title not in seen:
            cells |= _product(product, title, variant, launched=launched)
        seen.add(title)
        rows.append({name: cells.get(name) for name in HEADER} | {"Handle": _handle(title)})
    return pl.DataFrame(rows, schema=dict.fromkeys(HEADER, pl.Utf8))


def _handle(title: str) -> str:
    letters = "".join(letter if letter.isalnum() else " " for letter in title.lower().replace("'", ""))
    return "-".join(letters.split())


def _product(product: Product, title: str, variant: str, *, launched: bool) -> dict[str, str]:
    return {
        "Title": title,
        "Vendor": VENDORS[product.line],
        "Type": LINE_NAMES[product.line],
        "Tags": "",
        "Published": "true",
        "Option1 Name": "Size" if variant else "Title",
        "Gift Card": "true" if product.line == CARDS else "false",
        "Status": "active" if launched or LINE_NAMES[product.line] != "Candles" else "draft",
    }


def _variant(product: Product, variant: str, stock: int) -> dict[str, str]:
    digital = product.line == CARDS
    cost = product.cents * COST_PERCENT[product.line] // 100
    return {
        "Option1 Value": variant or "Default Title",
        "Variant SKU": product.sku,
        "Variant Grams": "0" if digital else "250",
        "Variant Inventory Tracker": "" if digital else "shopify",
        "Variant Inventory Qty": "0" if digital else str(stock),
        "Variant Inventory Policy": "continue" if digital else "deny",
        "Variant Fulfillment Service": "manual",
        "Variant Price": f"{product.cents / 100:.2f}",
        "Variant Compare At Price": f"{product.was_cents / 100:.2f}" if product.was_cents else "",
        "Variant Requires Shipping": "false" if digital else "true",
        "Variant Taxable": "false" if product.line in (CARDS, SAMPLES) else "true",
        "Variant Weight Unit": "g",
        "Cost per item": "" if digital else f"{cost / 100:.2f}",
    }
