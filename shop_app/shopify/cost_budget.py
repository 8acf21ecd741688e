"""What a shop may still ask of Shopify: one budget a shop, shared by every worker through Redis.

Points are taken before a call is made, so that Shopify seldom has to refuse one; what it answers sets the
count right. Without Redis each process counts for itself, and Shopify's refusals do the rest.
"""

import logging
import re
import secrets
import time
from dataclasses import dataclass, replace

import redis

from shop_app.shopify.admin_errors import ThrottledError
from shop_app.shopify.cost_buckets import Bucket, LocalBucket, RedisBucket, ThrottleStatus

__all__ = ["CostBudget", "Held", "ThrottleStatus", "budget_of", "connect"]

_log = logging.getLogger(__name__)

BACKGROUND_LEAVES_RATIO = 0.4
"""The part of the bucket that long readings leave to what somebody waits for."""

_PATIENCE_SECONDS = 60.0
_WITHOUT_REDIS_SECONDS = 15.0
_TIMEOUT_SECONDS = 1.0

_state: dict[str, redis.Redis] = {}
_down: dict[str, float] = {}
_local: dict[int, LocalBucket] = {}


def connect(redis_url: str | None) -> None:
    """Point this process at the Redis that budgets are shared through; ``None``: at none."""
    _state.clear()
    _down.clear()
    _local.clear()
    if redis_url:
        address, _, database = re.sub(r"^redis\+socket://", "unix://", redis_url).partition("?virtual_host=")
        _state["client"] = redis.Redis.from_url(
            f"{address}?db={database}" if database else address,
            socket_connect_timeout=_TIMEOUT_SECONDS,
            socket_timeout=_TIMEOUT_SECONDS,
        )


@dataclass(frozen=True, slots=True)
class Held:
    """Points that were taken for one call."""

    token: str
    cost: float


@dataclass(frozen=True, slots=True)
class CostBudget:
    """The budget of one shop; ``leaves_ratio`` is the part of the bucket that this user does not touch."""

    shop_id: int
    leaves_ratio: float = 0.0
    patience_seconds: float = _PATIENCE_SECONDS

    def in_background(self) -> "CostBudget":
        """Return the same budget for a reading that nobody waits for."""
        return replace(self, leaves_ratio=BACKGROUND_LEAVES_RATIO)

    def take(self, cost: float) -> Held:
        """Wait until there are this many points, no longer than is needed, and take them.

        Raises
        ------
        ThrottledError
            It would take longer than ``patience_seconds``.
        """
        held = Held(secrets.token_hex(8), cost)
        waited = 0.0
        while (seconds := self._ask(held)) > 0:
            if waited + seconds > self.patience_seconds:
                raise ThrottledError("This shop's budget with Shopify is spent.", retry_after_seconds=seconds)
            time.sleep(seconds)
            waited += seconds
        return held

    def settle(self, held: Held, status: ThrottleStatus | None) -> None:
        """Say that the call is over, with what Shopify said of its bucket (``None``: nothing)."""
        for bucket in _buckets(self.shop_id):
            try:
                bucket.settle(held.token, held.cost, status)
            except redis.RedisError as error:
                _leave_redis(error)

    def _ask(self, held: Held) -> float:
        for bucket in _buckets(self.shop_id):
            try:
                return bucket.take(held.token, held.cost, self.leaves_ratio)
            except redis.RedisError as error:
                _leave_redis(error)
        return 0.0


def budget_of(shop_id: int) -> CostBudget:
    """Return the budget of a shop, by our own id: domains may be told wrong, ids are not."""
    return CostBudget(shop_id)


def _buckets(shop_id: int) -> list[Bucket]:
    """Return where to count, the best place first; the process' own count is the last resort."""
    local = _local.setdefault(shop_id, LocalBucket())
    client = _state.get("client")
    if client is None or time.monotonic() < _down.get("until", 0.0):
        return [local]
    return [RedisBucket(client, shop_id), local]


def _leave_redis(error: redis.RedisError) -> None:
    """Count in this process for a while, so that not every call waits for a Redis that is away."""
    _down["until"] = time.monotonic() + _WITHOUT_REDIS_SECONDS
    _log.warning("Redis does not count the cost of calls.", extra={"reason": type(error).__name__})
