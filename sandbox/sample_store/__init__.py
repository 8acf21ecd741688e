"""A believable shop that never was, and the files Shopify would export of it.

>>> store = make_store(customers=5000, seed=7, until=date(2026, 10, 31))
>>> write_exports(store, Path("out"))
>>> store.truth.pairs

Nothing here is real: shop, brands, products, people, towns and phones are invented.
"""

from sandbox.sample_store.exports import Exports, write_exports
from sandbox.sample_store.store import SampleStore, make_store

__all__ = ["Exports", "SampleStore", "make_store", "write_exports"]
