"""Fixed rate windows: so many calls a second, a minute and a day, for each account and operation."""

import math
import threading
from dataclasses import dataclass

from sandbox.klaviyo.operations import Operation
from sandbox.klaviyo.refusals import throttled
from sandbox.klaviyo.world import World, now

_SECOND, _MINUTE, _DAY = 1.0, 60.0, 86_400.0


@dataclass(frozen=True, slots=True)
class Left:
    """What the headers tell of the minute's window."""

    limit: int
    remaining: int
    reset: int


class Windows:
    """How often what was called; a call that is refused does not count."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[tuple[str, str, float], tuple[int, int]] = {}  # which window, how many calls in it

    def take(self, world: World, quota: str, operation: Operation, rate: tuple[int, int]) -> Left:
        """Count a call; return what is left of the minute.

        Raises
        ------
        RefusedError
            429: one of the windows is full; ``Retry-After`` says when it is over.
        """
        key = operation.name if rate == operation.rate else f"{operation.name} {rate}"
        windows = [(_SECOND, rate[0]), (_MINUTE, rate[1])]
        if operation.daily is not None:
            windows.append((_DAY, operation.daily))
        with self._lock:
            at = now()
            for seconds, most in reversed(windows):
                _, count = self._window(world, (quota, key, seconds), at)
                if count >= most and world.settings["limits_on"]:
                    raise throttled(max(1, math.ceil(_over_in(world, seconds, at))))
            for seconds, _ in windows:
                index, count = self._window(world, (quota, key, seconds), at)
                self._counts[quota, key, seconds] = (index, count + 1)
            left = rate[1] - self._counts[quota, key, _MINUTE][1]
        return Left(rate[1], max(0, left), max(1, math.ceil(_over_in(world, _MINUTE, at))))

    def clear(self) -> None:
        """Let all windows begin anew."""
        with self._lock:
            self._counts.clear()

    def _window(self, world: World, key: tuple[str, str, float], at: float) -> tuple[int, int]:
        index = int(at / _length(world, key[2]))
        known = self._counts.get(key)
        return known if known is not None and known[0] == index else (index, 0)


def of(world: World) -> Windows:
    """Return the world's windows."""
    found: Windows = world.settings.setdefault("windows", Windows())
    return found


def _length(world: World, seconds: float) -> float:
    return max(world.wait_of(seconds), 1e-6)


def _over_in(world: World, seconds: float, at: float) -> float:
    length = _length(world, seconds)
    return length - at % length
