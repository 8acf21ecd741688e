"""Segment queries of API version 2026-10: parsed and checked, with the messages Shopify answers.

Functions are written ``products_purchased MATCHES (id = 1, date >= -90d)``; the older ``fn(x: y) = true`` is
refused. What could not be learned about a message is said in the one form that is recorded: ``Line 1 Column 6:
'valid' is unexpected.``
"""

from dataclasses import dataclass

from sandbox.shopify.segment_filters import (
    COMPARISONS,
    FILTERS,
    OPERATORS,
    SEVERAL_VALUES_AT_MOST,
    VALUE_KINDS,
    Filter,
    Kind,
)
from sandbox.shopify.segment_tokens import Token, tokens_of

CLAUSES_AT_MOST = 10
_UNEXPECTED = "is unexpected."
_VALUES = frozenset({"text", "date", "offset", "named", "number"})
_RESERVED = frozenset({"AND", "OR", "NOT", "IS", "NULL", "CONTAINS", "BETWEEN", "MATCHES", "IN"})


class SegmentQueryError(ValueError):
    """A query that Shopify would refuse; ``problems`` are its messages, in its order."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(problems[0])
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Clause:
    """``name operator values``; of a function, the values are clauses about its parameters."""

    name: Token
    operator: str
    sign: Token
    values: tuple[Token, ...] = ()
    parameters: tuple["Clause", ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Clauses of which all (``AND``) or one (``OR``) must hold."""

    word: str
    parts: tuple["Clause | Group", ...]


Query = Clause | Group


def parse(query: str) -> Query:
    """Return what a query asks.

    Raises
    ------
    SegmentQueryError
        It is not well formed, or asks for what there is not.
    """
    reader = _Reader(tokens_of(query))
    tree: Query | None = None
    problems: list[str] = []
    try:
        tree = reader.whole()
    except SegmentQueryError as refused:
        problems = list(refused.problems)
    problems += [name.problem("filter cannot be found.") for name in reader.names if name.value not in FILTERS]
    if not problems:
        problems = [problem for clause in reader.clauses for problem in _check(clause)]
    if not problems and len(reader.clauses) > CLAUSES_AT_MOST:
        problems = [f"has too many clauses (maximum is {CLAUSES_AT_MOST})"]
    if problems or tree is None:
        raise SegmentQueryError(problems)
    return tree


class _Reader:
    """Recursive descent; ``AND`` binds tighter than ``OR``."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.at = 0
        self.names: list[Token] = []
        self.clauses: list[Clause] = []
        self._stray: list[Token] = []

    def whole(self) -> Query:
        tree = self._either()
        self._expect("end")
        if self._stray:
            raise SegmentQueryError([self._stray[0].problem(_UNEXPECTED)])
        return tree

    def _either(self) -> Query:
        parts = [self._both()]
        while self._take("OR"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else Group("OR", tuple(parts))

    def _both(self) -> Query:
        parts = [self._part()]
        while self._take("AND"):
            parts.append(self._part())
        return parts[0] if len(parts) == 1 else Group("AND", tuple(parts))

    def _part(self) -> Query:
        if self._take("("):
            inner = self._either()
            self._expect(")")
            return inner
        if self.tokens[self.at].keyword == "NOT":  # the real one reads on, and complains of what comes after
            self._stray.append(self._next())
        name = self._name()
        self.names.append(name)
        clause = self._clause(name)
        self.clauses.append(clause)
        return clause

    def _name(self) -> Token:
        token = self._next()
        if token.kind != "word" or token.keyword in _RESERVED:
            raise SegmentQueryError([token.problem(_UNEXPECTED)])
        return token

    def _clause(self, name: Token) -> Clause:
        sign = self._next()
        if sign.written in COMPARISONS:
            return Clause(name, sign.written, sign, (self._value(),))
        if sign.keyword == "IS":
            operator = "IS NOT NULL" if self._take("NOT") else "IS NULL"
            self._expect("NULL")
            return Clause(name, operator, sign)
        negated = "NOT " if sign.keyword == "NOT" else ""
        verb = self._next() if negated else sign
        return self._worded(name, verb, negated)

    def _worded(self, name: Token, verb: Token, negated: str) -> Clause:
        operator = negated + verb.keyword
        if verb.keyword == "CONTAINS":
            return Clause(name, operator, verb, (self._value(),))
        if verb.keyword == "BETWEEN" and not negated:
            low = self._value()
            self._expect("AND")
            return Clause(name, operator, verb, (low, self._value()))
        if verb.keyword == "IN":
            return Clause(name, operator, verb, self._several())
        if verb.keyword == "MATCHES":
            return Clause(name, operator, verb, parameters=self._parameters())
        raise SegmentQueryError([verb.problem(_UNEXPECTED)])

    def _several(self) -> tuple[Token, ...]:
        self._expect("(")
        values = [self._value()]
        while self._take(","):
            values.append(self._value())
        self._expect(")")
        return tuple(values)

    def _parameters(self) -> tuple[Clause, ...]:
        self._expect("(")
        found: list[Clause] = []
        while not self._take(")"):
            if found:
                self._expect(",")
            found.append(self._clause(self._name()))
        return tuple(found)

    def _value(self) -> Token:
        token = self._next()
        if token.kind not in _VALUES:
            raise SegmentQueryError([token.problem(_UNEXPECTED)])
        return token

    def _next(self) -> Token:
        token = self.tokens[self.at]
        self.at = min(self.at + 1, len(self.tokens) - 1)
        return token

    def _take(self, word: str) -> bool:
        token = self.tokens[self.at]
        if word not in (token.keyword, token.written if token.kind == "sign" else token.kind):
            return False
        self._next()
        return True

    def _expect(self, word: str) -> None:
        if not self._take(word):
            raise SegmentQueryError([self.tokens[self.at].problem(_UNEXPECTED)])


def _check(clause: Clause) -> list[str]:
    """Return what is wrong with a clause whose filter is known."""
    known = FILTERS[clause.name.value]
    if clause.operator not in OPERATORS[known.kind]:
        return [clause.sign.problem(_UNEXPECTED)]
    if known.kind is Kind.FUNCTION:
        return [problem for one in clause.parameters for problem in _check_parameter(known, one)]
    return _check_values(clause.values, known.kind, known.values)


def _check_parameter(function: Filter, clause: Clause) -> list[str]:
    kind = function.parameters.get(clause.name.value)
    if kind is None:
        return [clause.name.problem(_UNEXPECTED)]
    listed = clause.operator == "IN" and kind in (Kind.INTEGER, Kind.TEXT)
    if not listed and clause.operator not in OPERATORS[kind]:
        return [clause.sign.problem(_UNEXPECTED)]
    if len(clause.values) > SEVERAL_VALUES_AT_MOST:
        return [clause.values[SEVERAL_VALUES_AT_MOST].problem(_UNEXPECTED)]
    return _check_values(clause.values, kind, frozenset())


def _check_values(values: tuple[Token, ...], kind: Kind, allowed: frozenset[str]) -> list[str]:
    """Return a message for each value of another kind than the filter's, or not among its values."""
    return [one.problem(_UNEXPECTED) for one in values if not _fits(one, kind, allowed)]


def _fits(value: Token, kind: Kind, allowed: frozenset[str]) -> bool:
    if value.kind not in VALUE_KINDS[kind] or (allowed and value.value not in allowed):
        return False
    return kind is not Kind.INTEGER or "." not in value.written
