"""Bring the sample store into the stand-in: the shop itself, its catalogue, its customers and its orders.

The numbers of orders and customers are those of the store's CSV exports, so that the same history can be
imported from a file or read through the interface, and comes to the same.
"""

from collections.abc import Callable
from datetime import date

from sandbox.sample_store.catalogue import CURRENCY, SHOP_NAME, TIMEZONE
from sandbox.sample_store.store import SampleStore, make_store
from sandbox.sample_store.telling import tell
from sandbox.shopify.documents import make_shop
from sandbox.shopify.sample_customers import Entries, customer_documents
from sandbox.shopify.sample_orders import block_documents
from sandbox.shopify.sample_products import collection_documents, product_documents, product_numbers
from sandbox.shopify.state import Document, State
from sandbox.shopify.world import World

SAMPLE_DOMAIN = "thistle-and-quire.myshopify.com"
SAMPLE_NUMBER = 92_891_250_001
QUIET_DOMAIN = "quiet-corner.myshopify.com"
QUIET_NUMBER = 92_891_250_002
_BLOCK = 10_000
Progress = Callable[[int, int], None]  # orders done, orders in all


def load(world: World, *, customers: int, until: date) -> None:
    """Load both stores into a world, each ending with the day ``until``."""
    load_sample(world.state, customers=customers, until=until)
    load_quiet_corner(world.state, until=until)


def load_sample(
    state: State,
    *,
    customers: int = 5000,
    seed: int = 7,
    until: date,
    months: int = 30,
    progress: Progress | None = None,
) -> SampleStore:
    """Load the sample store under its domain and return it; its last day is ``until``."""
    store = make_store(customers=customers, seed=seed, until=until, months=months)
    shop = make_shop(
        SAMPLE_NUMBER,
        SAMPLE_DOMAIN,
        SHOP_NAME,
        currencyCode=CURRENCY,
        ianaTimezone=TIMEZONE,
        createdAt=f"{store.calendar.start}T08:00:00Z",
    )
    load_store(state, shop, store, progress=progress)
    return store


def load_quiet_corner(state: State, *, until: date, customers: int = 40) -> SampleStore:
    """Load the small second store, which shares nothing with the first."""
    store = make_store(customers=customers, seed=11, until=until, months=12)
    shop = make_shop(
        QUIET_NUMBER,
        QUIET_DOMAIN,
        "Quiet Corner",
        currencyCode=CURRENCY,
        ianaTimezone=TIMEZONE,
        createdAt=f"{store.calendar.start}T08:00:00Z",
    )
    load_store(state, shop, store)
    return store


def load_store(state: State, shop: Document, store: SampleStore, *, progress: Progress | None = None) -> None:
    """Load any store of the sample kind under a shop's domain, in portions of ten thousand orders."""
    domain, number = shop["myshopifyDomain"], shop["id"]
    state.put(domain, "shop", shop)
    products, variants = product_documents(store, number)
    state.put_all(domain, "product", [(one, None) for one in products])
    state.put_all(domain, "variant", [(one, one["productId"]) for one in variants])
    state.put_all(domain, "collection", [(one, None) for one in collection_documents(store, number)])
    entries, goods, done = Entries(store), product_numbers(store, number), 0
    for block in store.blocks(_BLOCK):
        told = tell(store, block)
        entries.add(told)
        state.put_all(domain, "order", [(one, one["customerId"]) for one in block_documents(told, goods)])
        done += len(block)
        if progress is not None:
            progress(done, store.orders.key.size)
    for portion in customer_documents(entries):
        state.put_all(domain, "customer", [(one, None) for one in portion])
