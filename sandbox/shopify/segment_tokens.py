"""The words of the segment query language, with the places at which Shopify's messages point."""

import re
from dataclasses import dataclass

_PATTERN = re.compile(
    r"""
    (?P<space>\s+)
  | (?P<text>'(?:[^'\\]|\\.)*')
  | (?P<date>\d{4}-\d{2}-\d{2}(?![\w-]))
  | (?P<offset>[+-]\d+[dwmy](?!\w))
  | (?P<named>\d+_(?:day|days|month|months)_ago(?!\w))
  | (?P<number>-?\d+(?:\.\d+)?(?![\w.]))
  | (?P<word>[A-Za-z_][A-Za-z0-9_$:-]*(?:\.[A-Za-z0-9_$:-]+)*)
  | (?P<sign>!=|<=|>=|=|<|>|\(|\)|,)
  | (?P<other>\S)
    """,
    re.VERBOSE,
)
_NAMED_DATES = frozenset({"today", "yesterday"})


@dataclass(frozen=True, slots=True)
class Token:
    """One word: its kind, how it was written, and where (columns count from nought, as Shopify's do)."""

    kind: str  # text, date, offset, named, number, word, sign, other or end
    written: str
    line: int
    column: int

    @property
    def keyword(self) -> str:
        """Return the word in capitals; keywords may be written in any case. Empty for what is no word."""
        return self.written.upper() if self.kind == "word" else ""

    @property
    def value(self) -> str:
        """Return what stands between the quotes, or the word itself."""
        return re.sub(r"\\(.)", r"\1", self.written[1:-1]) if self.kind == "text" else self.written

    def problem(self, what: str) -> str:
        """Return a message about this word as Shopify writes it."""
        shown = self.value if self.kind != "end" else "<EOF>"
        return f"Line {self.line} Column {self.column}: '{shown}' {what}"


def tokens_of(query: str) -> list[Token]:
    """Cut a query into words; the last one is the end itself."""
    found: list[Token] = []
    line, line_start = 1, 0
    for match in _PATTERN.finditer(query):
        kind, written = match.lastgroup or "other", match.group()
        if kind == "word" and written.lower() in _NAMED_DATES:
            kind = "named"
        if kind != "space":
            found.append(Token(kind, written, line, match.start() - line_start))
        if "\n" in written:
            line += written.count("\n")
            line_start = match.start() + written.rindex("\n") + 1
    return [*found, Token("end", "", line, len(query) - line_start)]
