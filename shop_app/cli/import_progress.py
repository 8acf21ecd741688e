"""How far an import is: a bar that moves on a terminal, a line now and then anywhere else."""

import sys
import time
from typing import TextIO

_BAR_CELLS = 24
_REDRAW_SECONDS = 0.2
_LINE_SECONDS = 10.0
_WORDS = {"reading": "reading", "writing": "writing the orders", "segments": "working out the segments"}


class ImportProgress:
    """Told by the import how far it is, and says so on standard error."""

    def __init__(self, name: str, stream: TextIO | None = None) -> None:
        self._name = name
        self._stream = stream or sys.stderr
        self._moves = self._stream.isatty()
        self._began = time.monotonic()
        self._said = self._began
        self._phase = ""
        self._width = 0

    def __call__(self, done_bytes: int, total_bytes: int, rows: int, phase: str) -> None:
        """Say how far it is, if enough time has gone by or something else has begun."""
        now = time.monotonic()
        pause = _REDRAW_SECONDS if self._moves else _LINE_SECONDS
        if phase == self._phase and now - self._said < pause:
            return
        self._phase, self._said = phase, now
        self._show(self._words(done_bytes / max(total_bytes, 1), rows, now - self._began))

    def close(self) -> None:
        """Leave the line behind, so that what follows begins on one of its own."""
        if self._moves and self._width:
            self._stream.write("\r" + " " * self._width + "\r")
            self._stream.flush()
            self._width = 0

    def words_when_stopped(self) -> str:
        """Return what is kept of an import that somebody stopped."""
        if self._phase == "segments":
            return f"Stopped. {self._name} is in; the same command again works out the segments."
        return f"Stopped. Nothing of {self._name} was kept."

    def _words(self, share: float, rows: int, seconds: float) -> str:
        if self._phase != "reading":
            return f"{self._name}  {rows:,} rows  {_WORDS.get(self._phase, self._phase)}"
        cells = round(share * _BAR_CELLS)
        bar = "█" * cells + "░" * (_BAR_CELLS - cells) + "  " if self._moves else ""
        rate = f"  {rows / seconds:,.0f} rows/s" if seconds > 0 else ""
        left = f"  {_clock(seconds * (1 - share) / share)} left" if share > 0 else ""
        return f"{self._name}  {bar}{share:4.0%}  {rows:,} rows{rate}{left}"

    def _show(self, words: str) -> None:
        if self._moves:
            self._stream.write("\r" + words.ljust(self._width))
            self._width = len(words)
        else:
            self._stream.write(words + "\n")
        self._stream.flush()


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
