"""`kindred doctor`: is everything there that is needed, and does it answer."""

import json
import os
import shutil
from collections.abc import Iterator
from typing import NamedTuple

import click

from shop_app.cli.session import say
from shop_app.embedded import redis_server, servers
from shop_app.errors import KindredError, StartRefusedError
from shop_app.settings import Settings

_SCARCE_BYTES = 2_000_000_000
_TOO_LITTLE_BYTES = 200_000_000
_MARKS = {"ok": "ok  ", "warn": "WARN", "fail": "FAIL"}


class Check(NamedTuple):
    """One thing looked at: its name, ``ok``, ``warn`` or ``fail``, and a sentence."""

    name: str
    state: str
    words: str


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print the checks as JSON.")
@click.pass_context
def command(context: click.Context, as_json: bool) -> None:
    """Check settings, home, database, role, tables, keys, Redis and disk space; exit code 1 if one fails."""
    checks = list(_checks())
    sound = all(check.state != "fail" for check in checks)
    if as_json:
        found = [{"name": check.name, "state": check.state, "words": check.words} for check in checks]
        click.echo(json.dumps({"ok": sound, "checks": found}, indent=2, ensure_ascii=False))
    else:
        for check in checks:
            click.echo(f"{_MARKS[check.state]}  {check.name}: {check.words}")
    context.exit(0 if sound else 1)


def _checks() -> Iterator[Check]:
    """Look at one thing after the other; what rests on a thing that fails is not looked at."""
    try:
        settings = Settings.from_env(os.environ)
    except KindredError as error:
        yield Check("settings", "fail", str(error))
        return
    yield Check("settings", "ok", "every setting can be read.")
    yield _disk(settings)
    home = servers.home_of(settings)
    ours = servers.needed(settings)
    if ours.postgres and not home.cluster.exists():
        yield Check("home", "warn", f"{home.root} holds no database yet; `kindred up` or an import makes it.")
        return
    try:
        with servers.running(settings, say=say) as filled:
            yield Check("home", "ok", f"{home.root}" if ours.postgres else "the database is not in it.")
            yield from _database(filled)
            yield _redis(filled)
    except KindredError as error:
        yield Check("servers", "fail", str(error))


def _database(settings: Settings) -> Iterator[Check]:
    from shop_app.storage import engine

    assert settings.database_url  # noqa: S101 (complete settings)
    try:
        engine.connect(settings.database_url)
    except StartRefusedError as error:
        yield Check("database", "ok", "it answers.")
        yield Check("role", "fail", str(error))
    except KindredError as error:
        yield Check("database", "fail", str(error))
    else:
        yield Check("database", "ok", "it answers.")
        yield Check("role", "ok", "it is bound by row-level security.")
        yield (tables := _tables())
        yield (keys := _keys(settings))
        if tables.state == keys.state == "ok":
            yield _erasures(settings)
        engine.disconnect()
        return
    yield _keys(settings)


def _tables() -> Check:
    from shop_app.storage import migrate

    current, newest = migrate.current_revision() or "none yet", migrate.newest_revision()
    if current == newest:
        return Check("tables", "ok", f"they are at {newest}, the newest.")
    return Check("tables", "fail", f"they are at {current}, the program at {newest}; run `kindred migrate`.")


def _keys(settings: Settings) -> Check:
    from shop_app.storage import encryption

    try:
        encryption.load_keys(settings.keys or "", settings.hash_key or "")
        sealed = encryption.seal("nobody", table="doctor", column="check", shop_id=0)
        encryption.open_sealed(sealed, table="doctor", column="check", shop_id=0)
    except KindredError as error:
        return Check("keys", "fail", str(error))
    return Check("keys", "ok", "they load, seal and open.")


def _erasures(settings: Settings) -> Check:
    from shop_app.services.replay_erasures import count_forgotten
    from shop_app.storage import erasure_ledger

    erasure_ledger.keep_in(settings.home)
    if count := count_forgotten():
        words = f"an older backup was put back: {count} erasures are forgotten; run `kindred redact --replay`."
        return Check("erasures", "fail", words)
    return Check("erasures", "ok", "the database remembers every one of them.")


def _redis(settings: Settings) -> Check:
    if redis_server.answers(settings.redis_url or ""):
        return Check("redis", "ok", "it answers.")
    return Check("redis", "warn", "it does not answer; the pages work, background work waits until it does.")


def _disk(settings: Settings) -> Check:
    folder = next(path for path in (settings.home, *settings.home.parents) if path.exists())
    free = shutil.disk_usage(folder).free
    words = f"{free / 1e9:,.1f} GB are free at {folder}"
    if free < _TOO_LITTLE_BYTES:
        return Check("disk", "fail", f"{words}: too little to go on with.")
    if free < _SCARCE_BYTES:
        return Check("disk", "warn", f"{words}; an import may need more.")
    return Check("disk", "ok", f"{words}.")
