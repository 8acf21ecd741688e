"""The stand-in as one object, and time as it goes in it.

``time_scale`` is what long waits shrink to: rate windows, queues and the pace of import jobs. All that is told
over the wire (``Retry-After``, ``RateLimit-Reset``) is in seconds of the real clock.
"""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sandbox.klaviyo.state import State

DEFAULTS: dict[str, Any] = {
    "time_scale": 1.0,
    "queue_seconds": 2.0,  # before an import job is begun
    "rows_a_second": 1000.0,  # of one import job
    "access_token_seconds": 3600.0,  # how long one lives that came by consent
    "limits_on": True,  # rate windows
    "null_links": False,  # links that lead nowhere are told as null instead of being left out
}
"""The settings that may be changed while the stand-in runs."""


@dataclass(slots=True)
class World:
    """Everything a request handler needs."""

    state: State
    origin: str = ""  # http://127.0.0.1:port, as it is reached; filled in by the server
    settings: dict[str, Any] = field(default_factory=lambda: dict(DEFAULTS))

    def wait_of(self, seconds: float) -> float:
        """Return how long a wait of the real Klaviyo lasts here."""
        return float(seconds * self.settings["time_scale"])


def make_world(state: Path | str, *, origin: str = "", **settings: Any) -> World:  # noqa: ANN401 (settings of DEFAULTS)
    """Return a world that keeps what it knows in a file; it has no account yet (see :mod:`.accounts`)."""
    Path(state).parent.mkdir(parents=True, exist_ok=True)
    return World(State(state), origin.rstrip("/"), DEFAULTS | settings)


def now() -> float:
    """Return this moment in seconds."""
    return time.time()


def stamp(seconds: float | None) -> str | None:
    """Write a moment as the interface does: ``2026-11-01T10:00:00+00:00``."""
    return None if seconds is None else datetime.fromtimestamp(int(seconds), tz=UTC).isoformat()


def read_moment(text: str) -> float:
    """Read a moment; one without a zone is in UTC.

    Raises
    ------
    ValueError
        It is no moment in ISO 8601.
    """
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
