"""What the app called: one line for each call to the interface, without secrets, for tests to assert on."""

import itertools
import threading
from collections import deque
from dataclasses import asdict, dataclass, field
from typing import Any

import orjson

from sandbox.shopify.world import World

_KEPT = 20_000
_VARIABLES_BYTES = 4096


@dataclass(slots=True)
class CallLine:
    """One call and what came of it."""

    number: int = 0
    at: str = ""
    shop: str = ""
    method: str = ""
    path: str = ""
    operation: str = ""
    kind: str = ""  # query or mutation; the grant of a token call
    fields: list[str] = field(default_factory=list)  # at the root
    variables: Any = None  # left out where they are long
    status: int = 0
    cost: int | None = None  # requested
    error_codes: list[str] = field(default_factory=list)
    user_errors: int = 0
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
        """Return the lines behind a number whose fields are as wanted; ``operation`` also names root fields."""
        with self._lock:
            lines = [line for line in self._lines if line.number > after]
        return [asdict(line) for line in lines if all(_fits(line, *pair) for pair in wanted.items())]


def of(world: World) -> CallLog:
    """Return the world's log."""
    found: CallLog = world.settings.setdefault("call_log", CallLog())
    return found


def note_answer(line: CallLine, body: bytes) -> None:
    """Take from an answer what the line tells of it: cost, error codes, user errors."""
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        return
    if not isinstance(answer, dict):
        return
    cost = (answer.get("extensions") or {}).get("cost") or {}
    line.cost = cost.get("requestedQueryCost")
    errors = answer.get("errors")
    if isinstance(errors, list):
        line.error_codes = [str((one.get("extensions") or {}).get("code", "")) for one in errors]
    elif isinstance(answer.get("error"), str):
        line.error_codes = [answer["error"]]
    payloads = [one for one in (answer.get("data") or {}).values() if isinstance(one, dict)]
    line.user_errors = sum(len(one.get("userErrors") or []) for one in payloads)


def short(variables: object) -> object:
    """Return variables as they may stand in the log."""
    if not variables:
        return None
    return variables if len(orjson.dumps(variables)) <= _VARIABLES_BYTES else "(long)"


def _fits(line: CallLine, name: str, wanted: str) -> bool:
    if name == "operation":
        return wanted == line.operation or wanted in line.fields
    if name == "path":
        return wanted in line.path
    return str(getattr(line, name)) == wanted
