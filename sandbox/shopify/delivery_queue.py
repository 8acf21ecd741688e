"""The queue of webhook deliveries: on disk as documents, in memory as a heap by the time they are due.

Kind ``webhook_delivery``: ``status`` is ``waiting``, ``delivered``, ``failed`` (all tries used up) or
``dropped`` (by a fault switch); ``answers`` holds what each try came to; ``dueAt`` is in seconds since 1970.
"""

import heapq
import random
import threading
import time
from collections import deque

from sandbox.shopify import faults
from sandbox.shopify.state import Document
from sandbox.shopify.world import World

KIND = "webhook_delivery"
KEPT_WHEN_DONE = 5000
Entry = tuple[float, int, str]  # due, number, shop


class DeliveryQueue:
    """What waits to be sent, soonest first."""

    def __init__(self, world: World) -> None:
        self._heap: list[Entry] = []
        self._changed = threading.Condition()
        self._done: deque[tuple[str, int]] = deque()
        self._closed = False
        for shop in world.state.shops():
            for one in world.state.each(shop, KIND):
                if one["status"] == "waiting":
                    self._heap.append((one["dueAt"], one["id"], shop))
                else:
                    self._done.append((shop, one["id"]))
        heapq.heapify(self._heap)

    def push(self, due: float, shop: str, number: int) -> None:
        """Let a delivery wait until it is due."""
        with self._changed:
            heapq.heappush(self._heap, (due, number, shop))
            self._changed.notify()

    def take(self, *, timeout: float = 1.0) -> Entry | None:
        """Return the next that is due; ``None`` where there is none within the time."""
        until = time.time() + timeout
        with self._changed:
            while not self._closed:
                moment = time.time()
                if self._heap and self._heap[0][0] <= moment:
                    return heapq.heappop(self._heap)
                soonest = min(until, self._heap[0][0]) if self._heap else until
                if moment >= until:
                    return None
                self._changed.wait(max(0.001, soonest - moment))
            return None

    def finished(self, shop: str, number: int) -> tuple[str, int] | None:
        """Note that one is done; return the oldest done one where there are too many to keep."""
        with self._changed:
            self._done.append((shop, number))
            return self._done.popleft() if len(self._done) > KEPT_WHEN_DONE else None

    def close(self) -> None:
        """Wake everybody who waits: there will be no more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def __len__(self) -> int:
        """Return how many wait, due or not."""
        return len(self._heap)


def of(world: World) -> DeliveryQueue:
    """Return the world's queue, read from the state at first."""
    if "deliveries" not in world.settings:
        with world.state.together():
            world.settings.setdefault("deliveries", DeliveryQueue(world))
    queue: DeliveryQueue = world.settings["deliveries"]
    return queue


def add(world: World, shop: str, delivery: Document, *, due: float | None = None) -> None:
    """Keep a delivery and let it wait; the fault switches have their say of when, how often and whether."""
    queue = of(world)
    moment = due if due is not None else time.time()
    fault = faults.of(world).for_webhook(shop, delivery["topic"])
    delivery["dueAt"] = moment + _held_back(fault)
    delivery["updatedAt"] = delivery["triggeredAt"][:19] + "Z"
    if fault.kind == "drop_webhooks":
        world.state.put(shop, KIND, delivery | {"status": "dropped"})
        return
    delivery["copies"] = fault.copies if fault.kind == "duplicate_webhooks" else 1
    delivery["signing"] = {"corrupt_signature": "wrong", "old_signature": "old"}.get(fault.kind, "right")
    world.state.put(shop, KIND, delivery)
    queue.push(delivery["dueAt"], shop, delivery["id"])


def time_scale(world: World) -> float:
    """Return what Shopify's long waits are multiplied by."""
    return float(world.settings.get("time_scale", 1.0))


def _held_back(fault: faults.Fault) -> float:
    if fault.kind == "delay_webhooks":
        return fault.seconds
    return random.uniform(0, fault.seconds) if fault.kind == "reorder_webhooks" else 0.0
