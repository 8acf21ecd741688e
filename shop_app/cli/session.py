"""What nearly every command stands on: settings read, servers running, keys loaded, tables there."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import click

from shop_app.embedded import servers
from shop_app.errors import StartRefusedError
from shop_app.settings import Settings


@contextmanager
def opened(*, may_migrate: bool = False) -> Iterator[Settings]:
    """Yield the settings, complete, with this process connected to its database.

    The embedded database is brought to the newest shape on the way; one of the operator's own only where
    the command says so, for other copies of the program may be using it.

    Raises
    ------
    StartRefusedError
        A setting is wrong, a server cannot run, the role is too mighty, or the tables are of another age.
    """
    settings = Settings.from_env(os.environ)
    with servers.running(settings, say=say) as filled, connected(filled):
        bring_up_to_date(filled, may_migrate=may_migrate or settings.database_url is None)
        yield filled


@contextmanager
def connected(settings: Settings) -> Iterator[None]:
    """Load the keys and connect this process to the database of complete settings."""
    from shop_app import queueing
    from shop_app.services.reach_vendors import reach_vendors
    from shop_app.storage import encryption, engine, erasure_ledger

    assert settings.database_url and settings.keys and settings.hash_key  # noqa: S101, PT018 (complete settings)
    encryption.load_keys(settings.keys, settings.hash_key)
    engine.connect(settings.database_url)
    erasure_ledger.keep_in(settings.home)
    if settings.redis_url:
        queueing.connect(settings.redis_url)
    reach_vendors(settings)
    try:
        yield
    finally:
        engine.disconnect()


def bring_up_to_date(settings: Settings, *, may_migrate: bool) -> None:
    """Run the missing migrations, or refuse tables that are older or newer than this program."""
    from shop_app.storage import migrate

    newest, current = migrate.newest_revision(), migrate.current_revision() or ""
    if current == newest:
        return
    if current > newest:
        raise StartRefusedError(
            f"The database's tables ({current}) are newer than this program ({newest}). Use a newer program."
        )
    if not may_migrate:
        raise StartRefusedError(
            f"The database's tables ({current or 'none yet'}) are older than this program ({newest}). Run "
            "`kindred migrate` first."
        )
    assert settings.database_owner_url and settings.database_url  # noqa: S101, PT018 (complete settings)
    say("Bringing the database's tables up to date.")
    migrate.migrate(settings.database_owner_url, settings.database_url)


def say(words: str) -> None:
    """Tell a person how things go, beside the results."""
    click.echo(words, err=True)
