"""`kindred up`: everything on this machine, in one command, until Ctrl-C."""

import errno
import http.client
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import click

from shop_app.cli.session import opened, say
from shop_app.clock import utc_now
from shop_app.embedded import servers, supervisor
from shop_app.embedded.home import Home, prepare
from shop_app.embedded.supervisor import Child
from shop_app.errors import StartRefusedError
from shop_app.settings import Settings

_HOST = "127.0.0.1"
_PAGES_FIRST_SECONDS = 4.0
"""How much later the worker starts than the pages: all at once would keep a laptop's pages waiting."""

_HANDED_ON = ("DATABASE_URL", "REDIS_URL", "KINDRED_KEYS", "KINDRED_HASH_KEY")
_KEPT_BACK = ("DATABASE_OWNER_URL", *(f"{name}_FILE" for name in (*_HANDED_ON, "DATABASE_OWNER_URL")))


@click.command("up")
def command() -> None:
    """Run everything here: database, pages, worker and clock, until Ctrl-C.

    Where the database has no shop yet, the sample store is put in. The pages are for this machine alone
    (127.0.0.1, PORT) and ask for no login.
    """
    settings = Settings.from_env(os.environ)
    home = servers.home_of(settings)
    address = f"http://{_HOST}:{settings.port}/"
    _refuse_public(settings)
    prepare(home)
    with supervisor.only_one(home, address):
        for name in supervisor.stop_leftovers(home):
            say(f"Stopped the {name} that an earlier run had left.")
        _refuse_taken(settings.port)
        say(f"Starting Kindred on this machine; everything it keeps is in {home.root}.")
        try:
            with opened(may_migrate=True) as filled:
                _welcome()
                _run(settings, filled, home, address)
        except (KeyboardInterrupt, SystemExit):
            say("Everything is stopped.")
            raise


def _refuse_public(settings: Settings) -> None:
    if settings.app_url:
        raise StartRefusedError(
            "APP_URL is set, and `kindred up` serves one machine without a login. Unset APP_URL, or run the "
            "processes that the Procfile names."
        )


def _refuse_taken(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError as error:
            why = (
                "is taken by another program"
                if error.errno == errno.EADDRINUSE
                else f"is refused: {error.strerror}"
            )
            raise StartRefusedError(
                f"Port {port} on {_HOST} {why}. Set PORT to another one: PORT={_another(port)} make run"
            ) from None


def _another(port: int) -> int:
    """Return a port worth proposing: one that is free this moment."""
    for candidate in range(max(port + 1, 8001), 65536):
        with socket.socket() as probe:
            if probe.connect_ex((_HOST, candidate)):
                return candidate
    return 8001


def _welcome() -> None:
    """Put the sample store into a database that has no shop, or into one where that was cut off."""
    from shop_app.services.install_sample import install_sample, sample_is_unfinished
    from shop_app.storage import shops
    from shop_app.storage.engine import shopless

    with shopless() as connection:
        known = shops.list_ids(connection)
    if not known or sample_is_unfinished():
        install_sample(as_of=utc_now(), say=say)


def _run(settings: Settings, filled: Settings, home: Home, address: str) -> None:
    say("Starting the pages, the worker and the clock.")
    supervisor.supervise(
        _children(filled, home),
        home=home,
        environment=_environment(filled),
        each_round=_watch(settings, address),
        say=say,
    )


def _watch(settings: Settings, address: str) -> Callable[[], None]:
    """Return what is looked at each round: the servers, and until it has been told, the pages."""
    told = False

    def look() -> None:
        nonlocal told
        if not servers.all_alive(settings):
            say("A server has ended; starting it again.")
            servers.ensure(settings, say=say)
        if not told and _answers(settings.port):
            told = True
            say(f"\nKindred is ready. Look at {address}\nCtrl-C stops it.")

    return look


def _answers(port: int) -> bool:
    page = http.client.HTTPConnection(_HOST, port, timeout=2.0)
    try:
        page.request("GET", "/healthz")
        return page.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        page.close()


def _environment(settings: Settings) -> dict[str, str]:
    """Return the environment of the children: resolved, and without the owner's way in."""
    kept = {name: value for name, value in os.environ.items() if name not in _KEPT_BACK}
    values = (settings.database_url, settings.redis_url, settings.keys, settings.hash_key)
    resolved = {name: value for name, value in zip(_HANDED_ON, values, strict=True) if value}
    return {**kept, **resolved, "KINDRED_HOME": str(settings.home), "PORT": str(settings.port)}


def _children(settings: Settings, home: Home) -> list[Child]:
    level = settings.log_level.lower()
    python = [sys.executable, "-m"]
    celery = [*python, "celery", "-A", "workers.main"]
    return [
        Child("web server", [*python, "gunicorn", *_gunicorn(settings.port, level)], _log(home, "web")),
        Child("worker", [*celery, "worker", *_worker(level)], _log(home, "worker"), _PAGES_FIRST_SECONDS),
        Child(
            "clock",
            [*celery, "beat", "--pidfile=", f"--loglevel={level}"],
            _log(home, "beat"),
            2 * _PAGES_FIRST_SECONDS,
        ),
    ]


def _gunicorn(port: int, level: str) -> list[str]:
    return [
        "shop_app.app:create_local_app()",
        f"--bind={_HOST}:{port}",
        "--worker-class=gthread",
        "--workers=1",  # one person looks at it, and each process takes seconds to start
        "--threads=8",
        "--timeout=60",
        "--graceful-timeout=10",
        "--no-control-socket",
        f"--log-level={level}",
    ]


def _worker(level: str) -> list[str]:
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    return ["--concurrency=2", "--hostname=kindred@local", f"--loglevel={level}", *quiet]


def _log(home: Home, name: str) -> Path:
    return home.logs / f"{name}.log"
