"""Bring the tables to the newest shape, once at a time, and let the app's role use them."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url

from shop_app.storage.engine import shopless

_LOCK = 7_302_001  # one number for "Kindred migrates", so that two starting copies take turns


def migrate(owner_url: str, app_url: str) -> None:
    """Run what is missing of the migrations as the owner; safe to run twice, or twice at once."""
    engine = create_engine("postgresql+psycopg://" + owner_url.split("://", 1)[1])
    try:
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            connection.execute(text("SET LOCAL lock_timeout = '4s'"))
            command.upgrade(_config(connection), "head")
            _grant(connection, make_url(app_url).username)
    finally:
        engine.dispose()


def newest_revision() -> str:
    """Return the number of the newest migration in the code."""
    head = ScriptDirectory.from_config(_config(None)).get_current_head()
    return head or ""


def current_revision() -> str | None:
    """Return the number of the newest migration that the database has seen."""
    with shopless() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def _grant(connection: Connection, app_role: str | None) -> None:
    if app_role is None:
        return
    role = connection.dialect.identifier_preparer.quote(app_role)
    connection.execute(text(f"GRANT USAGE ON SCHEMA public TO {role}"))
    connection.execute(text(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}"))
    connection.execute(text(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}"))


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
