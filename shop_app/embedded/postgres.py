"""Run the embedded PostgreSQL: adopt the one that runs, or start it and wait however long it recovers."""

import contextlib
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import psycopg

from shop_app.embedded import cluster, processes
from shop_app.embedded.accounts import Account, server_account
from shop_app.embedded.home import Home
from shop_app.embedded.processes import Known
from shop_app.errors import StartRefusedError

Say = Callable[[str], None]

_NO_PROCESS = 2_147_483_646  # above every process id that a kernel gives out
_POLL_SECONDS = 0.03
_WORD_AFTER_SECONDS = 2.0
_WORD_EVERY_SECONDS = 15.0
_ORPHANS_SECONDS = 30.0
_SOCKET_SECONDS = 20.0


def ensure(home: Home, *, say: Say) -> Known:
    """Return the running server, started if need be, ready to take connections.

    The caller holds the start lock.

    Raises
    ------
    StartRefusedError
        It cannot be started here; the message carries the end of its log.
    """
    running = find(home)
    if running:
        if _wait_until_ready(home, running, say=say):
            return running
        stop(home)
    account = server_account(home.cluster, cluster.programs())
    if not home.cluster.exists():
        say("Making a database (only the first time).")
    cluster.make_cluster(home, account)
    _clear_leftovers(home, account)
    started = _start(home, account, say=say)
    cluster.make_roles(home)
    return started


def find(home: Home) -> Known | None:
    """Return the server of this home if it runs, whoever started it."""
    pid = _noted_pid(home)
    process = processes.known(pid) if pid else None
    return process if process and _is_postmaster(process.pid, home) else None


def stop(home: Home) -> bool:
    """Stop the server and wait until it has; return whether one ran."""
    running = find(home)
    if running:
        processes.stop(running, (signal.SIGINT, 120.0), (signal.SIGQUIT, 20.0))
    return running is not None


def _start(home: Home, account: Account | None, *, say: Say) -> Known:
    """Start the server; backends of a killed one that still end get the time to."""
    log = home.logs / "postgres.log"
    deadline = time.monotonic() + _ORPHANS_SECONDS
    while True:
        server = processes.start_detached(cluster.server_command(home), account=account, cwd=Path("/"), log=log)
        if server and _wait_until_ready(home, server, say=say):
            return server
        if not _end_orphans(home) or time.monotonic() > deadline:
            raise StartRefusedError(f"PostgreSQL did not start. The end of {log}:\n{processes.last_lines(log)}")
        time.sleep(_POLL_SECONDS)


def _wait_until_ready(home: Home, server: Known, *, say: Say) -> bool:
    """Wait while the server lives and is not ready; recovery after a crash takes the time it takes."""
    began = time.monotonic()
    next_word = began + _WORD_AFTER_SECONDS
    while server.is_alive():
        if _answers(home):
            return True
        if not (home.postgres_socket / ".s.PGSQL.5432").exists() and time.monotonic() - began > _SOCKET_SECONDS:
            return False  # it runs, but somebody took its socket away
        if time.monotonic() > next_word:
            say("PostgreSQL is putting its data in order after a crash; it will go on by itself.")
            next_word = time.monotonic() + _WORD_EVERY_SECONDS
        time.sleep(_POLL_SECONDS)
    return False


def _answers(home: Home) -> bool:
    try:
        psycopg.connect(cluster.set_up_url(home), connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def _clear_leftovers(home: Home, account: Account | None) -> None:
    """Make way for a server after one that was killed; none runs, or we would have found it."""
    _end_orphans(home)
    home.postgres_socket.mkdir(mode=0o700, exist_ok=True)
    if account:
        os.chown(home.postgres_socket, account.uid, os.getegid())
        home.postgres_socket.chmod(0o750)
    for name in (".s.PGSQL.5432", ".s.PGSQL.5432.lock"):
        (home.postgres_socket / name).unlink(missing_ok=True)
    _disown_recycled_pid(home)


def _disown_recycled_pid(home: Home) -> None:
    """Put a number that nobody has where the pid file names a process that is no server of ours.

    The file stays: its other lines let PostgreSQL see whether anybody still uses the old shared memory.
    """
    file = home.cluster / "postmaster.pid"
    pid = _noted_pid(home)
    if pid is None:
        if file.exists():  # empty or torn: PostgreSQL would refuse it
            file.unlink()
    elif psutil.pid_exists(pid):
        _, _, rest = file.read_text(encoding="utf-8").partition("\n")
        file.write_text(f"{_NO_PROCESS}\n{rest}", encoding="utf-8")


def _end_orphans(home: Home) -> bool:
    """End the helpers of a killed server that still work on its data; return whether there were any."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        with contextlib.suppress(psutil.Error, OSError):
            title = (process.info["cmdline"] or [""])[0]
            if title.startswith("postgres: ") and Path(process.cwd()) == home.cluster:
                found.append(processes.known(process.pid))
    for orphan in filter(None, found):
        processes.stop(orphan, (signal.SIGQUIT, 2.0))
    return bool(found) or "still in use" in processes.last_lines(home.logs / "postgres.log", 3)


def _noted_pid(home: Home) -> int | None:
    try:
        first = (home.cluster / "postmaster.pid").read_text(encoding="utf-8").partition("\n")[0]
        return int(first) if int(first) > 0 else None
    except (OSError, ValueError):
        return None


def _is_postmaster(pid: int, home: Home) -> bool:
    try:
        command = psutil.Process(pid).cmdline()
    except psutil.Error:
        return False
    return bool(command) and Path(command[0]).name == "postgres" and str(home.cluster) in command
