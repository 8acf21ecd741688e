"""`kindred migrate`: bring the database's tables to the newest shape."""

import json
import os

import click

from shop_app.cli.session import say
from shop_app.embedded import servers
from shop_app.settings import Settings


@click.command("migrate")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def command(as_json: bool) -> None:
    """Bring the database's tables to the newest shape.

    Runs as the role of DATABASE_OWNER_URL (DATABASE_URL where that is unset) and lets the role of
    DATABASE_URL use the tables. Running it twice, or twice at once, is safe.
    """
    with servers.running(Settings.from_env(os.environ), say=say) as settings:
        from shop_app.storage import migrate

        assert settings.database_owner_url and settings.database_url  # noqa: S101, PT018 (complete settings)
        migrate.migrate(settings.database_owner_url, settings.database_url)
        revision = migrate.newest_revision()
    click.echo(json.dumps({"revision": revision}) if as_json else f"The tables are at {revision}.")
