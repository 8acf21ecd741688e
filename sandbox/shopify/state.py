"""What the stand-in knows, in one SQLite file: documents by store, kind and number.

A document is a JSON object shaped as the Admin API's own type of that name (camelCase fields), but for three
things: ``id`` is the plain number, money is integer minor units of the store's currency, and what Shopify
nests by reference is held by number (``customerId``, ``productId``). :mod:`sandbox.shopify.documents` makes
them and says what each kind holds.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from sandbox.sqlite_file import SqliteFile

Document = dict[str, Any]

_TABLES = """
    CREATE TABLE IF NOT EXISTS documents (
        shop TEXT NOT NULL, kind TEXT NOT NULL, id INTEGER NOT NULL, updated_at TEXT NOT NULL,
        parent INTEGER, body TEXT NOT NULL, PRIMARY KEY (shop, kind, id)) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS documents_updated_at ON documents (shop, kind, updated_at, id);
    CREATE INDEX IF NOT EXISTS documents_parent ON documents (shop, kind, parent);
    CREATE INDEX IF NOT EXISTS documents_shops ON documents (shop) WHERE kind = 'shop';
"""


class State(SqliteFile):
    """The documents of all stores."""

    def __init__(self, path: Path | str) -> None:
        super().__init__(path, _TABLES)

    def put(self, shop: str, kind: str, document: Document, *, parent: int | None = None) -> None:
        """Keep a document under its ``id``; an earlier one of the same number makes way for it.

        ``parent`` is what :meth:`children` finds it by (an order's customer, a variant's product).
        """
        self.put_all(shop, kind, [(document, parent)])

    def put_all(self, shop: str, kind: str, documents: list[tuple[Document, int | None]]) -> None:
        """Keep many documents of one kind at once."""
        rows = [
            (
                shop,
                kind,
                body["id"],
                body.get("updatedAt") or "",
                parent,
                json.dumps(body, separators=(",", ":")),
            )
            for body, parent in documents
        ]
        with self._lock if len(rows) == 1 else self.together():
            self._db.executemany("INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?, ?, ?)", rows)

    def find(self, shop: str, kind: str, number: int) -> Document | None:
        """Return one document, or ``None``."""
        with self._lock:
            row = self._db.execute(
                "SELECT body FROM documents WHERE shop = ? AND kind = ? AND id = ?", (shop, kind, number)
            ).fetchone()
        return None if row is None else orjson.loads(row[0])

    def delete(self, shop: str, kind: str, number: int) -> bool:
        """Remove one document; return whether it was there."""
        with self._lock:
            done = self._db.execute(
                "DELETE FROM documents WHERE shop = ? AND kind = ? AND id = ?", (shop, kind, number)
            )
        return done.rowcount > 0

    def clear(self, shop: str, kind: str) -> None:
        """Remove all documents of one kind."""
        with self.together():
            self._db.execute("DELETE FROM documents WHERE shop = ? AND kind = ?", (shop, kind))

    def count(self, shop: str, kind: str) -> int:
        """Return how many documents of one kind there are."""
        with self._lock:
            row = self._db.execute(
                "SELECT count(*) FROM documents WHERE shop = ? AND kind = ?", (shop, kind)
            ).fetchone()
        return int(row[0])

    def each(self, shop: str, kind: str, *, after: int = -1, by_update: bool = False) -> Iterator[Document]:
        """Yield every document of one kind by number (or by ``updatedAt``), in portions: a writer may go on."""
        if by_update:
            yield from self._each_by_update(shop, kind)
            return
        while rows := self._portion("AND id > ? ORDER BY id LIMIT 500", (shop, kind, after)):
            for number, _, body in rows:
                after = number
                yield orjson.loads(body)

    def _each_by_update(self, shop: str, kind: str) -> Iterator[Document]:
        at, number = "", -1
        where = "AND (updated_at, id) > (?, ?) ORDER BY updated_at, id LIMIT 500"
        while rows := self._portion(where, (shop, kind, at, number)):
            for number, at, body in rows:  # noqa: B007 (the last ones are where the next portion begins)
                yield orjson.loads(body)

    def children(self, shop: str, kind: str, parent: int) -> list[Document]:
        """Return the documents of one kind that belong to a parent, by number."""
        return [body for _, body in self.select(shop, kind, "AND parent = ?", (parent,), order="id")]

    def select(
        self, shop: str, kind: str, where: str, values: tuple[Any, ...], *, order: str, key: str = "id"
    ) -> list[tuple[Any, Document]]:
        """Return pairs of a sort key and a document; ``where``, ``order`` and ``key`` are our own SQL words."""
        with self._lock:
            rows = self._db.execute(
                f"SELECT {key}, body {_from(where)} ORDER BY {order}",
                (shop, kind, *values),
            ).fetchall()
        return [(row[0], orjson.loads(row[1])) for row in rows]

    def count_where(self, shop: str, kind: str, where: str, values: tuple[Any, ...]) -> int:
        """Return how many documents of one kind fulfil our own SQL words."""
        with self._lock:
            row = self._db.execute(
                f"SELECT count(*) {_from(where)}",
                (shop, kind, *values),
            ).fetchone()
        return int(row[0])

    def shops(self) -> list[str]:
        """Return the domains of all stores, by name."""
        with self._lock:
            rows = self._db.execute("SELECT DISTINCT shop FROM documents WHERE kind = 'shop' ORDER BY shop")
            return [row[0] for row in rows.fetchall()]

    def _portion(self, where: str, values: tuple[Any, ...]) -> list[tuple[int, str, str]]:
        with self._lock:
            return self._db.execute(
                f"SELECT id, updated_at, body FROM documents WHERE shop = ? AND kind = ? {where}",  # noqa: S608 (our own words)
                values,
            ).fetchall()


def _from(where: str) -> str:
    """Name the index of parents where one parent is asked for: SQLite would rather walk the whole kind."""
    index = "INDEXED BY documents_parent" if "parent = ?" in where else ""
    return f"FROM documents {index} WHERE shop = ? AND kind = ? {where}"
