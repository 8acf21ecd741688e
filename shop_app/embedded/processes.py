"""Start processes through the launcher, know them again later, and end them."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import psutil

from shop_app.embedded.accounts import Account
from shop_app.errors import StartRefusedError

_LAUNCHER = str(Path(__file__).with_name("launcher.py"))
_LOG_LIMIT_BYTES = 10_000_000
_POLL_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Known:
    """A process that can be told from a later one with the same number."""

    pid: int
    started: str

    def is_alive(self) -> bool:
        """Tell whether this very process still runs; one that waits to be buried does not."""
        return started_at(self.pid) == self.started

    def signal(self, number: signal.Signals) -> None:
        """Send a signal if the process still runs."""
        if self.is_alive():
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                return
            except PermissionError:
                raise StartRefusedError(
                    f"Process {self.pid} belongs to another account and cannot be stopped from here."
                ) from None

    def wait(self, timeout_seconds: float) -> bool:
        """Wait for its end; return whether it came."""
        deadline = time.monotonic() + timeout_seconds
        while self.is_alive():
            if time.monotonic() > deadline:
                return False
            time.sleep(_POLL_SECONDS)
        return True


def started_at(pid: int) -> str | None:
    """Return when a living process started, in a form to compare, or ``None``."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return _start_mark(process)
    except (psutil.Error, OSError):
        return None


def _start_mark(process: psutil.Process) -> str:
    """Return ticks since boot where there are such: unlike a time of day they never move."""
    if sys.platform == "linux":
        line = Path(f"/proc/{process.pid}/stat").read_text(encoding="utf-8", errors="replace")
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot} {line.rpartition(')')[2].split()[19]}"
    else:  # noqa: RET505 (mypy reads the rest of the function as never reached)
        return f"{process.create_time():.0f}"


def known(pid: int) -> Known | None:
    """Return the process that has this number now, or ``None``."""
    started = started_at(pid)
    return Known(pid, started) if started else None


def stop(process: Known, *steps: tuple[signal.Signals, float]) -> None:
    """Ask a process to end, each time with another signal and so many seconds; at last without asking."""
    for number, seconds in (*steps, (signal.SIGKILL, 10.0)):
        process.signal(number)
        if process.wait(seconds):
            return


def remember(file: Path, processes: Mapping[str, Known]) -> None:
    """Write down who runs, whole or not at all."""
    fresh = file.with_suffix(".new")
    fresh.write_text(
        json.dumps({name: [process.pid, process.started] for name, process in processes.items()}),
        encoding="utf-8",
    )
    fresh.replace(file)


def recall(file: Path) -> dict[str, Known]:
    """Return those of the written down that still run; a damaged note counts as none."""
    try:
        noted = json.loads(file.read_text(encoding="utf-8"))
        found = {str(name): Known(int(pid), str(started)) for name, (pid, started) in noted.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
    return {name: process for name, process in found.items() if process.is_alive()}


def launched(program: Sequence[str], *, account: Account | None = None, **plan: object) -> list[str]:
    """Return the command that runs a program through the launcher."""
    if account:
        plan |= {"uid": account.uid, "gid": account.gid, "capability": account.capability}
    return [sys.executable, "-I", "-S", _LAUNCHER, json.dumps(plan), *program]


def start_detached(
    program: Sequence[str], *, account: Account | None, cwd: Path, log: Path, given: str = ""
) -> Known | None:
    """Start a server that outlives us, in a session of its own; ``None`` if it ended at once."""
    with (
        open_log(log) as output,
        subprocess.Popen(
            launched(program, account=account, detach=True),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=output,
            cwd=cwd,
            env=bare_environment(),
            text=True,
        ) as launcher,
    ):
        try:
            printed, _ = launcher.communicate(given)
        except BrokenPipeError:  # it ended before it had read its configuration
            printed = ""
    return known(int(printed)) if printed.strip() else None


def bare_environment() -> dict[str, str]:
    """Return the little that a server needs to know of the environment: no secret, and no locale."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "LANG": "C", "TZ": "UTC"}


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Let nobody interrupt what puts things away; signals are for the main thread only."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, signal.SIG_IGN) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def open_log(log: Path) -> BinaryIO:
    """Open a log to add to it; one that has grown long is put aside first, and the one before it goes."""
    if log.exists() and log.stat().st_size > _LOG_LIMIT_BYTES:
        log.replace(log.with_suffix(".old.log"))
    return log.open("ab")


def last_lines(log: Path, count: int = 5) -> str:
    """Return the end of a log, indented, to show beside a sentence."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 8_000))
            lines = file.read().decode("utf-8", errors="replace").splitlines()
    except OSError:
        return "  (no log)"
    return "\n".join(f"  {line}" for line in lines[-count:])
