"""What the app called: one line for each call to the interface, without keys, for tests to assert on."""

import itertools
import threading
from collections import deque
from dataclasses import asdict, dataclass, field
from typing import Any

from sandbox.klaviyo.world import World

_KEPT = 50_000


@dataclass(slots=True)
class CallLine:
    """One call and what came of it."""

    number: int = 0
    at: float = 0.0  # seconds of the clock
    account: str = ""
    key: str = ""  # its name
    method: str = ""
    path: str = ""
    query: str = ""
    operation: str = ""
    size: int = 0  # bytes of the body
    rows: int = 0  # resources in the body
    status: int = 0
    answered: int = 0  # resources in the answer
    error_codes: list[str] = field(default_factory=list)
    consent: bool = False  # a call that changes whether somebody may be written to
    fault: str = ""
    seconds: float = 0.0


class CallLog:
    """The newest lines."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lines: deque[CallLine] = deque(maxlen=_KEPT)
        self._numbers = itertools.count(1)

    def add(self, line: CallLine) -> None:
        """Keep a line; its number is given here."""
        with self._lock:
            line.number = next(self._numbers)
            self._lines.append(line)

    def clear(self) -> None:
        """Forget all lines; numbers go on."""
        with self._lock:
            self._lines.clear()

    def listed(self, *, after: int = 0, **wanted: str) -> list[dict[str, Any]]:
        """Return the lines behind a number whose fields are as wanted; ``path`` may be a part of one."""
        with self._lock:
            lines = [line for line in self._lines if line.number > after]
        return [asdict(line) for line in lines if all(_fits(line, *pair) for pair in wanted.items())]


def of(world: World) -> CallLog:
    """Return the world's log."""
    found: CallLog = world.settings.setdefault("call_log", CallLog())
    return found


def _fits(line: CallLine, name: str, wanted: str) -> bool:
    if name == "path":
        return wanted in line.path
    return str(getattr(line, name)).lower() == wanted.lower()
