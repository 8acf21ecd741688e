"""The connection to PostgreSQL, and the one way to use it: a transaction that belongs to one shop."""

import io
import logging
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import polars as pl
import psycopg
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError, OperationalError

from shop_app.errors import StartRefusedError, TemporaryError

__all__ = [
    "Connection",
    "connect",
    "connect_patiently",
    "copy_frame",
    "disconnect",
    "iter_frames",
    "read_frame",
    "shopless",
    "single_value",
    "transaction",
]
# ``Connection`` is what services hand on from here to the queries; they know it by no other name.

_CONNECT_SECONDS = 2

_state: dict[str, Engine | str] = {}
_arrow_connections: list[Any] = []  # idle ones
_plain_connections: list[psycopg.Connection] = []  # idle ones, each statement a transaction of its own


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
    logging.getLogger("sqlalchemy.engine.Engine").addFilter(_no_rows)
    engine = create_engine(
        _driver_url(database_url),
        pool_size=4,
        max_overflow=4,
        pool_timeout=2,  # seconds; a page or a webhook that cannot be answered says so soon
        connect_args={"connect_timeout": _CONNECT_SECONDS},
        pool_pre_ping=True,
        hide_parameters=True,  # an error message must not carry what was bound into it
    )
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
            "every shop's data at once. Give DATABASE_URL a plain role (CREATE ROLE kindred LOGIN), "
            "and put the owner into DATABASE_OWNER_URL."
        )
    _state.update(engine=engine, url=database_url)


def _no_rows(record: logging.LogRecord) -> bool:
    """Keep what was read out of the log, where somebody turns everything on: statements do, rows do not."""
    return record.levelno > logging.DEBUG


def connect_patiently(database_url: str, *, seconds: float = 20.0) -> None:
    """Do the same, and wait so long for a database that is just starting: it may have gone down with us."""
    ends_at = time.monotonic() + seconds
    while True:
        try:
            connect(database_url)
        except TemporaryError:
            if time.monotonic() > ends_at:
                raise
            time.sleep(0.2)
        else:
            return


def disconnect() -> None:
    """Close every connection of this process."""
    engine = _state.pop("engine", None)
    if isinstance(engine, Engine):
        engine.dispose()
    for idle in (_arrow_connections, _plain_connections):
        while idle:
            idle.pop().close()
    _state.clear()


def _engine() -> Engine:
    engine = _state.get("engine")
    if not isinstance(engine, Engine):
        raise StartRefusedError("The database is not connected in this process.")
    return engine


_PASSING = {"40001", "40P01"}
"""PostgreSQL ended one of two transactions that stood in each other's way; done again it will go through."""


@contextmanager
def transaction(shop_id: int) -> Iterator[Connection]:
    """Open a transaction in which only this shop's rows exist; it commits at the end, or not at all.

    Raises
    ------
    TemporaryError
        Another transaction stood in the way of this one; nothing is written, and the whole may be done again.
    """
    with _passing_trouble_named(), _begun() as connection:
        connection.execute(text("SELECT set_config('app.shop_id', :shop, true)"), {"shop": str(shop_id)})
        yield connection


@contextmanager
def _passing_trouble_named() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) not in _PASSING:
            raise
        raise TemporaryError(
            "Two changes of the same rows met; this one is to be done again.", retry_after_seconds=1.0
        ) from None


@contextmanager
def shopless() -> Iterator[Connection]:
    """Open a transaction of no shop: it reaches ``shops`` and ``due_work``, and an error elsewhere."""
    with _begun() as connection:
        yield connection


@contextmanager
def _begun() -> Iterator[Connection]:
    with _engine().begin() as connection:
        try:
            yield connection
        except (KeyboardInterrupt, SystemExit):
            # Inside a statement no ROLLBACK is taken, and the complaint about that would hide the stop.
            connection.invalidate()
            raise


def single_value(statement: str, values: Mapping[str, object]) -> object:
    """Run one statement as a transaction of its own, the shortest way there is, and return its one value.

    A connection that has broken meanwhile is replaced once, so the statement may have been run before: it must
    be one that changes nothing the second time. Errors are psycopg's.
    """
    while True:
        connection, is_used = _idle_or_new()
        try:
            row = connection.execute(statement, values).fetchone()
        except psycopg.OperationalError:
            connection.close()
            if not is_used:
                raise
        except BaseException:
            connection.close()
            raise
        else:
            _plain_connections.append(connection)
            return None if row is None else row[0]


def _idle_or_new() -> tuple[psycopg.Connection, bool]:
    try:
        return _plain_connections.pop(), True  # another thread may be faster than any look before it
    except IndexError:
        pass
    if "url" not in _state:
        raise StartRefusedError("The database is not connected in this process.")
    fresh = psycopg.connect(str(_state["url"]), autocommit=True, connect_timeout=_CONNECT_SECONDS)
    return fresh, False


def read_frame(shop_id: int, *queries: str) -> list[pl.DataFrame]:
    """Read whole result sets of one shop as Arrow, all of them from one snapshot.

    The queries carry no values from outside: this driver takes whole statements only, so what goes in is
    our own SQL with integers of ours written into it.
    """
    return list(iter_frames(shop_id, *queries))


def iter_frames(shop_id: int, *queries: str) -> Generator[pl.DataFrame]:
    """Do the same one by one, so that a large frame is used up before the next comes; to be closed."""
    with _arrow_snapshot() as connection, connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")  # a large shop takes longer than ordinary work may
        cursor.execute(f"SELECT set_config('app.shop_id', '{int(shop_id)}', true)")
        for query in queries:
            cursor.execute(query)
            frame = pl.from_arrow(cursor.fetch_arrow_table())
            yield frame if isinstance(frame, pl.DataFrame) else frame.to_frame()


@contextmanager
def _arrow_snapshot() -> Iterator[Any]:
    """Open a read-only transaction on an Arrow connection, one of an earlier reading where it still answers.

    This driver reads the whole list of types when it connects, which takes longer than most readings.
    """
    import adbc_driver_postgresql.dbapi  # takes long to load, and most commands never read in bulk

    connection = None
    while connection is None:
        reused = bool(_arrow_connections)
        candidate = (
            _arrow_connections.pop()
            if reused
            else adbc_driver_postgresql.dbapi.connect(str(_state["url"]), autocommit=True)
        )
        try:
            _execute(candidate, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            connection = candidate
        except adbc_driver_postgresql.dbapi.Error:
            candidate.close()
            if not reused:
                raise
    try:
        yield connection
        _execute(connection, "COMMIT")
    except BaseException:
        connection.close()
        raise
    _arrow_connections.append(connection)


def _execute(connection: Any, statement: str) -> None:  # noqa: ANN401 (the driver has no types)
    with connection.cursor() as cursor:
        cursor.execute(statement)


def copy_frame(connection: Connection, frame: pl.DataFrame, table: str) -> None:
    """Append a frame to a temporary table, column by column name (COPY does not reach protected tables)."""
    columns = ", ".join(f'"{name}"' for name in frame.columns)
    driver = connection.connection.driver_connection
    assert driver is not None  # noqa: S101 (a checked-out connection has its driver's)
    # Nothing between two commas is null, an empty text stands in quotes: no text can be taken for null.
    with driver.cursor().copy(f"COPY {table} ({columns}) FROM STDIN (FORMAT csv)") as copy:
        for part in frame.iter_slices(50_000):
            buffer = io.BytesIO()
            part.write_csv(buffer, include_header=False, null_value="", quote_style="necessary")
            copy.write(buffer.getbuffer())


def _driver_url(url: str) -> str:
    return "postgresql+psycopg://" + url.split("://", 1)[1]
