"""The orders of a sample store as the file of a bulk query, without a state in between: for benchmarks.

The lines are those that ``orders { edges { node { … lineItems … } } }`` gives with the fields named in
:data:`ORDER_FIELDS` and :data:`LINE_FIELDS`; children stand apart from their parents, as in a real file.
"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import numpy as np
import orjson

from sandbox.sample_store import order_cells
from sandbox.sample_store.baskets import EMPTY
from sandbox.sample_store.catalogue import CARDS, PRODUCTS, VENDORS
from sandbox.sample_store.fates import Fate
from sandbox.sample_store.store import SampleStore
from sandbox.sample_store.telling import Told, tell
from sandbox.shopify.sample_products import product_numbers
from sandbox.shopify.sample_sums import Column, line_numbers, reckon

ORDER_FIELDS = (
    "id name createdAt processedAt updatedAt cancelledAt test currencyCode displayFinancialStatus sourceName "
    "tags discountCodes customer{id} totalPriceSet currentTotalPriceSet totalRefundedSet totalDiscountsSet "
    "refunds{id createdAt totalRefundedSet}"
)
LINE_FIELDS = (
    "id title sku vendor quantity currentQuantity isGiftCard product{id} variant{id} originalUnitPriceSet "
    "discountedUnitPriceAfterAllDiscountsSet discountAllocations{discountApplication{... on "
    "AutomaticDiscountApplication{title}}} lineItemGroup{id}"
)
_ALLOCATED = '[{"discountApplication":{}}]'  # by a code or by hand: there is no automatic discount in the store
_REFUNDS = 880_000_000_000
_ALL_BACK = (Fate.CANCELLED_AND_REFUNDED, Fate.REFUNDED)
_NONE_LEFT = (*_ALL_BACK, Fate.CANCELLED_AND_VOIDED)
Progress = Callable[[int, int], None]


def write_orders_jsonl(
    store: SampleStore, path: Path, *, shop_id: int = 1, apart: bool = True, progress: Progress | None = None
) -> int:
    """Write all orders and their lines; return how many objects that are.

    ``apart`` puts the lines after all orders; otherwise each order is followed by its own.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    goods, objects, done = _goods(store, shop_id), 0, 0
    side_path = path.with_suffix(".children")
    with path.open("wb") as file, side_path.open("w+b") as side:
        for block in store.blocks():
            objects += _write_block(tell(store, block), goods, file, side if apart else file)
            done += len(block)
            if progress is not None:
                progress(done, store.orders.key.size)
        side.seek(0)
        shutil.copyfileobj(side, file)
    side_path.unlink()
    return objects


def _goods(store: SampleStore, shop_id: int) -> list[str]:
    """Return the part of a line that its product alone decides, as JSON."""
    products, variants = product_numbers(store, shop_id)
    found = []
    for place, product in enumerate(PRODUCTS):
        words = {
            "title": product.title.partition(" - ")[0],
            "sku": product.sku or None,
            "vendor": VENDORS[product.line],
            "isGiftCard": product.line == CARDS,
            "product": {"id": f"gid://shopify/Product/{products[place]}"},
            "variant": {"id": f"gid://shopify/ProductVariant/{variants[place]}"},
        }
        found.append(orjson.dumps(words).decode()[1:-1])
    return found


def _write_block(told: Told, goods: list[str], file: IO[bytes], side: IO[bytes]) -> int:
    column, numbers = reckon(told), told.order_id.tolist()
    lines = _lines(told, goods, column, numbers)
    objects = len(numbers)
    for order, below in zip(_orders(told, column, numbers), lines, strict=True):
        file.write(order.encode())
        side.write("".join(below).encode())
        objects += len(below)
    return objects


def _orders(told: Told, column: Column, numbers: list[int]) -> Iterator[str]:
    cells = {name: cell.to_list() for name, cell in order_cells.describe(told).items() if name in _CELLS}
    tests = (told.fates.fate == Fate.TEST).tolist()
    customers = told.customer_id.tolist()
    refund_ids = (
        _REFUNDS + told.block.number * 16 + told.store.draws.below("refund id", told.block.key, 16)
    ).tolist()
    for row, number in enumerate(numbers):
        created, cancelled, back = column.created[row], column.cancelled[row], column.refunded[row]
        left = 0 if cancelled else column.total[row] - back
        buyer = f'{{"id":"gid://shopify/Customer/{customers[row]}"}}' if customers[row] else "null"
        refund = _refund(refund_ids[row], column.refunded_at[row], back) if back else ""
        code = f'"{cells["Discount Code"][row]}"' if cells["Discount Code"][row] else ""
        when = f'"{cancelled}"' if cancelled else "null"
        yield (
            f'{{"id":"gid://shopify/Order/{number}","name":"{cells["Name"][row]}","createdAt":"{created}",'
            f'"processedAt":"{created}","updatedAt":"{column.updated[row]}","cancelledAt":{when},'
            f'"test":{"true" if tests[row] else "false"},"currencyCode":"USD",'
            f'"displayFinancialStatus":"{cells["Financial Status"][row].upper()}",'
            f'"sourceName":"{cells["Source"][row]}","tags":{_tags(cells["Tags"][row])},"discountCodes":[{code}],'
            f'"customer":{buyer},"totalPriceSet":{_bag(column.total[row])},"currentTotalPriceSet":{_bag(left)},'
            f'"totalRefundedSet":{_bag(back)},"totalDiscountsSet":{_bag(column.discount[row])},'
            f'"refunds":[{refund}]}}\n'
        )


_CELLS = frozenset(("Name", "Financial Status", "Source", "Tags", "Discount Code"))


def _refund(number: int, at: str | None, amount: int) -> str:
    return f'{{"id":"gid://shopify/Refund/{number}","createdAt":"{at}","totalRefundedSet":{_bag(amount)}}}'


def _tags(cell: str) -> str:
    return "[" + ",".join(f'"{tag}"' for tag in cell.split(", ") if tag) + "]"


def _bag(minor: int) -> str:
    return f'{{"shopMoney":{{"amount":"{minor / 100!r}","currencyCode":"USD"}}}}'


def _lines(told: Told, goods: list[str], column: Column, numbers: list[int]) -> Iterator[list[str]]:
    product, quantity = told.baskets.product.tolist(), told.baskets.quantity.tolist()
    line_ids, left = line_numbers(told), _left(told).tolist()
    for row, number in enumerate(numbers):
        yield [
            f'{{"id":"gid://shopify/LineItem/{line_ids[row][place]}",{goods[which]},'
            f'"quantity":{quantity[row][place]},"currentQuantity":{left[row][place]},'
            f'"originalUnitPriceSet":{_bag(column.price[row][place])},'
            f'"discountedUnitPriceAfterAllDiscountsSet":{_after(column, row, place, quantity[row][place])},'
            f'"discountAllocations":{_ALLOCATED if column.line_discount[row][place] else "[]"},'
            f'"lineItemGroup":null,'
            f'"__parentId":"gid://shopify/Order/{number}"}}\n'
            for place, which in enumerate(product[row])
            if which != EMPTY
        ]


def _after(column: Column, row: int, place: int, quantity: int) -> str:
    price, discount = column.price[row][place], column.line_discount[row][place]
    return _bag(price - (2 * discount + quantity) // (2 * quantity))


def _left(told: Told) -> np.ndarray:
    """Return the quantities that are left after cancellations and refunds."""
    fate = told.fates.fate
    left = np.where(np.isin(fate, _NONE_LEFT)[:, None], 0, told.baskets.quantity)
    back = (fate == Fate.PARTLY_REFUNDED) & (told.bills.refunded > 0)
    left[back, 0] -= 1
    return np.maximum(left, 0)
