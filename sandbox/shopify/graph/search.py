"""The search syntax of ``query:`` arguments: read into a tree, as forgiving as the real one.

``field:value``, comparators, quotes, ``AND`` (or nothing), ``OR``, ``NOT`` and ``-``, brackets, ``*`` at the
end. A value without quotes ends at a colon, so that an unquoted time falls into two terms, the second of
which names no field: the real one warns and goes on, and so does this.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<bracket>[()])
      | (?P<minus>-(?=[^\s]))
      | (?P<field>[A-Za-z0-9_.$-]+?):(?P<op><=|>=|<|>)?
      | (?P<quoted>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
      | (?P<word>[^\s():"']+)
      | (?P<stray>[:"'])
    )""",
    re.VERBOSE,
)


@dataclass(slots=True)
class Term:
    """One condition; without a field it searches the default fields."""

    field: str | None
    op: str  # "", "<", "<=", ">", ">="
    value: str
    quoted: bool = False

    def parsed(self) -> dict[str, str]:
        """Return the term as ``extensions.search[].parsed`` shows it."""
        names = {"": "match_phrase" if self.quoted else "match_all"}
        names |= {"<": "range_lt", "<=": "range_lte", ">": "range_gt", ">=": "range_gte"}
        shown = {"field": self.field} if self.field else {}
        return shown | {names[self.op]: self.value}


@dataclass(slots=True)
class Group:
    """Several conditions under ``AND``, ``OR`` or ``NOT``."""

    kind: str  # "and", "or", "not"
    parts: list["Term | Group"] = field(default_factory=list)


Tree = Term | Group


@dataclass(slots=True)
class _Token:
    kind: str
    text: str
    op: str = ""


def parse_search(text: str) -> Group:
    """Read a search into one group under ``AND``; whatever cannot be read is left out."""
    return _Reader(list(_tokens(text))).group()


def terms_of(tree: Tree) -> Iterator[Term]:
    """Yield every term of a tree."""
    if isinstance(tree, Term):
        yield tree
    else:
        for part in tree.parts:
            yield from terms_of(part)


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    while (match := _TOKEN.match(text, at)) is not None:
        at = match.end()
        kind = match.lastgroup or ""
        if match["field"] is not None:
            yield _Token("field", match["field"], match["op"] or "")
        elif kind != "stray":
            yield _Token(kind, match[kind])


class _Reader:
    """Reads tokens by recursive descent: OR binds loosest, NOT tightest."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._at = 0

    def group(self) -> Group:
        either = [self._all()]
        while self._takes("word", "OR"):
            either.append(self._all())
        return either[0] if len(either) == 1 else Group("and", [Group("or", list(either))])

    def _all(self) -> Group:
        parts: list[Tree] = []
        while (token := self._peek()) is not None:
            if token.text in (")", "OR") and token.kind in ("bracket", "word"):
                break
            if self._takes("word", "AND"):
                continue
            part = self._one()
            if part is not None:
                parts.append(part)
        return Group("and", parts)

    def _one(self) -> Tree | None:
        if self._takes("minus", "-") or self._takes("word", "NOT"):
            inner = self._one()
            return None if inner is None else Group("not", [inner])
        if self._takes("bracket", "("):
            inside = self.group()
            self._takes("bracket", ")")
            return inside
        token = self._peek()
        if token is None or token.text == ")":
            return None
        self._at += 1
        if token.kind == "field":
            return self._value_of(token)
        return Term(None, "", _unquoted(token), token.kind == "quoted")

    def _value_of(self, name: _Token) -> Term | None:
        token = self._peek()
        if token is None or token.kind not in ("quoted", "word", "field", "minus"):
            return None
        self._at += 1
        if token.kind == "minus" and (rest := self._peek()) is not None:  # a negative number
            self._at += 1
            return Term(name.text.lower(), name.op, "-" + rest.text)
        return Term(name.text.lower(), name.op, _unquoted(token), token.kind == "quoted")

    def _peek(self) -> _Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _takes(self, kind: str, text: str) -> bool:
        token = self._peek()
        if token is None or token.kind != kind or token.text != text:
            return False
        self._at += 1
        return True


def _unquoted(token: _Token) -> str:
    if token.kind != "quoted":
        return token.text
    return re.sub(r"\\(.)", r"\1", token.text[1:-1])
