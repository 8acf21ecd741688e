"""Switches for what is to go wrong, for whichever stand-in: how often one strikes, and which of them."""

import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, Generic, TypeVar


@dataclass(slots=True)
class Switch:
    """One switch; a field left as it is does not narrow anything down."""

    kind: str = ""
    path: str | None = None  # a part of the path
    operation: str | None = None
    count: int | None = None  # how often it still strikes
    rate: float = 1.0
    seconds: float = 1.0
    status: int = 503
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    bytes: int = 0
    after: bool = False
    number: int = 0
    hits: int = 0

    def strikes(self) -> bool:
        """Tell whether it strikes this time, and count it."""
        if self.count == 0 or random.random() >= self.rate:
            return False
        self.hits += 1
        if self.count is not None:
            self.count -= 1
        return True


S = TypeVar("S", bound=Switch)


class Switches(Generic[S]):
    """The switches that are on."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._on: list[S] = []
        self._last = 0

    def add(self, switch: S) -> S:
        """Switch one on."""
        with self._lock:
            self._last += 1
            switch.number = self._last
            self._on.append(switch)
        return switch

    def remove(self, number: int | None = None) -> None:
        """Switch one off, or all."""
        with self._lock:
            self._on = [] if number is None else [switch for switch in self._on if switch.number != number]

    def listed(self) -> list[dict[str, Any]]:
        """Return all that are on, with how often they struck."""
        with self._lock:
            return [asdict(switch) for switch in self._on]

    def is_on(self, kind: str) -> bool:
        """Tell whether a switch of this kind is on, without counting it."""
        return any(switch.kind == kind for switch in self._on)

    def first_struck(self, touches: Callable[[S], bool]) -> S | None:
        """Return the first that concerns something and strikes."""
        with self._lock:
            return next((switch for switch in self._on if touches(switch) and switch.strikes()), None)

    def struck(self, touches: Callable[[S], bool]) -> list[S]:
        """Return what strikes a call: any latencies and the first of another kind."""
        with self._lock:
            return list(self._until_over(touches))

    def _until_over(self, touches: Callable[[S], bool]) -> Iterator[S]:
        for switch in self._on:
            if touches(switch) and switch.strikes():
                yield switch
                if switch.kind != "latency":
                    return
