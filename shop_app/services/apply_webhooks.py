"""What a batch of webhooks says goes into the tables, and the batch is done: one transaction, or none of it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from shop_app.services.take_facts import take_facts
from shop_app.services.webhook_contradictions import ShopIdentity, list_foreign
from shop_app.services.webhook_folding import TWO_VERSIONS, Folded, fold
from shop_app.services.webhook_reading import Gone, Hint, Reading
from shop_app.shopify.payload_goods import ToldProduct
from shop_app.shopify.payload_orders import ToldOrder
from shop_app.shopify.payload_people import ToldCustomer
from shop_app.shopify.payloads import to_catalogue, to_facts
from shop_app.storage import catalogue, checkouts, fact_lock, refetches, removals, webhook_inbox
from shop_app.storage.engine import Connection, transaction
from shop_app.storage.webhook_inbox import Outcome

_ABOUT_ANOTHER = "What it is about belongs to another shop."


def apply_webhooks(shop_id: int, readings: Sequence[Reading], shop: ShopIdentity, *, now: datetime) -> None:
    """Write what these deliveries tell, ask for what they leave unsaid, and mark them done."""
    if not readings:
        return
    readings = _without_foreign(shop_id, readings)
    folded = fold(readings)
    ends = [
        reading.end or Outcome(reading.row.id, "done", _words(reading), reading.concerns)
        for reading in readings
    ]
    with transaction(shop_id) as connection:
        fact_lock.share(connection)
        asked = _take_orders_and_people(connection, shop_id, folded, shop, now)
        _take_goods(connection, shop_id, folded, shop, now)
        _take_away(connection, shop_id, folded)
        _ask(connection, shop_id, asked, now)
        webhook_inbox.settle(connection, ends, at=now)


def _without_foreign(shop_id: int, readings: Sequence[Reading]) -> list[Reading]:
    """Lock away what is about orders, customers or products of another shop of ours."""
    about = [(reading, _numbers(reading)) for reading in readings]
    told: dict[str, set[int]] = defaultdict(set)
    for _, numbers in about:
        for resource, number in numbers:
            told[resource].add(number)
    foreign = list_foreign(shop_id, told) if told else {}
    return [
        reading.ended("quarantined", _ABOUT_ANOTHER)
        if any(number in foreign.get(resource, ()) for resource, number in numbers)
        else reading
        for reading, numbers in about
    ]


def _numbers(reading: Reading) -> set[tuple[str, int]]:
    told, found = reading.told, {(hint.resource, hint.shopify_id) for hint in reading.hints}
    if isinstance(told, ToldOrder):
        found.add(("order", told.shopify_id))
        if told.customer_id is not None:
            found.add(("customer", told.customer_id))
    elif isinstance(told, ToldCustomer):
        found.add(("customer", told.shopify_id))
    elif isinstance(told, ToldProduct):
        found.add(("product", told.shopify_id))
    elif isinstance(told, Gone) and told.resource != "checkout":
        found.add((told.resource, told.shopify_id))
    return found


def _take_orders_and_people(
    connection: Connection, shop_id: int, folded: Folded, shop: ShopIdentity, now: datetime
) -> set[Hint]:
    """Write orders and customers; return all that is to be read again."""
    known = removals.list_known(connection, "orders", [each.shopify_id for each in folded.partial])
    orders = [*folded.orders, *(each for each in folded.partial if each.shopify_id not in known)]
    hints = set(folded.hints)
    if orders or folded.customers:
        facts = to_facts(orders, folded.customers, currency=shop.currency)
        taken = take_facts(connection, shop_id, facts, at=now, currency=shop.currency)
        hints |= {Hint("order", number, TWO_VERSIONS) for number in taken.tied}
    return hints


def _take_goods(
    connection: Connection, shop_id: int, folded: Folded, shop: ShopIdentity, now: datetime
) -> None:
    if folded.products:
        told = to_catalogue(folded.products)
        catalogue.take_products(connection, told, at=now, currency=shop.currency, knows_cost=False)
    checkouts.take(connection, shop_id, folded.baskets)
    checkouts.mark_ordered(connection, shop_id, folded.ordered)


def _take_away(connection: Connection, shop_id: int, folded: Folded) -> None:
    """Write what is gone, after everything else: it stays gone, whatever else was told."""
    for (resource, at), numbers in sorted(folded.gone.items()):
        ids = sorted(numbers)
        if resource == "order":
            removals.delete_orders(connection, ids, at=at)
        elif resource == "customer":
            removals.delete_customers(connection, shop_id, ids, at=at)
        elif resource == "product":
            catalogue.delete_products(connection, ids, at=at)
        else:
            checkouts.mark_gone(connection, shop_id, ids, at=at)
    if folded.merges:
        removals.merge_customers(connection, shop_id, folded.merges)
    people = {basket.customer_shopify_id for basket in folded.baskets}
    people |= {mark.customer_shopify_id for mark in folded.ordered}
    people |= {each.shopify_id for each in folded.customers} | {order.customer_id for order in folded.orders}
    checkouts.tie_customers(connection, [number for number in people if number is not None])


def _ask(connection: Connection, shop_id: int, hints: set[Hint], now: datetime) -> None:
    """Ask for what is to be read again; how often it is asked for makes no difference."""
    by_reason: dict[tuple[str, str], list[int]] = defaultdict(list)
    for hint in hints:
        by_reason[hint.resource, hint.reason].append(hint.shopify_id)
    for (resource, reason), numbers in sorted(by_reason.items()):
        refetches.ask(connection, shop_id, resource, numbers, reason=reason, at=now)


def _words(reading: Reading) -> str | None:
    return "It is read again from Shopify." if reading.hints else None


def without_facts(reading: Reading, words: str) -> Reading:
    """Return a delivery of which nothing is taken, for the reason given."""
    return replace(reading, told=None, hints=(), end=Outcome(reading.row.id, "done", words, reading.concerns))
