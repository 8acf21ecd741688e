"""The connection to PostgreSQL, and the one way to use it: a transaction that belongs to one shop."""

from collections.abc import Iterator
from contextlib import contextmanager

import adbc_driver_postgresql.dbapi
import polars as pl
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import OperationalError

from shop_app.errors import StartRefusedError, TemporaryError

_state: dict[str, Engine | str] = {}


def connect(database_url: str) -> None:
    """Point this process at a database, once at its start.

    Raises
    ------
    StartRefusedError
        The role is a superuser or may bypass row-level security: one shop could then see another.
    TemporaryError
        The database does not answer.
    """
    disconnect()
    engine = create_engine(_driver_url(database_url), pool_size=4, max_overflow=4, pool_pre_ping=True)
    try:
        with engine.connect() as connection:
            role = connection.execute(
                text("SELECT rolname, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
            ).one()
    except OperationalError as error:
        engine.dispose()
        raise TemporaryError(f"The database does not answer: {str(error.orig).splitlines()[0]}") from None
    if role[1]:
        engine.dispose()
        raise StartRefusedError(
            f"The database role {role[0]!r} is a superuser or may bypass row-level security, so it could see "
            "every shop's data at once. Give DATABASE_URL a plain role (CREATE ROLE kindred LOGIN PASSWORD …) "
            "and put the owner into DATABASE_OWNER_URL."
        )
    _state.update(engine=engine, url=database_url)


def disconnect() -> None:
    """Close every connection of this process."""
    engine = _state.pop("engine", None)
    if isinstance(engine, Engine):
        engine.dispose()
    _state.clear()


def _engine() -> Engine:
    engine = _state.get("engine")
    if not isinstance(engine, Engine):
        raise StartRefusedError("The database is not connected in this process.")
    return engine


@contextmanager
def transaction(shop_id: int) -> Iterator[Connection]:
    """Open a transaction in which only this shop's rows exist; it commits at the end, or not at all."""
    with _engine().begin() as connection:
        connection.execute(text("SELECT set_config('app.shop_id', :shop, true)"), {"shop": str(shop_id)})
        yield connection


@contextmanager
def shopless() -> Iterator[Connection]:
    """Open a transaction of no shop: it reaches ``shops`` and ``due_work``, and an error elsewhere."""
    with _engine().begin() as connection:
        yield connection


def read_frame(shop_id: int, *queries: str) -> list[pl.DataFrame]:
    """Read whole result sets of one shop as Arrow, all of them from one snapshot.

    The queries carry no values from outside: this driver takes whole statements only, so what goes in is
    our own SQL with integers of ours written into it.
    """
    url = str(_state["url"])
    with adbc_driver_postgresql.dbapi.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute(f"SELECT set_config('app.shop_id', '{int(shop_id)}', true)")
        frames = []
        for query in queries:
            cursor.execute(query)
            frame = pl.from_arrow(cursor.fetch_arrow_table())
            frames.append(frame if isinstance(frame, pl.DataFrame) else frame.to_frame())
        return frames


def copy_frame(connection: Connection, frame: pl.DataFrame, table: str) -> None:
    """Append a frame to a temporary table, column by column name (COPY does not reach protected tables)."""
    columns = ", ".join(f'"{name}"' for name in frame.columns)
    driver = connection.connection.driver_connection
    assert driver is not None  # noqa: S101 (a checked-out connection has its driver's)
    with driver.cursor().copy(f"COPY {table} ({columns}) FROM STDIN (FORMAT csv, NULL '\\N')") as copy:
        for part in frame.iter_slices(50_000):
            copy.write(
                part.write_csv(include_header=False, null_value="\\N", quote_style="necessary").encode()
            )


def _driver_url(url: str) -> str:
    return "postgresql+psycopg://" + url.split("://", 1)[1]
