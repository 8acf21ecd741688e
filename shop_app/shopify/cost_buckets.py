"""The leaky bucket of each shop as we believe it to stand: in Redis for all workers, else in this process."""

import threading
import time
from dataclasses import dataclass, field
from typing import Any, Protocol

UNTOLD_MAXIMUM = 1000.0
UNTOLD_RATE = 50.0
"""What every plan has at least; an answer of Shopify's says how much it really is."""

_FORGOTTEN_SECONDS = 90
"""What was taken and never settled, by a worker that was killed, is counted no longer than this."""


@dataclass(frozen=True, slots=True)
class ThrottleStatus:
    """What Shopify says of its bucket, in points and points a second."""

    maximum: float
    available: float
    rate: float


class Bucket(Protocol):
    """Where the points of one shop are counted."""

    def take(self, token: str, cost: float, leave_ratio: float) -> float:
        """Take points and return 0; or take nothing and return after how many seconds to ask again."""

    def settle(self, token: str, cost: float, status: ThrottleStatus | None) -> None:
        """Say that a call is over, and how the bucket stands then where that was told."""


_TAKE = f"""
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1000000
local kept = redis.call('HMGET', KEYS[1], 'available', 'maximum', 'rate', 'at')
local maximum = tonumber(kept[2]) or {UNTOLD_MAXIMUM}
local rate = tonumber(kept[3]) or {UNTOLD_RATE}
local available = math.min(maximum, (tonumber(kept[1]) or maximum) + (now - (tonumber(kept[4]) or now)) * rate)
local need = math.min(tonumber(ARGV[2]), maximum)
local floor = math.min(maximum * tonumber(ARGV[3]), maximum - need)
if available - need < floor then
  return tostring((need + floor - available) / rate + 0.01)
end
redis.call('HSET', KEYS[1], 'available', tostring(available - need), 'maximum', tostring(maximum),
  'rate', tostring(rate), 'at', tostring(now))
redis.call('ZADD', KEYS[2], now, ARGV[1] .. ':' .. need)
redis.call('EXPIRE', KEYS[1], 3600)
redis.call('EXPIRE', KEYS[2], 3600)
return '0'
"""

# What others have under way may not have reached Shopify when it counted, so it is taken off once more.
_SETTLE = f"""
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1000000
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - {_FORGOTTEN_SECONDS})
local under_way = 0
for _, member in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do
  if string.sub(member, 1, #ARGV[1] + 1) == ARGV[1] .. ':' then
    redis.call('ZREM', KEYS[2], member)
  else
    under_way = under_way + tonumber(string.match(member, '[^:]+$'))
  end
end
if ARGV[2] ~= '' then
  redis.call('HSET', KEYS[1], 'available', tostring(math.max(0, tonumber(ARGV[2]) - under_way)),
    'maximum', ARGV[3], 'rate', ARGV[4], 'at', tostring(now))
  redis.call('EXPIRE', KEYS[1], 3600)
end
return 0
"""


class RedisBucket:
    """The same bucket for every process that uses this Redis; the time is Redis' own."""

    def __init__(self, client: Any, shop_id: int) -> None:  # noqa: ANN401 (redis.Redis has no exact types)
        self._client = client
        self._keys = [f"kindred:cost:{shop_id}", f"kindred:cost:{shop_id}:held"]

    def take(self, token: str, cost: float, leave_ratio: float) -> float:
        """Take points as :class:`Bucket` says."""
        return float(self._client.eval(_TAKE, 2, *self._keys, token, cost, leave_ratio))

    def settle(self, token: str, cost: float, status: ThrottleStatus | None) -> None:  # noqa: ARG002 (Bucket)
        """Give back as :class:`Bucket` says."""
        told = ("", "", "") if status is None else (status.available, status.maximum, status.rate)
        self._client.eval(_SETTLE, 2, *self._keys, token, *told)


@dataclass(slots=True)
class LocalBucket:
    """A bucket that only this process knows of; the time is the process' own."""

    available: float = UNTOLD_MAXIMUM
    maximum: float = UNTOLD_MAXIMUM
    rate: float = UNTOLD_RATE
    at: float = field(default_factory=time.monotonic)
    held: dict[str, float] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, token: str, cost: float, leave_ratio: float) -> float:
        """Take points as :class:`Bucket` says."""
        with self.lock:
            now = time.monotonic()
            self.available = min(self.maximum, self.available + (now - self.at) * self.rate)
            self.at = now
            need = min(cost, self.maximum)
            floor = min(self.maximum * leave_ratio, self.maximum - need)
            if self.available - need < floor:
                return (need + floor - self.available) / self.rate + 0.01
            self.available -= need
            self.held[token] = need
            return 0.0

    def settle(self, token: str, cost: float, status: ThrottleStatus | None) -> None:  # noqa: ARG002 (Bucket)
        """Give back as :class:`Bucket` says."""
        with self.lock:
            self.held.pop(token, None)
            if status is not None:
                self.available = max(0.0, status.available - sum(self.held.values()))
                self.maximum, self.rate, self.at = status.maximum, status.rate, time.monotonic()
