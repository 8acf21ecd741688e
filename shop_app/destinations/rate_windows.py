"""What an account may still be asked: a budget for each window of a vendor's, shared by all workers.

Vendors count calls in windows (so many a second, so many a minute, some so many a day) and refuse what is
over. Each window is kept here as a bucket that holds a quarter of it and fills at 70 % of its rate, so that no
stretch of time as long as the window ever sees more calls than it allows, wherever the vendor's own window
begins, and room is left for whoever else shares the limit. Without Redis each process counts for itself, and
the vendor's refusals do the rest.
"""

import logging
import re
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import redis

from shop_app.destinations.errors import SlowDownError

_log = logging.getLogger(__name__)

_WITHOUT_REDIS_SECONDS = 15.0
_TIMEOUT_SECONDS = 1.0
_PATIENCE_SECONDS = 2.0
"""Longer than this no worker sleeps over a budget; it takes up other work."""


@dataclass(frozen=True, slots=True)
class Window:
    """At most ``calls`` in any ``seconds``; ``name`` tells windows of one account apart.

    ``at_once_ratio`` of the calls may be made in one go, and ``refill_ratio`` of them come back in the course
    of a window: together they stay below one.
    """

    name: str
    calls: int
    seconds: float
    at_once_ratio: float = 0.25
    refill_ratio: float = 0.7

    @property
    def capacity(self) -> float:
        """Return how many calls can be made in one go."""
        return float(max(1, int(self.calls * self.at_once_ratio)))

    @property
    def rate(self) -> float:
        """Return how many calls come back each second."""
        return self.calls * self.refill_ratio / self.seconds


_TAKE = """
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1000000
local wait = math.max(0, (tonumber(redis.call('GET', KEYS[1])) or 0) - now)
local left = {}
for i = 2, #KEYS do
  local capacity, rate = tonumber(ARGV[2 * i - 3]), tonumber(ARGV[2 * i - 2])
  local kept = redis.call('HMGET', KEYS[i], 'left', 'at')
  left[i] = math.min(capacity, (tonumber(kept[1]) or capacity) + (now - (tonumber(kept[2]) or now)) * rate)
  if left[i] < 1 then wait = math.max(wait, (1 - left[i]) / rate) end
end
if wait > 0 then return tostring(wait + 0.005) end
for i = 2, #KEYS do
  redis.call('HSET', KEYS[i], 'left', tostring(left[i] - 1), 'at', tostring(now))
  redis.call('EXPIRE', KEYS[i], math.ceil(tonumber(ARGV[2 * i - 3]) / tonumber(ARGV[2 * i - 2])) + 60)
end
return '0'
"""

_HOLD = """
local clock = redis.call('TIME')
local till = clock[1] + clock[2] / 1000000 + tonumber(ARGV[1])
if till > (tonumber(redis.call('GET', KEYS[1])) or 0) then
  redis.call('SET', KEYS[1], tostring(till), 'EX', math.ceil(tonumber(ARGV[1])) + 1)
end
return 0
"""


@dataclass(slots=True)
class _LocalBuckets:
    """The same count for this process alone; the time is the process' own."""

    left: dict[str, tuple[float, float]] = field(default_factory=dict)
    held_until: dict[str, float] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, hold_key: str, buckets: Sequence[tuple[str, float, float]]) -> float:
        with self.lock:
            now = time.monotonic()
            wait = max(0.0, self.held_until.get(hold_key, 0.0) - now)
            fresh: dict[str, tuple[float, float]] = {}
            for key, capacity, rate in buckets:
                had, at = self.left.get(key, (capacity, now))
                left = min(capacity, had + (now - at) * rate)
                wait = max(wait, (1 - left) / rate if left < 1 else 0.0)
                fresh[key] = (left - 1, now)
            if wait > 0:
                return wait + 0.005
            self.left.update(fresh)
            return 0.0

    def hold(self, hold_key: str, seconds: float) -> None:
        with self.lock:
            till = time.monotonic() + seconds
            self.held_until[hold_key] = max(till, self.held_until.get(hold_key, 0.0))


_clients: dict[str, redis.Redis] = {}
_down: dict[str, float] = {}
_state = {"pace": 1.0}
_local = _LocalBuckets()


def connect(redis_url: str | None, *, pace: float = 1.0) -> None:
    """Point this process at the Redis that budgets are shared through; ``None``: at none.

    ``pace`` is how many seconds pass at the vendor in one of ours: 1, except with a stand-in whose clock runs
    fast.
    """
    _clients.clear()
    _down.clear()
    _local.left.clear()
    _local.held_until.clear()
    _state["pace"] = pace
    if redis_url:
        address, _, database = re.sub(r"^redis\+socket://", "unix://", redis_url).partition("?virtual_host=")
        _clients["client"] = redis.Redis.from_url(
            f"{address}?db={database}" if database else address,
            socket_connect_timeout=_TIMEOUT_SECONDS,
            socket_timeout=_TIMEOUT_SECONDS,
        )


@dataclass(frozen=True, slots=True)
class Budget:
    """What one credential may ask of one vendor, called ``who`` in the words of an error.

    ``credential`` is a name for it (never the secret itself): whoever shares the vendor's limit shares it.
    """

    who: str
    credential: str
    patience_seconds: float = _PATIENCE_SECONDS

    def with_patience(self, seconds: float) -> "Budget":
        """Return the same budget for somebody who can wait longer, or less long."""
        return replace(self, patience_seconds=seconds)

    def take(self, group: str, windows: Sequence[Window]) -> None:
        """Wait until one more call fits into every one of these windows, and count it.

        Raises
        ------
        SlowDownError
            It would take longer than ``patience_seconds``; nothing was counted.
        """
        waited = 0.0
        while (seconds := self._ask(group, windows)) > 0:
            if waited + seconds > self.patience_seconds:
                raise SlowDownError(
                    f"As many calls as {self.who} allows have just been made.", retry_after_seconds=seconds
                )
            time.sleep(seconds)
            waited += seconds

    def hold(self, group: str, seconds: float) -> None:
        """Let nobody call with this group of windows for so long: the vendor has said so."""
        seconds = seconds / _state["pace"]
        _local.hold(self._key(group, "held"), seconds)
        if (client := _client()) is not None:
            try:
                client.eval(_HOLD, 1, self._key(group, "held"), str(seconds))
            except redis.RedisError as error:
                _leave_redis(error)

    def _ask(self, group: str, windows: Sequence[Window]) -> float:
        hold_key, pace = self._key(group, "held"), _state["pace"]
        buckets = [(self._key("window", each.name), each.capacity, each.rate * pace) for each in windows]
        if (client := _client()) is not None:
            keys = [hold_key, *(key for key, _, _ in buckets)]
            figures = [repr(figure) for _, capacity, rate in buckets for figure in (capacity, rate)]
            try:
                return float(client.eval(_TAKE, len(keys), *keys, *figures))
            except redis.RedisError as error:
                _leave_redis(error)
        return _local.take(hold_key, buckets)

    def _key(self, *parts: str) -> str:
        return ":".join(("kindred:windows", self.who.lower(), self.credential, *parts))


def _client() -> redis.Redis | None:
    """Return the Redis to count in, unless it was away a moment ago."""
    return None if time.monotonic() < _down.get("until", 0.0) else _clients.get("client")


def _leave_redis(error: redis.RedisError) -> None:
    """Count in this process for a while, so that not every call waits for a Redis that is away."""
    _down["until"] = time.monotonic() + _WITHOUT_REDIS_SECONDS
    _log.warning("Redis does not count the calls to vendors.", extra={"reason": type(error).__name__})
