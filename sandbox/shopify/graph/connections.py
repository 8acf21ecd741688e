"""Lists cut into pages: Relay cursors, the limits on a page, and what each list is read from.

A resolver of a connection field makes a :class:`Stored` (documents of the state) or a :class:`Listed` (what
lies in memory already) and returns :func:`connection` of it. In a bulk operation that returns the list itself,
which can then be gone through to its end.
"""

import base64
import binascii
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from sandbox.shopify.graph.filters import Compiled
from sandbox.shopify.graph.registry import Answer, Call, GraphQLRefusal, Info
from sandbox.shopify.state import Document

PAGE_LIMIT = 250
_PORTION = 500
_BIG_PORTION = 2000
Key = tuple[Any, int]  # sort value, number


class Listing(Protocol):
    """Anything that can be walked from a key on, forwards or backwards."""

    def walk(self, after: Key | None = None, *, backwards: bool = False) -> Iterator[tuple[Key, Document]]:
        """Yield rows with their keys, from just past ``after``."""
        ...

    def __iter__(self) -> Iterator[Document]:
        """Yield all rows in order."""
        ...


@dataclass(slots=True)
class Stored:
    """Documents of one kind in an order: ``key`` is the SQL of the sort value."""

    call: Call
    kind: str
    search: Compiled = field(default_factory=Compiled)
    key: str = "id"
    reverse: bool = False

    def walk(self, after: Key | None = None, *, backwards: bool = False) -> Iterator[tuple[Key, Document]]:
        """Yield rows with their keys, from just past ``after``."""
        down = self.reverse != backwards
        way, beyond = ("DESC", "<") if down else ("ASC", ">")
        conditions = [f"({clause})" for clause, _ in self.search.clauses]
        values = [value for _, given in self.search.clauses for value in given]
        portion = _BIG_PORTION if self.call.bulk else _PORTION
        order = f"{self.key} {way}, id {way} LIMIT {portion}"
        while True:
            past = [f"({self.key}, id) {beyond} (?, ?)"] if after is not None else []
            where = "".join(f" AND {one}" for one in conditions + past)
            given = (*values, *after) if after is not None else tuple(values)
            rows = self.call.state.select(self.call.shop, self.kind, where, given, order=order, key=self.key)
            for value, document in rows:
                after = (value, document["id"])
                if self.search.holds(document):
                    yield after, document
            if len(rows) < portion:
                return

    def count(self) -> int:
        """Return how many rows there are."""
        if self.search.tests:
            return sum(1 for _ in self.walk())
        where = "".join(f" AND ({clause})" for clause, _ in self.search.clauses)
        values = tuple(value for _, given in self.search.clauses for value in given)
        return self.call.state.count_where(self.call.shop, self.kind, where, values)

    def __iter__(self) -> Iterator[Document]:
        """Yield all rows in order."""
        return (document for _, document in self.walk())


@dataclass(slots=True)
class Listed:
    """Rows at hand, each a dict with a number under ``id``, in the order in which they are shown."""

    rows: list[Document]
    reverse: bool = False

    def walk(self, after: Key | None = None, *, backwards: bool = False) -> Iterator[tuple[Key, Document]]:
        """Yield rows with their keys, from just past ``after``."""
        rows = [(("", int(row["id"])), row) for row in self.rows]
        if self.reverse != backwards:
            rows.reverse()
        if after is not None:
            numbers = [key[1] for key, _ in rows]
            rows = rows[numbers.index(after[1]) + 1 :] if after[1] in numbers else []
        yield from rows

    def count(self) -> int:
        """Return how many rows there are."""
        return len(self.rows)

    def __iter__(self) -> Iterator[Document]:
        """Yield all rows in order."""
        return (row for _, row in self.walk())


def connection(info: Info, listing: Listing, args: dict[str, Any]) -> Any:  # noqa: ANN401 (a page or the list)
    """Return one page of a list with ``first, last, after, before``; the list itself in a bulk operation."""
    call: Call = info.context
    if call.bulk:
        return listing
    size, after, backwards = _window(args)
    rows: list[tuple[Key, Document]] = []
    more = False
    for key, document in listing.walk(after, backwards=backwards):
        if len(rows) == size:
            more = True
            break
        rows.append((key, document))
    if backwards:
        rows.reverse()
    return _page(
        rows, ahead=after is not None if backwards else more, behind=more if backwards else after is not None
    )


def _window(args: dict[str, Any]) -> tuple[int, Key | None, bool]:
    first, last = args.get("first"), args.get("last")
    if first is None and last is None:
        raise GraphQLRefusal("BAD_REQUEST", "you must provide one of first or last")
    if first is not None and last is not None:
        raise GraphQLRefusal("BAD_REQUEST", "providing both first and last is not supported")
    backwards = first is None
    size = last if backwards else first
    name = "last" if backwards else "first"
    if not 0 <= size <= PAGE_LIMIT:
        raise GraphQLRefusal(
            "BAD_REQUEST", f"{name} cannot exceed {PAGE_LIMIT}" if size > 0 else f"{name} must be positive"
        )
    wrong = "after" if backwards else "before"
    if args.get(wrong) is not None:
        raise GraphQLRefusal("BAD_REQUEST", f"using {name} with {wrong} is not supported")
    cursor = args.get("before") if backwards else args.get("after")
    return size, None if cursor is None else read_cursor(cursor), backwards


def _page(rows: list[tuple[Key, Document]], *, ahead: bool, behind: bool) -> Answer:
    edges = [{"cursor": write_cursor(key), "node": document} for key, document in rows]
    return {
        "edges": edges,
        "nodes": [document for _, document in rows],
        "pageInfo": {
            "hasNextPage": ahead,
            "hasPreviousPage": behind,
            "startCursor": edges[0]["cursor"] if edges else None,
            "endCursor": edges[-1]["cursor"] if edges else None,
        },
    }


def write_cursor(key: Key) -> str:
    """Return a cursor as the real ones are built."""
    words = json.dumps({"last_id": key[1], "last_value": key[0]}, separators=(",", ":"))
    return base64.b64encode(words.encode()).decode()


def read_cursor(cursor: str) -> Key:
    """Return the key in a cursor, or refuse."""
    try:
        words = json.loads(base64.b64decode(cursor, validate=True))
        value, number = words["last_value"], words["last_id"]
    except (binascii.Error, ValueError, TypeError, KeyError) as error:
        raise GraphQLRefusal("BAD_REQUEST", "Malformed cursor") from error
    if not isinstance(number, int) or not isinstance(value, (str, int, float)):
        raise GraphQLRefusal("BAD_REQUEST", "Malformed cursor")
    return value, number
