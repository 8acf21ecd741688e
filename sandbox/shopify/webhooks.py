"""From something that happened in a store to deliveries in the queue: who wants to hear, what is said."""

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta

from sandbox.shopify import delivery_queue, payloads, subscriptions, webhook_filter
from sandbox.shopify.state import Document
from sandbox.shopify.world import World

_EVENT: ContextVar[str | None] = ContextVar("event", default=None)


def listen(world: World) -> None:
    """Turn everything that is told in this world into webhooks."""

    def hear(shop: str, topic: str, document: Document) -> None:
        announce(world, shop, topic, document)

    world.listeners.append(hear)


@contextmanager
def one_event() -> Iterator[None]:
    """Give all that is told inside one event id: it came from one deed of one person."""
    if _EVENT.get() is not None:
        yield
        return
    token = _EVENT.set(str(uuid.uuid4()))
    try:
        yield
    finally:
        _EVENT.reset(token)


def announce(world: World, shop: str, topic: str, document: Document) -> int:
    """Queue what is to be sent of this to whom; return to how many."""
    owner = next(world.state.each(shop, "shop"), None)
    if owner is None:
        return 0
    wanted = subscriptions.wanting(world, owner, topic)
    if not wanted:
        return 0
    whole = payloads.body_of(world, owner, topic, document)
    sent = 0
    for subscription in wanted:
        body = webhook_filter.trimmed(whole, list(subscription.fields))
        if webhook_filter.passes(subscription.filter, body):
            delivery_queue.add(world, shop, make_delivery(world, subscription, body))
            sent += 1
    return sent


def send_later(world: World, shop: str, topic: str, body: Document, *, after: timedelta) -> None:
    """Queue a body for a time to come, on the world's own (compressible) scale."""
    owner = next(world.state.each(shop, "shop"))
    due = time.time() + after.total_seconds() * delivery_queue.time_scale(world)
    for subscription in subscriptions.wanting(world, owner, topic):
        delivery_queue.add(world, shop, make_delivery(world, subscription, body), due=due)


def make_delivery(world: World, subscription: subscriptions.Subscription, body: Document) -> Document:
    """Return a delivery that waits to be sent: headers and body are fixed from here on."""
    return {
        "id": world.state.next_number("webhook_delivery", start=1),
        "webhookId": str(uuid.uuid4()),
        "eventId": _EVENT.get() or str(uuid.uuid4()),
        "topic": subscription.topic,
        "name": subscription.name,
        "uri": subscription.uri,
        "apiVersion": subscription.version,
        "subscriptionId": subscription.number,
        "triggeredAt": datetime.now(tz=UTC).strftime("%Y-%m-%dT%H:%M:%S.%f000Z"),  # noqa: TID251 (the real clock)
        "body": payloads.written(body).decode(),
        "status": "waiting",
        "answers": [],
    }
