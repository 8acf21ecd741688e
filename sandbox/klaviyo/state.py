"""What the stand-in knows, in one SQLite file: accounts, keys, profiles, who is in which group, events, jobs.

Everything belongs to an account. A profile is an object with ``id``, its own fields (``email``, ``first_name``
…), ``location``, ``properties``, ``consent`` and times in whole seconds (``created``, ``updated``,
``last_event``). ``things`` are all that there is little of: lists, segments, metrics, keys, jobs.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson

from sandbox.sqlite_file import SqliteFile

Document = dict[str, Any]
IDENTIFIERS = ("email", "phone_number", "external_id")

_TABLES = """
    CREATE TABLE IF NOT EXISTS things (
        account TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, created REAL NOT NULL, body BLOB NOT NULL,
        PRIMARY KEY (account, kind, id)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS profiles (
        account TEXT NOT NULL, id TEXT NOT NULL, email TEXT, phone_number TEXT, external_id TEXT,
        created INTEGER NOT NULL, updated INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (account, id));
    CREATE UNIQUE INDEX IF NOT EXISTS profiles_email ON profiles (account, email);
    CREATE UNIQUE INDEX IF NOT EXISTS profiles_phone ON profiles (account, phone_number);
    CREATE UNIQUE INDEX IF NOT EXISTS profiles_external ON profiles (account, external_id);
    CREATE INDEX IF NOT EXISTS profiles_updated ON profiles (account, updated, id);
    CREATE TABLE IF NOT EXISTS members (
        account TEXT NOT NULL, grouping TEXT NOT NULL, profile TEXT NOT NULL, joined INTEGER NOT NULL,
        PRIMARY KEY (account, grouping, profile)) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS members_profile ON members (account, profile);
    CREATE INDEX IF NOT EXISTS members_joined ON members (account, grouping, joined, profile);
    CREATE TABLE IF NOT EXISTS events (
        account TEXT NOT NULL, id TEXT NOT NULL, metric TEXT NOT NULL, profile TEXT NOT NULL,
        at INTEGER NOT NULL, unique_id TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (account, id));
    CREATE UNIQUE INDEX IF NOT EXISTS events_unique ON events (account, profile, metric, unique_id);
    CREATE INDEX IF NOT EXISTS events_metric ON events (account, metric, at, id);
    CREATE INDEX IF NOT EXISTS events_at ON events (account, at, id);
    CREATE TABLE IF NOT EXISTS job_rows (
        account TEXT NOT NULL, job TEXT NOT NULL, place INTEGER NOT NULL, payload BLOB NOT NULL,
        profile TEXT, error BLOB, PRIMARY KEY (account, job, place)) WITHOUT ROWID;
"""
_PROFILE = (
    "INSERT INTO profiles VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (account, id) DO UPDATE SET "
    "email = excluded.email, phone_number = excluded.phone_number, external_id = excluded.external_id, "
    "updated = excluded.updated, body = excluded.body"
)


class State(SqliteFile):
    """Everything of all accounts."""

    def __init__(self, path: Path | str) -> None:
        super().__init__(path, _TABLES)

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return what a query of our own words finds."""
        with self._lock:
            return self._db.execute(sql, values).fetchall()

    def change(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Do a change in our own words; return how many rows it touched."""
        with self._lock:
            return self._db.execute(sql, values).rowcount

    def change_all(self, sql: str, values: Iterable[Sequence[Any]]) -> None:
        """Do one change with many values; nothing for none."""
        if rows := list(values):
            with self._lock if len(rows) == 1 else self.together():
                self._db.executemany(sql, rows)

    def count(self, table: str, account: str, where: str = "", values: Sequence[Any] = ()) -> int:
        """Return how many rows of an account a table has."""
        sql = f"SELECT count(*) FROM {table} WHERE account = ? {where}"  # noqa: S608 (our own words)
        return int(self.rows(sql, (account, *values))[0][0])

    def put(self, account: str, kind: str, thing: Document) -> None:
        """Keep a thing under its ``id``; it has ``created`` in seconds."""
        self.change(
            "INSERT OR REPLACE INTO things VALUES (?, ?, ?, ?, ?)",
            (account, kind, thing["id"], thing["created"], orjson.dumps(thing)),
        )

    def find(self, account: str, kind: str, key: str) -> Document | None:
        """Return one thing, or ``None``."""
        found = self.rows(
            "SELECT body FROM things WHERE account = ? AND kind = ? AND id = ?", (account, kind, key)
        )
        return orjson.loads(found[0][0]) if found else None

    def things(self, account: str, kind: str) -> list[Document]:
        """Return all things of a kind, oldest first."""
        found = self.rows(
            "SELECT body FROM things WHERE account = ? AND kind = ? ORDER BY created, id", (account, kind)
        )
        return [orjson.loads(body) for (body,) in found]

    def things_where(self, account: str, kind: str, path: str, value: str | int) -> list[Document]:
        """Return the things of a kind with this value at a JSON path, oldest first."""
        found = self.rows(
            "SELECT body FROM things WHERE account = ? AND kind = ? "
            "AND json_extract(CAST(body AS TEXT), ?) = ? ORDER BY created, id",
            (account, kind, path, value),
        )
        return [orjson.loads(body) for (body,) in found]

    def delete(self, account: str, kind: str, key: str) -> bool:
        """Remove one thing; return whether it was there."""
        return bool(
            self.change("DELETE FROM things WHERE account = ? AND kind = ? AND id = ?", (account, kind, key))
        )

    def accounts(self) -> list[str]:
        """Return the ids of all accounts, oldest first."""
        return [
            key for (key,) in self.rows("SELECT id FROM things WHERE kind = 'account' ORDER BY created, id")
        ]

    def put_profiles(self, account: str, profiles: Iterable[Document]) -> None:
        """Keep profiles as they are; who they are by e-mail, phone and external id is unique."""
        self.change_all(
            _PROFILE,
            (
                (
                    account,
                    one["id"],
                    *(one.get(name) for name in IDENTIFIERS),
                    one["created"],
                    one["updated"],
                    orjson.dumps(one),
                )
                for one in profiles
            ),
        )

    def profile(self, account: str, key: str) -> Document | None:
        """Return one profile by its id, or ``None``."""
        return self.profile_by(account, "id", key)

    def profile_by(self, account: str, name: str, value: str) -> Document | None:
        """Return the profile with this id, e-mail address, phone or external id."""
        found = self.rows(
            f"SELECT body FROM profiles WHERE account = ? AND {name} = ?",  # noqa: S608 (our own words)
            (account, value),
        )
        return orjson.loads(found[0][0]) if found else None

    def each_profile(self, account: str, *, portion: int = 1000) -> Iterator[Document]:
        """Yield all profiles by id, in portions: a writer may go on."""
        after = ""
        where = "SELECT id, body FROM profiles WHERE account = ? AND id > ? ORDER BY id LIMIT ?"
        while found := self.rows(where, (account, after, portion)):
            after = found[-1][0]
            for _, body in found:
                yield orjson.loads(body)

    def drop_profile(self, account: str, key: str) -> None:
        """Remove a profile, its memberships and its events."""
        with self.together():
            self.change("DELETE FROM profiles WHERE account = ? AND id = ?", (account, key))
            self.change("DELETE FROM members WHERE account = ? AND profile = ?", (account, key))
            self.change("DELETE FROM events WHERE account = ? AND profile = ?", (account, key))
