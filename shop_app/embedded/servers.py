"""The embedded PostgreSQL and Redis for as long as somebody uses them; the last one turns off the light."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from shop_app.embedded import cluster, keys, locks, postgres, processes, redis_server
from shop_app.embedded.home import Home, forget_sockets, prepare
from shop_app.errors import RefusedError, StartRefusedError
from shop_app.settings import Settings

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Needed:
    """Which of the two servers are ours to run."""

    postgres: bool
    redis: bool


def needed(settings: Settings) -> Needed:
    """Return what the settings leave to us."""
    return Needed(postgres=settings.database_url is None, redis=settings.redis_url is None)


def home_of(settings: Settings) -> Home:
    """Return the home, by the one path that all processes call it by."""
    return Home(settings.home.resolve())


@contextmanager
def running(settings: Settings, *, say: Say) -> Iterator[Settings]:
    """Run the servers that the settings leave to us, and yield the settings with every URL and key filled in.

    Any number of processes may do so at once; a server is stopped when the last of them is done.

    Raises
    ------
    StartRefusedError
        A server cannot run here, or the keys of its data are missing.
    """
    ours = needed(settings)
    if not (ours.postgres or ours.redis):
        yield _filled(settings, home_of(settings), ours)
        return
    home = home_of(settings)
    prepare(home)
    with _start_lock(home, say):
        use = locks.share(home.run / "in-use.lock")
        try:
            filled = _filled(settings, home, ours)
            _start(home, ours, say=say)
        except BaseException:
            _leave(home, use)
            raise
    try:
        yield filled
    finally:
        with processes.uninterrupted(), _start_lock(home, say):
            _leave(home, use)


def ensure(settings: Settings, *, say: Say) -> None:
    """Start again what has died; the caller is inside :func:`running`."""
    home = home_of(settings)
    with _start_lock(home, say):
        _start(home, needed(settings), say=say)


def all_alive(settings: Settings) -> bool:
    """Tell whether the processes of our servers are there; cheap enough to ask all the time."""
    home, ours = home_of(settings), needed(settings)
    return not (
        (ours.postgres and postgres.find(home) is None) or (ours.redis and redis_server.find(home) is None)
    )


def stop_unused(home: Home, *, say: Say) -> list[str]:
    """Stop the servers that nobody uses; return the names of those that ran.

    Raises
    ------
    RefusedError
        Somebody uses them.
    """
    with _start_lock(home, say):
        use = locks.share(home.run / "in-use.lock")
        stopped = _leave(home, use)
    if stopped is None:
        raise RefusedError(
            "Another kindred command is using the servers; they stop by themselves when it is done."
        )
    return stopped


def _start(home: Home, ours: Needed, *, say: Say) -> None:
    if ours.postgres:
        postgres.ensure(home, say=say)
    if ours.redis:
        redis_server.ensure(home, say=say)


def _leave(home: Home, use: int) -> list[str] | None:
    """Give up our use, under the start lock; if it was the last, stop the servers and return which ran."""
    try:
        if not locks.try_alone(use):
            return None
        ran = {"Redis": redis_server.stop(home), "PostgreSQL": postgres.stop(home)}
        forget_sockets(home)
        return [name for name, did_run in ran.items() if did_run]
    finally:
        os.close(use)


@contextmanager
def _start_lock(home: Home, say: Say) -> Iterator[None]:
    def waiting() -> None:
        say("Another kindred is just starting or stopping the servers; waiting for it.")

    with locks.alone(home.run / "start.lock", waiting=waiting):
        yield


def _filled(settings: Settings, home: Home, ours: Needed) -> Settings:
    if ours.redis:
        settings = replace(settings, redis_url=redis_server.url(home))
    if not ours.postgres:
        return replace(settings, database_owner_url=settings.database_owner_url or settings.database_url)
    if settings.database_owner_url:
        raise StartRefusedError("DATABASE_OWNER_URL is set without DATABASE_URL; set both, or neither.")
    if bool(settings.keys) != bool(settings.hash_key):
        raise StartRefusedError(
            "Only one of KINDRED_KEYS and KINDRED_HASH_KEY is set; set both, or neither for the home's own."
        )
    own_keys, own_hash_key = (settings.keys, settings.hash_key) if settings.keys else keys.ensure(home)
    return replace(
        settings,
        database_url=cluster.url(home, cluster.APP_ROLE),
        database_owner_url=cluster.url(home, cluster.OWNER_ROLE),
        keys=own_keys,
        hash_key=own_hash_key,
    )
