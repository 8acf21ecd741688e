"""The sample store's catalogue as documents: products with variants, and a collection for each line."""

import numpy as np

from sandbox.sample_store.catalogue import LINE_COUNT, LINE_NAMES, LINES, PRODUCTS
from sandbox.sample_store.products_file import product_rows
from sandbox.sample_store.store import SampleStore
from sandbox.shopify.documents import make_collection, make_product, make_variant
from sandbox.shopify.state import Document

_PRODUCTS, _VARIANTS, _COLLECTIONS, _STEP = 7_700_000_000_000, 43_000_000_000_000, 440_000_000_000, 32_768
_FAVOURITES = 12


def product_numbers(store: SampleStore, shop_id: int) -> tuple[list[int], list[int]]:
    """Return the numbers of product and variant for each place in the catalogue."""
    titles = [product.title.partition(" - ")[0] for product in PRODUCTS]
    first = np.array([titles.index(title) for title in titles], dtype=np.int64)
    every = np.arange(len(PRODUCTS), dtype=np.int64)
    apart = shop_id % 1000 * 1_000_000_000
    draws = store.draws
    products = _PRODUCTS + apart + first * _STEP + draws.below("product id", first, _STEP)
    variants = _VARIANTS + apart + every * _STEP + draws.below("variant id", every, _STEP)
    return products.tolist(), variants.tolist()


def product_documents(store: SampleStore, shop_id: int) -> tuple[list[Document], list[Document]]:
    """Return products and variants; candles are younger than the rest."""
    numbers = product_numbers(store, shop_id)
    rows = product_rows(store).to_dicts()
    begun, launched = (
        f"{store.calendar.start}T09:00:00Z",
        f"{store.calendar.date_of(store.calendar.launch_day)}T09:00:00Z",
    )
    products: dict[int, Document] = {}
    variants = []
    for place, row in enumerate(rows):
        at = launched if LINE_NAMES[PRODUCTS[place].line] == "Candles" else begun
        number = numbers[0][place]
        if number not in products:
            products[number] = _product(number, row, at)
        option = products[number]["options"][0]
        variants.append(_variant(numbers[1][place], number, row, len(option["values"]) + 1, at))
        option["values"].append(row["Option1 Value"])
    return list(products.values()), variants


def _product(number: int, row: dict[str, str | None], at: str) -> Document:
    live = row["Status"] == "active"
    return make_product(
        number,
        str(row["Title"]),
        at,
        handle=row["Handle"],
        status="ACTIVE" if live else "DRAFT",
        vendor=row["Vendor"],
        productType=row["Type"],
        publishedAt=at if live else None,
        options=[{"id": number + 1, "name": row["Option1 Name"], "position": 1, "values": []}],
        isGiftCard=row["Gift Card"] == "true",
    )


def _variant(number: int, product_id: int, row: dict[str, str | None], position: int, at: str) -> Document:
    title = row["Option1 Value"]
    option = "Title" if title == "Default Title" else "Size"
    return make_variant(
        number,
        product_id,
        price=_cents(row["Variant Price"]) or 0,
        at=at,
        title=title,
        sku=row["Variant SKU"] or None,
        compareAtPrice=_cents(row["Variant Compare At Price"]),
        position=position,
        inventoryQuantity=int(row["Variant Inventory Qty"] or 0),
        tracked=row["Variant Inventory Tracker"] == "shopify",
        inventoryPolicy=str(row["Variant Inventory Policy"]).upper(),
        cost=_cents(row["Cost per item"]),
        selectedOptions=[{"name": option, "value": title}],
    )


def _cents(cell: str | None) -> int | None:
    return round(float(cell) * 100) if cell else None


def collection_documents(store: SampleStore, shop_id: int) -> list[Document]:
    """Return a collection for each line, and the favourites of all of them."""
    numbers = product_numbers(store, shop_id)[0]
    at = f"{store.calendar.start}T10:00:00Z"
    base = _COLLECTIONS + shop_id % 1000 * 1_000_000
    found = []
    for line in range(LINE_COUNT):
        members = dict.fromkeys(numbers[place] for place in np.flatnonzero(line == LINES))
        found.append(make_collection(base + line, LINE_NAMES[line], list(members), at))
    liked = sorted(range(len(PRODUCTS)), key=lambda place: -PRODUCTS[place].weight)[:_FAVOURITES]
    members = dict.fromkeys(numbers[place] for place in liked)
    return [*found, make_collection(base + LINE_COUNT, "House favourites", list(members), at)]
