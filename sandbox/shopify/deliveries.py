"""Sending webhooks: signed, five seconds each at most, nine tries in four hours (on the world's scale)."""

import base64
import hashlib
import hmac
import threading
import time

import requests

from sandbox.shopify import delivery_queue, faults
from sandbox.shopify.state import Document
from sandbox.shopify.world import World

RETRY_AFTER_SECONDS = (60, 180, 420, 900, 1800, 2700, 3600, 4740)
"""Gaps between tries: eight, growing, four hours in all."""
_CONNECT_SECONDS, _ANSWER_SECONDS = 1, 5
_HELD_SECONDS = 0.2  # how soon a held delivery is looked at again
_AGENT = "Shopify-Captain-Hook"


class Deliverer:
    """Threads that send what is due until they are stopped."""

    def __init__(self, world: World, *, threads: int = 12) -> None:
        self._world = world
        self._stopped = threading.Event()
        self._threads = [
            threading.Thread(target=self._work, name=f"webhooks-{number}", daemon=True)
            for number in range(threads)
        ]

    def start(self) -> None:
        """Begin to send."""
        delivery_queue.of(self._world)
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Send no more; what is under way is tried again by the next who starts."""
        self._stopped.set()
        delivery_queue.of(self._world).close()
        for thread in self._threads:
            thread.join(timeout=0.5)

    def _work(self) -> None:
        queue = delivery_queue.of(self._world)
        with requests.Session() as session:
            session.trust_env = False
            while not self._stopped.is_set():
                entry = queue.take()
                if entry is None:
                    continue
                _, number, shop = entry
                if faults.of(self._world).holds_webhooks():
                    queue.push(time.time() + _HELD_SECONDS, shop, number)
                else:
                    send_one(self._world, session, shop, number)


def send_one(world: World, session: requests.Session, shop: str, number: int) -> None:
    """Try one delivery (and its copies), and write down what came of it."""
    delivery = world.state.find(shop, delivery_queue.KIND, number)
    if delivery is None or delivery["status"] != "waiting":
        return
    answer = _post(world, session, shop, delivery)
    for _ in range(delivery.get("copies", 1) - 1):
        _post(world, session, shop, delivery)
    with world.state.together():
        _write_down(world, shop, delivery, answer)


def headers_of(world: World, shop: str, delivery: Document) -> dict[str, str]:
    """Return the headers of a delivery; equal at every try."""
    headers = {
        "Content-Type": "application/json",
        "User-Agent": _AGENT,
        "X-Shopify-Topic": delivery["topic"],
        "X-Shopify-Hmac-Sha256": _signature(world, delivery),
        "X-Shopify-Shop-Domain": shop,
        "X-Shopify-API-Version": delivery["apiVersion"],
        "X-Shopify-Webhook-Id": delivery["webhookId"],
        "X-Shopify-Event-Id": delivery["eventId"],
        "X-Shopify-Triggered-At": delivery["triggeredAt"],
    }
    return headers | ({"X-Shopify-Name": delivery["name"]} if delivery.get("name") else {})


def sign(body: bytes, secret: str) -> str:
    """Return the signature of a body: base64 of HMAC-SHA256."""
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def _signature(world: World, delivery: Document) -> str:
    secret = world.app.client_secret
    if delivery.get("signing") == "old":
        secret = world.app.old_client_secret or secret
    if delivery.get("signing") == "wrong" and not delivery["answers"]:
        secret = secret[::-1] + "?"  # the first try only: what was refused comes again, signed as it should be
    return sign(delivery["body"].encode(), secret)


def _post(world: World, session: requests.Session, shop: str, delivery: Document) -> int:
    """Return the answer's status; 0 where none came in time."""
    try:
        answer = session.post(
            delivery["uri"],
            data=delivery["body"].encode(),
            headers=headers_of(world, shop, delivery),
            timeout=(_CONNECT_SECONDS, _ANSWER_SECONDS),
            allow_redirects=False,
        )
    except (requests.RequestException, ValueError):
        return 0
    return answer.status_code


def _write_down(world: World, shop: str, delivery: Document, answer: int) -> None:
    queue = delivery_queue.of(world)
    answers = [*delivery["answers"], answer]
    if 200 <= answer < 300:
        _count_failures(world, shop, delivery, 0)
        _finish(world, shop, delivery | {"answers": answers, "status": "delivered"})
        return
    _count_failures(world, shop, delivery, len(answers))
    if len(answers) > len(RETRY_AFTER_SECONDS):
        _finish(world, shop, delivery | {"answers": answers, "status": "failed"})
        return
    gap = RETRY_AFTER_SECONDS[len(answers) - 1] * delivery_queue.time_scale(world)
    due = time.time() + gap
    world.state.put(shop, delivery_queue.KIND, delivery | {"answers": answers, "dueAt": due})
    queue.push(due, shop, delivery["id"])


def _finish(world: World, shop: str, delivery: Document) -> None:
    world.state.put(shop, delivery_queue.KIND, delivery)
    if oldest := delivery_queue.of(world).finished(shop, delivery["id"]):
        world.state.delete(oldest[0], delivery_queue.KIND, oldest[1])


def _count_failures(world: World, shop: str, delivery: Document, failed: int) -> None:
    """Keep count on a subscription that the app made; a first try and eight more in vain are its end."""
    number = delivery["subscriptionId"]
    found = world.state.find(shop, "webhook_subscription", number) if number is not None else None
    if found is None:
        return
    if failed > len(RETRY_AFTER_SECONDS):
        world.state.delete(shop, "webhook_subscription", found["id"])
    elif failed != found.get("failures", 0):
        failures = max(failed, found.get("failures", 0)) if failed else 0
        world.state.put(shop, "webhook_subscription", found | {"failures": failures})
