"""The leaky bucket of points that every query of a store draws on, whoever asks."""

import threading
import time
from dataclasses import dataclass, field

from sandbox.shopify.graph.registry import Answer
from sandbox.shopify.state import Document
from sandbox.shopify.world import World


@dataclass(slots=True)
class Bucket:
    """One store's points; ``lowered`` by what runs, filled again by the second."""

    size: float
    rate: float
    level: float
    at: float = field(default_factory=time.monotonic)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, points: float) -> bool:
        """Take points if there are that many."""
        with self.lock:
            self._fill()
            if points > self.level:
                return False
            self.level -= points
            return True

    def give_back(self, points: float) -> None:
        """Put back what was not used."""
        with self.lock:
            self._fill()
            self.level = min(self.size, self.level + points)

    def drain(self) -> None:
        """Take everything, as if others had been at it."""
        with self.lock:
            self._fill()
            self.level = 0.0

    def status(self) -> Answer:
        """Return ``throttleStatus``."""
        with self.lock:
            self._fill()
            available = int(self.level)
        return {"maximumAvailable": self.size, "currentlyAvailable": available, "restoreRate": self.rate}

    def _fill(self) -> None:
        moment = time.monotonic()
        self.level = min(self.size, self.level + (moment - self.at) * self.rate)
        self.at = moment


_ONE_AT_A_TIME = threading.Lock()


def bucket_of(world: World, shop: Document) -> Bucket:
    """Return a store's bucket, full at first; size and rate follow the store's document."""
    size, rate = float(shop.get("bucketSize") or 2000), float(shop.get("restoreRate") or 100)
    with _ONE_AT_A_TIME:
        buckets: dict[str, Bucket] = world.settings.setdefault("buckets", {})
        bucket = buckets.get(shop["myshopifyDomain"])
        if bucket is None:
            bucket = buckets[shop["myshopifyDomain"]] = Bucket(size, rate, size)
    bucket.size, bucket.rate = size, rate
    return bucket
