"""Keep child processes running until told to stop, and leave none behind."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from shop_app.embedded import locks, processes
from shop_app.embedded.home import Home
from shop_app.embedded.processes import Known
from shop_app.errors import RefusedError, StartRefusedError

Say = Callable[[str], None]

_ROUND_SECONDS = 0.5
_MOST_FAILURES = 5
_HEALTHY_AFTER_SECONDS = 60.0
_LONGEST_PAUSE_SECONDS = 10.0
_STOP_SECONDS = 25.0


@dataclass(frozen=True, slots=True)
class Child:
    """A program to keep running: its name for people, its command, its log, and how long it may wait."""

    name: str
    command: Sequence[str]
    log: Path
    start_after_seconds: float = 0.0


@dataclass(slots=True)
class _State:
    """How a child is doing."""

    process: "subprocess.Popen[bytes] | None" = None
    began: float = 0.0
    failures: int = 0
    next_start: float = 0.0


@contextmanager
def only_one(home: Home, address: str) -> Iterator[None]:
    """Be the only supervisor of this home while inside.

    Raises
    ------
    RefusedError
        Another one runs; the message says where, and as which process.
    """
    file = home.run / "up.lock"
    handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not locks.try_alone(handle):
            pid, at = _noted_supervisor(home)
            raise RefusedError(
                f"Kindred runs already in {home.root}: look at {at} (process {pid}). `kindred down` stops it."
            )
        us = processes.known(os.getpid())
        note = json.dumps({"pid": os.getpid(), "started": us.started if us else "", "address": address})
        os.ftruncate(handle, 0)
        os.pwrite(handle, note.encode(), 0)
        yield
    finally:
        os.close(handle)


def stop_other(home: Home) -> bool:
    """Stop the supervisor of this home, as Ctrl-C would; return whether one ran."""
    file = home.run / "up.lock"
    if not file.exists():
        return False
    handle = os.open(file, os.O_RDWR)
    try:
        if locks.try_alone(handle):
            return False
    finally:
        os.close(handle)
    try:
        noted = json.loads(file.read_text(encoding="utf-8"))
        other = Known(int(noted["pid"]), str(noted["started"]))
    except (OSError, ValueError, TypeError, KeyError):
        return False
    processes.stop(other, (signal.SIGTERM, 3 * _STOP_SECONDS))
    return True


def stop_leftovers(home: Home) -> list[str]:
    """Stop the children that a killed supervisor left; return their names."""
    left = processes.recall(_note(home))
    for process in left.values():
        process.signal(signal.SIGTERM)
    for process in left.values():
        processes.stop(process, (signal.SIGTERM, _STOP_SECONDS))
    _note(home).unlink(missing_ok=True)
    return list(left)


def supervise(
    children: Sequence[Child],
    *,
    home: Home,
    environment: Mapping[str, str],
    each_round: Callable[[], None],
    say: Say,
) -> None:
    """Run the children, and start again what ends, until an exception (Ctrl-C is one) says stop.

    ``each_round`` is called several times a second, for whatever else must be looked after.

    Raises
    ------
    StartRefusedError
        A child ends again and again; the message carries the end of its log.
    """
    now = time.monotonic()
    states = {child.name: _State(next_start=now + child.start_after_seconds) for child in children}
    try:
        while True:
            for child in children:
                _tend(child, states[child.name], environment=environment, say=say)
            _write_down(home, states)
            each_round()
            time.sleep(_ROUND_SECONDS)
    finally:
        with processes.uninterrupted():
            _stop_all(states)
            _note(home).unlink(missing_ok=True)


def _tend(child: Child, state: _State, *, environment: Mapping[str, str], say: Say) -> None:
    """Start a child that is due; count the failures of one that ended."""
    now = time.monotonic()
    if state.process is None:
        if now >= state.next_start:
            state.process, state.began = _start(child, environment), now
        return
    code = state.process.poll()
    if code is None:
        return
    _end_group(state.process)
    state.failures = 1 if now - state.began > _HEALTHY_AFTER_SECONDS else state.failures + 1
    state.process = None
    if state.failures >= _MOST_FAILURES:
        raise StartRefusedError(
            f"The {child.name} ended {state.failures} times in a row. The end of {child.log}:\n"
            f"{processes.last_lines(child.log, 15)}"
        )
    pause = min(0.5 * 2**state.failures, _LONGEST_PAUSE_SECONDS)
    state.next_start = now + pause
    say(f"The {child.name} ended ({_reason(code)}); starting it again.")


def _start(child: Child, environment: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    """Start a child in a session of its own: Ctrl-C reaches us alone, and we end it in good order."""
    with processes.open_log(child.log) as log:
        return subprocess.Popen(
            processes.launched(child.command, parent=os.getpid()),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=dict(environment),
            start_new_session=True,
        )


def _stop_all(states: Mapping[str, _State]) -> None:
    running = [state.process for state in states.values() if state.process is not None]
    for process in running:
        process.terminate()
    deadline = time.monotonic() + _STOP_SECONDS
    for process in running:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        _end_group(process)


def _end_group(process: "subprocess.Popen[bytes]") -> None:
    """End what a child had started itself and left behind; the group is the child's own."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def _write_down(home: Home, states: Mapping[str, _State]) -> None:
    found = {name: processes.known(state.process.pid) for name, state in states.items() if state.process}
    running = {name: process for name, process in found.items() if process}
    if running != processes.recall(_note(home)):
        processes.remember(_note(home), running)


def _reason(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"code {code}"


def _noted_supervisor(home: Home) -> tuple[str, str]:
    try:
        noted = json.loads((home.run / "up.lock").read_text(encoding="utf-8"))
        return str(noted["pid"]), str(noted["address"])
    except (OSError, ValueError, TypeError, KeyError):
        return "unknown", "its address"


def _note(home: Home) -> Path:
    return home.run / "children.json"
