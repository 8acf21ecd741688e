"""A batch of webhooks folded to what counts: the newest version of each thing, whatever order they came in."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from shop_app.services.webhook_reading import Gone, Hint, Reading
from shop_app.shopify.payload_goods import ToldBasket, ToldProduct
from shop_app.shopify.payload_orders import ToldOrder
from shop_app.shopify.payload_people import ToldCustomer, ToldMerge
from shop_app.storage.checkouts import Basket, Ordered

Version = TypeVar("Version", ToldOrder, ToldProduct)

TWO_VERSIONS = "two versions of one second differ"


@dataclass(slots=True)
class Folded:
    """What a batch says. ``partial`` orders lack something: they are taken only where nothing is known yet."""

    orders: list[ToldOrder] = field(default_factory=list)
    partial: list[ToldOrder] = field(default_factory=list)
    customers: list[ToldCustomer] = field(default_factory=list)
    products: list[ToldProduct] = field(default_factory=list)
    baskets: list[Basket] = field(default_factory=list)
    ordered: list[Ordered] = field(default_factory=list)
    merges: list[tuple[int, int]] = field(default_factory=list)
    gone: dict[tuple[str, datetime], set[int]] = field(default_factory=lambda: defaultdict(set))
    hints: set[Hint] = field(default_factory=set)


def fold(readings: Iterable[Reading]) -> Folded:
    """Put together what the deliveries of a batch tell."""
    readings = list(readings)
    folded = Folded(hints={hint for reading in readings for hint in reading.hints})
    told = [reading.told for reading in readings if reading.told is not None]
    orders = [each for each in told if isinstance(each, ToldOrder)]
    folded.orders = _newest([each for each in orders if each.is_whole])
    whole = {each.shopify_id for each in folded.orders}
    folded.partial = _newest([e for e in orders if not e.is_whole and e.shopify_id not in whole])
    folded.ordered = [mark for each in orders for mark in _ordered(each)]
    folded.customers = sorted(
        (each for each in told if isinstance(each, ToldCustomer)),
        key=lambda each: (each.shopify_id, each.known_at, each.told_at),
    )
    folded.products = _newest([each for each in told if isinstance(each, ToldProduct)])
    folded.baskets = [
        _basket(reading.told, reading.row.triggered_at)
        for reading in readings
        if isinstance(reading.told, ToldBasket)
    ]
    folded.merges = sorted({(each.kept_id, each.lost_id) for each in told if isinstance(each, ToldMerge)})
    for reading in readings:
        if isinstance(reading.told, Gone):
            gone = reading.told
            folded.gone[gone.resource, reading.row.triggered_at].add(gone.shopify_id)
    folded.hints |= {Hint("order", number, TWO_VERSIONS) for number in _tied(orders)}
    return folded


def _newest(versions: Sequence[Version]) -> list[Version]:
    found: dict[int, Version] = {}
    for each in sorted(versions, key=lambda version: (version.known_at, version.told_at)):
        found[each.shopify_id] = each
    return [found[number] for number in sorted(found)]


def _tied(orders: Sequence[ToldOrder]) -> set[int]:
    """Return which orders are told twice for one second, and differently."""
    first: dict[tuple[int, datetime], ToldOrder] = {}
    tied = set()
    for each in orders:
        other = first.setdefault((each.shopify_id, each.known_at), each)
        if not each.says_the_same(other):
            tied.add(each.shopify_id)
    return tied


def _ordered(order: ToldOrder) -> Iterable[Ordered]:
    for kind, token in (("cart", order.cart_token), ("checkout", order.checkout_token)):
        if token is not None:
            yield Ordered(kind, token, order.customer_id, order.processed_at)


def _basket(told: ToldBasket, told_at: datetime) -> Basket:
    return Basket(
        kind=told.kind,
        token=told.token,
        cart_token=told.cart_token,
        shopify_id=told.shopify_id,
        customer_shopify_id=told.customer_id,
        fact_at=told.known_at,
        told_at=told_at,
        started_at=told.started_at,
        completed_at=told.completed_at,
        currency=told.currency,
        value=told.value,
        item_count=told.item_count,
        product_shopify_ids=told.product_ids,
    )
