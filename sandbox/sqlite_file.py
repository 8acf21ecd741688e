"""One SQLite file that all threads of a stand-in share."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_OUTERMOST = ("BEGIN IMMEDIATE", "COMMIT", ("ROLLBACK",))
_INNER = ("SAVEPOINT inner", "RELEASE inner", ("ROLLBACK TO inner", "RELEASE inner"))
_COUNTERS = "CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL);"


class SqliteFile:
    """A file with the tables of one stand-in; every write is on disk when the call returns.

    Inside :meth:`together` all writes become visible at once, or none; a block inside a block can fail alone.
    """

    def __init__(self, path: Path | str, tables: str) -> None:
        self.path = Path(path)
        self._lock = threading.RLock()
        self._depth = 0
        self._db = sqlite3.connect(str(path), check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.executescript(tables + _COUNTERS)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._db.close()

    @contextmanager
    def together(self) -> Iterator[None]:
        """Write everything of this block, or nothing; nobody else writes meanwhile."""
        with self._lock:
            begin, keep, undo = _OUTERMOST if self._depth == 0 else _INNER
            self._depth += 1
            try:
                self._db.execute(begin)
                try:
                    yield
                except BaseException:
                    for words in undo:
                        self._db.execute(words)
                    raise
                self._db.execute(keep)
            finally:
                self._depth -= 1

    def next_number(self, name: str, *, start: int = 1) -> int:
        """Return the next of a row of numbers that never repeats, not even after a restart."""
        with self._lock:
            row = self._db.execute(
                "INSERT INTO counters VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = value + 1 "
                "RETURNING value",
                (name, start),
            ).fetchone()
        return int(row[0])
