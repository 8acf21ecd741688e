"""The files that Shopify would hand out, written block by block."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import polars as pl

from sandbox.sample_store import customers_file, orders_file
from sandbox.sample_store.cells import write
from sandbox.sample_store.customers_file import Spending, customer_rows
from sandbox.sample_store.orders_file import order_rows
from sandbox.sample_store.products_file import product_rows
from sandbox.sample_store.store import SampleStore
from sandbox.sample_store.telling import tell

Progress = Callable[[int, int], None]  # orders written, orders in all


class Exports(NamedTuple):
    """Where the files lie."""

    orders: Path
    customers: Path
    products: Path


def write_exports(store: SampleStore, folder: Path, *, progress: Progress | None = None) -> Exports:
    """Write the orders, customers and products exports into a folder, which is made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    exports = Exports(*(folder / f"{name}_export.csv" for name in Exports._fields))
    spending = Spending(store)
    with exports.orders.open("wb") as file:
        write(_no_rows(orders_file.HEADER), file, header=True)
        done = 0
        for block in store.blocks():
            told = tell(store, block)
            spending.add(told)
            write(order_rows(told), file, header=False)
            done += len(block)
            if progress:
                progress(done, store.orders.key.size)
    with exports.customers.open("wb") as file:
        write(_no_rows(customers_file.HEADER), file, header=True)
        for rows in customer_rows(store, spending):
            write(rows, file, header=False)
    with exports.products.open("wb") as file:
        write(product_rows(store), file, header=True)
    return exports


def _no_rows(header: list[str]) -> pl.DataFrame:
    return pl.DataFrame(schema=dict.fromkeys(header, pl.Utf8))
