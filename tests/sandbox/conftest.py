"""One sample store for all tests of it, made and written once."""

from datetime import date
from typing import NamedTuple

import polars as pl
import pytest

from sandbox.sample_store import SampleStore, make_store, write_exports

UNTIL = date(2026, 10, 31)


class Written(NamedTuple):
    """A store and its files, read back as text."""

    store: SampleStore
    orders: pl.DataFrame  # as the file has it: one row a line item
    customers: pl.DataFrame
    products: pl.DataFrame

    @property
    def heads(self):
        """The first row of every order."""
        return self.orders.filter(pl.col("Financial Status").is_not_null())

    @property
    def baskets(self):
        """Counted orders and what is in them: ``Name``, ``sku``, ``kind``, ``person``, ``created_at``."""
        counted = self.store.truth.orders.filter(pl.col("verdict") == "counts")
        lines = self.orders.select("Name", sku="Lineitem sku").unique(maintain_order=True)
        return lines.join(counted, left_on="Name", right_on="name")


def read(path):
    """A file of the store, every cell as text, null where nothing was written."""
    return pl.read_csv(path, infer_schema=False)


@pytest.fixture(scope="session")
def shop(tmp_path_factory):
    """The default store, as ``make run`` shows it."""
    store = make_store(until=UNTIL)
    return Written(store, *map(read, write_exports(store, tmp_path_factory.mktemp("sample_store"))))
