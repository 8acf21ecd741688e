"""What a search means for each kind of thing: which filters there are, and how a condition is tested.

Conditions on times and numbers of documents go into SQL where they hold for all rows; the rest is tested in
Python. A filter that does not exist is passed over with a warning, so that the list comes **unfiltered**.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.shopify.graph.registry import Call, GraphQLRefusal
from sandbox.shopify.graph.search import Group, Term, Tree, parse_search
from sandbox.shopify.state import Document
from sandbox.shopify.world import stamp

Reader = Callable[[Document, Call], Any]
Test = Callable[[Document], bool]
Clause = tuple[str, tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter name: how its value is read from a document, and as what it is compared."""

    kind: str  # "time", "number", "text", "words", "list", "flag"
    read: Reader
    column: str = ""  # the SQL words for the same, where a time or number may be tested there
    accepted: frozenset[str] = frozenset()  # of a text: all values there are, in lower case
    strict: bool = False  # whether a time that is none refuses the request instead of finding nothing


@dataclass(slots=True)
class Compiled:
    """A search made ready: SQL conditions and what remains for Python."""

    clauses: list[Clause] = field(default_factory=list)
    tests: list[Test] = field(default_factory=list)

    def holds(self, document: Document) -> bool:
        """Return whether a row that SQL let through fulfils the rest."""
        return all(test(document) for test in self.tests)


def compile_search(query: str | None, filters: dict[str, Filter], call: Call, path: list[str]) -> Compiled:
    """Make a search ready, leaving warnings in the call's notes for ``extensions.search``."""
    compiled = Compiled()
    if not query or not query.strip():
        return compiled
    tree = parse_search(query)
    warnings: list[Document] = []
    maker = _Maker(filters, call, warnings)
    for part in _conjuncts(tree):
        clause = maker.clause(part) if isinstance(part, Term) else None
        if clause is not None:
            compiled.clauses.append(clause)
        elif (test := maker.test(part)) is not None:
            compiled.tests.append(test)
    if warnings and not call.bulk:
        entry = {"path": path, "query": query, "parsed": _parsed(tree), "warnings": warnings}
        call.notes.setdefault("search", []).append(entry)
    return compiled


def _conjuncts(tree: Group) -> list[Tree]:
    found: list[Tree] = []
    for part in tree.parts:
        if isinstance(part, Group) and part.kind == "and":
            found += _conjuncts(part)
        else:
            found.append(part)
    return found


def _parsed(tree: Tree) -> Document:
    if isinstance(tree, Term):
        return dict(tree.parsed())
    parts = [_parsed(part) for part in tree.parts]
    return parts[0] if len(parts) == 1 and tree.kind != "not" else {tree.kind: parts}


@dataclass(slots=True)
class _Maker:
    filters: dict[str, Filter]
    call: Call
    warnings: list[Document]

    def clause(self, term: Term) -> Clause | None:
        """Return a condition in SQL, where the filter has a column and the value is sound."""
        known = self.filters.get(term.field or "")
        if known is None or not known.column:
            return None
        if known.kind == "time":
            bounds = _bounds(term, self.call)
            if bounds is None:
                return None
            parts = [f"{known.column} {op} ?" for op, _ in bounds]
            return " AND ".join(parts), tuple(value for _, value in bounds)
        number = _number(term.value)
        return None if number is None else (f"{known.column} {term.op or '='} ?", (number,))

    def test(self, tree: Tree) -> Test | None:
        """Return a condition in Python; ``None`` where it is passed over."""
        if isinstance(tree, Term):
            return self._term(tree)
        tests = [one for one in (self.test(part) for part in tree.parts) if one is not None]
        if not tests:
            return None
        if tree.kind == "not":
            return lambda document: not tests[0](document)
        every = all if tree.kind == "and" else any
        return lambda document: every(test(document) for test in tests)

    def _term(self, term: Term) -> Test | None:
        known = self.filters.get("default" if term.field is None else term.field)
        if known is None:
            if term.field is not None:
                self._warn(term, "Invalid search field for this query.", "invalid_field")
            return None
        if known.accepted and term.value.lower() not in known.accepted | {"any", "*"}:
            self._warn(term, f"Input `{term.value}` is not an accepted value.", "invalid_value")
            return lambda _document: False
        return self._compare(term, known)

    def _compare(self, term: Term, known: Filter) -> Test | None:
        call, read = self.call, known.read
        if known.kind == "time":
            return self._time(term, known)
        if known.kind == "number":
            number = _number(term.value)
            if number is None:
                self._warn(term, f"Input `{term.value}` is not an accepted value.", "invalid_value")
                return lambda _document: False
            return lambda document: _holds(read(document, call), term.op, number)
        matches = _MATCHERS[known.kind](term.value)
        return lambda document: matches(read(document, call))

    def _time(self, term: Term, known: Filter) -> Test:
        bounds = _bounds(term, self.call)
        if bounds is None and known.strict:
            raise GraphQLRefusal("BAD_REQUEST", f"Invalid timestamp for query filter `{term.field}`.")
        if bounds is None:
            self._warn(term, f"Input `{term.value}` is not an accepted value.", "invalid_value")
            return lambda _document: False
        call, read = self.call, known.read
        return lambda document: all(_holds(read(document, call) or None, op, at) for op, at in bounds)

    def _warn(self, term: Term, message: str, code: str) -> None:
        self.warnings.append({"field": term.field, "message": message, "code": code})


def _holds(found: Any, op: str, asked: Any) -> bool:  # noqa: ANN401 (numbers or texts)
    if found is None:
        return False
    sides = {"": found == asked, "<": found < asked, "<=": found <= asked, ">": found > asked}
    return bool(sides.get(op, found >= asked))


def _number(text: str) -> float | int | None:
    """Return a number; of a global id, the number in it."""
    try:
        return int(text.rpartition("/")[2]) if text.startswith("gid:") else float(text)
    except ValueError:
        return None


def _bounds(term: Term, call: Call) -> list[tuple[str, str]] | None:
    """Return what a time condition asks of a stamp; a date without a clock is a day of the shop's own."""
    text = term.value.strip()
    if text in ("now", "*"):
        text = datetime.now(tz=ZoneInfo("UTC")).isoformat()  # noqa: TID251 (the search word for this moment)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    zone = ZoneInfo(call.shop_document.get("ianaTimezone") or "UTC")
    moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    if len(text) > len("2026-01-01"):
        return [(">=", stamp(moment)), ("<=", stamp(moment))] if not term.op else [(term.op, stamp(moment))]
    begin, end = stamp(moment), stamp(moment + timedelta(days=1))
    days = {"": [(">=", begin), ("<", end)], ">": [(">=", end)], "<=": [("<", end)]}
    return days.get(term.op, [(term.op, begin)])


def _as_text(value: str) -> Callable[[Any], bool]:
    asked = value.lower()
    if asked == "*":
        return lambda found: found not in (None, "")
    if asked.endswith("*"):
        return lambda found: str(found or "").lower().startswith(asked[:-1])
    return lambda found: str(found if found is not None else "").lower() == asked


def _as_words(value: str) -> Callable[[Any], bool]:
    asked = value.lower().rstrip("*").split()
    return lambda found: all(word in str(found or "").lower() for word in asked)


def _as_list(value: str) -> Callable[[Any], bool]:
    matches = _as_text(value)
    return lambda found: any(matches(one) for one in found or ())


def _as_flag(value: str) -> Callable[[Any], bool]:
    asked = value.lower() == "true"
    return lambda found: bool(found) is asked


_MATCHERS = {"text": _as_text, "words": _as_words, "list": _as_list, "flag": _as_flag}
